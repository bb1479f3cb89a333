"""Writing metafields on their own: many owners in one call, each value as the text the vendor wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import (
    Connection,
    Idempotency,
    MissingReference,
    Outgoing,
    RemoteRejected,
    Verdict,
    Write,
)
from topstitch.systems.shopify.api import Json, mutate, query, raise_user_errors
from topstitch.systems.shopify.convert import first, metafield_value
from topstitch.systems.shopify.lookups import order_ids, the_variant, variants_by_sku
from topstitch.systems.shopify.names import kind_of
from topstitch.systems.shopify.push import METAFIELDS_AT_ONCE, SET_METAFIELDS, Together, metafields_for, typed

_BY_HANDLE = "query Handle($handle: String!) { productByIdentifier(identifier: { handle: $handle }) { id } }"
_BY_EMAIL = "query Email($email: String!) { customerByIdentifier(identifier: { emailAddress: $email }) { id } }"
_KINDS = {"product": "Product", "variant": "ProductVariant", "order": "Order", "customer": "Customer"}


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of metafields."""
    records = [each.record for each in batch]
    skus = variants_by_sku(conn, [str(sku) for each in records if (sku := first(each, "variant.sku")) is not None])
    names = order_ids(conn, records, "order.name")
    verdicts: dict[int, Verdict] = {}
    rows: list[tuple[int, Json]] = []
    for place, record in enumerate(records):
        try:
            rows.append((place, _field(conn, record, _owner(conn, record, skus, names))))
        except RemoteRejected as error:
            verdicts[place] = Verdict.of(error)
    answers = Together(
        lambda part: _set(conn, [field for _, field in part]),
        ("metafields",),
        lambda row, payload, i: Verdict.updated(payload["metafields"][i]["id"]),
    ).run(rows)
    verdicts |= {place: verdict for (place, _), verdict in zip(rows, answers, strict=True)}
    return [verdicts[place] for place in range(len(batch))]


def _set(conn: Connection, fields: list[Json]) -> Json:
    return mutate(conn, SET_METAFIELDS, {"metafields": fields}, repeatable=True)


def _field(conn: Connection, record: Json, owner: str) -> Json:
    if not record.get("key"):
        raise RemoteRejected("the record has no key", field="key")
    field = {
        "namespace": record.get("namespace") or "custom",
        "key": str(record["key"]),
        "value": metafield_value(record.get("value")),
    }
    if record.get("type"):
        field["type"] = str(record["type"])
    return {"ownerId": owner, **typed(conn, kind_of(owner), [field])[0]}


def _owner(
    conn: Connection, record: Json, skus: Mapping[str, Json | RemoteRejected], names: Mapping[str, str | RemoteRejected]
) -> str:
    """The record the metafield belongs to: by id, else a variant's SKU, an order's name, a handle or an e-mail."""
    owner = first(record, "ownerId", *(f"{name}.id" for name in _KINDS))
    if owner is not None:
        if str(owner).startswith("gid://shopify/"):
            return str(owner)
        name = next((name for name in _KINDS if first(record, f"{name}.id") == owner), None)
        if name is None or not str(owner).isdigit():
            raise RemoteRejected(f"{owner!r} is no owner: give its global id", field="ownerId")
        return f"gid://shopify/{_KINDS[name]}/{owner}"
    if (sku := first(record, "variant.sku")) is not None:
        return str(the_variant(skus, str(sku))["id"])
    if (name := first(record, "order.name")) is not None:
        found = names[str(name)]
        if isinstance(found, RemoteRejected):
            raise found
        return found
    for path, text, variable in (("product.handle", _BY_HANDLE, "handle"), ("customer.email", _BY_EMAIL, "email")):
        if (value := first(record, path)) is not None:
            row = next(iter(query(conn, text, {variable: str(value)}).values()))
            if not row:
                raise MissingReference(f"Shopify has no {path.replace('.', ' with ')} {value!r}", field=path)
            return str(row["id"])
    message = "the record names no owner: give ownerId, variant.sku, order.name, product.handle or customer.email"
    raise RemoteRejected(message, field="ownerId")


def set_on(conn: Connection, owner: str, record: Json) -> int:
    """Set the metafields of a record that was written otherwise; those it does not name stay. How many there were."""
    fields = [{"ownerId": owner, **field} for field in metafields_for(conn, kind_of(owner), record)]
    for start in range(0, len(fields), METAFIELDS_AT_ONCE):
        raise_user_errors(_set(conn, fields[start : start + METAFIELDS_AT_ONCE]))
    return len(fields)


metafields = Write(push=push, idempotency=Idempotency.NATURAL_KEY, batch=METAFIELDS_AT_ONCE, concurrency=4)
