"""A practice server, connections of every version and API, and a look behind the scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from topstitch.sdk import CATALOGUE, Connection, Outgoing, Query, Record
from topstitch.sdk.practice import PracticeServer
from topstitch.systems.odoo.client import Odoo
from topstitch.systems.odoo.client import connect as client_of
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.practice import PRACTICE

VERSIONS = ["v14", "v17", "v19"]
Connect = Callable[..., Connection]
Look = Callable[[Connection], Env]


@pytest.fixture(scope="session")
def running() -> Iterator[PracticeServer]:
    with PracticeServer([PRACTICE]) as server:
        yield server


@pytest.fixture
def server(running: PracticeServer) -> PracticeServer:
    """Freshly seeded, without faults."""
    running.rewind("odoo")
    return running


@pytest.fixture
def connect(server: PracticeServer) -> Iterator[Connect]:
    made: list[Connection] = []

    def make(version: str = "v17", *, tokens: Any = None, now: Any = None, **settings: Any) -> Connection:
        more = {name: value for name, value in (("tokens", tokens), ("now", now)) if value}
        conn = Connection(
            entry=CATALOGUE.get("odoo"),
            settings={**PRACTICE.settings, "url": f"https://odoo.example.com/{version}", **settings},
            environment="practice",
            origin=f"{server.url}/odoo",
            **more,
        )
        made.append(conn)
        return conn

    yield make
    for conn in made:
        conn.close()


@pytest.fixture(params=VERSIONS)
def conn(request: pytest.FixtureRequest, connect: Connect) -> Connection:
    """One connection after the other: 14 and 17 over JSON-RPC, 19 over JSON-2."""
    return connect(request.param)


@pytest.fixture
def env(server: PracticeServer) -> Callable[..., Env]:
    """The database of a version as its administrator sees it."""

    def look(conn: Connection) -> Env:
        return Env(server.stores["odoo"], client_of(conn).series, 2, {"active_test": False})

    return look


def odoo(conn: Connection) -> Odoo:
    return client_of(conn)


def query(conn: Connection, entity: str, **given: Any) -> Query:
    """A query with the entity's default options, changed by `options`."""
    read = conn.entry.entity(entity).read
    assert read
    options = {setting.name: setting.default for setting in read.options} | given.pop("options", {})
    return Query(page_size=given.pop("page_size", 100), options=options, **given)


def pages(conn: Connection, entity: str, cursor: Any = None, **given: Any) -> list[Any]:
    read = conn.entry.entity(entity).read
    assert read
    return list(read.pages(conn, query(conn, entity, **given), cursor))


def records(conn: Connection, entity: str, **given: Any) -> list[Record]:
    return [record for page in pages(conn, entity, **given) for record in page.records]


def by_ids(conn: Connection, entity: str, ids: list[Any], **options: Any) -> list[Record]:
    read = conn.entry.entity(entity).read
    assert read
    assert read.by_ids
    return list(read.by_ids(conn, [str(id) for id in ids], options))


def out(record: Record, **given: Any) -> Outgoing:
    return Outgoing(key=given.pop("key", "k-1"), record=record, **given)


def write_options(conn: Connection, entity: str, **given: Any) -> dict[str, Any]:
    write = conn.entry.entity(entity).write
    assert write
    return {setting.name: setting.default for setting in write.options} | given


def push(conn: Connection, entity: str, *batch: Any, **options: Any) -> list[Any]:
    write = conn.entry.entity(entity).write
    assert write
    sent = [each if isinstance(each, Outgoing) else out(each, key=f"k-{at}") for at, each in enumerate(batch)]
    return list(write.push(conn, sent, write_options(conn, entity, **options)))


def find(conn: Connection, entity: str, *batch: Any, **options: Any) -> list[str | None]:
    write = conn.entry.entity(entity).write
    assert write
    assert write.find
    sent = [each if isinstance(each, Outgoing) else out(each, key=f"k-{at}") for at, each in enumerate(batch)]
    return list(write.find(conn, sent, write_options(conn, entity, **options)))


def outcomes(verdicts: list[Any]) -> list[str]:
    return [verdict.outcome.value for verdict in verdicts]


def order(ref: str = "SH-1", **more: Any) -> Record:
    """A shop's order as a mapping gives it."""
    address = {
        "name": "Nia Price",
        "street": "5 Canal Walk",
        "city": "Cardiff",
        "zip": "CF10 1AA",
        "country_id": {"code": "GB"},
    }
    return {
        "client_order_ref": ref,
        "date_order": "2026-11-01T10:00:00+01:00",
        "partner": {"name": "Nia Price", "email": "nia@example.com", "phone": "+44 29 2018 0199"},
        "shipping": address,
        "billing": address,
        "lines": [
            {"default_code": "MUG-BLUE", "product_uom_qty": "2", "price_unit": "9.50"},
            {"default_code": "PLATE-L", "product_uom_qty": 1, "price_unit": 14, "discount": 10},
        ],
        **more,
    }


def contact(conn: Connection, email: str) -> list[Any]:
    return [r for r in records(conn, "customers") if (r["email"] or "").lower() == email.lower()]


def product(conn: Connection, sku: str) -> Any:
    (found,) = [r for r in records(conn, "products", options={"which": "all"}) if r["default_code"] == sku]
    return found
