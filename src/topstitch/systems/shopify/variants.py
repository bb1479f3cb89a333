"""Writing variants: updated by id or SKU, added to their product when it has none like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from topstitch.sdk import (
    Connection,
    Idempotency,
    MissingReference,
    Outcome,
    Outgoing,
    RemoteRejected,
    Setting,
    TopstitchError,
    Verdict,
    Write,
)
from topstitch.systems.shopify.api import Json, query
from topstitch.systems.shopify.convert import TARGET, at, first
from topstitch.systems.shopify.live import written_fields
from topstitch.systems.shopify.lookups import forget_skus, sku_of, the_variant, variants_by_sku
from topstitch.systems.shopify.metafields import set_on
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.paging import complete, inner
from topstitch.systems.shopify.variant_bulk import create_variants, update_variants
from topstitch.systems.shopify.variant_input import match, option_values, options_of, quantity_of, variant_input

_ROWS = "id sku selectedOptions { name value }"
PRODUCT = f"id handle title options {{ name }} {inner('Product', 'variants', _ROWS, 50)}"
_PRODUCT = (
    "query Product($identifier: ProductIdentifierInput!) { "
    f"productByIdentifier(identifier: $identifier) {{ {PRODUCT} }} }}"
)
_OWNERS = "query Owners($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant { id product { id } } } }"

OPTIONS = (
    Setting(
        name="create",
        label="Variants that the shop does not have",
        kind="choice",
        choices=("create", "reject"),
        default="create",
        help="Add them to the product that the record names, or reject the record.",
    ),
    Setting(
        name="default_location", label="Location of the first stock", help="Name or number; for new variants only."
    ),
)


def product_by(conn: Connection, identifier: Json) -> Json | None:
    """A product with its options and all variants."""
    found = query(conn, _PRODUCT, {"identifier": identifier})["productByIdentifier"]
    return complete(conn, found) if found else None


@dataclass(frozen=True, slots=True)
class _Row:
    """One record with its place: `product` it belongs to, `variant` that it updates ("" for a new one)."""

    place: int
    record: Json
    product: str
    variant: str
    input: Json


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of variants."""
    found = variants_by_sku(conn, [sku for each in batch for sku in _skus(each.record)])
    owners = _owners(conn, batch)
    verdicts: dict[int, Verdict] = {}
    rows: list[_Row] = []
    for place, each in enumerate(batch):
        try:
            rows.append(_row(conn, place, each, found, owners, options))
        except TopstitchError as error:
            verdicts[place] = Verdict.of(error)
    for group in _groups(rows):
        verdicts |= _write(conn, group)
    forget_skus(conn)
    return [verdicts[place] for place in range(len(batch))]


def _skus(record: Json) -> list[str]:
    """SKUs to look up: the variant's own, and one of its product's."""
    return [sku for path in ("sku", "product.sku") if (sku := sku_of(record, path))]


def _owners(conn: Connection, batch: Sequence[Outgoing]) -> dict[str, str]:
    ids = [gid("ProductVariant", known) for each in batch if (known := first(each.record, *TARGET) or each.remote_id)]
    rows = query(conn, _OWNERS, {"ids": list(dict.fromkeys(ids))})["nodes"] if ids else []
    return {row["id"]: row["product"]["id"] for row in rows if row}


def _row(
    conn: Connection,
    place: int,
    outgoing: Outgoing,
    found: Mapping[str, Json | RemoteRejected],
    owners: Mapping[str, str],
    options: Mapping[str, Any],
) -> _Row:
    record = outgoing.record
    known = gid("ProductVariant", identifier) if (identifier := first(record, *TARGET) or outgoing.remote_id) else ""
    chosen = options_of(record)
    sku = sku_of(record)
    if not known and sku and not isinstance(found[sku], MissingReference):
        row = the_variant(found, sku)
        known, owners = row["id"], {row["id"]: row["product"]["id"]}
    if known and known in owners:
        return _Row(place, record, owners[known], known, {"id": known, **variant_input(record)})
    if first(record, *TARGET):
        raise MissingReference(f"Shopify has no variant {known}", field="id")
    return _new(conn, place, record, chosen, found, options)


def _new(
    conn: Connection,
    place: int,
    record: Json,
    chosen: list[tuple[str, str]],
    found: Mapping[str, Json | RemoteRejected],
    options: Mapping[str, Any],
) -> _Row:
    """A variant the search does not know: it may be there all the same, which its product tells for certain."""
    product = product_by(conn, _product_of(record, found))
    if not product:
        raise MissingReference("Shopify does not have the product that the variant belongs to", field="product.id")
    there = match(record, chosen, product["variants"])
    if there:
        return _Row(place, record, product["id"], there["id"], {"id": there["id"], **variant_input(record)})
    if options.get("create") == "reject":
        raise MissingReference(f"Shopify has no variant with SKU {sku_of(record)!r}", field="sku")
    names = [option["name"] for option in product["options"]]
    if {name for name, _ in chosen} != set(names):
        message = f"product {product['title']} varies by {', '.join(names)}, so a new variant needs a value for each"
        raise RemoteRejected(message, field="optionValues")
    made = {**variant_input(record), "optionValues": option_values(chosen)}
    stock = quantity_of(conn, record, options, "")
    if stock:
        made["inventoryQuantities"] = [{"locationId": stock[0], "availableQuantity": stock[1]}]
    return _Row(place, record, product["id"], "", made)


def _product_of(record: Json, found: Mapping[str, Json | RemoteRejected]) -> Json:
    identifier = first(record, "product.id", "productId")
    if identifier is not None:
        return {"id": gid("Product", identifier)}
    if (handle := at(record, "product.handle")) is not None:
        return {"handle": str(handle)}
    if sku := sku_of(record, "product.sku"):
        return {"id": the_variant(found, sku)["product"]["id"]}
    message = f"Shopify has no variant with SKU {sku_of(record)!r}, and the record names no product to add it to"
    raise MissingReference(message, field="sku")


def _groups(rows: Sequence[_Row]) -> list[list[_Row]]:
    """By product, new ones and known ones apart, no variant twice in a group."""
    groups: dict[tuple[str, bool, int], list[_Row]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        turn = seen.get(row.variant, 0) if row.variant else 0
        seen[row.variant] = turn + 1
        groups.setdefault((row.product, bool(row.variant), turn), []).append(row)
    return list(groups.values())


def _write(conn: Connection, rows: list[_Row]) -> dict[int, Verdict]:
    inputs = [row.input for row in rows]
    write = update_variants if rows[0].variant else create_variants
    verdicts = {}
    for row, verdict in zip(rows, write(conn, rows[0].product, inputs), strict=True):
        verdicts[row.place] = verdict
        if verdict.outcome in (Outcome.CREATED, Outcome.UPDATED):
            try:
                set_on(conn, verdict.remote_id, row.record)
            except TopstitchError as error:
                verdicts[row.place] = Verdict.of(error)
    return verdicts


variants = Write(
    push=push,
    idempotency=Idempotency.NATURAL_KEY,
    batch=100,
    concurrency=2,
    options=OPTIONS,
    live_fields=written_fields("variants"),
)
