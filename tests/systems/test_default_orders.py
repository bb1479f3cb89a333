"""Orders by the default mapping: what arrives is right to the penny and to the hour, and what comes back too."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.systems.flows import World
from tests.systems.running import SHOPIFY_NUMBERS, numbers_of, run

from topstitch.sdk import Outcome, Outgoing
from topstitch.sdk.practice import ORDERS, PEOPLE
from topstitch.sdk.settings import checked_settings
from topstitch.systems.odoo.client import connect as odoo_client
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.shopify.practice_shop.builders import put
from topstitch.systems.shopify.practice_shop.data import new_order

COUNTRIES = {"GB": "United Kingdom", "DE": "Germany", "FR": "France", "US": "United States"}


def test_a_shop_order_reaches_the_warehouse_with_all_that_is_needed_to_send_it(practices):
    run(practices, "woocommerce/orders", "peoplevox/orders")
    store = practices.store("peoplevox")

    for number, order in zip(numbers_of(practices, "woocommerce"), ORDERS, strict=True):
        saved, to = store.get("Sales orders", number), order.recipient
        assert (saved["Customer"], saved["ContactName"], saved["Email"]) == (
            order.buyer.name,
            to.name,
            order.buyer.email,
        )
        assert [saved[f"ShippingAddress{part}"] for part in PLACE] == place(to)
        assert [saved[f"InvoiceAddress{part}"] for part in PLACE] == place(order.buyer)
        assert datetime.fromisoformat(f"{saved['CreatedDate']}Z") == datetime.fromisoformat(order.placed)
        assert saved["ServiceType"] in ("Tracked delivery", "Free delivery")
        assert (Decimal(saved["ShippingCost"]), Decimal(saved["Discount"])) == (
            Decimal(order.shipping),
            discount(order),
        )
        lines = store.all("Sales order items", lambda line, number=number: line["SalesOrderNumber"] == number)
        assert [(line["ItemCode"], line["QuantityOrdered"], Decimal(line["SalePrice"])) for line in lines] == [
            (line.sku, str(line.quantity), Decimal(line.good.price)) for line in order.lines
        ]
        worth = sum(Decimal(line["SalePrice"]) * int(line["QuantityOrdered"]) for line in lines)
        parts = [Decimal(saved[name] or 0) for name in ("ShippingCost", "TaxPaid")]
        assert worth - Decimal(saved["Discount"]) + sum(parts) == Decimal(saved["TotalSale"])


PLACE = ("Line1", "Line2", "City", "Region", "Postcode", "Country")


def place(person):
    return [person.line1, person.line2, person.city, person.region, person.postcode, COUNTRIES[person.country]]


def discount(order):
    return sum((Decimal(line.discount) for line in order.lines), Decimal(0))


def test_the_hour_is_that_of_the_warehouse(practices):
    flow = run(practices, "woocommerce/orders", "peoplevox/orders")
    orders = practices.connect("peoplevox", zone="Europe/London")
    write = orders.entry.entity("orders").write
    again = [Outgoing(key=str(n), record=record) for n, record in enumerate(flow.mapped)]
    write.push(orders, again, checked_settings(write.options, {}))

    for number, order in zip(numbers_of(practices, "woocommerce"), ORDERS, strict=True):
        local = datetime.fromisoformat(order.placed).astimezone(ZoneInfo("Europe/London"))
        saved = practices.store("peoplevox").get("Sales orders", number)
        assert saved["CreatedDate"] == f"{local:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("shop", ["woocommerce", "shopify"])
def test_a_shop_order_reaches_the_books_to_the_penny(practices, shop):
    numbers = numbers_of(practices, shop)
    if shop == "shopify":
        taxed_as_the_shop(practices)
    run(practices, f"{shop}/orders", "odoo/orders")
    booked = {order["client_order_ref"]: order for order in practices.read("odoo", "orders")}
    sold = {order["name" if shop == "shopify" else "number"]: order for order in practices.read(shop, "orders")}

    for number, order in zip(numbers, ORDERS, strict=True):
        made, to = booked[number], order.recipient
        assert datetime.fromisoformat(f"{made['date_order']}Z") == datetime.fromisoformat(order.placed)
        partner, shipping = made["partner"], made["shipping"]
        assert (partner["name"], partner["email"], partner["phone"]) == (
            order.buyer.name,
            order.buyer.email,
            order.buyer.phone,
        )
        assert (shipping["street"], shipping["street2"] or "", shipping["city"], shipping["zip"]) == (
            to.line1,
            to.line2,
            to.city,
            to.postcode,
        )
        assert shipping["country_id"]["code"] == to.country
        assert ((shipping.get("state_id") or {}).get("code") or "") == to.region
        assert [(line["default_code"], line["product_uom_qty"]) for line in made["lines"]] == [
            (line.sku, line.quantity) for line in order.lines
        ]
        assert Decimal(str(made["amount_total"])) == total_of(sold[number])
        assert order.note.split("\n", maxsplit=1)[0] in (made["note"] or "")


def total_of(order):
    """What a customer of either shop pays."""
    return Decimal(order["total"] if "total" in order else order["totalPriceSet"]["shopMoney"]["amount"])


def taxed_as_the_shop(world: World) -> None:
    """Everything in the books carries the sales tax that is included in its price."""
    env = Env(world.store("odoo"), odoo_client(world.connect("odoo")).series, 2)
    (inside,) = [tax["id"] for tax in env.docs("account.tax") if tax["price_include"]]
    for product in env.docs("product.template"):
        env.write("product.template", [product["id"]], {"taxes_id": [[6, 0, [inside]]]})


def test_gross_prices_meet_books_with_tax_on_top_and_the_customer_pays_the_same(practices):
    sold = {order["name"]: order for order in practices.read("shopify", "orders")}
    run(practices, "shopify/orders", "odoo/orders")
    booked = {order["client_order_ref"]: order for order in practices.read("odoo", "orders")}

    for number in SHOPIFY_NUMBERS:
        # Books that keep prices without tax keep them in whole cents.
        assert abs(Decimal(str(booked[number]["amount_total"])) - total_of(sold[number])) <= Decimal("0.01")
    assert run(practices, "shopify/orders", "odoo/orders").outcomes == {Outcome.UNCHANGED}


def test_net_prices_meet_books_with_tax_in_the_price(practices):
    taxed_as_the_shop(practices)
    run(practices, "woocommerce/orders", "odoo/orders")
    sold = {order["number"]: order for order in practices.read("woocommerce", "orders")}
    booked = {order["client_order_ref"]: order for order in practices.read("odoo", "orders")}

    for number in numbers_of(practices, "woocommerce"):
        assert Decimal(str(booked[number]["amount_total"])) == total_of(sold[number])
    assert run(practices, "woocommerce/orders", "odoo/orders").outcomes == {Outcome.UNCHANGED}


def test_an_order_of_the_books_reaches_the_warehouse_without_its_carriage_as_goods(practices):
    run(practices, "odoo/orders", "peoplevox/orders")
    store = practices.store("peoplevox")
    saved = store.all("Sales orders", lambda row: row["SalesOrderNumber"].startswith("S000"))

    assert [(row["Customer"], row["ShippingAddressCountry"], row["ShippingCost"]) for row in saved] == [
        (PEOPLE[4].name, "United Kingdom", "4.95"),
        (PEOPLE[1].name, "Germany", "4.95"),
        (PEOPLE[3].name, "United States", "4.95"),
    ]
    lines = store.all("Sales order items", lambda row: row["SalesOrderNumber"].startswith("S000"))
    assert "SHIPPING" not in {row["ItemCode"] for row in lines}


def test_a_warehouse_order_reaches_a_shop(practices):
    run(practices, "peoplevox/orders", "shopify/orders")
    made = [
        order
        for order in practices.read("shopify", "orders")
        if order["sourceIdentifier"] in numbers_of(practices, "woocommerce")
    ]

    assert len(made) == len(ORDERS)
    for order in ORDERS:
        (found,) = [one for one in made if one["processedAt"][:16] == order.placed[:16]]
        assert (found["email"], found["shippingAddress"]["countryCodeV2"]) == (
            order.buyer.email,
            order.recipient.country,
        )
        assert found["shippingAddress"]["name"] == order.recipient.name
        assert [(line["sku"], line["quantity"]) for line in found["lineItems"]] == [
            (line.sku, line.quantity) for line in order.lines
        ]


def test_an_order_with_tax_in_its_prices_reaches_a_shop_without(practices):
    sold = {order["name"]: order for order in practices.read("shopify", "orders")}
    flow = run(practices, "shopify/orders", "woocommerce/orders")
    made = practices.store("woocommerce").all("orders")[-len(ORDERS) :]

    taxes = [order["totalTaxSet"]["shopMoney"]["amount"] for order in flow.records]
    assert [(record["amounts_include_tax"], record["total_tax"]) for record in flow.mapped] == [
        (True, t) for t in taxes
    ]
    for number, order, doc in zip(SHOPIFY_NUMBERS, ORDERS, made, strict=True):
        # The shop rounds a shipping charge without tax to cents too.
        assert abs(Decimal(doc["total"]) - total_of(sold[number])) <= Decimal("0.01")
        assert (doc["billing"]["email"], doc["shipping"]["state"]) == (order.buyer.email, order.recipient.region)


@pytest.mark.parametrize("books", ["odoo", "woocommerce"])
def test_a_discount_on_a_whole_shop_order_comes_off_what_each_line_costs(practices, books):
    if books == "odoo":
        taxed_as_the_shop(practices)
    made = sell(practices, ("TS-BOWL", 3), ("TS-JUG-1L", 1), ("TS-BOWL", 1), off="10.00")
    flow = run(practices, "shopify/orders", f"{books}/orders", keep=lambda order: order["id"] == made)
    (sold,) = flow.records
    order = next(one for one in practices.read(books, "orders") if str(one["id"]) == flow.verdicts[0].remote_id)

    costs = [Decimal(line["total"]) for line in sold["lineItems"]]
    assert sum(Decimal(line["discount"]) for line in sold["lineItems"]) == 10
    assert sum(costs) == total_of(sold) - Decimal("4.95")
    if books == "odoo":
        assert Decimal(str(order["amount_total"])) == total_of(sold)
        assert [Decimal(str(line["price_total"])) for line in order["lines"]] == costs
    else:
        assert abs(Decimal(order["total"]) - total_of(sold)) <= Decimal("0.01")


def sell(world, *picked, off):
    """An order of the shop that shares a discount over its lines, each a SKU and a quantity; its id."""
    store = world.store("shopify")
    variants = [(store.first("ProductVariant", lambda v, sku=sku: v["sku"] == sku), n) for sku, n in picked]
    where = next(order["billingAddress"] for order in store.all("Order") if order["name"] == SHOPIFY_NUMBERS[0])
    order = new_order(store, 90, variants, "2026-09-20T10:00:00Z", where, off)
    return put(store, "Order", order | {"email": PEOPLE[0].email, "discountCodes": ["TENOFF"]})["id"]


@pytest.mark.parametrize("shop", ["woocommerce", "shopify"])
def test_the_tracking_number_comes_back_to_the_shop(practices, shop):
    numbers = numbers_of(practices, shop)
    flow = run(practices, "peoplevox/fulfilments", f"{shop}/fulfilments")
    parcels = {record["Salesorder number"]: record for record in flow.records}
    assert sorted(parcels) == sorted(numbers)

    for number in numbers:
        wanted = parcels[number]["Tracking number"]
        if shop == "woocommerce":
            order = practices.store("woocommerce").get("orders", number)
            assert order["status"] == "completed"
            assert wanted in [meta["value"] for meta in order["meta_data"]]
        else:
            shipped = [f for f in practices.read("shopify", "fulfilments") if f["order"]["name"] == number]
            assert {info["number"] for f in shipped for info in f["trackingInfo"]} == {wanted}
            assert sum(i["quantity"] for f in shipped for i in f["fulfillmentLineItems"]) == sum(
                int(line["No of items"]) for line in parcels[number]["lines"]
            )


def test_the_books_ship_what_the_warehouse_sent(practices):
    run(practices, "peoplevox/fulfilments", "odoo/fulfilments")
    done = {f["sale"]["client_order_ref"]: f for f in practices.read("odoo", "fulfilments")}

    for number, order in zip(numbers_of(practices, "woocommerce"), ORDERS, strict=True):
        assert done[number]["carrier_tracking_ref"].startswith("PN7000")
        assert sorted((m["default_code"], m["quantity"]) for m in done[number]["moves"]) == sorted(
            (line.sku, line.quantity) for line in order.lines
        )


def test_a_credit_note_is_a_refund_in_the_shop_with_tax_told_apart(practices):
    run(practices, "odoo/refunds", "woocommerce/refunds")
    (refund,) = [
        r
        for r in practices.store("woocommerce").all("refunds")
        if r["parent_id"] == int(numbers_of(practices, "woocommerce")[2])
    ]
    (line,) = refund["line_items"]

    # 14.50 less its share of the discount on three of them, and 20 % on top.
    assert (line["sku"], line["quantity"]) == ("TS-BOWL", -1)
    assert (line["total"], line["total_tax"]) == ("-13.05", "-2.61")
    assert (refund["amount"], refund["reason"]) == ("15.66", "Chipped")
