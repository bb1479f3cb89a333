"""Reading stock: one record for each SKU at each location.

A full pull goes through the variants in the order of their ids. Since a time, only the levels that changed are read,
location by location, which is the only place where the vendor lets levels be searched by their time of change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topstitch.sdk import Condition, Connection, Cursor, Page, Query, Read, Record
from topstitch.systems.shopify import selections
from topstitch.systems.shopify.api import Json
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.paging import ASK_ANEW, MAX_PAGE, PAGE_INFO, Listing, by_ids_of, fetch, pages_of
from topstitch.systems.shopify.search import Filter, allowed, exact, stamp, values_of

_SKU = {"sku": Filter("sku", "text")}
FILTERS = {"location.id": Filter("location_id", "id", "Location"), **_SKU}
_LEVEL = f"{selections.LEVEL} location {{ id name }} item {{ {selections.STOCK_ITEM} }}"
_CHANGED = (
    "query Levels($id: ID!, $first: Int!, $after: String, $query: String) { location(id: $id) { "
    f"inventoryLevels(first: $first, after: $after, query: $query) {{ nodes {{ {_LEVEL} }} {PAGE_INFO} }} }} }}"
)
_LOCATIONS = Listing("locations", "Location", lambda options: "id name isActive", ", sortKey: ID")


def _of_variant(variant: Record, asked: Query) -> list[Record]:
    item = variant["inventoryItem"]
    head = {name: variant[name] for name in ("id", "barcode", "displayName", "product")}
    return [
        _record(level, {**item, "sku": item["sku"] or variant["sku"]}, head)
        for level in item["inventoryLevels"]
        if _wanted(asked, level["location"]["id"])
    ]


def _of_level(level: Record) -> Record:
    item = level["item"]
    return _record(level, item, item.get("variant") or {})


def _record(level: Json, item: Json, variant: Json) -> Record:
    amounts = {each["name"]: each["quantity"] for each in level["quantities"]}
    return {
        "id": level["id"],
        "sku": item["sku"],
        "barcode": variant.get("barcode"),
        "name": variant.get("displayName"),
        **{name: amounts.get(name) for name in ("available", "on_hand", "committed", "incoming")},
        "location": level["location"],
        "inventoryItem": {"id": item["id"], "tracked": item["tracked"]},
        "variant": {"id": variant.get("id")},
        "product": variant.get("product"),
        "updatedAt": level["updatedAt"],
    }


_ALL = pages_of(
    Listing("productVariants", "ProductVariant", selections.stock, ", sortKey: ID", filters=_SKU, unfold=_of_variant),
)


def pages(conn: Connection, asked: Query, cursor: Cursor | None) -> Iterator[Page]:
    """`Read.pages` of stock. The cursor says how it is read, and where that stands."""
    place = cursor or {"how": "changed" if asked.since else "all", "at": None}
    if place["how"] == "changed":
        for page in _changed(conn, asked, place["at"]):
            yield page
            if page.next is None or page.next["how"] == "changed":
                continue
            place = page.next
            break
        else:
            return
    for page in _ALL(conn, _whole(asked), place["at"]):
        yield Page(records=page.records, next=page.next and {"how": "all", "at": page.next})


def _whole(asked: Query) -> Query:
    """The same question of all variants: a variant's time of change says nothing about its stock."""
    return Query(page_size=asked.page_size, conditions=asked.conditions, options=asked.options)


def _changed(conn: Connection, asked: Query, at: Json | None) -> Iterator[Page]:
    """Levels changed since, location by location in the order of their ids."""
    terms = [f"updated_at:>={stamp(asked.since)}"] if asked.since else []
    terms += [f"updated_at:<={stamp(asked.until, later=1)}"] if asked.until else []
    keep = exact(asked, FILTERS)
    todo = [each for each in location_ids(conn) if _wanted(asked, each)]
    at = at or {"location": todo[0] if todo else "", "after": None, "rows": 0}
    while at:
        variables = {"id": at["location"], "after": at["after"], "query": " ".join(terms)}
        found = (
            fetch(conn, _CHANGED, variables, min(asked.page_size, MAX_PAGE), "levels").get("inventoryLevels")
            or _NOTHING
        )
        records = [record for level in found["nodes"] if keep(record := _of_level(level))]
        onward = _next(at, todo, found)
        if onward and onward["rows"] >= ASK_ANEW:
            # So many changes are no less than everything, which can be read without an end.
            yield Page(records=records, next={"how": "all", "at": None})
            return
        yield Page(records=records, next=onward and {"how": "changed", "at": onward})
        at = onward


_NOTHING: Json = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def _next(at: Json, todo: Sequence[str], found: Json) -> Json | None:
    if found["pageInfo"]["hasNextPage"]:
        return {**at, "after": found["pageInfo"]["endCursor"], "rows": at["rows"] + len(found["nodes"])}
    later = todo[todo.index(at["location"]) + 1 :] if at["location"] in todo else []
    return {"location": later[0], "after": None, "rows": 0} if later else None


def location_ids(conn: Connection) -> list[str]:
    """The active locations, in the order of their ids."""
    rows = [row for page in pages_of(_LOCATIONS)(conn, Query(page_size=MAX_PAGE), None) for row in page.records]
    return [row["id"] for row in rows]


def _wanted(asked: Query, location: str) -> bool:
    return all(location in _ids(condition) for condition in asked.conditions_on("location.id"))


def _ids(condition: Condition) -> list[str]:
    return [gid("Location", each) for each in values_of(condition)]


def _levels(conn: Connection, ids: Sequence[str], options: Mapping[str, Any]) -> list[Record]:
    return [_of_level(level) for level in by_ids_of("InventoryLevel", lambda _: _LEVEL)(conn, ids, options)]


stock = Read(
    pages=pages,
    by_ids=_levels,
    since=True,
    until=False,
    page_size=100,
    max_page_size=MAX_PAGE,
    filters=allowed(FILTERS),
)
