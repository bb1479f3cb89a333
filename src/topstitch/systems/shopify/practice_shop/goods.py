"""The goods, people and orders that all practice systems share, as this shop has them. Its prices include tax."""

from __future__ import annotations

from decimal import Decimal

from topstitch.sdk.practice import GOODS, ORDERS, PEOPLE, Good, Line, Order, Person, Store
from topstitch.systems.shopify.practice_shop.builders import (
    CURRENCY,
    Doc,
    address,
    bag,
    gid,
    line_item,
    open_fulfilment_orders,
    order_doc,
    put,
    save_customer,
    save_level,
    save_product,
    save_variant,
    shipping_line,
    taken_off,
    tax_line,
    text,
    transaction,
)
from topstitch.systems.shopify.practice_shop.discounts import allocated, paid_for

OPENED = "2026-09-01T08:00:00Z"
#: Where the numbers of these begin: products, variants, customers, addresses, orders (as in #1061).
_PRODUCT, _VARIANT, _CUSTOMER, _ADDRESS, _ORDER = 1500, 5500, 270, 480, 60
_STATES = {"NY": "New York"}


def fill(store: Store) -> None:
    """Add them to the shop."""
    variants = {good.sku: _product(store, place, good) for place, good in enumerate(GOODS)}
    for place, person in enumerate(PEOPLE):
        _customer(store, place, person)
    for place, order in enumerate(ORDERS, 1):
        _order(store, place, order, variants)


def _product(store: Store, place: int, good: Good) -> Doc:
    product = {
        "id": gid("Product", _PRODUCT + place), "title": good.name, "handle": good.sku.lower(),
        "description": f"{good.name}. Made to last & to be used.",
        "descriptionHtml": f"<p>{good.name}.</p>\n<p>Made to last &amp; to be used.</p>", "vendor": "Topstitch Goods",
        "productType": "Household", "status": "ACTIVE", "tags": [], "createdAt": OPENED, "updatedAt": OPENED,
        "options": [{"name": "Title", "values": ["Default Title"]}],
    }  # fmt: skip
    save_product(store, product)
    default = [("Title", "Default Title")]
    variant = save_variant(store, product, _VARIANT + place, good.sku, good.price, default, 1)
    item = store.get("InventoryItem", variant["_item"]) or {}
    weight = {**item["measurement"], "weight": {"value": float(good.weight), "unit": "KILOGRAMS"}}
    put(
        store,
        "InventoryItem",
        {**item, "unitCost": {"amount": good.cost, "currencyCode": CURRENCY}, "measurement": weight},
    )
    for level in store.all("InventoryLevel", lambda doc: doc["_item"] == variant["_item"]):
        store.delete("InventoryLevel", level["id"])
    save_level(store, variant["_item"], gid("Location", 1), good.stock, OPENED)
    return put(store, "ProductVariant", {**variant, "barcode": good.barcode, "compareAtPrice": None})


def _address(place: int, person: Person) -> Doc:
    made = address(
        (person.first_name, person.last_name, person.country, person.line1, person.city, person.postcode), place
    )
    return made | {
        "address2": person.line2 or None,
        "company": person.company or None,
        "province": _STATES.get(person.region),
        "provinceCode": person.region or None,
        "phone": person.phone,
    }


def _customer(store: Store, place: int, person: Person) -> None:
    save_customer(store, {
        "id": gid("Customer", _CUSTOMER + place), "firstName": person.first_name, "lastName": person.last_name,
        "email": person.email, "phone": person.phone, "note": None, "tags": [], "locale": "en", "taxExempt": False,
        "createdAt": OPENED, "updatedAt": OPENED, "addresses": [_address(_ADDRESS + place, person)],
    })  # fmt: skip


def _order(store: Store, place: int, order: Order, variants: dict[str, Doc]) -> None:
    number = _ORDER + place
    lines = [_line(100 * number + at, line, variants[line.sku]) for at, line in enumerate(order.lines)]
    title = "Free delivery" if order.shipping == "0.00" else "Tracked delivery"
    shipping = shipping_line(number, title, "STANDARD", order.shipping)
    total = sum(map(paid_for, lines), Decimal(order.shipping))
    sale = transaction(store, "SALE", total, "shopify_payments", order.placed)
    doc = order_doc(number, lines, [shipping], [sale], order.placed) | {
        "billingAddress": _address(_ADDRESS + 10 * number, order.buyer),
        "shippingAddress": _address(_ADDRESS + 10 * number + 1, order.recipient),
        "email": order.buyer.email, "phone": None, "note": order.note or None,
        "displayFinancialStatus": "PAID", "paymentGatewayNames": ["shopify_payments"],
        "discountCodes": ["WELCOME"] if taken_off(lines) else [],
        "_customer": gid("Customer", _CUSTOMER + PEOPLE.index(order.buyer)),
    }  # fmt: skip
    put(store, "Order", doc)
    open_fulfilment_orders(store, doc)


def _line(number: int, line: Line, variant: Doc) -> Doc:
    made = allocated(line_item(number, variant, line.quantity, line.good.price), line.discount)
    return made | {
        "totalDiscountSet": bag(line.discount), "unfulfilledDiscountedTotalSet": bag(paid_for(made)),
        "taxLines": [tax_line("VAT", 0.2, text(paid_for(made) / 6))],
    }  # fmt: skip
