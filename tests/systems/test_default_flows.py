"""Default mappings from practice server to practice server: every record is taken, and what arrives is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.systems.cases import BY_PAIR, CASES, GOODS_ONLY, LEFT_OUT, Keep, every_pair
from tests.systems.flows import Flow, World

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.proposals.defaults import default_mapping, unmapped_required
from topstitch.errors import MappingError
from topstitch.sdk import CATALOGUE, Field, Outcome, Outgoing
from topstitch.sdk.practice import GOODS, ORDERS, PEOPLE
from topstitch.sdk.settings import checked_settings
from topstitch.systems.odoo.client import connect as odoo_client
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.registry import METHODS
from topstitch.systems.shopify.practice_shop.builders import put
from topstitch.systems.shopify.practice_shop.data import new_order

COUNTRIES = {"GB": "United Kingdom", "DE": "Germany", "FR": "France", "US": "United States"}
SHOPIFY_NUMBERS = [f"#{1061 + n}" for n in range(len(ORDERS))]


def numbers_of(world: World, shop: str) -> list[str]:
    """The numbers that the shop gave to the orders which all shops have."""
    if shop == "shopify":
        return SHOPIFY_NUMBERS
    keep = GOODS_ONLY["woocommerce/orders"]
    placed = {order.placed.rstrip("Z") for order in ORDERS}
    orders = world.store("woocommerce").all("orders", lambda doc: keep(doc) and doc["date_created_gmt"] in placed)
    return [order["number"] for order in orders]


def run(world: World, source: str, destination: str, keep: Keep | None = None) -> Flow:
    """The services that come before, then this one; each must get through whole."""
    case = BY_PAIR[source, destination]
    for pair in case.before:
        run(world, *pair, keep=case.before_keep)
    if source == "odoo/refunds":
        credit(world)
    flow = world.flow(source, destination, keep=keep or case.keep, read=case.read, write=case.write, rows=case.rows)
    assert flow.refused == []
    assert flow.records
    return flow


def credit(world: World) -> None:
    """The books give back one of the first line of the shop's third order."""
    env = Env(world.store("odoo"), odoo_client(world.connect("odoo")).series, 2)
    invoices = [doc for doc in env.docs("account.move") if doc["move_type"] == "out_invoice"][-len(ORDERS) :]
    invoice = invoices[2]
    line = next(doc for doc in env.docs("account.move.line") if doc["move_id"] == invoice["id"])
    kept = ("product_id", "name", "price_unit", "discount")
    given = {name: line[name] for name in kept} | {"quantity": 1, "tax_ids": [[6, 0, line["tax_ids"]]]}
    head = {name: invoice[name] for name in ("partner_id", "currency_id", "journal_id", "invoice_origin")}
    head |= {"move_type": "out_refund", "ref": "Chipped", "reversed_entry_id": invoice["id"]}
    refund = env.create("account.move", {**head, "invoice_line_ids": [[0, 0, given]]})
    METHODS["account.move", "action_post"](env, [refund])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source}>{case.destination}")
def test_every_record_is_taken_with_the_default_mapping(practices, case):
    run(practices, *case.pair)


def test_every_pair_is_tried_or_left_out_for_a_reason():
    assert sorted([*BY_PAIR, *LEFT_OUT]) == sorted(every_pair())


@pytest.mark.parametrize(("source", "destination"), list(every_pair()))
def test_no_required_field_is_left_to_fill(source, destination):
    (from_, pulled), (to, pushed) = source.split("/"), destination.split("/")
    fields = CATALOGUE.get(to).fields(pushed)
    kind = CATALOGUE.get(to).entity(pushed).taxonomy
    rows = default_mapping(CATALOGUE.get(from_).fields(pulled), fields, kind)

    assert unmapped_required(fields, rows) == []


# -- orders ---------------------------------------------------------------------------------------------------------


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


# -- what comes back ------------------------------------------------------------------------------------------------


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


# -- goods, stock, prices, people -----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["woocommerce", "shopify", "odoo"])
def test_goods_reach_a_new_warehouse_with_price_barcode_and_weight(practices, source):
    store = practices.store("peoplevox")
    for good in GOODS:
        store.delete("Item types", good.sku)
    run(practices, f"{source}/products", "peoplevox/products")

    for good in GOODS:
        item = store.get("Item types", good.sku)
        assert (item["Name"], item["Barcode"], item["WeightMeasure"]) == (good.name, good.barcode, "kg")
        assert (Decimal(item["RetailPrice"]), Decimal(item["Weight"])) == (Decimal(good.price), Decimal(good.weight))
        assert "<" not in item["Description"]
        assert "&amp;" not in item["Description"]


