"""Reading orders, and finding again the ones that we sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from topstitch.sdk import Connection, Cursor, Outgoing, Page, Query, Record
from topstitch.systems.woocommerce.api import by_include, get_many
from topstitch.systems.woocommerce.casts import amount_text, metas
from topstitch.systems.woocommerce.filters import order_params, sells, words
from topstitch.systems.woocommerce.lists import Listing, read

Options = Mapping[str, Any]
#: Entry of `meta_data` that holds our key of the record, so that it can be found again.
OUR_KEY = "_topstitch_id"


def order_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Orders in the statuses asked for, with their notes where the option says so."""
    params = order_params(query)
    if params is None:
        yield Page(records=[])
        return
    for page in read(conn, Listing(route="orders", params=params), query, cursor):
        kept = [record for record in page.records if sells(record, query)]
        yield replace(page, records=[_whole(conn, record, query.options) for record in kept])


def orders_by_ids(conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
    """Orders by id, whatever their status; like a read, those in the trash only where the option asks for them."""
    found = by_include(conn, "orders", ids, {"status": "any"})
    if "trash" in words(options.get("statuses")):
        found += by_include(conn, "orders", ids, {"status": "trash"})
    return [_whole(conn, record, options) for record in found]


def _whole(conn: Connection, record: Record, options: Options) -> Record:
    # Whatever the shop's own prices are entered like, amounts of the API are without tax.
    more: Record = {
        "amounts_include_tax": False,
        "line_items": [line | _before_discount(line) for line in record.get("line_items") or ()],
    }
    if options.get("notes"):
        kind = {"type": options.get("notes_type") or "any"}
        more["notes_data"] = get_many(conn, "orders/{id}/notes", kind, id=record["id"])
    return record | more


def _before_discount(line: Mapping[str, Any]) -> Record:
    """What one piece costs and what is taken off the line: the shop's own `price` is after discount, and not rounded."""
    quantity, subtotal = int(line.get("quantity") or 0), line.get("subtotal")
    if not quantity or subtotal in (None, ""):
        return {"unit_price": None, "discount": None}
    full = Decimal(str(subtotal))
    off = full - Decimal(str(line.get("total") or 0))
    return {"unit_price": amount_text(full / quantity), "discount": amount_text(off)}


def find_orders(conn: Connection, batch: Sequence[Outgoing], options: Options) -> list[str | None]:
    """The orders that hold our keys: the API cannot filter on meta data, so the latest orders are looked through.

    As many days back as the option says, once a run; later calls go on where the last one ended. An order counts only
    when its e-mail address is that of the record too: two sources may use the same key.
    """
    since = conn.now() - timedelta(days=options["lookup_days"])
    scan = conn.remember("orders_by_key", lambda: Scan(since))
    scan.go_on(conn)
    return [scan.find(out) for out in batch]


@dataclass(slots=True)
class Scan:
    """What has been seen of the latest orders: those with a key of ours, as (id, e-mail) by key."""

    since: datetime
    cursor: Cursor | None = None
    seen: int = 0
    orders: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def go_on(self, conn: Connection) -> None:
        """Read the orders that came since the last look."""
        listing = Listing(
            route="orders", dated="", stamps=(), params={"status": "any", "_fields": "id,billing,meta_data"}
        )
        for page in read(conn, listing, Query(page_size=100, since=self.since), self.cursor):
            for order in page.records:
                if key := our_key(order):
                    self.orders.setdefault(key, []).append((str(order["id"]), _email(order)))
            self.seen += len(page.records)
            if page.records:
                self.cursor = {"seen": self.seen, "last": page.records[-1]["id"]}

    def find(self, out: Outgoing) -> str | None:
        """The order of this record."""
        email = _email(out.record)
        return next((id for id, theirs in self.orders.get(out.mark, ()) if not email or email == theirs), None)


def own_meta(out: Outgoing) -> list[Record]:
    """The meta data of a record on its way, with our key."""
    return [*(entry for entry in metas(out.record) if entry["key"] != OUR_KEY), {"key": OUR_KEY, "value": out.mark}]


def our_key(record: Mapping[str, Any]) -> str:
    """The key we left in a record's meta data, "" when it has none."""
    return next((str(m.get("value")) for m in record.get("meta_data") or () if m.get("key") == OUR_KEY), "")


def _email(record: Mapping[str, Any]) -> str:
    return str((record.get("billing") or {}).get("email") or "").strip().casefold()
