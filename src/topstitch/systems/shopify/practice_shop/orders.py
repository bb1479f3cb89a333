"""Mutations on orders: create, update, cancel, mark as paid, fulfil, refund."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from topstitch.systems.shopify.practice_shop.after import despatch, fulfilments_of, give_back
from topstitch.systems.shopify.practice_shop.builders import (
    Doc,
    add_metafield,
    address,
    gid,
    line_item,
    now,
    number_of,
    open_fulfilment_orders,
    order_doc,
    put,
    save_customer,
    shipping_line,
    tax_line,
    text,
    transaction,
)
from topstitch.systems.shopify.practice_shop.discounts import spread
from topstitch.systems.shopify.practice_shop.execute import Args, Context
from topstitch.systems.shopify.practice_shop.payload import Refused, mutation
from topstitch.systems.shopify.practice_shop.reads import find_by, levels_of

_ORDERS = ("write_orders",)
#: What the shop calls a region that it is given by its code; some of them.
_PROVINCES = {
    ("US", "CA"): "California", ("US", "NY"): "New York", ("US", "OR"): "Oregon", ("CA", "ON"): "Ontario",
    ("IE", "G"): "Galway", ("JP", "JP-13"): "Tōkyō",
}  # fmt: skip
_PHONE = re.compile(r"\+?[\d\s().-]{7,}")


@mutation("orderCreate", *_ORDERS)
def _create(context: Context, args: Args) -> Doc:
    given = args["order"]
    if not given.get("lineItems"):
        raise Refused("Line items must have at least one line item", "order", "lineItems")
    if given.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", given["email"]):
        raise Refused("Email is invalid", "order", "email")
    for path in (("phone",), ("shippingAddress", "phone")):
        phone = _dig(given, path)
        if phone and not _PHONE.fullmatch(phone):
            raise Refused("Phone is invalid", "order", *path)
    if given.get("customerId") and given.get("customer"):
        raise Refused("Use customer or customerId, not both", "order", "customer", code="REDUNDANT_CUSTOMER_FIELDS")
    number = context.store.next_id("order", 101)
    lines = [_new_line(context, number, place, line) for place, line in enumerate(given["lineItems"])]
    lines = spread(lines, _reduction(given))
    shipping = [
        shipping_line(number * 10 + i, s["title"], s.get("code"), _amount(s["priceSet"]))
        for i, s in enumerate(given.get("shippingLines") or [])
    ]
    order = order_doc(number, lines, shipping, _payments(context, given), now()) | _plain(given)
    order |= _payment(given, order) | {"_customer": _customer(context, given)}
    put(context.store, "Order", order)
    for field in given.get("metafields") or []:
        add_metafield(
            context.store, order["id"], field["namespace"], field["key"], field["value"], field.get("type", "")
        )
    open_fulfilment_orders(context.store, order)
    _take_stock(context, args, lines)
    return {"order": context.store.get("Order", order["id"])}


def _new_line(context: Context, number: int, place: int, line: Doc) -> Doc:
    variant = context.store.get("ProductVariant", line["variantId"]) if line.get("variantId") else None
    if line.get("variantId") and not variant:
        raise Refused("Variant does not exist", "order", "lineItems", place, "variantId")
    if not variant and not line.get("title"):
        raise Refused("Title can't be blank", "order", "lineItems", place, "title")
    if line["quantity"] < 1:
        raise Refused("Quantity must be greater than 0", "order", "lineItems", place, "quantity")
    price = _amount(line["priceSet"]) if line.get("priceSet") else (variant or {}).get("price", "0")
    own: Doc = {"sku": line.get("sku") or (variant and variant["sku"])}
    if line.get("title") or not variant:
        own |= {"title": line["title"], "name": line["title"], "variantTitle": line.get("variantTitle")}
    own["customAttributes"] = [{"key": p["name"], "value": p["value"]} for p in line.get("properties") or []]
    own["taxLines"] = [
        tax_line(t["title"], float(t["rate"]), _amount(t["priceSet"])) for t in line.get("taxLines") or []
    ]
    return line_item(number * 1000 + place, variant, line["quantity"], price, **own)


def _plain(given: Doc) -> Doc:
    """What is taken as it is given."""
    names = "name note email phone poNumber tags sourceName sourceIdentifier test taxesIncluded processedAt customAttributes"
    plain = {name: given[name] for name in names.split() if given.get(name) is not None}
    for name in ("shippingAddress", "billingAddress"):
        if given.get(name):
            plain[name] = mailing_address(given[name])
    if given.get("discountCode"):
        ((_, code),) = given["discountCode"].items()
        plain["discountCodes"] = [code["code"]]
    return plain


def mailing_address(given: Doc) -> Doc:
    """An address as it is kept, of a `MailingAddressInput`."""
    country = given.get("countryCode") or "GB"
    empty = address(("", "", "GB", "", "", ""), 9000)
    name = " ".join(filter(None, (given.get("firstName"), given.get("lastName"))))
    kept = {
        k: given.get(k) for k in ("firstName", "lastName", "company", "address1", "address2", "city", "zip", "phone")
    }
    code = given.get("provinceCode")
    region = {"province": _PROVINCES.get((country, str(code))), "provinceCode": code}
    return {**empty, **kept, **region, "name": name, "countryCodeV2": country, "country": country}


def _payments(context: Context, given: Doc) -> list[Doc]:
    return [
        transaction(
            context.store, t["kind"], _amount(t["amountSet"]), t.get("gateway") or "manual", now(), status=t["status"]
        )
        for t in given.get("transactions") or []
    ]


def _reduction(given: Doc) -> Decimal:
    """What the discount code of a new order takes off its lines: of a fixed amount only."""
    code = (given.get("discountCode") or {}).get("itemFixedDiscountCode") or {}
    return Decimal(_amount(code["amountSet"])) if code.get("amountSet") else Decimal(0)


def _payment(given: Doc, order: Doc) -> Doc:
    paid = any(t["kind"] in ("SALE", "CAPTURE") and t["status"] == "SUCCESS" for t in order["transactions"])
    return {
        "displayFinancialStatus": given.get("financialStatus") or ("PAID" if paid else "PENDING"),
        "paymentGatewayNames": sorted({t["gateway"] for t in order["transactions"]}),
    }


def _customer(context: Context, given: Doc) -> str | None:
    if given.get("customerId"):
        return str(given["customerId"])
    for how, who in (given.get("customer") or {}).items():
        found = _known_customer(context, who)
        if found:
            return str(found["id"])
        if how == "toAssociate":
            raise Refused("Customer does not exist", "order", "customer", "toAssociate")
        customer_id = gid("Customer", context.store.next_id("customer", 900))
        base: Doc = {"firstName": None, "lastName": None, "email": None, "phone": None, "note": None, "tags": []}
        made = {**base, "locale": "en", "taxExempt": False, "createdAt": now(), "updatedAt": now(), **who}
        save_customer(context.store, {**made, "id": customer_id, "addresses": []})
        return customer_id
    return None


def _known_customer(context: Context, who: Doc) -> Doc | None:
    if who.get("id"):
        return context.store.get("Customer", who["id"])
    return find_by(context, "Customer", "emailAddress", who["email"]) if who.get("email") else None


def _take_stock(context: Context, args: Args, lines: list[Doc]) -> None:
    if (args.get("options") or {}).get("inventoryBehaviour", "BYPASS") == "BYPASS":
        return
    for line in lines:
        item = (context.store.get("ProductVariant", line["_variant"]) or {}).get("_item")
        for level in levels_of(context, item or "")[:1]:
            level["_quantities"]["available"] -= line["quantity"]
            put(context.store, "InventoryLevel", {**level, "updatedAt": now()})


def _the_order(context: Context, identifier: str, *path: str) -> Doc:
    order = context.store.get("Order", identifier)
    if not order:
        raise Refused("Order does not exist", *path, code="NOT_FOUND")
    return order


@mutation("orderUpdate", *_ORDERS)
def _update(context: Context, args: Args) -> Doc:
    given = args["input"]
    order = _the_order(context, given["id"], "id")
    for field in given.get("metafields") or []:
        add_metafield(
            context.store, order["id"], field["namespace"], field["key"], field["value"], field.get("type", "")
        )
    names = [n for n in ("tags", "note", "email", "phone", "poNumber", "customAttributes") if n in given]
    changes: Doc = {name: given[name] for name in names}
    if given.get("shippingAddress"):
        changes["shippingAddress"] = mailing_address(given["shippingAddress"])
    return {"order": put(context.store, "Order", {**order, **changes, "updatedAt": now()})}


@mutation("tagsAdd", *_ORDERS)
def _tags(context: Context, args: Args) -> Doc:
    order = _the_order(context, args["id"], "id")
    tags = list(dict.fromkeys([*order["tags"], *args["tags"]]))
    return {"node": put(context.store, "Order", {**order, "tags": tags, "updatedAt": now()})}


@mutation("orderCancel", *_ORDERS)
def _cancel(context: Context, args: Args) -> Doc:
    order = _the_order(context, args["orderId"], "orderId")
    if order["cancelledAt"]:
        raise Refused("Order has already been cancelled", "orderId")
    if any(f["status"] == "SUCCESS" for f in fulfilments_of(context.store, order["id"])):
        raise Refused("Cannot cancel an order with fulfillments", "orderId")
    refund = args.get("refund") or (args.get("refundMethod") or {}).get("originalPaymentMethodsRefund")
    stamp = now()
    changes: Doc = {"cancelledAt": stamp, "closedAt": stamp, "cancelReason": args["reason"], "updatedAt": stamp}
    if refund:
        changes["displayFinancialStatus"] = "REFUNDED"
    put(context.store, "Order", {**order, **changes})
    return {"job": {"id": gid("Job", 1), "done": False}}


@mutation("orderMarkAsPaid", *_ORDERS)
def _paid(context: Context, args: Args) -> Doc:
    order = _the_order(context, args["input"]["id"], "input", "id")
    if order["displayFinancialStatus"] == "PAID":
        raise Refused("Order cannot be marked as paid.", "id")
    total = order["totalPriceSet"]["shopMoney"]["amount"]
    sale = transaction(context.store, "SALE", total, "manual", now())
    changes = {"displayFinancialStatus": "PAID", "transactions": [*order["transactions"], sale], "updatedAt": now()}
    return {"order": put(context.store, "Order", {**order, **changes})}


@mutation("fulfillmentCreate", "write_merchant_managed_fulfillment_orders", "write_assigned_fulfillment_orders")
def _fulfil(context: Context, args: Args) -> Doc:
    given = args["fulfillment"]
    parts: list[tuple[Doc, dict[str, int] | None]] = []
    for place, each in enumerate(given["lineItemsByFulfillmentOrder"]):
        where = ("fulfillment", "lineItemsByFulfillmentOrder", place)
        part = context.store.get("FulfillmentOrder", each["fulfillmentOrderId"])
        if not part:
            raise Refused("Fulfillment order does not exist.", *where)
        if part["status"] not in ("OPEN", "IN_PROGRESS"):
            raise Refused(
                f"Fulfillment order {number_of(part['id'])} has an unfulfillable status= {part['status'].lower()}."
            )
        parts.append((part, _quantities(part, each, where)))
    if not parts:
        raise Refused("Line items by fulfillment order can't be blank", "fulfillment", "lineItemsByFulfillmentOrder")
    if len({part["_location"] for part, _ in parts}) > 1:
        raise Refused("All fulfillment orders must be assigned to the same location.", "fulfillment")
    if len({part["_order"] for part, _ in parts}) > 1:
        raise Refused("All fulfillment orders must belong to the same order.", "fulfillment")
    return {"fulfillment": despatch(context.store, parts, _tracking(given.get("trackingInfo")), now())}


def _quantities(part: Doc, each: Doc, where: tuple[Any, ...]) -> dict[str, int] | None:
    lines = each.get("fulfillmentOrderLineItems")
    if not lines:
        return None
    wanted: dict[str, int] = {}
    for line in lines:
        have = next((own for own in part["_lines"] if own["id"] == line["id"]), None)
        if not have:
            raise Refused("Fulfillment order line item does not exist.", *where)
        if not 0 < line["quantity"] <= have["remainingQuantity"]:
            raise Refused("Invalid fulfillment order line item quantity requested.", *where)
        wanted[line["id"]] = line["quantity"]
    return wanted


def _tracking(given: Doc | None) -> list[Doc]:
    if not given:
        return []
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    if len(urls) > len(numbers):
        raise Refused("A tracking URL needs a tracking number", "trackingInfo")
    count = max(len(numbers), len(urls), 1 if given.get("company") else 0)
    pick = [[*many, *[None] * count][:count] for many in (numbers, urls)]
    return [{"company": given.get("company"), "number": n, "url": u} for n, u in zip(*pick, strict=True)]


@mutation("fulfillmentTrackingInfoUpdate", "write_merchant_managed_fulfillment_orders", "write_fulfillments")
def _retrack(context: Context, args: Args) -> Doc:
    found = context.store.get("Fulfillment", args["fulfillmentId"])
    if not found:
        raise Refused("Fulfillment does not exist.", "fulfillmentId")
    changes = {"trackingInfo": _tracking(args["trackingInfoInput"]), "updatedAt": now()}
    return {"fulfillment": put(context.store, "Fulfillment", {**found, **changes})}


@mutation("refundCreate", *_ORDERS, keyed=True)
def _refund(context: Context, args: Args) -> Doc:
    given = args["input"]
    order = _the_order(context, given["orderId"], "orderId")
    lines = []
    for place, each in enumerate(given.get("refundLineItems") or []):
        where = ("refundLineItems", place)
        line = next((own for own in order["_lines"] if own["id"] == each["lineItemId"]), None)
        if not line:
            raise Refused("Line item does not exist", *where, "lineItemId")
        if not 0 < each["quantity"] <= line["refundableQuantity"]:
            raise Refused("Quantity cannot refund more items than were purchased", *where, "quantity")
        if each.get("restockType") in ("RETURN", "CANCEL") and not each.get("locationId"):
            raise Refused("Location can't be blank when restocking", *where, "locationId")
        lines.append((line, each["quantity"], each.get("restockType") or "NO_RESTOCK"))
    currency = order["presentmentCurrencyCode"]
    if given.get("currency", order["currencyCode"]) != currency:
        raise Refused(f"Currency must be the presentment currency of the order, {currency}", "currency")
    amount = sum((Decimal(str(t["amount"])) for t in given.get("transactions") or []), Decimal(0))
    total, gone = (Decimal(order[k]["presentmentMoney"]["amount"]) for k in ("totalPriceSet", "totalRefundedSet"))
    if amount > total - gone:
        raise Refused(f"Refund amount {text(amount)} {currency} exceeds what is left to refund", "transactions")
    parents = {t["id"] for t in order["transactions"]}
    for place, each in enumerate(given.get("transactions") or []):
        if each["kind"] != "REFUND" or each.get("parentId") not in parents:
            raise Refused("Parent transaction is invalid", "transactions", place, "parentId")
    if not lines and not amount:
        raise Refused("Refund must have a line item, shipping or an amount")
    shipping = (given.get("shipping") or {}).get("amount") or 0
    parent = next((t["parentId"] for t in given.get("transactions") or []), None)
    made = give_back(
        context.store, order["id"], lines, amount, given.get("note"), now(), shipping=shipping, parent=parent
    )
    return {"refund": made, "order": context.store.get("Order", order["id"])}


def _amount(money: Doc) -> str:
    return str(money["shopMoney"]["amount"])


def _dig(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = (value or {}).get(step)
    return value
