"""The goods, people and orders that all practice systems share, as this shop has them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from topstitch.sdk.practice import GOODS, ORDERS, PEOPLE, Good, Line, Order, Person, Store
from topstitch.systems.woocommerce.practice_catalogue import blank
from topstitch.systems.woocommerce.practice_sales import change_customer, create_order
from topstitch.systems.woocommerce.practice_wp import Doc, stamps

OPENED = datetime.fromisoformat("2026-09-01T08:00:00Z")


def fill(store: Store) -> None:
    """Add them to the shop."""
    for number, good in enumerate(GOODS):
        _product(store, number, good)
    customers = {person.email: _customer(store, person) for person in PEOPLE}
    for order in ORDERS:
        _order(store, order, customers[order.buyer.email])


def _put(store: Store, collection: str, doc: Doc, created: datetime, changed: datetime) -> Doc:
    stamps(store, doc, "date_created", at=created)
    return store.put(collection, doc["id"], stamps(store, doc, "date_modified", at=changed))


def _product(store: Store, number: int, good: Good) -> None:
    doc = blank(store.next_id("post", 700), "simple")
    doc |= {"name": good.name, "slug": good.sku.lower(), "sku": good.sku, "global_unique_id": good.barcode}
    doc |= {"regular_price": good.price, "price": good.price, "weight": good.weight}
    doc |= {"description": f"<p>{good.name}.</p>\n<p>Made to last &amp; to be used.</p>"}
    doc |= {"manage_stock": True, "stock_quantity": good.stock}
    term = store.all("categories")[number % 3]
    doc["categories"] = [{key: term[key] for key in ("id", "name", "slug")}]
    _put(store, "products", doc, OPENED, OPENED + timedelta(minutes=number))


def _customer(store: Store, person: Person) -> Doc:
    names = {"first_name": person.first_name, "last_name": person.last_name}
    billing, shipping = _address(person) | {"email": person.email}, _address(person)
    doc = change_customer(store, None, {"email": person.email, **names, "billing": billing, "shipping": shipping})
    return _put(store, "customers", doc, OPENED, OPENED)


def _address(person: Person) -> Doc:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company,
        "address_1": person.line1,
        "address_2": person.line2,
        "city": person.city,
        "state": person.region,
        "postcode": person.postcode,
        "country": person.country,
        "phone": person.phone,
    }


def _order(store: Store, order: Order, customer: Doc) -> None:
    """As the checkout leaves it: the telephone is asked for with the billing address only."""
    shipping = _address(order.recipient) | {"phone": ""}
    body: Doc = {"line_items": [_line(line) for line in order.lines], "customer_id": customer["id"]}
    body |= {"billing": _address(order.buyer) | {"email": order.buyer.email}, "shipping": shipping}
    body |= {"payment_method": "stripe", "payment_method_title": "Card", "customer_note": order.note}
    title = "Free delivery" if order.shipping == "0.00" else "Tracked delivery"
    body["shipping_lines"] = [{"method_id": "flat_rate", "method_title": title, "total": order.shipping}]
    doc = create_order(store, body, strict=True) | {"status": "processing", "created_via": "checkout"}
    placed = datetime.fromisoformat(order.placed)
    doc["discount_total"] = f"{sum(Decimal(line.discount) for line in order.lines):.2f}"
    stamps(store, doc, "date_paid", at=placed)
    _put(store, "orders", doc, placed, placed + timedelta(minutes=1))


def _line(line: Line) -> Doc:
    full = Decimal(line.good.price) * line.quantity
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "subtotal": f"{full:.2f}",
        "total": f"{full - Decimal(line.discount):.2f}",
    }
