"""Samples through default mappings beside what a person would have typed in, field by field."""

from __future__ import annotations

from decimal import Decimal

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.sdk import CATALOGUE, Record


def through(source: str, destination: str, which: int = 0, **changes: object) -> Record:
    """A sample of the source, some of it changed, as the default mapping makes it."""
    (from_, pulled), (to, pushed) = source.split("/"), destination.split("/")
    fields = CATALOGUE.get(to).fields(pushed)
    rows = default_mapping(CATALOGUE.get(from_).fields(pulled), fields, CATALOGUE.get(to).entity(pushed).taxonomy)
    return compile_mapping(rows, FrozenEnvironment(), fields)(CATALOGUE.get(from_).samples(pulled)[which] | changes)


def test_a_discounted_order_of_the_books_costs_the_same_in_the_shop():
    order = through("odoo/orders", "shopify/orders")
    ann = {"firstName": "Ann", "lastName": "Lee", "address1": "1 High St", "city": "Nottingham", "zip": "NG1 1AA"}
    address = {**ann, "countryCode": "GB", "phone": "+44 115 496 0001"}

    assert order["name"] == "S00001"
    assert order["processedAt"] == "2026-09-30T19:02:20Z"
    assert order["currencyCode"] == "GBP"
    assert order["email"] == "ann@example.com"
    assert {name: order["shippingAddress"][name] for name in address} == address
    assert {name: order["billingAddress"][name] for name in address} == address
    assert [
        (line["sku"], line["quantity"], line["price"], line["discount"], line["tax"]) for line in order["lineItems"]
    ] == [
        ("PLATE-L", 3, "14.0", "0.00", "8.4"),
        ("PLATE-L", 1, "14.0", "0.00", "2.8"),
        ("SHIRT-XL", 3, "54.0", "20.25", "28.35"),
        ("APRON", 3, "29.9", "0.00", "17.94"),
    ]
    assert (order["totalPrice"], order["totalTax"]) == ("344.94", "57.49")
    net = sum(Decimal(li["price"]) * li["quantity"] - Decimal(li["discount"]) for li in order["lineItems"])
    assert net + Decimal(order["totalTax"]) == Decimal(order["totalPrice"])


def test_a_product_on_sale_sells_at_the_reduced_price_in_the_other_shop():
    product = through("woocommerce/products", "shopify/products")

    assert (product["title"], product["handle"], product["sku"]) == ("Oak Chopping Board", "product-2", "SKU-2")
    assert (product["price"], product["compareAtPrice"]) == ("6.00", "7.99")
    assert (product["status"], product["tags"], product["productType"]) == ("ACTIVE", ["handmade"], "Clothing")
    assert product["images"] == [{"url": "https://shop.example.com/img/2.jpg", "alt": "Oak Chopping Board"}]


def test_a_product_that_is_not_public_is_a_draft_in_the_other_shop():
    sample = CATALOGUE.get("woocommerce").samples("products")[0]
    for status in ("draft", "pending", "private", "future"):
        assert through("woocommerce/products", "shopify/products", status=status)["status"] == "DRAFT"
    ended = through("woocommerce/products", "shopify/products", on_sale=False, price=sample["regular_price"])
    assert (ended["price"], ended["compareAtPrice"]) == ("7.99", "7.99")


def test_a_reduced_product_has_its_regular_price_and_its_variants_too():
    product = through("shopify/products", "woocommerce/products", 1)

    assert (product["name"], product["slug"], product["status"]) == ("Tide jumper", "tide-jumper", "publish")
    assert (product["regular_price"], product["sale_price"]) == ("90.00", "75.00")
    assert product["tags"] == [{"name": "wool"}]
    assert product["attributes"] == [{"name": "Size"}]
    assert [
        (v["sku"], v["global_unique_id"], v["regular_price"], v["sale_price"], v["weight"], v["attributes"])
        for v in product["variations_data"]
    ] == [
        ("TJ-S", "501234567890", "90.00", "75.00", 0.6, [{"name": "Size", "option": "S"}]),
        ("TJ-M", "501234567891", "90.00", "75.00", 0.6, [{"name": "Size", "option": "M"}]),
    ]


def test_the_status_of_an_order_is_said_in_the_words_of_the_shop():
    words = {"draft": "pending", "sent": "pending", "sale": "processing", "done": "processing", "cancel": "cancelled"}

    for state, status in words.items():
        assert through("odoo/orders", "woocommerce/orders", state=state)["status"] == status
    assert "status" not in through("odoo/orders", "woocommerce/orders", state="invented")


def test_a_file_has_the_words_of_the_shop_and_its_stock_by_location():
    assert through("woocommerce/orders", "sftp/orders")["status"] == "completed"
    order = through("shopify/orders", "sftp/orders")
    assert (order["payment_status"], order["discount_code"], order["discount_total"]) == ("PAID", "TENOFF", "10.00")
    levels = [through("shopify/stock", "sftp/stock", which) for which in (0, 1)]
    assert [(level["sku"], level["location"], level["quantity"], level["on_hand"]) for level in levels] == [
        ("FF-0003", "London warehouse", 3, 3),
        ("FF-0003", "Leeds shop", 6, 6),
    ]


def test_a_customer_keeps_name_address_and_language():
    customer = through("odoo/customers", "shopify/customers", 2)

    assert (customer["firstName"], customer["lastName"], customer["locale"]) == ("Jörg", "Müller", "en-US")
    assert (customer["email"], customer["phone"]) == ("joerg.mueller@example.com", "+49 40 5550 102")
    address = {"address1": "Gänsemarkt 4", "city": "Hamburg", "zip": "20354", "countryCode": "DE"}
    assert {name: customer["defaultAddress"][name] for name in address} == address