@pytest.mark.parametrize("source", ["shopify/products", "peoplevox/products", "odoo/products", "odoo/templates"])
def test_goods_reach_a_new_shop_as_simple_products(practices, source):
    store = practices.store("woocommerce")
    for doc in store.all("products", lambda one: one["sku"].startswith("TS-")):
        store.delete("products", doc["id"])
    run(practices, source, "woocommerce/products")

    for good in GOODS:
        made = store.first("products", lambda one, sku=good.sku: one["sku"] == sku)
        assert (made["name"], made["type"], made["global_unique_id"]) == (good.name, "simple", good.barcode)
        assert (Decimal(made["regular_price"]), Decimal(made["weight"])) == (Decimal(good.price), Decimal(good.weight))
        assert made["attributes"] == []


def test_a_product_with_options_keeps_them_from_the_books_to_the_shop(practices):
    practices.flow("odoo/templates", "woocommerce/products", keep=lambda record: record["name"] == "Shirt, linen")
    store = practices.store("woocommerce")
    shirts = store.all("products", lambda one: one["sku"].startswith("SHIRT-"))

    assert {
        (one["sku"], one["type"], one["attributes"][0]["option"], Decimal(one["regular_price"])) for one in shirts
    } == {
        ("SHIRT-S", "variation", "S", Decimal(49)),
        ("SHIRT-M", "variation", "M", Decimal(49)),
        ("SHIRT-XL", "variation", "XL", Decimal(54)),
    }


def test_variants_are_the_items_of_a_warehouse(practices):
    flow = practices.flow("shopify/variants", "peoplevox/products")
    assert flow.refused == []
    names = {row["ItemCode"]: row["Name"] for row in practices.store("peoplevox").all("Item types")}

    assert (names["FF-0001"], names["TS-BOWL"]) == ("Fern mug - Moss", "Porridge bowl")


@pytest.mark.parametrize("shop", ["woocommerce", "shopify"])
def test_what_is_promised_to_others_is_not_for_sale(practices, shop):
    store = practices.store("peoplevox")
    row = store.get("Item availability latest reconciliation", "TS-JUG-1L")
    store.put("Item availability latest reconciliation", "TS-JUG-1L", {**row, "On hand": "5", "Allocated": "4"})
    run(practices, "peoplevox/stock", f"{shop}/stock")
    figures = {
        record["sku"]: record.get("stock_quantity", record.get("available"))
        for record in practices.read(shop, "stock")
        if shop == "woocommerce" or record["location"]["name"] == "London warehouse"
    }

    assert {good.sku: figures[good.sku] for good in GOODS} == {g.sku: g.stock for g in GOODS} | {"TS-JUG-1L": 5}


def test_the_books_count_what_is_there_and_the_shop_what_is_free(practices):
    run(practices, "peoplevox/stock", "odoo/stock")
    held = {record["default_code"]: record["qty_available"] for record in practices.read("odoo", "stock")}
    assert {good.sku: held[good.sku] for good in GOODS} == {g.sku: g.stock + n % 3 for n, g in enumerate(GOODS)}

    run(practices, "woocommerce/orders", "odoo/orders")
    open_ones = [p["id"] for p in practices.read("odoo", "fulfilments", which="open")]
    odoo_client(practices.connect("odoo")).run("stock.picking", "action_assign", open_ones, repeatable=True)
    run(practices, "odoo/stock", "woocommerce/stock")
    bowl = practices.store("woocommerce").first("products", lambda one: one["sku"] == "TS-BOWL")
    assert bowl["stock_quantity"] < held["TS-BOWL"]


def test_prices_reach_the_shop_to_the_penny(practices):
    store = practices.store("woocommerce")
    for doc in store.all("products", lambda one: one["sku"].startswith("TS-")):
        store.put("products", doc["id"], {**doc, "regular_price": "1.00", "price": "1.00"})
    run(practices, "odoo/prices", "woocommerce/prices")

    for good in GOODS:
        made = store.first("products", lambda one, sku=good.sku: one["sku"] == sku)
        assert Decimal(made["regular_price"]) == Decimal(good.price)


