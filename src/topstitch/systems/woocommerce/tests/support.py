"""What the tests do all the time: read an entity, push records, look into the shop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from topstitch.sdk import CATALOGUE, Connection, Outgoing, Page, Query, Record, Verdict
from topstitch.sdk.practice import PracticeServer, Store
from topstitch.sdk.settings import checked_settings
from topstitch.systems.woocommerce.practice import PRACTICE


@dataclass
class Shop:
    """The shop from both sides."""

    server: PracticeServer

    @property
    def origin(self) -> str:
        return f"{self.server.url}/woocommerce"

    @property
    def store(self) -> Store:
        return self.server.stores["woocommerce"]

    @property
    def requests(self) -> list[str]:
        return sorted(self.server.counts["woocommerce"].elements())

    def connect(self, **settings: Any) -> Connection:
        entry = CATALOGUE.get("woocommerce")
        given = {**PRACTICE.settings, **settings}
        return Connection(entry=entry, settings=given, environment="practice", origin=self.origin)

    def site(self, **settings: Any) -> None:
        self.store.put("_shop", "site", settings)

    def doc(self, collection: str, sku: str) -> Record:
        found = self.store.first(collection, lambda doc: doc["sku"] == sku)
        assert found
        return found

    def change(self, collection: str, id: object, **fields: Any) -> None:
        self.store.put(collection, id, {**(self.store.get(collection, id) or {}), **fields})


def options(conn: Connection, entity: str, side: str, **given: Any) -> dict[str, Any]:
    """An entity's options with their defaults."""
    return checked_settings(getattr(conn.entry.entity(entity), side).options, given)


def pages(
    conn: Connection, entity: str, *, size: int = 100, at: Any = None, given: dict[str, Any] | None = None, **query: Any
) -> Iterator[Page]:
    """The pages of a read."""
    asked = Query(page_size=size, options=options(conn, entity, "read", **(given or {})), **query)
    return conn.entry.entity(entity).read.pages(conn, asked, at)


def read(conn: Connection, entity: str, **query: Any) -> list[Record]:
    """All records of a read."""
    return [record for page in pages(conn, entity, **query) for record in page.records]


def push(conn: Connection, entity: str, records: Sequence[Record | Outgoing], **given: Any) -> Sequence[Verdict]:
    """The verdicts of a push; records get keys k0, k1..."""
    batch = [r if isinstance(r, Outgoing) else Outgoing(key=f"k{n}", record=r) for n, r in enumerate(records)]
    return conn.entry.entity(entity).write.push(conn, batch, options(conn, entity, "write", **given))
