"""Reading products and their variations, and the thin records of stock and prices cut from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from topstitch.sdk import Connection, Cursor, Page, Query, Record
from topstitch.systems.woocommerce.api import by_include, get_one, has_route
from topstitch.systems.woocommerce.filters import by_skus, fits, product_params
from topstitch.systems.woocommerce.lists import Listing, Pages, read, read_all
from topstitch.systems.woocommerce.lookups import item_by_id, parents

Options = Mapping[str, Any]
_COMMON = "id,parent_id,type,sku,name,status,date_modified_gmt"
STOCK_FIELDS = f"{_COMMON},manage_stock,stock_quantity,stock_status,backorders,low_stock_amount"
PRICE_FIELDS = (
    f"{_COMMON},price,regular_price,sale_price,on_sale,date_on_sale_from_gmt,date_on_sale_to_gmt,tax_class,tax_status"
)
#: Without the `/variations` list each variable product costs a call, so fewer of them make a page.
_PARENTS_A_PAGE = 10

Keep = Callable[[Record, Options], bool]


def variations_of(conn: Connection, parent: Mapping[str, Any]) -> list[Record]:
    """All variations of a variable product, each knowing its parent, which 7.9 leaves out."""
    listing = Listing(route="products/{id}/variations", values={"id": parent["id"]}, dated=None)
    return [_with_parent(record, parent) for record in read_all(conn, listing)]


def _with_parent(record: Record, parent: Mapping[str, Any]) -> Record:
    known = {"type": "variation", "parent_id": parent["id"]} | record
    return known | {"parent_sku": parent.get("sku", ""), "parent_name": parent.get("name", "")}


# -- products -------------------------------------------------------------------------------------------------------


def product_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Products, variable ones with all their variations inside where the option says so."""
    parts = by_skus(query)
    start, at = (cursor["part"], cursor["at"]) if cursor and "part" in cursor else (0, cursor)
    if not parts:
        yield Page(records=[])
    for number, part in enumerate(parts[start:], start):
        following = {"part": number + 1, "at": None} if number + 1 < len(parts) else None
        for page in read(conn, Listing(route="products", params=product_params(part)), part, at):
            # Asked for a SKU, the shop lists variations too, and of one with a comma those of its parts.
            found = [record for record in page.records if record.get("type") != "variation"]
            kept = [_whole(conn, record, query.options) for record in found if fits(record, query, part)]
            yield Page(records=kept, next={"part": number, "at": page.next} if page.next else following)
        at = None


