"""Writing prices: fixed prices on a price list, or the base prices of variants, by SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from topstitch.sdk import Connection, Idempotency, Outgoing, RemoteRejected, Setting, Verdict, Write
from topstitch.systems.shopify.api import Json, mutate, query
from topstitch.systems.shopify.convert import emptied, first, given, money
from topstitch.systems.shopify.lookups import sku_of, the_variant, variants_by_sku
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.prices_read import find_list
from topstitch.systems.shopify.push import Together
from topstitch.systems.shopify.variant_bulk import update_variants

AT_ONCE = 250
_ADD = (
    "mutation Prices($list: ID!, $prices: [PriceListPriceInput!]!) { priceListFixedPricesAdd(priceListId: $list, "
    "prices: $prices) { prices { originType } userErrors { field message code } } }"
)
_PRODUCT = "query Of($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant { id product { id } } } }"

OPTIONS = (
    Setting(
        name="price_list",
        label="Price list",
        fixed=True,
        help="Name or number of the price list for records that name none. Empty: the base price of the variant is set.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One price. `prices`: id of the price list, "" for the base price."""

    place: int
    variant: str
    product: str
    prices: str
    currency: str
    price: str
    before: str | None
    #: Whether there is to be no price before reduction any more.
    ended: bool


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of prices."""
    skus = [
        sku
        for each in batch
        if not first(each.record, "variant.id") and (sku := sku_of(each.record, "variant.sku", "sku"))
    ]
    found = variants_by_sku(conn, skus)
    products = _products(conn, batch)
    verdicts: dict[int, Verdict] = {}
    groups: dict[tuple[str, str], list[_Row]] = {}
    for place, each in enumerate(batch):
        try:
            row = _row(conn, place, each.record, found, products, options)
        except RemoteRejected as error:
            verdicts[place] = Verdict.of(error)
            continue
        groups.setdefault((row.prices, "" if row.prices else row.product), []).append(row)
    for (prices, product), rows in groups.items():
        for part in _once_each(rows):
            answers = _listed(conn, prices, part) if prices else _base(conn, product, part)
            verdicts |= {row.place: verdict for row, verdict in zip(part, answers, strict=True)}
    return [verdicts[place] for place in range(len(batch))]


def _products(conn: Connection, batch: Sequence[Outgoing]) -> dict[str, str]:
    """Of variants given by id the ids of their products."""
    ids = [gid("ProductVariant", each) for one in batch if (each := first(one.record, "variant.id")) is not None]
    rows = query(conn, _PRODUCT, {"ids": list(dict.fromkeys(ids))})["nodes"] if ids else []
    return {row["id"]: row["product"]["id"] for row in rows if row}


def _row(
    conn: Connection,
    place: int,
    record: Json,
    found: Mapping[str, Json | RemoteRejected],
    products: Mapping[str, str],
    options: Mapping[str, Any],
) -> _Row:
    identifier, sku = first(record, "variant.id"), sku_of(record, "variant.sku", "sku")
    if identifier is not None:
        variant = gid("ProductVariant", identifier)
        product = products.get(variant, "")
    elif sku:
        row = the_variant(found, sku)
        variant, product = row["id"], row["product"]["id"]
    else:
        raise RemoteRejected("the record has no SKU", field="variant.sku")
    price = first(record, "price.amount", "price")
    if price is None or isinstance(price, dict):
        raise RemoteRejected("the record has no price", field="price.amount")
    before = first(record, "compareAtPrice.amount", "compareAtPrice")
    wanted = first(record, "priceList.id", "priceList.name") or options.get("price_list")
    prices = find_list(conn, str(wanted)) if wanted else {"id": "", "currency": ""}
    currency = str(first(record, "price.currencyCode", "currency") or prices["currency"]).upper()
    if prices["id"] and currency != prices["currency"]:
        message = f"price list {prices['name']} is in {prices['currency']}, the price in {currency}"
        raise RemoteRejected(message, field="price.currencyCode")
    return _Row(
        place,
        variant,
        product,
        prices["id"],
        currency,
        money(price, "price.amount"),
        None if before is None or isinstance(before, dict) else money(before, "compareAtPrice.amount"),
        emptied(record, "compareAtPrice") or emptied(record, "compareAtPrice.amount"),
    )


def _once_each(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Parts in which no variant comes twice; a later price of the same variant is set later."""
    parts: list[dict[str, _Row]] = []
    for row in rows:
        part = next((each for each in parts if row.variant not in each and len(each) < AT_ONCE), None)
        if part is None:
            parts.append(part := {})
        part[row.variant] = row
    return [list(part.values()) for part in parts]


def _listed(conn: Connection, prices: str, rows: list[_Row]) -> list[Verdict]:
    def send(part: list[_Row]) -> Json:
        return mutate(conn, _ADD, {"list": prices, "prices": [_price(row) for row in part]}, repeatable=True)

    together = Together(send, ("prices",), lambda row, _, i: Verdict.updated(f"{prices}|{row.variant}"))
    return together.run(rows)


def _price(row: _Row) -> Json:
    before = None if row.before is None else {"amount": row.before, "currencyCode": row.currency}
    price = {"amount": row.price, "currencyCode": row.currency}
    return given(variantId=row.variant, price=price, compareAtPrice=before) | _end(row)


def _base(conn: Connection, product: str, rows: list[_Row]) -> list[Verdict]:
    variants = [given(id=row.variant, price=row.price, compareAtPrice=row.before) | _end(row) for row in rows]
    return update_variants(conn, product, variants)


def _end(row: _Row) -> Json:
    return {"compareAtPrice": None} if row.ended else {}


prices = Write(push=push, idempotency=Idempotency.NATURAL_KEY, batch=AT_ONCE, concurrency=2, options=OPTIONS)
