"""The invented shop that the practice server starts with: locations, products, stock, customers, orders, price lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from topstitch.sdk.practice import Store

Doc = dict[str, Any]
CURRENCY = "GBP"
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

_PRODUCTS: tuple[tuple[str, str, str, str, str, list[str]], ...] = (
    ("Fern mug", "Stoneware mug, 350 ml, dishwasher safe.", "Fern & Fable", "Kitchen", "12.50", ["Moss", "Clay"]),
    (
        "Harbour jumper",
        "Lambswool crew neck, knitted in Ayr.",
        "North Quay",
        "Knitwear",
        "89.00",
        ["S", "M", "L", "XL"],
    ),
    ("Linen apron", "Washed linen with brass rings.", "Fern & Fable", "Kitchen", "34.00", []),
    ("Otter notebook", "A5, 96 pages, recycled paper.", "Otter Press", "Stationery", "7.95", ["Plain", "Lined"]),
    ("Beeswax candle", "Burns for 40 hours.", "Hive Lane", "Home", "15.00", []),
    ("Café apron – crème", "Heavy cotton, two pockets.", "Fern & Fable", "Kitchen", "29.00", ["Crème", "Noir"]),
    ("Weekend bag", "Waxed canvas, leather handles.", "North Quay", "Bags", "145.00", []),
    ("Pebble soap", "Unscented, 120 g.", "Hive Lane", "Bath", "6.50", []),
)
_PEOPLE = (
    ("Ada", "Quill", "GB", "1 High Street", "Nottingham", "NG1 1AA"),
    ("Björn", "Åkesson", "SE", "Storgatan 4", "Malmö", "211 34"),
    ("Chloé", "Durand", "FR", "9 rue des Lilas", "Lyon", "69003"),
    ("Dermot", "O'Shea", "IE", "12 Quay Road", "Galway", "H91 X0X0"),
    ("Eilidh", "Munro", "GB", "4 Castle Wynd", "Inverness", "IV2 3DY"),
    ("Frank", "Weiß", "DE", "Lindenweg 8", "Köln", "50667"),
    ("Grace", "Okafor", "US", "77 Maple Avenue", "Portland", "97205"),
    ("Haruki", "Satō", "JP", "3-2 Kita", "Sapporo", "060-0001"),
)
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


def fill(store: Store) -> None:
    """Seed an empty store."""
    store.put("_shop", "shop", _SHOP)
    store.put("_shop", "limits", {"maximumAvailable": 20000, "restoreRate": 1000})
    for number, name, active in ((1, "London warehouse", True), (2, "Leeds shop", True), (3, "Old depot", False)):
        put(store, "Location", _location(number, name, active))
    _products(store)
    _customers(store)
    for number in range(1, 46):
        _order(store, number)
    _prices(store)
    for owner, key, kind in (
        ("PRODUCT", "colour", "single_line_text_field"),
        ("PRODUCT", "weight_g", "number_integer"),
    ):
        doc = {"id": gid("MetafieldDefinition", f"{100 + len(key)}"), "name": key, "namespace": "custom", "key": key}
        put(store, "MetafieldDefinition", {**doc, "ownerType": owner, "type": {"name": kind, "category": "TEXT"}})


_SHOP = {
    "id": gid("Shop", 1),
    "name": "Fern & Fable",
    "email": "hello@fern.example.com",
    "myshopifyDomain": "fern-and-fable.myshopify.com",
    "currencyCode": CURRENCY,
    "ianaTimezone": "Europe/London",
    "taxesIncluded": True,
    "plan": {"publicDisplayName": "Shopify Plus", "shopifyPlus": True, "partnerDevelopment": False},
}


def _location(number: int, name: str, active: bool) -> Doc:
    place = {"address1": f"{number} Dock Road", "address2": None, "city": name.split()[0], "country": "United Kingdom"}
    return {
        "id": gid("Location", number),
        "name": name,
        "isActive": active,
        "isPrimary": number == 1,
        "fulfillsOnlineOrders": active,
        "shipsInventory": active,
        "hasActiveInventory": active,
        "isFulfillmentService": False,
        "createdAt": at(-9000),
        "updatedAt": at(-8000 + number),
        "deactivatedAt": None if active else at(-100),
        "address": {**place, "countryCode": "GB", "zip": "E1 1AA", "province": None, "provinceCode": None,
                    "phone": None, "latitude": None, "longitude": None, "formatted": [place["address1"]]},
    }  # fmt: skip


def _products(store: Store) -> None:
    count = 0
    for round_ in range(3):
        for index, (title, description, vendor, kind, price, options) in enumerate(_PRODUCTS):
            number = 1000 + round_ * len(_PRODUCTS) + index
            name = title if not round_ else f"{title} {'II' if round_ == 1 else 'III'}"
            many = [f"Shade {i:02}" for i in range(60)] if number == 1016 else options
            product: Doc = {
                "id": gid("Product", number),
                "title": name,
                "handle": "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()),
                "description": description,
                "descriptionHtml": f"<p>{description}</p>",
                "vendor": vendor,
                "productType": kind,
                "status": "DRAFT" if number % 7 == 0 else "ACTIVE",
                "tags": ["new", kind.lower()] if round_ else [],
                "createdAt": at(number),
                "updatedAt": at(2 * number),
                "options": [{"name": "Style", "values": many}]
                if many
                else [{"name": "Title", "values": ["Default Title"]}],
            }
            save_product(store, product)
            add_metafield(store, product["id"], "custom", "colour", "green" if index % 2 else "blue")
            for value in many or ["Default Title"]:
                count += 1
                option = product["options"][0]["name"]
                save_variant(store, product, 5000 + count, f"FF-{count:04}", price, [(option, value)], count)


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


def add_metafield(store: Store, owner: str, namespace: str, key: str, value: str, kind: str = "") -> Doc:
    """Create or replace a metafield of an owner."""
    name = f"{owner}|{namespace}|{key}"
    old = store.first("Metafield", lambda doc: doc["_name"] == name)
    doc = old or {"id": gid("Metafield", store.next_id("metafield", 7001)), "createdAt": now(), "_name": name}
    kind = kind or "single_line_text_field"
    owner_type = {"ProductVariant": "PRODUCTVARIANT"}.get(owner.split("/")[3], owner.split("/")[3].upper())
    return put(store, "Metafield", {
        **doc, "namespace": namespace, "key": key, "value": value, "type": kind, "ownerType": owner_type,
        "jsonValue": value, "updatedAt": now(), "_owner": owner,
    })  # fmt: skip


def _customers(store: Store) -> None:
    for number in range(1, 31):
        person = _PEOPLE[number % len(_PEOPLE)]
        save_customer(store, {
            "id": gid("Customer", 200 + number), "firstName": person[0], "lastName": person[1],
            "email": f"{person[0].lower()}.{number}@example.com" if number % 9 else None,
            "phone": f"+4477009001{number:02}" if number % 4 == 0 else None,
            "note": "Prefers post" if number % 7 == 0 else None, "tags": ["vip"] if number % 10 == 0 else [],
            "locale": "en", "taxExempt": False, "createdAt": at(number), "updatedAt": at(100 + number),
            "addresses": [address(person, 400 + number)],
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


def _order(store: Store, number: int) -> None:
    person = _PEOPLE[number % len(_PEOPLE)]
    variants = store.all("ProductVariant")
    count = 34 if number == 12 else 1 + number % 4
    picked = [(variants[(number * 3 + i) % len(variants)], 1 + (number + i) % 3) for i in range(count)]
    where = address(person, 600 + number)
    order = new_order(store, number, picked, at(3000 + number * 10), where, "10.00" if number % 6 == 0 else "0")
    order |= {
        "email": f"{person[0].lower()}.{number}@example.com",
        "note": "Leave with the neighbour – “blue door”" if number % 8 == 0 else None,
        "tags": ["gift"] if number % 5 == 0 else [],
        "customAttributes": [{"key": "gift", "value": "yes"}] if number % 5 == 0 else [],
        "discountCodes": ["TENOFF"] if number % 6 == 0 else [],
        "test": number == 13,
        "_customer": gid("Customer", 201 + number % 30),
    }
    if number % 11 == 0:
        order |= {"displayFinancialStatus": "PENDING", "transactions": [], "paymentGatewayNames": []}
    if number == 17:
        order |= {"cancelledAt": at(3999), "cancelReason": "CUSTOMER", "closedAt": at(3999)}
    put(store, "Order", order)
    add_metafield(store, order["id"], "custom", "channel_ref", f"CH-{number}")
    open_fulfilment_orders(store, order)


def new_order(store: Store, number: int, picked: list[tuple[Doc, int]], stamp: str, where: Doc, off: str) -> Doc:
    """A paid order of these variants, not yet kept."""
    lines = [line_item(number * 100 + i, v, q, v["price"]) for i, (v, q) in enumerate(picked)]
    goods = sum(Decimal(line["originalTotalSet"]["shopMoney"]["amount"]) for line in lines)
    total = goods + Decimal("4.95") - Decimal(off)
    shipping = shipping_line(number, "Standard", "STD", "4.95")
    sale = transaction(store, "SALE", total, "shopify_payments", stamp)
    return order_doc(number, lines, [shipping], [sale], stamp) | {
        "shippingAddress": where,
        "billingAddress": where,
        "totalDiscountsSet": bag(off),
        "totalPriceSet": bag(total),
        "currentTotalPriceSet": bag(total),
        "displayFinancialStatus": "PAID",
        "paymentGatewayNames": ["shopify_payments"],
    }


def order_doc(number: int, lines: list[Doc], shipping: list[Doc], transactions: list[Doc], stamp: str) -> Doc:
    """An order with every field that is asked for."""
    goods = sum((Decimal(line["originalTotalSet"]["shopMoney"]["amount"]) for line in lines), Decimal(0))
    sent = sum((Decimal(line["originalPriceSet"]["shopMoney"]["amount"]) for line in shipping), Decimal(0))
    nothing, total = bag(0), bag(goods + sent)
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
        "totalTaxSet": tax, "totalDiscountsSet": nothing, "totalShippingPriceSet": bag(sent),
        "totalRefundedSet": nothing, "totalReceivedSet": total, "totalOutstandingSet": nothing,
        "currentSubtotalPriceSet": bag(goods), "currentTotalPriceSet": total, "currentTotalTaxSet": tax,
        "currentTotalDiscountsSet": nothing, "netPaymentSet": total, "totalWeight": "500", "shippingAddress": None,
        "billingAddress": None, "taxLines": [tax_line("VAT", 0.2, (goods + sent) / 6)], "_lines": lines,
        "_shipping": shipping, "transactions": transactions, "_customer": None,
    }  # fmt: skip


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
        "totalDiscountSet": bag(0), "unfulfilledDiscountedTotalSet": total, "customAttributes": [], "weight": None,
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


def _prices(store: Store) -> None:
    for number, name, currency, factor in ((1, "Europe", "EUR", "1.2"), (2, "Wholesale", "GBP", "0.6")):
        prices = []
        for variant in store.all("ProductVariant")[:40]:
            money = {"amount": text(Decimal(variant["price"]) * Decimal(factor)), "currencyCode": currency}
            fixed = int(number_of(variant["id"])) % 2 == 0
            prices.append({"price": money, "compareAtPrice": None, "originType": "FIXED" if fixed else "RELATIVE",
                           "_variant": variant["id"]})  # fmt: skip
        put(store, "PriceList", {"id": gid("PriceList", number), "name": name, "currency": currency, "_prices": prices})
