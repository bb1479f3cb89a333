"""From what people call things to the vendor's ids: SKUs, order names, locations. Asked in batches, compared exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, MissingReference, RemoteRejected
from topstitch.systems.shopify.api import Json, query
from topstitch.systems.shopify.convert import first
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.paging import MAX_PAGE, PAGE_INFO, fetch
from topstitch.systems.shopify.search import any_of

#: SKUs in one search text.
_AT_ONCE = 40
_VARIANTS = (
    "query Skus($first: Int!, $after: String, $query: String) { productVariants(first: $first, after: $after, "
    f"query: $query) {{ nodes {{ id sku title product {{ id }} inventoryItem {{ id }} }} {PAGE_INFO} }} }}"
)
_ORDERS = (
    "query Names($first: Int!, $after: String, $query: String) { orders(first: $first, after: $after, query: $query) "
    f"{{ nodes {{ id name email sourceIdentifier }} {PAGE_INFO} }} }}"
)


def search_all(conn: Connection, text: str, search: str, name: str) -> list[Json]:
    """Every row that a search gives."""
    found: list[Json] = []
    after = None
    while True:
        page = fetch(conn, text, {"query": search, "after": after}, 100, name)
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def variants_by_sku(conn: Connection, skus: Iterable[str]) -> dict[str, Json | RemoteRejected]:
    """Of each SKU its variant (id, product.id, inventoryItem.id), or the reason why there is none.

    Those found are remembered for the run; those not found are asked again next time, as the search lags some seconds.
    """
    known: dict[str, Json] = conn.cache.setdefault("skus", {})
    wanted = list(dict.fromkeys(sku for sku in skus if sku not in known))
    answer: dict[str, Json | RemoteRejected] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = search_all(conn, _VARIANTS, any_of("sku", part), "skus")
        for sku in part:
            answer[sku] = _only(sku, [row for row in rows if row["sku"] == sku])
    known |= {sku: row for sku, row in answer.items() if isinstance(row, dict)}
    return {**answer, **{sku: known[sku] for sku in skus if sku in known}}


def forget_skus(conn: Connection) -> None:
    """Look SKUs up anew from now on: variants were written."""
    conn.cache.pop("skus", None)


def _only(sku: str, rows: Sequence[Json]) -> Json | RemoteRejected:
    if len(rows) == 1:
        return rows[0]
    if not rows:
        return MissingReference(f"Shopify has no variant with SKU {sku!r}", field="sku")
    ids = ", ".join(row["id"].rpartition("/")[2] for row in rows)
    return RemoteRejected(
        f"SKU {sku!r} belongs to {len(rows)} variants in Shopify ({ids})", field="sku", key="ambiguous"
    )


def the_variant(found: Mapping[str, Json | RemoteRejected], sku: str) -> Json:
    """The variant of a SKU that was looked up; raises the reason when there is none."""
    row = found[sku]
    if isinstance(row, RemoteRejected):
        raise row
    return row


def order_ids(conn: Connection, records: Iterable[Json], *paths: str) -> dict[str, str | RemoteRejected]:
    """Of each order name in these records (at the first of `paths` that is there) the order's id."""
    names = list(dict.fromkeys(str(name) for record in records if (name := first(record, *paths)) is not None))
    answer: dict[str, str | RemoteRejected] = {}
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        terms = [*part, *(f"#{name}" for name in part if not name.startswith("#"))]
        rows = search_all(conn, _ORDERS, any_of("name", terms), "order names")
        for name in part:
            same = [row for row in rows if row["name"] == name] or [
                row for row in rows if row["name"].lstrip("#") == name.lstrip("#")
            ]
            answer[name] = _only_order(name, same)
    return answer


def _only_order(name: str, rows: Sequence[Json]) -> str | RemoteRejected:
    if not rows:
        return MissingReference(f"Shopify has no order {name!r}", field="order.name")
    if len(rows) > 1:
        return RemoteRejected(f"{len(rows)} orders in Shopify are called {name!r}", field="order.name", key="ambiguous")
    return str(rows[0]["id"])


def order_of(record: Json, names: Mapping[str, str | RemoteRejected]) -> str:
    """The id of the order a record belongs to: `order.id`, else `order.name` as looked up."""
    identifier = first(record, "order.id", "orderId")
    if identifier is not None:
        return gid("Order", identifier)
    name = first(record, "order.name", "orderName")
    if name is None:
        raise RemoteRejected("the record names no order: give order.id or order.name", field="order.name")
    found = names[str(name)]
    if isinstance(found, RemoteRejected):
        raise found
    return found


def orders_by_source(conn: Connection, sources: Iterable[str]) -> dict[str, list[Json]]:
    """The orders (id, email) that were made with each of these source identifiers, by it."""
    wanted = list(dict.fromkeys(sources))
    found: dict[str, list[Json]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        for row in search_all(conn, _ORDERS, any_of("source_identifier", part), "order names"):
            if row["sourceIdentifier"] in part:
                found.setdefault(row["sourceIdentifier"], []).append(row)
    return found


_RECENT = (
    "query Recent { orders(first: 100, sortKey: CREATED_AT, reverse: true) { nodes { id email sourceIdentifier } } }"
)


def recent_orders_by_source(conn: Connection) -> dict[str, list[Json]]:
    """The latest orders by their source identifier, not from the search and so without its lag."""
    found: dict[str, list[Json]] = {}
    for row in query(conn, _RECENT)["orders"]["nodes"]:
        if row["sourceIdentifier"]:
            found.setdefault(row["sourceIdentifier"], []).append(row)
    return found


#: Where a record may name a location.
LOCATION = ("location.id", "location.name", "locationId", "locationName")
_LOCATIONS = (
    "query Places($first: Int!, $after: String) { locations(first: $first, after: $after, sortKey: ID) "
    f"{{ nodes {{ id name }} {PAGE_INFO} }} }}"
)


def location_id(conn: Connection, record: Json, default: str | None) -> str:
    """The location a record names (`location.id`, `location.name`), else the default, else the shop's only one."""
    places = conn.remember(
        "locations", lambda: fetch(conn, _LOCATIONS, {"after": None}, MAX_PAGE, "locations")["nodes"]
    )
    wanted = first(record, *LOCATION) or default
    if wanted is None:
        if len(places) == 1:
            return str(places[0]["id"])
        names = ", ".join(place["name"] for place in places)
        raise RemoteRejected(
            f"the record names no location, and the shop has several: {names}",
            field="location.name",
            hint="Map location.name or location.id, or choose a default location in the service.",
        )
    for place in places:
        if str(wanted) in (place["id"], place["id"].rpartition("/")[2], place["name"]):
            return str(place["id"])
    names = ", ".join(place["name"] for place in places)
    raise MissingReference(f"Shopify has no active location {wanted!r}; there are: {names}", field="location.name")


def sku_of(record: Any, *paths: str) -> str | None:
    """The SKU of a record or line."""
    found = first(record, *(paths or ("sku",)))
    return None if found is None else str(found).strip()