def products_by_ids(conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
    """Products by id; a variation's id finds nothing here."""
    return [_whole(conn, record, options) for record in by_include(conn, "products", ids)]


def _whole(conn: Connection, record: Record, options: Options) -> Record:
    if not options.get("variations"):
        return record
    variable = str(record.get("type", "")).startswith("variable")
    return record | {"variations_data": variations_of(conn, record) if variable else []}


# -- variations -----------------------------------------------------------------------------------------------------


def variation_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """All variations of the shop: from their own list, or product by product where the shop lacks it."""
    return _variations(conn, query, cursor, "")


def _variations(conn: Connection, query: Query, cursor: Cursor | None, fields: str) -> Iterator[Page]:
    narrow = {"_fields": fields} if fields else {}
    if has_route(conn, "variations"):
        listing = Listing(route="variations", params=narrow | product_params(query))
        for page in read(conn, listing, query, cursor):
            # Asked for a SKU, the shop lists products too.
            kept = [record for record in page.records if record.get("parent_id") and fits(record, query)]
            yield replace(page, records=_with_parents(conn, kept))
    else:
        yield from _by_parent(conn, query, cursor)


def _by_parent(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """The parent's date moves when a variation changes, so parents changed since hold all variations changed since."""
    few = replace(query, page_size=max(1, query.page_size // _PARENTS_A_PAGE))
    for page in read(conn, Listing(route="products", params={"type": "variable"}), few, cursor):
        found = [one for parent in page.records for one in variations_of(conn, parent)]
        yield replace(page, records=[record for record in found if fits(record, query)])


def _with_parents(conn: Connection, records: Sequence[Record]) -> list[Record]:
    known = parents(conn, {int(record["parent_id"]) for record in records}, "id,sku,name")
    return [
        _with_parent(record, known.get(int(record["parent_id"]), {"id": record["parent_id"]})) for record in records
    ]


def variations_by_ids(conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
    """Variations by id; where they have no list of their own the parent is asked for first."""
    if has_route(conn, "variations"):
        return _with_parents(conn, by_include(conn, "variations", ids))
    found = []
    for id in ids:
        item = item_by_id(conn, id)
        if item and item.is_variation:
            record = get_one(conn, "products/{parent}/variations/{id}", parent=item.parent_id, id=item.id)
            parent = get_one(conn, "products/{id}", {"_fields": "id,sku,name"}, id=item.parent_id)
            found += [_with_parent(record, parent)] if record and parent else []
    return found


# -- stock and prices -----------------------------------------------------------------------------------------------


def levels(fields: str, keep: Keep, more: Callable[[Connection], Record] = lambda _: {}) -> Pages:
    """Thin records of products and then of variations: those that `keep` wants, with `more` added to each."""

    def pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
        place = cursor or {"part": "products", "at": None}
        if place["part"] == "products":
            at = place["at"]
            for page in read(conn, Listing(route="products", params={"_fields": fields}), query, at):
                place = {"part": "products", "at": page.next} if page.next else {"part": "variations", "at": None}
                yield Page(records=_thin(conn, page.records, query.options), next=place)
        for page in _variations(conn, query, place["at"], fields):
            following = {"part": "variations", "at": page.next} if page.next else None
            yield Page(records=_thin(conn, page.records, query.options), next=following)

    def _thin(conn: Connection, records: Sequence[Record], options: Options) -> list[Record]:
        return [cut(record, fields) | more(conn) for record in records if keep(record, options)]

    return pages


def levels_by_ids(
    fields: str, more: Callable[[Connection], Record] = lambda _: {}
) -> Callable[[Connection, Sequence[str], Options], list[Record]]:
    """Thin records by id, of products or variations."""

    def by_ids(conn: Connection, ids: Sequence[str], options: Options) -> list[Record]:
        found = by_include(conn, "products", ids, {"_fields": fields})
        rest = set(map(str, ids)) - {str(record["id"]) for record in found}
        items = [item_by_id(conn, id, fields) for id in sorted(rest)]
        found += [dict(item.record) for item in items if item]
        return [cut(record, fields) | more(conn) for record in found]

    return by_ids


def cut(record: Mapping[str, Any], fields: str) -> Record:
    """Only the fields named, and the parent's SKU: shops that do not know `_fields` send everything."""
    names = [*fields.split(","), "parent_sku"]
    thin = {name: record[name] for name in names if name in record}
    return {"parent_id": 0, "parent_sku": ""} | thin


def counted(record: Record, options: Options) -> bool:
    """Whether a stock record is worth having: its quantity is counted, and it is not its parent's under the same SKU."""
    if record.get("manage_stock") == "parent":
        return bool(record.get("sku")) and record.get("sku") != record.get("parent_sku")
    return record.get("manage_stock") is True or bool(options.get("uncounted") and not _is_variable(record))


def priced(record: Record, options: Options) -> bool:
    """Whether a record has a price of its own: variable products show the lowest of their variations."""
    return not _is_variable(record)


def _is_variable(record: Mapping[str, Any]) -> bool:
    return str(record.get("type", "")).startswith("variable")


def currency(conn: Connection) -> Record:
    """The shop's currency, which prices do not name."""
    code = conn.remember("currency", lambda: get_one(conn, "data/currencies/current") or {})
    return {"currency": code.get("code", "")}
