"""How the documents of the practice shop are made: products, customers, orders and their parts, whole and consistent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from topstitch.sdk.practice import Store

Doc = dict[str, Any]
CURRENCY = "GBP"
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_COUNTRIES = {
    "GB": "United Kingdom",
    "SE": "Sweden",
    "FR": "France",
    "IE": "Ireland",
    "DE": "Germany",
    "US": "United States",
    "JP": "Japan",
}
_PROVINCES = {"US": ("Oregon", "OR"), "IE": ("Galway", "G"), "JP": ("Hokkaidō", "JP-01")}


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def number_of(identifier: str) -> str:
    """The number in a global id."""
    return identifier.partition("?")[0].rpartition("/")[2]


def at(minutes: float) -> str:
    """A stamp so many minutes after the shop opened."""
    return (_START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> str:
    """The present, as the vendor writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(amount: object) -> str:
    """Money as the vendor writes it: two places, as text."""
    return str(Decimal(str(amount)).quantize(Decimal("0.01")))


def bag(amount: object, currency: str = CURRENCY) -> Doc:
    """Money in the shop's currency and the buyer's, here the same."""
    money = {"amount": text(amount), "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}


def paid_abroad(value: Any, currency: str, rate: str) -> Any:
    """A document (a list, a value) with all its money as a buyer sees it who pays in `currency`."""
    if isinstance(value, list):
        return [paid_abroad(each, currency, rate) for each in value]
    if not isinstance(value, dict):
        return value
    if "presentmentMoney" not in value:
        return {name: paid_abroad(each, currency, rate) for name, each in value.items()}
    amount = text(Decimal(value["shopMoney"]["amount"]) * Decimal(rate))
    return {**value, "presentmentMoney": {"amount": amount, "currencyCode": currency}}


def paid_bag(order: Doc, amount: object) -> Doc:
    """An amount in the currency the buyer of an order paid in, as the shop sees it too."""
    given = {"amount": text(amount), "currencyCode": order["presentmentCurrencyCode"]}
    return {**bag(Decimal(str(amount)) / Decimal(order.get("_rate", "1"))), "presentmentMoney": given}


def sum_of(one: Doc, other: Doc) -> Doc:
    """Two amounts together, in both currencies."""
    return {
        name: {**money, "amount": text(Decimal(money["amount"]) + Decimal(other[name]["amount"]))}
        for name, money in one.items()
    }


def put(store: Store, kind: str, doc: Doc) -> Doc:
    """Keep a document under its id."""
    return store.put(kind, doc["id"], {"__typename": kind, "legacyResourceId": number_of(doc["id"]), **doc})


def address(person: tuple[str, ...], number: int) -> Doc:
    """A mailing address."""
    first, last, country, line, city, postcode = person
    province, code = _PROVINCES.get(country, (None, None))
    return {
        "id": gid("MailingAddress", number),
        "firstName": first,
        "lastName": last,
        "name": f"{first} {last}",
        "company": "Quill & Co" if number % 5 == 0 else None,
        "address1": line,
        "address2": "" if number % 3 else "Flat 2",
        "city": city,
        "zip": postcode,
        "province": province,
        "provinceCode": code,
        "country": _COUNTRIES[country],
        "countryCodeV2": country,
        "phone": f"+44{7700900000 + number}" if country == "GB" else None,
    }


def save_product(store: Store, product: Doc) -> Doc:
    """Keep a product with everything that answers need."""
    default = product["options"][0]["name"] == "Title"
    options = [
        {
            "id": gid("ProductOption", f"{number_of(product['id'])}{place}"),
            "position": place,
            "optionValues": [
                {
                    "id": gid("ProductOptionValue", f"{number_of(product['id'])}{place}{i}"),
                    "name": v,
                    "hasVariants": True,
                }
                for i, v in enumerate(option["values"])
            ],
            **option,
        }
        for place, option in enumerate(product["options"], 1)
    ]
    base = {"publishedAt": product["createdAt"], "isGiftCard": False, "onlineStoreUrl": None, "templateSuffix": None}
    more = {"seo": {"title": None, "description": None}, "category": None, "_media": product.get("_media", [])}
    return put(store, "Product", {**base, **more, **product, "options": options, "hasOnlyDefaultVariant": default})


def save_variant(
    store: Store, product: Doc, number: int, sku: str | None, price: str, options: list[tuple[str, str]], position: int
) -> Doc:
    """Keep a new variant, its inventory item, and its stock at two locations."""
    title = " / ".join(value for _, value in options)
    item = gid("InventoryItem", number + 30000)
    variant = {
        "id": gid("ProductVariant", number),
        "title": title,
        "displayName": f"{product['title']} - {title}",
        "sku": sku,
        "barcode": f"50{number:011}" if number % 4 else None,
        "price": text(price),
        "compareAtPrice": text(Decimal(price) * 2) if number % 6 == 0 else None,
        "position": position,
        "taxable": True,
        "inventoryPolicy": "DENY",
        "availableForSale": True,
        "createdAt": product["createdAt"],
        "updatedAt": product["updatedAt"],
        "selectedOptions": [{"name": n, "value": v} for n, v in options],
        "_product": product["id"],
        "_item": item,
    }
    weight = {"value": 0.25 + number % 3, "unit": "KILOGRAMS"}
    put(store, "InventoryItem", {
        "id": item, "sku": sku, "tracked": True, "requiresShipping": True, "createdAt": product["createdAt"],
        "updatedAt": product["updatedAt"], "unitCost": {"amount": text(Decimal(price) / 2), "currencyCode": CURRENCY},
        "countryCodeOfOrigin": "GB", "provinceCodeOfOrigin": None, "harmonizedSystemCode": None,
        "measurement": {"id": gid("InventoryItemMeasurement", number), "weight": weight}, "_variant": variant["id"],
    })  # fmt: skip
    for place in (1, 2) if number % 5 else (1,):
        save_level(store, item, gid("Location", place), number * place % 40, product["updatedAt"])
    return put(store, "ProductVariant", variant)


def save_level(store: Store, item: str, location: str, available: int, stamp: str, committed: int = 0) -> Doc:
    """Keep the stock of an item at a location."""
    level = f"{gid('InventoryLevel', number_of(location))}?inventory_item_id={number_of(item)}"
    quantities = {"available": available, "committed": committed, "incoming": 0, "reserved": 0}
    doc = {"id": level, "isActive": True, "createdAt": at(0), "updatedAt": stamp, "_item": item, "_location": location}
    return put(store, "InventoryLevel", {**doc, "_quantities": quantities})


def owner_type(kind: str) -> str:
    """The owner type of metafields of these records."""
    return {"CompanyLocation": "COMPANY_LOCATION"}.get(kind, kind.upper())


def add_metafield(store: Store, owner: str, namespace: str, key: str, value: str, kind: str = "") -> Doc:
    """Create or replace a metafield of an owner."""
    name = f"{owner}|{namespace}|{key}"
    old = store.first("Metafield", lambda doc: doc["_name"] == name)
    doc = old or {"id": gid("Metafield", store.next_id("metafield", 7001)), "createdAt": now(), "_name": name}
    kind = kind or "single_line_text_field"
    return put(store, "Metafield", {
        **doc, "namespace": namespace, "key": key, "value": value, "type": kind,
        "ownerType": owner_type(owner.split("/")[3]),
        "jsonValue": value, "updatedAt": now(), "_owner": owner,
    })  # fmt: skip


def save_customer(store: Store, customer: Doc) -> Doc:
    """Keep a customer with everything that answers need."""
    email, phone = customer.get("email"), customer.get("phone")
    name = " ".join(filter(None, (customer.get("firstName"), customer.get("lastName"))))
    contact = {"emailAddress": email, "marketingState": "NOT_SUBSCRIBED", "validFormat": True}
    more = {
        "displayName": name or email or phone or "",
        "state": "DISABLED",
        "verifiedEmail": bool(email),
        "numberOfOrders": "0",
        "amountSpent": {"amount": "0.00", "currencyCode": CURRENCY},
        "defaultEmailAddress": contact if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
        "defaultAddress": (customer.get("addresses") or [None])[0],
    }
    return put(store, "Customer", {**customer, **more})


def order_doc(number: int, lines: list[Doc], shipping: list[Doc], transactions: list[Doc], stamp: str) -> Doc:
    """An order with every field that is asked for."""
    off = taken_off(lines)
    goods = sum((Decimal(line["originalTotalSet"]["shopMoney"]["amount"]) for line in lines), -off)
    sent = sum((Decimal(line["originalPriceSet"]["shopMoney"]["amount"]) for line in shipping), Decimal(0))
    nothing, reduced, total = bag(0), bag(off), bag(goods + sent)
    tax = bag((goods + sent) / 6)
    return {
        "id": gid("Order", 450000 + number), "name": f"#{1000 + number}", "number": 1000 + number,
        "confirmationNumber": f"CN{number:06}", "createdAt": stamp, "updatedAt": stamp, "processedAt": stamp,
        "cancelledAt": None, "cancelReason": None, "closedAt": None, "closed": False, "confirmed": True, "test": False,
        "note": None, "tags": [], "email": None, "phone": None, "poNumber": None, "sourceName": "web",
        "sourceIdentifier": None, "currencyCode": CURRENCY, "presentmentCurrencyCode": CURRENCY, "customerLocale": "en",
        "taxesIncluded": True, "taxExempt": False, "displayFinancialStatus": "PENDING",
        "displayFulfillmentStatus": "UNFULFILLED", "returnStatus": "NO_RETURN", "discountCodes": [],
        "paymentGatewayNames": [], "customAttributes": [], "subtotalPriceSet": bag(goods), "totalPriceSet": total,
        "totalTaxSet": tax, "totalDiscountsSet": reduced, "totalShippingPriceSet": bag(sent),
        "totalRefundedSet": nothing, "totalReceivedSet": total, "totalOutstandingSet": nothing,
        "currentSubtotalPriceSet": bag(goods), "currentTotalPriceSet": total, "currentTotalTaxSet": tax,
        "currentTotalDiscountsSet": reduced, "netPaymentSet": total, "totalWeight": "500", "shippingAddress": None,
        "billingAddress": None, "taxLines": [tax_line("VAT", 0.2, (goods + sent) / 6)], "_lines": lines,
        "_shipping": shipping, "transactions": transactions, "_customer": None,
    }  # fmt: skip


def taken_off(lines: Sequence[Doc]) -> Decimal:
    """What all the discounts of order lines come to."""
    parts = [part["allocatedAmountSet"]["shopMoney"] for line in lines for part in line["discountAllocations"]]
    return sum((Decimal(money["amount"]) for money in parts), Decimal(0))


def tax_line(title: str, rate: float, amount: object) -> Doc:
    """A tax line."""
    percent = round(rate * 100, 4)
    money = bag(amount)
    return {
        "title": title,
        "rate": rate,
        "ratePercentage": percent,
        "priceSet": money,
        "channelLiable": False,
        "source": None,
    }


def shipping_line(number: int, title: str, code: str | None, price: object) -> Doc:
    """A shipping line."""
    money = bag(price)
    return {
        "id": gid("ShippingLine", 800 + number), "title": title, "code": code, "source": "shopify", "phone": None,
        "carrierIdentifier": None, "deliveryCategory": None, "custom": False, "isRemoved": False,
        "originalPriceSet": money, "discountedPriceSet": money, "currentDiscountedPriceSet": money, "taxLines": [],
    }  # fmt: skip


def line_item(number: int, variant: Doc | None, quantity: int, price: object, **own: Any) -> Doc:
    """An order line of a variant, or a custom one."""
    total, unit = bag(Decimal(str(price)) * quantity), bag(price)
    return {
        "id": gid("LineItem", 460000 + number), "sku": variant and variant["sku"],
        "title": variant["displayName"].partition(" - ")[0] if variant else None,
        "variantTitle": variant and variant["title"], "name": variant["displayName"] if variant else None,
        "vendor": None, "quantity": quantity, "currentQuantity": quantity, "unfulfilledQuantity": quantity,
        "refundableQuantity": quantity, "nonFulfillableQuantity": 0, "requiresShipping": True, "taxable": True,
        "isGiftCard": False, "restockable": True, "originalUnitPriceSet": unit, "discountedUnitPriceSet": unit,
        "discountedUnitPriceAfterAllDiscountsSet": unit, "originalTotalSet": total, "discountedTotalSet": total,
        "totalDiscountSet": bag(0), "discountAllocations": [], "unfulfilledDiscountedTotalSet": total,
        "customAttributes": [], "weight": None,
        "taxLines": [tax_line("VAT", 0.2, Decimal(str(price)) * quantity / 6)], "_variant": variant and variant["id"],
        "_product": variant and variant["_product"], **own,
    }  # fmt: skip


def transaction(
    store: Store,
    kind: str,
    amount: object,
    gateway: str,
    stamp: str,
    *,
    status: str = "SUCCESS",
    parent: str | None = None,
) -> Doc:
    """A payment transaction; `parent` is the id of the one it refunds."""
    return {
        "id": gid("OrderTransaction", store.next_id("transaction", 9001)), "kind": kind, "status": status,
        "gateway": gateway, "formattedGateway": gateway.replace("_", " ").title(), "amountSet": bag(amount),
        "processedAt": stamp, "createdAt": stamp, "test": False, "authorizationCode": None, "paymentId": None,
        "accountNumber": None, "_parent": parent,
    }  # fmt: skip


def open_fulfilment_orders(store: Store, order: Doc) -> None:
    """One fulfilment order, or two when the order is split over two locations (each third order)."""
    lines = order["_lines"]
    split = len(lines) > 1 and int(number_of(order["id"])) % 3 == 0
    parts = [(1, lines[:1]), (2, lines[1:])] if split else [(1, lines)]
    for location, part in parts:
        number = store.next_id("fulfillment_order", 70001)
        closed = order["cancelledAt"] is not None
        put(store, "FulfillmentOrder", {
            "id": gid("FulfillmentOrder", number), "status": "CLOSED" if closed else "OPEN",
            "requestStatus": "UNSUBMITTED", "createdAt": order["createdAt"], "updatedAt": order["updatedAt"],
            "fulfillAt": order["createdAt"], "fulfillBy": None, "orderId": order["id"], "orderName": order["name"],
            "orderProcessedAt": order["processedAt"], "deliveryMethod": None, "fulfillmentHolds": [],
            "_location": gid("Location", location), "_order": order["id"],
            "_lines": [
                {"id": gid("FulfillmentOrderLineItem", number * 100 + i), "_line": line["id"],
                 "totalQuantity": line["quantity"], "remainingQuantity": 0 if closed else line["quantity"]}
                for i, line in enumerate(part)
            ],
        })  # fmt: skip
