"""Mutations on stock and on price lists, with the version break of inventorySetQuantities."""

from __future__ import annotations

from topstitch.systems.shopify.practice_shop.builders import Doc, gid, now, put, save_level, text
from topstitch.systems.shopify.practice_shop.execute import Args, Context, Denied
from topstitch.systems.shopify.practice_shop.payload import Refused, mutation

_REASONS = {
    "correction", "cycle_count_available", "damaged", "movement_created", "movement_updated", "movement_received",
    "movement_canceled", "other", "promotion", "quality_control", "received", "reservation_created",
    "reservation_deleted", "reservation_updated", "restock", "safety_stock", "shrinkage",
}  # fmt: skip


@mutation("inventorySetQuantities", "write_inventory", keyed=True)
def _set(context: Context, args: Args) -> Doc:
    given = args["input"]
    if given["name"] not in ("available", "on_hand"):
        raise Refused(
            "The quantity name must be either 'available' or 'on_hand'.", "input", "name", code="INVALID_NAME"
        )
    if given["reason"] not in _REASONS:
        raise Refused("The specified reason is invalid.", "input", "reason", code="INVALID_REASON")
    if len(given["quantities"]) > 250:
        raise Denied(
            "The input array size of quantities is greater than the maximum allowed of 250.", "MAX_INPUT_SIZE_EXCEEDED"
        )
    found, seen = [], set()
    for place, each in enumerate(given["quantities"]):
        where = ("input", "quantities", place)
        pair = (each["inventoryItemId"], each["locationId"])
        if pair in seen:
            message = "The combination of inventoryItemId and locationId must be unique."
            raise Refused(message, *where, code="NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR")
        seen.add(pair)
        found.append((_level(context, pair, where), _checked(context, given, each, where), each))
    for level, committed, each in found:
        amount = each["quantity"] - (committed if given["name"] == "on_hand" else 0)
        level["_quantities"]["available"] = amount
        put(context.store, "InventoryLevel", {**level, "updatedAt": now()})
    group = {"id": gid("InventoryAdjustmentGroup", context.store.next_id("adjustment")), "createdAt": now()}
    return {
        "inventoryAdjustmentGroup": {
            **group,
            "reason": given["reason"],
            "referenceDocumentUri": given.get("referenceDocumentUri"),
        }
    }


def _level(context: Context, pair: tuple[str, str], where: tuple[object, ...]) -> Doc:
    item, location = pair
    if not context.store.get("InventoryItem", item):
        raise Refused(
            "The specified inventory item could not be found.", *where, "inventoryItemId", code="INVALID_INVENTORY_ITEM"
        )
    if not context.store.get("Location", location):
        raise Refused("The specified location could not be found.", *where, "locationId", code="INVALID_LOCATION")
    level = context.store.first("InventoryLevel", lambda doc: (doc["_item"], doc["_location"]) == pair)
    if not level:
        message = "The specified inventory item is not stocked at the location."
        raise Refused(message, *where, "locationId", code="ITEM_NOT_STOCKED_AT_LOCATION")
    return level


def _checked(context: Context, given: Doc, each: Doc, where: tuple[object, ...]) -> int:
    """Check the quantity and, unless told not to, what it was before. Gives what is committed."""
    if not -1_000_000_000 <= each["quantity"] <= 1_000_000_000:
        raise Refused("The quantity is out of range.", *where, "quantity", code="INVALID_QUANTITY_TOO_HIGH")
    level = _level(context, (each["inventoryItemId"], each["locationId"]), where)
    committed = int(level["_quantities"]["committed"])
    have = level["_quantities"]["available"] + (committed if given["name"] == "on_hand" else 0)
    if context.schema.version < "2026-04" and not given.get("ignoreCompareQuantity"):
        if each.get("compareQuantity") is None and each.get("changeFromQuantity") is None:
            message = (
                "The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity."
            )
            raise Refused(message, *where, "compareQuantity", code="COMPARE_QUANTITY_REQUIRED")
        if each.get("compareQuantity") not in (None, have):
            raise Refused(
                "The compareQuantity value is stale.", *where, "compareQuantity", code="COMPARE_QUANTITY_STALE"
            )
    if context.schema.version >= "2026-04" and "changeFromQuantity" not in each:
        raise Refused(
            "changeFromQuantity is required, or null.", *where, "changeFromQuantity", code="CHANGE_FROM_QUANTITY_STALE"
        )
    if each.get("changeFromQuantity") not in (None, have):
        message = "The changeFromQuantity argument no longer matches the persisted quantity."
        raise Refused(message, *where, "changeFromQuantity", code="CHANGE_FROM_QUANTITY_STALE")
    return committed


@mutation("inventoryActivate", "write_inventory", keyed=True)
def _activate(context: Context, args: Args) -> Doc:
    pair = (args["inventoryItemId"], args["locationId"])
    if not context.store.get("InventoryItem", pair[0]):
        raise Refused("The product couldn't be stocked because it no longer exists.", "inventoryItemId")
    location = context.store.get("Location", pair[1])
    if not location or not location["isActive"]:
        raise Refused("The product couldn't be stocked because the location is not active.", "locationId")
    if args.get("available") is not None and args.get("onHand") is not None:
        raise Refused("Either available or onHand may be given.", "available")
    level = context.store.first("InventoryLevel", lambda doc: (doc["_item"], doc["_location"]) == pair)
    if level and (args.get("available") is not None or args.get("onHand") is not None):
        raise Refused(
            "Not allowed to set available quantity when the item is already active at the location.", "available"
        )
    amount = args.get("available") if args.get("available") is not None else args.get("onHand")
    return {"inventoryLevel": level or save_level(context.store, *pair, amount or 0, now())}


@mutation("priceListFixedPricesAdd", "write_products")
def _prices(context: Context, args: Args) -> Doc:
    prices = context.store.get("PriceList", args["priceListId"])
    if not prices:
        raise Refused("Price list does not exist.", "priceListId", code="PRICE_LIST_NOT_FOUND")
    if len(args["prices"]) > 250:
        raise Denied(
            "The input array size of prices is greater than the maximum allowed of 250.", "MAX_INPUT_SIZE_EXCEEDED"
        )
    for place, each in enumerate(args["prices"]):
        if not context.store.get("ProductVariant", each["variantId"]):
            raise Refused("Variant ID not found.", "prices", place, "variantId", code="VARIANT_NOT_FOUND")
        if each["price"]["currencyCode"] != prices["currency"]:
            message = "The currency of the price does not match that of the price list."
            raise Refused(message, "prices", place, "price", "currencyCode", code="PRICE_LIST_CURRENCY_MISMATCH")
    kept = {price["_variant"]: price for price in prices["_prices"]}
    for each in args["prices"]:
        money, before = each["price"], each.get("compareAtPrice")
        kept[each["variantId"]] = {
            "price": {**money, "amount": text(money["amount"])},
            "compareAtPrice": before and {**before, "amount": text(before["amount"])},
            "originType": "FIXED",
            "_variant": each["variantId"],
        }
    put(context.store, "PriceList", {**prices, "_prices": list(kept.values())})
    return {"prices": [kept[each["variantId"]] for each in args["prices"]]}
