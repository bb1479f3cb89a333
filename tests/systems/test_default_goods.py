"""Goods, stock, prices and people by the default mapping: what arrives is right."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.systems.running import run

from topstitch.sdk.practice import GOODS, PEOPLE
from topstitch.systems.odoo.client import connect as odoo_client
from topstitch.systems.odoo.erp.env import Env


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
