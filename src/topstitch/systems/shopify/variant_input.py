"""A variant as a record, made into the inputs of the vendor's mutations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, RemoteRejected
from topstitch.systems.shopify.api import Json
from topstitch.systems.shopify.convert import at, choice, emptied, first, flag, given, money, number, rows, text, whole
from topstitch.systems.shopify.lookups import location_id, sku_of

#: The option and value of a product that has no variants.
DEFAULT_OPTIONS = [("Title", "Default Title")]
_UNITS = {"KG": "KILOGRAMS", "G": "GRAMS", "LB": "POUNDS", "OZ": "OUNCES"}
WEIGHT_UNITS = ("KILOGRAMS", "GRAMS", "POUNDS", "OUNCES")


def variant_input(record: Json, where: str = "") -> Json:
    """What both ways of writing a variant have in common, without its options. The SKU is in `inventoryItem`."""
    field = f"{where}." if where else ""
    price, before = at(record, "price"), at(record, "compareAtPrice")
    made = given(
        price=None if price is None else money(price, f"{field}price"),
        compareAtPrice=None if before is None else money(before, f"{field}compareAtPrice"),
        barcode=text(record.get("barcode"), f"{field}barcode"),
        taxable=flag(record["taxable"], f"{field}taxable") if record.get("taxable") is not None else None,
        inventoryPolicy=_policy(record, field),
        inventoryItem=_item(record, field) or None,
    )
    # Without a word of it the vendor keeps the old one, and a sale that is over would go on.
    return made | ({"compareAtPrice": None} if emptied(record, "compareAtPrice") else {})


def _policy(record: Json, field: str) -> str | None:
    policy = at(record, "inventoryPolicy")
    return None if policy is None else choice(policy, ("DENY", "CONTINUE"), f"{field}inventoryPolicy")


def _item(record: Json, field: str) -> Json:
    cost = first(record, "inventoryItem.cost", "cost", "inventoryItem.unitCost.amount")
    tracked = first(record, "inventoryItem.tracked", "tracked")
    ships = first(record, "inventoryItem.requiresShipping")
    weight = first(record, "inventoryItem.measurement.weight.value", "weight")
    return given(
        sku=sku_of(record),
        cost=None if cost is None else money(cost, f"{field}inventoryItem.cost"),
        tracked=None if tracked is None else flag(tracked, f"{field}inventoryItem.tracked"),
        requiresShipping=None if ships is None else flag(ships, f"{field}inventoryItem.requiresShipping"),
        countryCodeOfOrigin=at(record, "inventoryItem.countryCodeOfOrigin"),
        harmonizedSystemCode=text(at(record, "inventoryItem.harmonizedSystemCode"), field),
        measurement=None if weight is None else {"weight": _weight(record, weight, f"{field}weight")},
    )


def _weight(record: Json, value: Any, field: str) -> Json:
    unit = str(first(record, "inventoryItem.measurement.weight.unit", "weightUnit") or "KILOGRAMS").upper()
    return {"value": number(value, field), "unit": choice(_UNITS.get(unit, unit), WEIGHT_UNITS, f"{field}Unit")}


def options_of(record: Json) -> list[tuple[str, str]]:
    """The options of a variant as (name, value): as they are written (`optionValues`) or read (`selectedOptions`)."""
    written = [
        (each["optionName"], each.get("name")) if each.get("optionName") else (each.get("name"), each.get("value"))
        for each in rows(record, "optionValues")
    ]
    read = [
        (each.get("name"), each.get("value")) for each in rows(record, "selectedOptions") or rows(record, "options")
    ]
    found = written or read
    return [(str(name), str(value)) for name, value in found if name not in (None, "") and value not in (None, "")]


def option_values(options: Sequence[tuple[str, str]]) -> list[Json]:
    """Options as the vendor's input takes them."""
    return [{"optionName": name, "name": value} for name, value in options]


def quantity_of(conn: Connection, record: Json, options: Mapping[str, Any], where: str) -> tuple[str, int] | None:
    """The first stock of a new variant: (location, quantity)."""
    value = first(record, "quantity", "inventoryQuantity")
    if value is None:
        return None
    location = location_id(conn, record, options.get("default_location") or None)
    return location, whole(value, f"{where}.quantity" if where else "quantity")


def match(record: Json, options: Sequence[tuple[str, str]], existing: Sequence[Json]) -> Json | None:
    """The variant of `existing` that a record is: by id, by SKU, or by its options."""
    identifier = at(record, "id")
    if identifier is not None:
        found = [each for each in existing if str(identifier) in (each["id"], each["id"].rpartition("/")[2])]
        if found:
            return found[0]
    sku = sku_of(record)
    same = [each for each in existing if sku and each["sku"] == sku]
    if len(same) > 1:
        raise RemoteRejected(
            f"SKU {sku!r} belongs to {len(same)} variants of the product", field="sku", key="ambiguous"
        )
    if same:
        return same[0]
    return next((each for each in existing if options and set(selected(each)) == set(options)), None)


def selected(variant: Json) -> list[tuple[str, str]]:
    """The options of a variant that was read."""
    return [(each["name"], each["value"]) for each in variant["selectedOptions"]]
