"""Reading: paging to the end, lists inside records, since, filters, ids, cost limits."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from topstitch.sdk import Condition, ConfigError, Query
from topstitch.sdk.practice import GOODS, ORDERS, PEOPLE
from topstitch.systems.shopify import paging, stock_read
from topstitch.systems.shopify.practice_shop.builders import bag


@pytest.mark.parametrize(
    ("entity", "count"),
    [
        ("orders", 45 + len(ORDERS)),
        ("refunds", 4),
        ("returns", 3),
        ("fulfilments", 12),
        ("fulfilment_orders", 58 + 9),
        ("products", 24 + len(GOODS)),
        ("variants", 100 + len(GOODS)),
        ("stock", 180 + len(GOODS)),
        ("locations", 3),
        ("prices", 40),
        ("customers", 30 + len(PEOPLE)),
    ],
)
@pytest.mark.parametrize("size", [7, 250])
def test_every_entity_is_read_to_its_end_and_resumes_from_each_cursor(shop, entity, count, size):
    records = shop.read(entity, page_size=size)

    assert len(records) == count
    assert len({record["id"] for record in records}) == count


def test_lines_beyond_the_first_page_of_an_order_are_read_too(shop):
    order = next(o for o in shop.read("orders") if o["name"] == "#1012")

    assert len(order["lineItems"]) == 34
    assert len({line["id"] for line in order["lineItems"]}) == 34
    assert order["metafields"][0]["value"] == "CH-12"


def test_what_the_lines_cost_adds_up_to_the_order_wherever_its_discount_was_given(shop):
    orders = [order for order in shop.read("orders") if Decimal(order["totalDiscountsSet"]["shopMoney"]["amount"])]
    assert {code for order in orders for code in order["discountCodes"]} == {"TENOFF", "WELCOME"}

    for order in orders:
        lines = order["lineItems"]
        paid, off, sent = (
            Decimal(order[f"{name}Set"]["shopMoney"]["amount"])
            for name in ("totalPrice", "totalDiscounts", "totalShippingPrice")
        )
        assert sum(Decimal(line["discount"]) for line in lines) == off
        assert sum(Decimal(line["total"]) for line in lines) == paid - sent


def test_a_line_gives_up_every_part_of_a_discount_and_none_without_one(shop):
    doc = shop.first_order(number=1007)
    parts = [bag(amount) for amount in ("1.10", "0.05")]
    line = doc["_lines"][0] | {"discountAllocations": [{"allocatedAmountSet": part} for part in parts]}
    shop.store.put("Order", doc["id"], doc | {"_lines": [line, *doc["_lines"][1:]]})

    order = next(one for one in shop.read("orders") if one["name"] == "#1007")
    full = [
        Decimal(each["originalUnitPriceSet"]["shopMoney"]["amount"]) * each["quantity"] for each in order["lineItems"]
    ]

    assert [each["discount"] for each in order["lineItems"]] == ["1.15", "0.00", "0.00", "0.00"]
    assert [Decimal(each["total"]) for each in order["lineItems"]] == [full[0] - Decimal("1.15"), *full[1:]]


def test_a_product_of_sixty_variants_is_read_whole(shop):
    product = next(p for p in shop.read("products") if len(p["variants"]) > 20)

    assert len(product["variants"]) == 60


def test_since_takes_what_changed_then_and_later(shop):
    orders = shop.read("orders")
    middle = sorted(o["updatedAt"] for o in orders)[20]

    later = shop.read("orders", since=datetime.fromisoformat(middle.replace("Z", "+00:00")))

    assert {o["id"] for o in later} == {o["id"] for o in orders if o["updatedAt"] >= middle}


def test_orders_come_in_the_order_of_their_change(shop):
    stamps = [o["updatedAt"] for o in shop.read("orders", page_size=6)]

    assert stamps == sorted(stamps)


def test_a_cancelled_and_a_closed_order_are_read_unless_only_open_ones_are_asked(shop):
    assert any(o["cancelledAt"] for o in shop.read("orders"))
    assert not any(o["cancelledAt"] for o in shop.read("orders", options={"status": "open"}))


@pytest.mark.parametrize(
    ("field", "op", "value", "count"),
    [
        ("displayFinancialStatus", "equals", "PENDING", 3),
        ("displayFulfillmentStatus", "in", ["FULFILLED"], 9),
        ("displayFulfillmentStatus", "equals", "IN_PROGRESS", 0),
        ("name", "equals", "#1012", 1),
        ("name", "in", ["#1012", "#1013"], 2),
        ("name", "in", "#1012, #1013", 2),
        ("tags", "contains", "gift", 9),
        ("test", "equals", True, 1),
        ("id", "equals", "450012", 1),
        ("email", "equals", "it's: not (here)", 0),
    ],
)
def test_filters_are_applied_by_the_shop_and_hold_exactly(shop, field, op, value, count):
    assert len(shop.read("orders", conditions=[Condition(field, op, value)])) == count


def test_a_sku_filter_does_not_let_similar_skus_through(shop):
    shop.push("variants", {"id": "5003", "sku": "FF-0004 X"})

    found = shop.read("variants", conditions=[Condition("sku", "equals", "FF-0004")])

    assert [v["sku"] for v in found] == ["FF-0004"]


def test_refunds_carry_their_order_and_are_left_out_when_they_did_not_change(shop):
    refund = shop.read("refunds")[0]
    assert refund["order"]["name"].startswith("#")
    assert refund["refundLineItems"][0]["lineItem"]["sku"]

    shop.push("orders", {"id": refund["order"]["id"], "note": "touched"})

    assert shop.read("refunds", since=datetime.now(UTC).replace(microsecond=0)) == []


def test_by_ids_takes_numbers_and_global_ids_and_leaves_out_what_is_not_there(shop):
    by_ids = shop.conn.entry.entity("orders").read.by_ids

    found = by_ids(shop.conn, ["450001", "gid://shopify/Order/450002", "1", "nonsense"], {})

    assert [o["name"] for o in found] == ["#1001", "#1002"]


def test_metafields_are_a_list_with_namespace_and_key_and_can_be_left_out(shop):
    product = shop.read("products")[0]
    assert {"namespace": "custom", "key": "colour"}.items() <= product["metafields"][0].items()

    assert "metafields" not in shop.read("products", options={"metafields": False})[0]


def test_stock_is_one_record_for_each_sku_and_location(shop):
    rows = shop.read("stock")

    assert len({(row["sku"], row["location"]["id"]) for row in rows}) == len(rows)
    assert {"available", "on_hand", "committed"} <= rows[0].keys()


def test_stock_since_reads_only_the_levels_that_changed(shop):
    before = datetime.now(UTC).replace(microsecond=0)
    shop.push("stock", {"sku": "FF-0001", "available": 77, "location": {"name": "Leeds shop"}})

    rows = shop.read("stock", since=before)

    assert [(row["sku"], row["location"]["name"], row["available"]) for row in rows] == [("FF-0001", "Leeds shop", 77)]


def test_more_changed_stock_than_can_be_paged_is_read_as_all_stock(shop, monkeypatch):
    monkeypatch.setattr(stock_read, "ASK_ANEW", 50)

    rows = shop.read("stock", since=datetime(2026, 1, 1, tzinfo=UTC), page_size=30)

    assert len({row["id"] for row in rows}) == 180 + len(GOODS)


def test_more_records_than_can_be_paged_are_asked_for_anew_without_a_gap(shop, monkeypatch):
    monkeypatch.setattr(paging, "ASK_ANEW", 10)

    counts = {"orders": 45 + len(ORDERS), "variants": 100 + len(GOODS), "customers": 30 + len(PEOPLE)}
    for entity, count in counts.items():
        records = shop.read(entity, page_size=7)
        assert len({r["id"] for r in records}) == count
        assert len(records) == count


def test_a_query_above_the_cost_limit_is_asked_for_fewer_records(shop):
    order_pages = list(shop.conn.entry.entity("orders").read.pages(shop.conn, Query(page_size=250), None))

    assert sum(len(page.records) for page in order_pages) == 45 + len(ORDERS)
    assert len(order_pages) > 1


def test_stock_of_one_location_only(shop):
    rows = shop.read("stock", conditions=[Condition("location.id", "equals", "2")])

    assert {row["location"]["name"] for row in rows} == {"Leeds shop"}
    assert len(rows) == 80


def test_weights_are_read_in_kilograms_whatever_unit_the_shop_used(shop):
    item = shop.store.get("InventoryItem", "gid://shopify/InventoryItem/35001")
    item["measurement"]["weight"] = {"value": 500, "unit": "GRAMS"}
    shop.store.put("InventoryItem", item["id"], item)

    variant = next(v for v in shop.read("variants") if v["sku"] == "FF-0001")

    assert variant["inventoryItem"]["measurement"]["weight"] == {"value": 0.5, "unit": "KILOGRAMS"}


def test_prices_of_one_list_or_the_base_prices(shop):
    europe = shop.read("prices", options={"price_list": "Europe", "fixed_only": False})
    base = shop.read("prices", options={"source": "base"})

    assert (len(europe), {p["price"]["currencyCode"] for p in europe}) == (40, {"EUR"})
    assert (len(base), base[0]["price"]["currencyCode"]) == (100 + len(GOODS), "GBP")
    by_ids = shop.conn.entry.entity("prices").read.by_ids
    assert len(by_ids(shop.conn, [europe[0]["id"], base[0]["id"]], {})) == 2


def values_of(record, name):
    return [variant[name] for variant in record["variants"]]


@pytest.mark.parametrize(
    ("entity", "condition", "fits"),
    [
        ("products", ("variants[*].sku", "contains", "FF-0002"), lambda r: "FF-0002" in values_of(r, "sku")),
        (
            "products",
            ("variants[*].barcode", "contains", "5000000005002"),
            lambda r: "5000000005002" in values_of(r, "barcode"),
        ),
        (
            "customers",
            ("defaultPhoneNumber.phoneNumber", "equals", "+447700900108"),
            lambda r: r["defaultPhoneNumber"] == {"phoneNumber": "+447700900108"},
        ),
        ("stock", ("sku", "equals", "FF-0005"), lambda r: r["sku"] == "FF-0005"),
        ("variants", ("inventoryQuantity", "greater", 100), lambda r: r["inventoryQuantity"] > 100),
        ("variants", ("inventoryQuantity", "equals", "30"), lambda r: r["inventoryQuantity"] == 30),
    ],
)
def test_a_filter_is_applied_by_the_shop_and_holds_exactly(shop, entity, condition, fits):
    wanted = {record["id"] for record in shop.read(entity) if fits(record)}

    pages = shop.pages(entity, conditions=[Condition(*condition)])

    assert wanted
    assert {record["id"] for page in pages for record in page.records} == wanted
    assert len(pages) == 1


def test_orders_with_a_tag_can_be_left_out(shop):
    orders = shop.read("orders", options={"tag_not": "gift"})

    assert len(orders) == 36 + len(ORDERS)
    assert not any("gift" in order["tags"] for order in orders)


def test_orders_of_one_location(shop):
    order = shop.first_order(number=1003)
    shop.store.put("Order", order["id"], {**order, "_location": "gid://shopify/Location/2"})

    assert [o["name"] for o in shop.read("orders", options={"location": "2"})] == ["#1003"]


def test_returns_by_the_state_of_their_order(shop):
    assert len(shop.read("returns", options={"return_status": "in_progress"})) == 3
    assert shop.read("returns", options={"return_status": "returned"}) == []


def test_products_by_whether_they_are_published(shop):
    product = shop.store.all("Product")[3]
    shop.store.put("Product", product["id"], {**product, "publishedAt": None})

    assert [p["id"] for p in shop.read("products", options={"published": "unpublished"})] == [product["id"]]
    assert product["id"] not in [p["id"] for p in shop.read("products", options={"published": "published"})]


def test_a_quantity_that_is_no_number_is_no_filter(shop):
    with pytest.raises(ConfigError, match="inventoryQuantity needs a number"):
        shop.read("variants", conditions=[Condition("inventoryQuantity", "equals", "many")])


def test_the_metafields_that_the_shop_defines_are_among_its_fields(shop):
    products = shop.conn.entry.entity("products")
    read, written = (side.live_fields(shop.conn, {}) for side in (products.read, products.write))
    assert {"metafields.custom.colour", "metafields.custom.weight_g", "title"} <= set(read)
    assert "metafields.custom.colour" in written and "totalInventory" not in written
    plain = products.read.live_fields(shop.conn, {"metafields": False})
    assert not [path for path in plain if path.startswith("metafields")]


def test_a_metafield_with_dots_in_its_key_is_listed_in_quotes(shop):
    found = shop.store.first("MetafieldDefinition", lambda doc: doc["key"] == "colour")
    shop.store.put("MetafieldDefinition", found["id"], {**found, "ownerType": "PRODUCTVARIANT", "key": "a.b"})
    products = shop.connect().entry.entity("products")
    assert 'variants[*].metafields.custom["a.b"]' in products.write.live_fields(shop.connect(), {})
