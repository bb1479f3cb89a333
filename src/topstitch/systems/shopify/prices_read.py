"""Reading prices: one record for each variant on each price list, or the base price of each variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, Cursor, MissingReference, Page, Query, Read, Record, Setting
from topstitch.systems.shopify.api import Json, query, shop
from topstitch.systems.shopify.names import number_of
from topstitch.systems.shopify.paging import MAX_PAGE, PAGE_INFO, Listing, by_ids_of, fetch, pages_of

_VARIANT = "variant { id sku barcode displayName product { id title } }"
_LISTS = (
    "query Lists($first: Int!, $after: String) { priceLists(first: $first, after: $after, sortKey: ID) { "
    f"nodes {{ id name currency }} {PAGE_INFO} }} }}"
)
_PRICES = (
    "query Prices($id: ID!, $first: Int!, $after: String, $origin: PriceListPriceOriginType) { priceList(id: $id) { "
    "prices(first: $first, after: $after, originType: $origin) { nodes { originType price { amount currencyCode } "
    f"compareAtPrice {{ amount currencyCode }} {_VARIANT} }} {PAGE_INFO} }} }} }}"
)
_BASE = Listing(
    "productVariants",
    "ProductVariant",
    lambda options: "id sku barcode displayName price compareAtPrice updatedAt product { id title }",
    ", sortKey: ID",
)
OPTIONS = (
    Setting(
        name="source",
        label="Prices",
        kind="choice",
        choices=("price_lists", "base"),
        default="price_lists",
        help="The prices on price lists, or the base price that each variant has without one.",
    ),
    Setting(
        name="price_list",
        label="Price list",
        help="Name or number of the only price list to read. Empty: all of them.",
        when={"source": ["price_lists"]},
    ),
    Setting(
        name="fixed_only",
        label="Only fixed prices",
        kind="boolean",
        default=True,
        help="Leave out the prices that a list works out as a percentage of the base price.",
        when={"source": ["price_lists"]},
    ),
)


def pages(conn: Connection, asked: Query, cursor: Cursor | None) -> Iterator[Page]:
    """`Read.pages` of prices."""
    if asked.options.get("source") == "base":
        currency = shop(conn).currency
        for page in pages_of(_BASE)(conn, asked, cursor):
            yield Page(records=[_base(row, currency) for row in page.records], next=page.next)
        return
    lists = price_lists(conn)
    todo = [each for each in lists if _is(each, asked.options.get("price_list"))]
    if asked.options.get("price_list") and not todo:
        raise MissingReference(f"Shopify has no price list {asked.options['price_list']!r}", field="price_list")
    at = cursor or ({"list": todo[0]["id"], "after": None} if todo else None)
    if at is None:
        yield Page(records=[])
    while at:
        page, at = _page(conn, asked, todo, at)
        yield page


def _page(conn: Connection, asked: Query, todo: list[Json], at: Json) -> tuple[Page, Json | None]:
    origin = "FIXED" if asked.options.get("fixed_only", True) else None
    here = next((each for each in todo if each["id"] == at["list"]), {"id": at["list"]})
    variables = {"id": at["list"], "after": at["after"], "origin": origin}
    found = fetch(conn, _PRICES, variables, min(asked.page_size, MAX_PAGE), "prices").get("prices") or _NOTHING
    later = [each for each in todo if number_of(each["id"]) > number_of(at["list"])]
    onward: Json | None = {"list": later[0]["id"], "after": None} if later else None
    if found["pageInfo"]["hasNextPage"]:
        onward = {**at, "after": found["pageInfo"]["endCursor"]}
    return Page(records=[_listed(row, here) for row in found["nodes"]], next=onward), onward


_NOTHING: Json = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def _listed(row: Json, prices: Json) -> Record:
    return {"id": f"{prices['id']}|{row['variant']['id']}", "priceList": prices, **row}


def _base(row: Json, currency: str) -> Record:
    before = row["compareAtPrice"]
    return {
        "id": row["id"],
        "priceList": None,
        "originType": "BASE",
        "price": {"amount": row["price"], "currencyCode": currency},
        "compareAtPrice": before and {"amount": before, "currencyCode": currency},
        "variant": {name: row[name] for name in ("id", "sku", "barcode", "displayName", "product")},
        "updatedAt": row["updatedAt"],
    }


def price_lists(conn: Connection) -> list[Json]:
    """All price lists: id, name, currency. Asked once."""
    found: list[Json] = conn.remember("price lists", lambda: _ask_lists(conn))
    return found


def _ask_lists(conn: Connection) -> list[Json]:
    found: list[Json] = []
    after = None
    while True:
        page = fetch(conn, _LISTS, {"after": after}, MAX_PAGE, "priceLists")
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def _is(prices: Json, wanted: Any) -> bool:
    return not wanted or str(wanted) in (prices["name"], prices["id"], prices["id"].rpartition("/")[2])


def find_list(conn: Connection, wanted: str) -> Json:
    """The price list of this name, number or id. Raises MissingReference naming those that exist."""
    found = [each for each in price_lists(conn) if _is(each, wanted)]
    if not found:
        known = ", ".join(each["name"] for each in price_lists(conn)) or "none"
        raise MissingReference(f"Shopify has no price list {wanted!r}; there are: {known}", field="priceList")
    return found[0]


def by_ids(conn: Connection, ids: Sequence[str], options: Mapping[str, Any]) -> list[Record]:
    """Prices by the ids of their records: `<price list>|<variant>`, or the variant for a base price."""
    split = [str(each).rpartition("|") for each in ids]
    found = [row for prices, _, variant in split if prices for row in _one(conn, prices, variant)]
    base = by_ids_of("ProductVariant", _BASE.select)(
        conn, [variant for prices, _, variant in split if not prices], options
    )
    return found + [_base(row, shop(conn).currency) for row in base]


_ONE = (
    "query Price($id: ID!, $query: String) { priceList(id: $id) { id name currency prices(first: 5, query: $query) { "
    f"nodes {{ originType price {{ amount currencyCode }} compareAtPrice {{ amount currencyCode }} {_VARIANT} }} }} }} }}"
)


def _one(conn: Connection, prices: str, variant: str) -> list[Record]:
    found = query(conn, _ONE, {"id": prices, "query": f"variant_id:{number_of(variant)}"}).get("priceList")
    if not found:
        return []
    head = {name: found[name] for name in ("id", "name", "currency")}
    return [_listed(row, head) for row in found["prices"]["nodes"] if row["variant"]["id"] == variant]


prices = Read(pages=pages, by_ids=by_ids, page_size=100, max_page_size=MAX_PAGE, options=OPTIONS)