def test_people_reach_the_books_with_their_address_and_keep_their_number_there(practices):
    books = Env(practices.store("odoo"), odoo_client(practices.connect("odoo")).series, 2)
    known = books.search("res.partner", [["email", "=", PEOPLE[1].email]])[0]
    books.write("res.partner", [known["id"]], {"ref": "C-77"})
    run(practices, "woocommerce/customers", "odoo/customers")
    found = {each["email"]: each for each in practices.read("odoo", "customers")}

    for person in PEOPLE:
        made = found[person.email]
        assert (made["name"], made["phone"], made["street"]) == (person.name, person.phone, person.line1)
        assert (made["zip"], made["country_id"]["code"]) == (person.postcode, person.country)
    assert found[PEOPLE[1].email]["ref"] == "C-77"
    assert found[PEOPLE[3].email]["state_id"]["code"] == "NY"


def test_a_full_name_is_taken_apart_where_its_parts_are_empty(practices):
    run(practices, "peoplevox/customers", "woocommerce/customers")
    made = practices.store("woocommerce").first("customers", lambda one: one["email"] == "buyer3@example.com")

    assert (made["first_name"], made["last_name"]) == ("Siobhán", "O'Dea")


@pytest.mark.parametrize("shop", ["shopify", "woocommerce"])
def test_a_company_of_the_books_is_no_person_in_the_shop(practices, shop):
    run(practices, "odoo/customers", f"{shop}/customers")
    company, person = (known(practices, shop, email) for email in ("buying@harbour.example.com", PEOPLE[0].email))

    assert company == {"Harbour Hotels"}
    assert PEOPLE[0].first_name in person
    assert PEOPLE[0].name not in person


def known(world, shop, email):
    """First name, last name and company that a shop has of a customer and the address, those that are filled."""
    if shop == "woocommerce":
        one = world.store(shop).first("customers", lambda doc: doc["email"] == email)
        places, names = [one, one["billing"]], ("first_name", "last_name", "company")
    else:
        customers = world.read(shop, "customers")
        one = next(c for c in customers if (c["defaultEmailAddress"] or {}).get("emailAddress") == email)
        places, names = [one, one["defaultAddress"] or {}], ("firstName", "lastName", "company")
    return {place[name] for place in places for name in names if place.get(name)}


def test_a_purchase_order_is_expected_on_the_same_day_on_both_sides(practices):
    run(practices, "peoplevox/purchase_orders", "odoo/purchase_orders")
    run(practices, "odoo/purchase_orders", "peoplevox/purchase_orders")
    ordered = {each["origin"]: each for each in practices.read("odoo", "purchase_orders")}
    saved = practices.store("peoplevox").get("Purchase orders", ordered["PO-HK-1"]["name"])

    first = ordered["PO-TS-1"]
    assert (first["partner"]["name"], first["date_planned"]) == ("Hearth & Kiln Ltd", "2026-09-21 09:00:00")
    assert [(line["default_code"], line["product_qty"], line["price_unit"]) for line in first["lines"]] == [
        (good.sku, 12.0 * n, float(good.cost)) for n, good in enumerate(GOODS[:3], 1)
    ]
    assert (saved["Supplier"], saved["ExpectedDeliveryDate"]) == ("Hearth & Kiln Ltd", "2026-12-01 09:00:00")


def test_sending_everything_again_makes_nothing_new(practices):
    run(practices, "woocommerce/orders", "odoo/orders")

    assert run(practices, "woocommerce/orders", "odoo/orders").outcomes == {Outcome.UNCHANGED}


# -- the rules ------------------------------------------------------------------------------------------------------


def mapped(source, destination, record, kind="orders"):
    """What a default mapping between these fields makes of a record."""
    return compile_mapping(default_mapping(source, destination, kind), FrozenEnvironment(), destination)(record)


def test_an_id_of_another_record_is_not_copied_but_the_records_own_is():
    source = [Field("id", "id", tag="id"), Field("place", "id", tag="location.id")]
    destination = [Field("ref", "id", tag="id"), Field("location", "id", tag="location.id")]
    assert mapped(source, destination, {"id": 7, "place": 3}, "stock") == {"ref": "7"}

    a_file = [Field("location_id", "text", tag="location.id")]
    assert mapped(source, a_file, {"id": 7, "place": 3}, "stock") == {"location_id": "3"}


def test_the_id_stands_in_for_a_number_only_where_there_must_be_one():
    source = [Field("id", "id", tag="id"), Field("no", "text", tag="number")]
    needed = [Field("ref", "text", tag="number", flags=frozenset(["required"]))]

    assert mapped(source[:1], [Field("ref", "text", tag="number")], {"id": 7}, "customers") == {}
    assert mapped(source[:1], needed, {"id": 7}, "customers") == {"ref": "7"}
    assert mapped(source, needed, {"id": 7, "no": ""}, "customers") == {"ref": "7"}
    assert mapped(source, needed, {"id": 7, "no": "C-1"}, "customers") == {"ref": "C-1"}


