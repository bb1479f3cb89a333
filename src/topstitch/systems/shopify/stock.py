"""Writing stock: absolute quantities by SKU and location, many in one call, in the form each API version wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from topstitch.sdk import Connection, Idempotency, Outgoing, RemoteRejected, Setting, TopstitchError, Verdict, Write
from topstitch.systems.shopify.api import Json, UserError, mutate_keyed, raise_user_errors, shop
from topstitch.systems.shopify.convert import at, whole
from topstitch.systems.shopify.lookups import location_id, sku_of, the_variant, variants_by_sku
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.push import Together

#: The vendor takes so many elements in any list it is given.
AT_ONCE = 250
NAMES = ("available", "on_hand")

OPTIONS = (
    Setting(
        name="quantity",
        label="Quantity that is set",
        kind="choice",
        choices=NAMES,
        default="available",
        help="Which one is taken when the record has both. The other one is worked out by Shopify.",
    ),
    Setting(
        name="default_location",
        label="Location",
        fixed=True,
        help="Name or number of the location for records that name none. Not needed when the shop has only one.",
    ),
    Setting(
        name="activate",
        label="Stock new items at the location",
        kind="boolean",
        default=True,
        help="An item that was never stocked at the location is activated there; otherwise its record is rejected.",
    ),
    Setting(
        name="reason",
        label="Reason",
        default="correction",
        advanced=True,
        help="Shown in the stock history of Shopify: correction, cycle_count_available, received, restock, other...",
    ),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One quantity to be set."""

    place: int
    item: str
    location: str
    name: str
    quantity: int
    sku: str

    @property
    def target(self) -> tuple[str, str]:
        return self.item, self.location


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of stock."""
    skus = [sku for each in batch if not at(each.record, "inventoryItem.id") and (sku := sku_of(each.record))]
    found = variants_by_sku(conn, skus)
    verdicts: dict[int, Verdict] = {}
    rows: list[_Row] = []
    for place, each in enumerate(batch):
        try:
            rows.append(_row(conn, place, each.record, found, options))
        except RemoteRejected as error:
            verdicts[place] = Verdict.of(error)
    for group in _rounds(rows):
        answers = Together(
            lambda part: _set(conn, part, options),
            ("input", "quantities"),
            lambda row, payload, i: Verdict.updated(_level(row)),
            lambda row, error: _activate(conn, row, error, options),
        ).run(group)
        verdicts |= {row.place: verdict for row, verdict in zip(group, answers, strict=True)}
    return [verdicts[place] for place in range(len(batch))]


def _row(
    conn: Connection, place: int, record: Json, found: Mapping[str, Json | RemoteRejected], options: Mapping[str, Any]
) -> _Row:
    identifier = at(record, "inventoryItem.id")
    sku = sku_of(record) or ""
    if identifier is not None:
        item = gid("InventoryItem", identifier)
    elif sku:
        item = the_variant(found, sku)["inventoryItem"]["id"]
    else:
        raise RemoteRejected("the record has no SKU", field="sku")
    wished = options.get("quantity") or "available"
    name = next((each for each in (wished, *NAMES) if record.get(each) not in (None, "")), None)
    if name is None:
        raise RemoteRejected("the record has no quantity: give available or on_hand", field=wished)
    location = location_id(conn, record, options.get("default_location") or None)
    return _Row(place, item, location, name, whole(record[name], name), sku)


def _rounds(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Groups that one call can take: one name, no target twice. A target that comes twice is set twice, in order."""
    left = list(rows)
    while left:
        name, later = left[0].name, list[_Row]()
        taken: dict[tuple[str, str], _Row] = {}
        for row in left:
            if row.name != name or row.target in taken or len(taken) >= AT_ONCE:
                later.append(row)
            else:
                taken[row.target] = row
        yield list(taken.values())
        left = later


def _set(conn: Connection, rows: Sequence[_Row], options: Mapping[str, Any]) -> Json:
    version = shop(conn).version
    wanted: Json = {
        "name": rows[0].name,
        "reason": options.get("reason") or "correction",
        "quantities": [_quantity(row, version) for row in rows],
    }
    if version < "2026-04":
        wanted["ignoreCompareQuantity"] = True
    # Quantities are absolute, so what is sent again later is a new call with a new key: an old key would make Shopify
    # repeat its old answer and leave the stock as it is.
    key = str(uuid4())
    select = "inventoryAdjustmentGroup { id } userErrors { field message code }"
    field = "inventorySetQuantities(input: $input)"
    return mutate_keyed(
        conn, field, "$input: InventorySetQuantitiesInput!", {"input": wanted}, key, select, repeatable=True
    )


def _quantity(row: _Row, version: str) -> Json:
    """One quantity without regard to what it was: by leaving `compareQuantity` out, later by a null `changeFromQuantity`."""
    base = {"inventoryItemId": row.item, "locationId": row.location, "quantity": row.quantity}
    return base if version < "2026-04" else {**base, "changeFromQuantity": None}


def _activate(conn: Connection, row: _Row, error: UserError, options: Mapping[str, Any]) -> Verdict | None:
    """Stock an item at a location where it never was, with its quantity; None for any other error."""
    if error.code != "ITEM_NOT_STOCKED_AT_LOCATION" or not options.get("activate", True):
        return None
    argument = "available" if row.name == "available" else "onHand"
    field = f"inventoryActivate(inventoryItemId: $item, locationId: $location, {argument}: $quantity)"
    values = {"item": row.item, "location": row.location, "quantity": row.quantity}
    select = "inventoryLevel { id } userErrors { field message }"
    try:
        payload = mutate_keyed(conn, field, "$item: ID!, $location: ID!, $quantity: Int!", values, str(uuid4()), select)
        return Verdict.created(raise_user_errors(payload)["inventoryLevel"]["id"])
    except TopstitchError as failure:
        return Verdict.of(failure)


def _level(row: _Row) -> str:
    """The id of a stock level, which is made of those of its location and item."""
    location, item = (each.rpartition("/")[2] for each in (row.location, row.item))
    return f"gid://shopify/InventoryLevel/{location}?inventory_item_id={item}"


stock = Write(push=push, idempotency=Idempotency.NATURAL_KEY, batch=AT_ONCE, concurrency=2, options=OPTIONS)
