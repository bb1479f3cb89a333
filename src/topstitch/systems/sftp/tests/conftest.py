"""A real SFTP server over a folder of the test, connections to it, and short ways to read and write."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from topstitch.sdk import CATALOGUE, Connection, Outgoing, Query
from topstitch.sdk.practice.files import FileServer
from topstitch.sdk.settings import checked_settings
from topstitch.systems.sftp.practice import SETTINGS

OLD = 1_714_557_600


@dataclass
class Shop:
    """One connector's end: `read()` gives pages, `push()` verdicts, both with a service's options."""

    conn: Connection
    folder: Path
    logged: list[tuple[str, str]] = field(default_factory=list)

    def entity(self, name="orders"):
        return self.conn.entry.entity(name)

    def query(self, entity="orders", *, page_size=500, state=None, since=None, until=None, **options):
        given = {"min_age": 0, "settle": 0, **options}
        checked = checked_settings(self.entity(entity).read.options, given)
        return Query(page_size=page_size, options=checked, state=state, since=since, until=until)

    def pages(self, entity="orders", *, cursor=None, **options):
        return list(self.entity(entity).read.pages(self.conn, self.query(entity, **options), cursor))

    def records(self, entity="orders", **options):
        return [record for page in self.pages(entity, **options) for record in page.records]

    def acknowledge(self, pages):
        for page in pages:
            if page.ack is not None:
                self.entity().read.acknowledge(self.conn, page.ack)

    def put(self, name, text, *, at=OLD, encoding="utf-8"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        os.utime(path, (at, at))
        return path

    def files(self, name="."):
        return sorted(path.name for path in (self.folder / name).iterdir())

    def text(self, name):
        return (self.folder / name).read_bytes().decode()

    def options(self, entity="orders", **options):
        return checked_settings(self.entity(entity).write.options, {"granularity": "each record", **options})

    def push(self, records, entity="orders", **options):
        return self.entity(entity).write.push(self.conn, outgoing(records), self.options(entity, **options))

    def find(self, records, entity="orders", **options):
        return self.entity(entity).write.find(self.conn, outgoing(records), self.options(entity, **options))

    def finish(self, entity="orders", **options):
        self.entity(entity).write.finish(self.conn, "run-1", self.options(entity, **options))


def outgoing(records):
    """Records on their way; the key is the order number, the SKU or the place in the list."""
    found = []
    for at, record in enumerate(records):
        key = str(record.get("order_number") or record.get("sku") or at)
        found.append(Outgoing(key=key, record=record, reference=key, idempotency_key=f"k-{key}"))
    return found


@pytest.fixture
def server(tmp_path):
    with FileServer(tmp_path / "files", kind="asyncssh", password=SETTINGS["password"]) as running:
        yield running


@pytest.fixture
def connect(server):
    opened = []

    def make(environment="practice", settings: dict[str, Any] | None = None, **given):
        logged: list[tuple[str, str]] = []
        conn = Connection(
            entry=CATALOGUE.get("sftp"),
            settings={**SETTINGS, **(settings or {})},
            environment=environment,
            practice_sftp=server.address if environment == "practice" else "",
            log=lambda level, text: logged.append((level, text)),
            **given,
        )
        opened.append(conn)
        return Shop(conn, server.folder, logged)

    yield make
    for conn in opened:
        conn.close()


@pytest.fixture
def shop(connect):
    return connect()


@pytest.fixture
def folder(server):
    return server.folder


def stock(count, *, start=0):
    """A file with the stock of so many products."""
    return "sku,quantity\n" + "".join(f"SKU-{n},{n % 7}\n" for n in range(start, start + count))


def skus(pages):
    return [record["sku"] for page in pages for record in page.records]