def test_a_telephone_is_taken_from_wherever_the_record_has_one_and_an_address_line_is_not():
    source = [Field(f"{a}_{b}", "text", tag=f"{a}.{b}") for a in ("shipping", "billing") for b in ("phone", "line2")]
    destination = [Field("phone", "phone", tag="shipping.phone"), Field("line2", "text", tag="shipping.line2")]
    record = {"shipping_phone": "", "shipping_line2": "", "billing_phone": "0115", "billing_line2": "Flat 3"}

    assert mapped(source, destination, record) == {"phone": "0115", "line2": ""}


def test_the_first_name_of_one_person_never_meets_the_last_name_of_another():
    source = [Field(f"{a}_{b}", "text", tag=f"{a}.{b}") for a in ("to", "by") for b in ("first_name", "last_name")]
    source = [replace(f, tag=f.tag.replace("to.", "shipping.").replace("by.", "billing.")) for f in source]
    destination = [Field(part, "text", tag=f"shipping.{part}") for part in ("first_name", "last_name")]
    record = {"to_first_name": "", "to_last_name": "Hoffmann", "by_first_name": "Nora", "by_last_name": "Whitfield"}

    assert mapped(source, destination, record) == {"first_name": "", "last_name": "Hoffmann"}


def test_a_name_shared_by_people_and_companies_is_split_of_people_only_and_never_lost():
    source = [Field("name", "text", tag="name"), Field("firm", "boolean", tag="is_company")]
    parts = [Field("first", "text", tag="first_name"), Field("last", "text", tag="last_name")]
    company = Field("company", "text", tag="address.company")
    firm, person = {"name": "Harbour Hotels", "firm": True}, {"name": "Nora Whitfield", "firm": False}

    assert mapped(source, [*parts, company], firm, "customers") == {"company": "Harbour Hotels"}
    assert mapped(source, [*parts, company], person, "customers") == {"first": "Nora", "last": "Whitfield"}
    assert mapped(source, [*parts, company], {"name": "Nora Whitfield"}, "customers") == {
        "first": "Nora",
        "last": "Whitfield",
    }
    assert mapped(source, parts, firm, "customers") == {"first": "Harbour", "last": "Hotels"}


def test_a_company_that_the_source_names_apart_gives_way_to_the_name_of_one():
    source = [Field(f"s_{tag}", "text", tag=tag) for tag in ("name", "company")]
    source += [Field("firm", "boolean", tag="is_company")]
    company = [Field("company", "text", tag="company")]

    assert mapped(source, company, {"s_name": "A Ltd", "s_company": "", "firm": True}, "customers") == {
        "company": "A Ltd"
    }
    assert mapped(source, company, {"s_name": "Ann", "s_company": "B Ltd", "firm": False}, "customers") == {
        "company": "B Ltd"
    }


def test_the_third_of_three_figures_of_stock_is_worked_out():
    fields = {tag: Field(tag, "decimal", tag=tag) for tag in ("on_hand", "allocated", "available")}

    def made(wanted, **record):
        source = [fields[tag] for tag in record]
        return mapped(source, [Field("n", "integer", tag=wanted)], record, "stock")

    assert made("available", on_hand="9", allocated="4") == {"n": 5}
    assert made("on_hand", available="5", allocated="4") == {"n": 9}
    assert made("available", on_hand="9", allocated="4", available="6") == {"n": 6}
    assert made("available", on_hand="9") == {"n": 9}
    assert made("available", on_hand="", allocated="") == {}


def test_markup_is_for_pages_only():
    plain, page = Field("text", "text", tag="description"), Field("body", "text", tag="description", format="html")

    assert mapped([page], [plain], {"body": "<p>Tea &amp; cake</p>"}, "products") == {"text": "Tea & cake"}
    assert mapped([page], [page], {"body": "<p>Tea</p>"}, "products") == {"body": "<p>Tea</p>"}


def test_half_a_piece_is_not_for_sale_and_nobody_orders_one():
    stock = [Field("free", "decimal", tag="available")], [Field("n", "integer", tag="available")]
    line = [Field("l[*].q", "decimal", tag="lines[*].quantity")], [Field("k[*].q", "integer", tag="lines[*].quantity")]

    assert mapped(*stock, {"free": 12.5}, "stock") == {"n": 12}
    assert mapped(*line, {"l": [{"q": 2.0}]}) == {"k": [{"q": 2}]}
    with pytest.raises(MappingError, match="whole number"):
        mapped(*line, {"l": [{"q": 0.5}]})
