"""What each entity yields, on a shop of today and on one of 7.9."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from topstitch.sdk import Condition, Connection
from topstitch.sdk.practice import GOODS, ORDERS, PEOPLE
from topstitch.systems.woocommerce.practice_seed import START
from topstitch.systems.woocommerce.tests.support import Shop, options, pages, read

VERSIONS = pytest.mark.parametrize("version", ["10.6.2", "7.9.0"])


def test_orders_come_in_the_statuses_of_the_option_and_the_filter(conn: Connection):
    both = read(conn, "orders", given={"statuses": "processing, wc-completed"})
    one = read(
        conn,
        "orders",
        given={"statuses": "processing,completed"},
        conditions=[Condition("status", "equals", "completed")],
    )
    none = read(conn, "orders", given={"statuses": "processing"}, conditions=[Condition("status", "equals", "failed")])

    assert {order["status"] for order in both} == {"processing", "completed"}
    assert {order["status"] for order in one} == {"completed"}
    assert none == []


def test_orders_of_one_customer(shop: Shop, conn: Connection):
    buyer = shop.store.all("customers")[1]["id"]
    found = read(conn, "orders", conditions=[Condition("customer_id", "equals", buyer)])
    assert {order["customer_id"] for order in found} == {buyer}


def test_orders_bring_their_notes_where_asked(conn: Connection):
    orders = read(conn, "orders", given={"notes": True})
    assert [note["note"] for order in orders for note in order["notes_data"]] == ["Customer was called."]
    assert "notes_data" not in read(conn, "orders")[0]
    mailed = read(conn, "orders", given={"notes": True, "notes_type": "customer"})
    assert [order["notes_data"] for order in mailed if order["notes_data"]] == []


@pytest.mark.parametrize("statuses", ["any", "completed,any", "wc-any", " , "])
def test_any_status_is_no_limit_beside_a_filter(conn: Connection, statuses: str):
    completed = [Condition("status", "equals", "completed")]
    found = read(conn, "orders", given={"statuses": statuses}, conditions=completed)
    assert {order["status"] for order in found} == {"completed"}
    assert len(read(conn, "orders", given={"statuses": statuses})) == 34 + len(ORDERS)


def test_orders_with_a_product_and_of_some_time(shop: Shop, conn: Connection):
    mug, board = (shop.doc("products", sku)["id"] for sku in ("SKU-1", "SKU-2"))
    both = [Condition("line_items[*].product_id", "contains", id) for id in (mug, str(board))]
    found = read(conn, "orders", conditions=both)
    one = read(conn, "orders", conditions=both[:1])
    assert len(one) > len(found) > 0
    assert all({mug, board} <= {line["product_id"] for line in order["line_items"]} for order in found)


@pytest.mark.parametrize(
    ("op", "moment", "first", "last"),
    [
        ("after", "2024-03-03T08:02:00+00:00", 3, 33),
        ("greater_or_equal", datetime(2024, 3, 3, 8, 2, tzinfo=UTC), 2, 33),
        ("greater_or_equal", "2024-03-03T08:02:00.5", 3, 33),
        ("before", "2024-03-03T10:02:00+02:00", 0, 1),
        ("before", "2024-03-03T08:02:00.5", 0, 2),
        ("less_or_equal", "2024-03-03T08:02:00Z", 0, 2),
    ],
)
def test_orders_created_in_a_time(conn: Connection, op: str, moment: object, first: int, last: int):
    bounds = [Condition("date_created_gmt", op, moment), Condition("date_created_gmt", "before", "2024-06-01")]
    found = read(conn, "orders", conditions=bounds)
    created = [(START + timedelta(days=n, minutes=n)).strftime("%Y-%m-%dT%H:%M:%S") for n in range(34)]
    assert [order["date_created_gmt"] for order in found] == created[first : last + 1]


def test_products_and_variants_of_a_sku_a_category_or_a_tag(shop: Shop, conn: Connection):
    def skus(entity: str, field: str, value: object) -> list[str]:
        op = "contains" if "[" in field else "equals"
        return [one["sku"] for one in read(conn, entity, conditions=[Condition(field, op, value)])]

    kitchen = shop.doc("products", "SKU-1")["categories"][0]["id"]
    shop.change("products", shop.doc("products", "SKU-7")["id"], tags=shop.store.all("tags")[:1])

    assert skus("products", "sku", "SKU-1") == ["SKU-1"]
    assert skus("products", "sku", "TEE-M") == []
    assert skus("products", "tags[*].id", shop.store.all("tags")[0]["id"]) == ["SKU-7"]
    assert {"SKU-1", "SKU-5"} <= set(skus("products", "categories[*].id", str(kitchen)))
    assert "SKU-2" not in skus("products", "categories[*].id", kitchen)
    for version in ("10.6.2", "7.9.0"):
        shop.site(version=version)
        conn.cache.clear()
        assert (skus("variants", "sku", "TEE-M"), skus("variants", "sku", "TEE")) == (["TEE-M"], [])


def test_products_of_many_skus_are_read_in_few_requests(shop: Shop, conn: Connection):
    known = [one["sku"] for one in read(conn, "products") if one["type"] == "simple"]
    skus = [*known, *(f"nobody-{n}" for n in range(100 - len(known)))]

    def asked(value: object, **more: Any) -> tuple[list[str], int]:
        shop.server.counts["woocommerce"].clear()
        condition = Condition("sku", "in", value)
        found = [
            one["sku"] for one in read(conn, "products", given={"variations": False}, conditions=[condition], **more)
        ]
        return found, len(shop.requests)

    assert asked(skus[:50]) == (known, 1)
    assert asked(skus, size=50) == (known, 2)
    assert asked([f"  {sku.lower()}" for sku in known]) == (known, 1)
    assert asked("SKU-1, SKU-2") == (["SKU-1", "SKU-2"], 1)
    assert asked([]) == ([], 0)
    assert asked(["TEE-M", "any"]) == ([], 1)


def test_a_sku_with_a_comma_is_told_from_its_parts_and_one_that_is_missing_can_be_asked_for(
    shop: Shop, conn: Connection
):
    shop.change("products", shop.doc("products", "SKU-3")["id"], sku="SKU-1,SKU-2")
    shop.change("products", shop.doc("products", "SKU-4")["id"], sku="")

    def skus(*values: str) -> list[str]:
        return sorted(one["sku"] for one in read(conn, "products", conditions=[Condition("sku", "in", list(values))]))

    assert skus("SKU-1,SKU-2") == ["SKU-1,SKU-2"]
    assert skus("SKU-1", "SKU-1,SKU-2", "SKU-5") == ["SKU-1", "SKU-1,SKU-2", "SKU-5"]
    assert skus("SKU-5", "") == ["", "SKU-5"]


def test_products_of_many_skus_go_on_from_every_page(shop: Shop, conn: Connection):
    known = [one["sku"] for one in read(conn, "products") if one["type"] == "simple"]
    odd = shop.doc("products", known[4])
    shop.change("products", odd["id"], sku="A,B")
    condition = Condition("sku", "in", [*known[:9], "A,B", *(f"{'x' * 400}{n}" for n in range(4)), *known[9:]])
    found: list[str] = []
    place: Any = None
    while True:
        page = next(pages(conn, "products", size=4, at=place, conditions=[condition]))
        found += [one["sku"] for one in page.records]
        place = json.loads(json.dumps(page.next))
        if place is None:
            break

    assert sorted(found) == sorted([*known[:4], *known[5:], "A,B"])


def test_orders_in_the_trash_are_found_by_id_where_the_option_asks_for_them(shop: Shop, conn: Connection):
    id = str(shop.store.all("orders")[0]["id"])
    shop.change("orders", id, status="trash")
    by_ids = conn.entry.entity("orders").read.by_ids

    assert by_ids(conn, [id], options(conn, "orders", "read")) == []
    (found,) = by_ids(conn, [id], options(conn, "orders", "read", statuses="trash"))
    assert found["status"] == "trash"


def test_trashed_orders_are_not_read(shop: Shop, conn: Connection):
    shop.change("orders", shop.store.all("orders")[0]["id"], status="trash")
    assert len(read(conn, "orders")) == 33 + len(ORDERS)


def test_products_hold_all_their_variations(shop: Shop, conn: Connection):
    parent = shop.doc("products", "TEE")
    for n in range(230):
        child = shop.doc("products", "TEE-S") | {"id": 5000 + n, "sku": f"TEE-{n}"}
        shop.store.put("products", child["id"], child)

    (tee,) = [product for product in read(conn, "products", size=10) if product["sku"] == "TEE"]

    assert len(tee["variations_data"]) == 4 + 230
    assert {one["parent_id"] for one in tee["variations_data"]} == {parent["id"]}
    assert "variations_data" not in read(conn, "products", given={"variations": False})[0]


@VERSIONS
def test_variants_know_their_product_in_every_version(shop: Shop, conn: Connection, version: str):
    shop.site(version=version)

    found = read(conn, "variants", size=2)

    assert sorted(one["sku"] for one in found) == ["SOCK-36-40", "SOCK-41-45", "TEE-L", "TEE-M", "TEE-S", "TEE-XL"]
    assert {one["parent_sku"] for one in found} == {"TEE", "SOCK"}
    assert {one["parent_name"] for one in found} == {"Organic T-Shirt", "Merino Socks"}
    assert all(one["parent_id"] and one["type"] == "variation" for one in found)


@VERSIONS
def test_variants_by_id(shop: Shop, conn: Connection, version: str):
    shop.site(version=version)
    id = str(shop.doc("products", "TEE-M")["id"])

    found = conn.entry.entity("variants").read.by_ids(conn, [id, "999999", "no-id"], {})

    assert [(one["sku"], one["parent_sku"]) for one in found] == [("TEE-M", "TEE")]


@VERSIONS
def test_stock_has_one_record_for_each_counted_quantity(shop: Shop, conn: Connection, version: str):
    shop.site(version=version)

    found = {one["sku"]: one for one in read(conn, "stock", size=4)}

    assert len(found) == 20 + 6 + len(GOODS)
    assert found["SKU-1"]["stock_quantity"] == 0
    assert found["TEE-M"]["stock_quantity"] == 6
    assert found["TEE-M"]["parent_id"] == shop.doc("products", "TEE")["id"]
    assert "TEE" not in found
    assert "description" not in found["SKU-1"]


def test_stock_that_a_variation_shares_with_its_product_is_told_under_its_own_sku_only(shop: Shop, conn: Connection):
    shop.change("products", shop.doc("products", "TEE")["id"], manage_stock=True, stock_quantity=50)
    shop.change("products", shop.doc("products", "TEE-S")["id"], manage_stock="parent", stock_quantity=50)
    shop.change("products", shop.doc("products", "TEE-L")["id"], manage_stock="parent", sku="TEE", stock_quantity=50)

    found = [(one["sku"], one["type"]) for one in read(conn, "stock")]

    assert found.count(("TEE", "variable")) == 1
    assert ("TEE-S", "variation") in found
    assert ("TEE", "variation") not in found


def test_uncounted_products_come_where_asked(conn: Connection):
    found = read(conn, "stock", given={"uncounted": True})
    assert len(found) == 25 + 6 + len(GOODS)
    assert [one["stock_quantity"] for one in found if one["sku"] == "SKU-5"] == [None]


def test_prices_leave_variable_products_out_and_name_the_currency(conn: Connection):
    found = {one["sku"]: one for one in read(conn, "prices")}

    assert "TEE" not in found
    assert found["TEE-S"]["regular_price"] == "12.00"
    assert {one["currency"] for one in found.values()} == {"GBP"}


def test_stock_changed_since_holds_products_and_variations(conn: Connection):
    found = read(conn, "stock", since=START + timedelta(days=22))
    assert {one["sku"] for one in found} == {
        "SKU-23",
        "SKU-24",
        *("TEE-S", "TEE-M", "TEE-L", "TEE-XL", "SOCK-36-40", "SOCK-41-45"),
        *(good.sku for good in GOODS),
    }


def test_stock_goes_on_among_the_variations(shop: Shop):
    whole = list(pages(shop.connect(), "stock", size=4))
    place = next(
        n for n, page in enumerate(whole) if page.next and page.next["at"] and page.next["at"]["part"] == "variations"
    )

    rest = list(pages(shop.connect(), "stock", size=4, at=whole[place].next))

    assert [page.records for page in rest] == [page.records for page in whole[place + 1 :]]


def test_stock_by_id_finds_products_and_variations(shop: Shop, conn: Connection):
    ids = [str(shop.doc("products", sku)["id"]) for sku in ("SKU-2", "TEE-M")]
    found = conn.entry.entity("stock").read.by_ids(conn, [*ids, "999999"], {})
    assert [one["sku"] for one in found] == ["SKU-2", "TEE-M"]


def test_customers_changed_since_are_kept_here_as_the_shop_cannot(shop: Shop, conn: Connection):
    found = read(conn, "customers", since=START + timedelta(days=9), size=4)

    assert [one["email"] for one in found] == [
        "customer10@example.com",
        "customer11@example.com",
        "customer12@example.com",
        *(person.email for person in PEOPLE),
    ]
    assert len(read(conn, "customers", given={"role": "customer"})) == 11 + len(PEOPLE)


@VERSIONS
def test_refunds_have_their_order_and_positive_figures(shop: Shop, conn: Connection, version: str):
    shop.site(version=version)
    order = shop.store.all("orders")[1]

    refund, *others = read(conn, "refunds")

    assert [other["order_number"] for other in others] == [
        shop.store.all("orders")[n]["number"] for n in (7, 7, 13, 19)
    ]
    assert (refund["parent_id"], refund["order_number"], refund["currency"]) == (order["id"], order["number"], "GBP")
    (line,) = refund["line_items"]
    assert (line["quantity"], line["total"]) == (-1, "-6.00")
    assert (line["refund_quantity"], line["refund_total"], line["refund_tax_total"]) == (1, "6.00", "1.20")


@VERSIONS
def test_refunds_made_since_and_by_id(shop: Shop, conn: Connection, version: str):
    shop.site(version=version)
    made = datetime.fromisoformat(shop.store.all("refunds")[-1]["date_created_gmt"]).replace(tzinfo=UTC)
    (refund,) = read(conn, "refunds", since=made)
    earlier = read(conn, "refunds", since=made - timedelta(days=7))
    key = conn.entry.entity("refunds").key(refund, {})

    assert read(conn, "refunds", since=made + timedelta(seconds=1)) == []
    assert (len(earlier), earlier[-1]) == (3, refund)
    assert conn.entry.entity("refunds").read.by_ids(conn, [key, "999999/1", f"{refund['parent_id']}/5"], {}) == [refund]


@pytest.mark.parametrize("entity", ["orders", "products", "customers"])
def test_records_by_id_leave_out_what_is_not_there(conn: Connection, entity: str):
    some = read(conn, entity, given={})[:3]
    asked = [str(one["id"]) for one in some]

    found = conn.entry.entity(entity).read.by_ids(conn, [*asked, "999999", "", "x"], options(conn, entity, "read"))

    assert found == some
    assert conn.entry.entity(entity).read.by_ids(conn, [], options(conn, entity, "read")) == []
