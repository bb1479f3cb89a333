"""Stock per product: which products changed is seen from quants and done moves, how much there is from the product itself.

The computed quantities of a product do not change its write_date, so they cannot be polled. A quant that ran empty may
be deleted by Odoo, so the moves are asked too: otherwise nobody would hear that a product has sold out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, Page, Query, Read, Record, Setting
from topstitch.systems.odoo import domains
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.joins import tidied
from topstitch.systems.odoo.lookups import location_named
from topstitch.systems.odoo.paging import LARGEST_PAGE, pages
from topstitch.systems.odoo.reading import OVERLAP
from topstitch.systems.odoo.shapes import id_of

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo

FIELDS = (
    "default_code",
    "barcode",
    "name",
    "qty_available",
    "free_qty",
    "virtual_available",
    "incoming_qty",
    "uom_id",
    "active",
)
LOCATION = Setting(
    name="location",
    label="Location",
    help=(
        "Count only what lies in this location and below it, for example WH/Stock; or in a whole warehouse, by its name or code, "
        "with its places for goods in, packing and so on. Empty: all internal locations."
    ),
    find="In Odoo: Inventory > Configuration > Locations, the full name; or Warehouses.",
)
QUANTS, MOVES = "quants", "moves"


def read() -> Read:
    """The Read of the entity stock."""
    return Read(
        pages=_pages,
        by_ids=_by_ids,
        since=True,
        until=True,
        ordered=False,
        overlap=OVERLAP,
        page_size=100,
        max_page_size=LARGEST_PAGE,
        options=[LOCATION],
    )


def _pages(conn: Connection, query: Query, cursor: Any | None) -> Iterator[Page]:
    """First the quants, then (only when asked for changes) the moves. Cursor: {"of": "quants" or "moves", "at": ...}."""
    odoo = connect(conn)
    place = dict(cursor) if cursor else {"of": QUANTS, "at": None}
    if place["of"] == QUANTS:
        more = {"of": MOVES, "at": None} if query.since else None
        yield from _counted(odoo, "stock.quant", _quant_domain(odoo, query), query, place["at"], QUANTS, more)
        if more is None:
            return
        place = more
    done = [["state", "=", "done"], *domains.of_query(odoo, "stock.move.line", query)]
    yield from _counted(odoo, "stock.move.line", done, query, place["at"], MOVES, None)


def _quant_domain(odoo: Odoo, query: Query) -> list[Any]:
    domain: list[Any] = [["location_id.usage", "=", "internal"], *domains.of_query(odoo, "stock.quant", query)]
    place = _location(odoo, query.options)
    return [*domain, ["location_id", "child_of", place]] if place else domain


def _location(odoo: Odoo, options: Mapping[str, Any]) -> int:
    named = str(options.get("location") or "")
    return location_named(odoo, named, whole=True) if named else 0


def _counted(
    odoo: Odoo, model: str, domain: Sequence[Any], query: Query, at: Any, of: str, after: Any
) -> Iterator[Page]:
    def finish(rows: list[dict[str, Any]]) -> Sequence[Record]:
        changed: dict[int, str] = {}
        for row in rows:
            changed[id_of(row["product_id"])] = max(row["write_date"] or "", changed.get(id_of(row["product_id"]), ""))
        return _quantities(odoo, changed, query.options)

    for page in pages(odoo, model, domain, ["product_id"], query, at, finish):
        following = {"of": of, "at": page.next} if page.next is not None else after
        yield Page(records=page.records, next=following)


def _quantities(odoo: Odoo, changed: Mapping[int, str], options: Mapping[str, Any]) -> list[Record]:
    """What there is of these products now; `write_date` is that of the change that was seen."""
    place = _location(odoo, options)
    context = {"location": place} if place else None
    domain = [["id", "in", sorted(changed)]]
    rows = odoo.search_read("product.product", domain, FIELDS, archived=True, context=context) if changed else []
    records = tidied(odoo, "product.product", rows)
    named = str(options.get("location") or "") or None
    for record in records:
        record["location_id"] = {"id": place, "name": named} if place else None
        record["write_date"] = changed[record["id"]] or None
    return records


def _by_ids(conn: Connection, ids: Sequence[str], options: Mapping[str, Any]) -> Sequence[Record]:
    return _quantities(connect(conn), {int(id): "" for id in ids if id.isdecimal()}, options)
