"""The invented shop that the practice server starts with: locations, products, stock, customers, orders, prices."""

from __future__ import annotations

from decimal import Decimal

from topstitch.sdk.practice import Store
from topstitch.systems.shopify.practice_shop.builders import (
    CURRENCY,
    Doc,
    add_metafield,
    address,
    at,
    gid,
    line_item,
    number_of,
    open_fulfilment_orders,
    order_doc,
    paid_abroad,
    put,
    save_customer,
    save_product,
    save_variant,
    shipping_line,
    tax_line,
    text,
    transaction,
)
from topstitch.systems.shopify.practice_shop.discounts import paid_for, spread

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
    if number == 19:
        order = {**paid_abroad(order, "EUR", "1.15"), "presentmentCurrencyCode": "EUR", "_rate": "1.15"}
    if number == 17:
        order |= {"cancelledAt": at(3999), "cancelReason": "CUSTOMER", "closedAt": at(3999)}
    put(store, "Order", order)
    add_metafield(store, order["id"], "custom", "channel_ref", f"CH-{number}")
    open_fulfilment_orders(store, order)


def new_order(store: Store, number: int, picked: list[tuple[Doc, int]], stamp: str, where: Doc, off: str) -> Doc:
    """A paid order of these variants, not yet kept."""
    lines = spread([line_item(number * 100 + i, v, q, v["price"]) for i, (v, q) in enumerate(picked)], off)
    lines = [line | {"taxLines": [tax_line("VAT", 0.2, paid_for(line) / 6)]} for line in lines]
    total = sum(map(paid_for, lines), Decimal("4.95"))
    shipping = shipping_line(number, "Standard", "STD", "4.95")
    sale = transaction(store, "SALE", total, "shopify_payments", stamp)
    return order_doc(number, lines, [shipping], [sale], stamp) | {
        "shippingAddress": where,
        "billingAddress": where,
        "displayFinancialStatus": "PAID",
        "paymentGatewayNames": ["shopify_payments"],
    }


def _prices(store: Store) -> None:
    for number, name, currency, factor in ((1, "Europe", "EUR", "1.2"), (2, "Wholesale", "GBP", "0.6")):
        prices = []
        for variant in store.all("ProductVariant")[:40]:
            money = {"amount": text(Decimal(variant["price"]) * Decimal(factor)), "currencyCode": currency}
            fixed = int(number_of(variant["id"])) % 2 == 0
            prices.append({"price": money, "compareAtPrice": None, "originType": "FIXED" if fixed else "RELATIVE",
                           "_variant": variant["id"]})  # fmt: skip
        put(store, "PriceList", {"id": gid("PriceList", number), "name": name, "currency": currency, "_prices": prices})
