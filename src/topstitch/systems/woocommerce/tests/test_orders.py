"""Writing orders: SKUs first, our key inside, found again when the answer was lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from topstitch.sdk import Connection, MissingReference, Outcome, Outgoing
from topstitch.systems.woocommerce.orders import OUR_KEY
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop, options, push

ADDRESS = {
    "first_name": "Zoë",
    "last_name": "O'Neill",
    "address_1": "1 Quay",
    "city": "Cork",
    "country": "IE",
    "company": "",
}
ORDER = {
    "number": "#1001",
    "currency": "EUR",
    "billing": ADDRESS | {"email": "zoe@example.com"},
    "shipping": ADDRESS,
    "line_items": [
        {"id": 9, "sku": "SKU-1", "quantity": 2, "price": 10, "total": "18.00", "product_id": 555555},
        {"sku": "tee-m", "quantity": "1", "name": "Tee, medium"},
    ],
    "shipping_lines": [{"method_title": "Post", "total": 4.5}],
    "status": "wc-processing",
    "date_created_gmt": "2024-01-01T00:00:00",
}


def order_of(shop: Shop, id: str) -> dict:
    found = shop.store.get("orders", id)
    assert found
    return found


def test_an_order_is_created_with_the_shops_own_ids_and_our_key(shop: Shop, conn: Connection):
    (verdict,) = push(conn, "orders", [ORDER])

    assert verdict.outcome is Outcome.CREATED
    order = order_of(shop, verdict.remote_id)
    mug, tee = order["line_items"]
    assert (mug["product_id"], mug["subtotal"], mug["total"]) == (shop.doc("products", "SKU-1")["id"], "20.00", "18.00")
    assert (tee["product_id"], tee["variation_id"]) == (
        shop.doc("products", "TEE")["id"],
        shop.doc("products", "TEE-M")["id"],
    )
    assert (order["status"], order["currency"], order["shipping_total"]) == ("processing", "EUR", "4.50")
    assert {m["key"]: m["value"] for m in order["meta_data"]} == {OUR_KEY: "k0"}


def test_an_unknown_sku_is_refused_before_the_shop_makes_an_empty_line_of_it(shop: Shop, conn: Connection):
    count = shop.store.count("orders")
    lines = [{"sku": "SKU-1", "quantity": 1}, {"sku": "NOPE-7", "quantity": 1}]

    verdicts = push(conn, "orders", [ORDER | {"line_items": lines}, ORDER])

    assert isinstance(verdicts[0].error, MissingReference)
    assert "NOPE-7" in verdicts[0].error.message
    assert verdicts[0].error.field == "line_items[1].sku"
    assert verdicts[1].outcome is Outcome.CREATED
    assert shop.store.count("orders") == count + 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"product_id": 555555, "quantity": 1}, "line_items[0].product_id"),
        ({"name": "Only a name", "quantity": 1}, "line_items[0].sku"),
        ({"sku": "TEE", "quantity": 1}, "line_items[0].sku"),
        ({"sku": "SKU-1", "quantity": 1.5}, "line_items[0].quantity"),
        ({"sku": "SKU-1", "quantity": 0}, "line_items[0].quantity"),
        ({"sku": "SKU-1", "quantity": 1, "total": "1,50"}, "line_items[0].total"),
    ],
)
def test_lines_that_the_shop_would_take_and_spoil_are_refused(conn: Connection, line: dict, field: str):
    (verdict,) = push(conn, "orders", [ORDER | {"line_items": [line]}])
    assert verdict.error.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "shipped"}, "status"),
        ({"billing": {"email": "no address"}}, "billing"),
        ({"line_items": []}, "line_items"),
    ],
)
def test_what_the_shop_itself_refuses_is_told_with_its_field(conn: Connection, change: dict, field: str):
    (verdict,) = push(conn, "orders", [ORDER | change])
    assert verdict.outcome is Outcome.REJECTED
    assert verdict.error.field.startswith(field)


def test_a_line_without_a_sku_goes_by_an_id_that_the_shop_has(shop: Shop, conn: Connection):
    id = shop.doc("products", "TEE-L")["id"]
    (verdict,) = push(conn, "orders", [ORDER | {"line_items": [{"variation_id": id, "product_id": 1, "quantity": 1}]}])
    assert order_of(shop, verdict.remote_id)["line_items"][0]["variation_id"] == id


def test_an_empty_email_is_left_out(shop: Shop, conn: Connection):
    (verdict,) = push(conn, "orders", [ORDER | {"billing": ADDRESS | {"email": ""}}])
    assert verdict.outcome is Outcome.CREATED


def test_paid_orders_take_the_stock_at_once(shop: Shop, conn: Connection):
    before = shop.doc("products", "SKU-2")["stock_quantity"]
    lines = [{"sku": "SKU-2", "quantity": 3}]
    (verdict,) = push(conn, "orders", [ORDER | {"line_items": lines, "status": "pending"}], paid=True)

    assert order_of(shop, verdict.remote_id)["status"] == "processing"
    assert shop.doc("products", "SKU-2")["stock_quantity"] == before - 3


def test_orders_are_tied_to_the_account_with_their_address_where_asked(shop: Shop, conn: Connection):
    buyer = shop.store.all("customers")[11]
    record = ORDER | {"billing": ADDRESS | {"email": buyer["email"].upper()}}

    (guest,) = push(conn, "orders", [record])
    (tied,) = push(conn, "orders", [record], link_customer=True)

    assert order_of(shop, guest.remote_id)["customer_id"] == 0
    assert order_of(shop, tied.remote_id)["customer_id"] == buyer["id"]


def test_an_order_whose_answer_was_lost_is_unknown_and_found_by_our_key(shop: Shop, conn: Connection):
    PRACTICE.faults.add("lost", method="POST", contains="/orders")
    write = conn.entry.entity("orders").write
    given = options(conn, "orders", "write")

    verdicts = push(conn, "orders", [ORDER, ORDER | {"currency": "GBP"}])
    found = write.find(conn, [Outgoing(key=key, record=ORDER) for key in ("k0", "k1", "k2")], given)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.UNKNOWN, Outcome.CREATED]
    assert found[1:] == [verdicts[1].remote_id, None]
    assert order_of(shop, found[0])["currency"] == "EUR"


def test_looking_for_orders_goes_on_where_it_stopped(shop: Shop, conn: Connection):
    write = conn.entry.entity("orders").write
    given = options(conn, "orders", "write")
    assert write.find(conn, [Outgoing(key="k0", record=ORDER)], given) == [None]

    for n in range(3):
        (made,) = push(conn, "orders", [Outgoing(key=f"late{n}", record=ORDER)])
        assert write.find(conn, [Outgoing(key=f"late{n}", record=ORDER)], given) == [made.remote_id]


def test_the_key_of_another_buyers_order_does_not_count(conn: Connection):
    push(conn, "orders", [ORDER])
    other = ORDER | {"billing": ADDRESS | {"email": "ann@example.com"}}

    assert conn.entry.entity("orders").write.find(
        conn, [Outgoing(key="k0", record=other)], options(conn, "orders", "write")
    ) == [None]


def test_orders_are_looked_for_as_many_days_back_as_the_option_says(shop: Shop, conn: Connection):
    (made,) = push(conn, "orders", [ORDER])
    now = conn.now()
    conn.now = lambda: now + timedelta(days=5)
    out = [Outgoing(key="k0", record=ORDER)]

    find = conn.entry.entity("orders").write.find
    assert find(conn, out, options(conn, "orders", "write", lookup_days=3)) == [None]
    conn.cache.clear()
    assert find(conn, out, options(conn, "orders", "write", lookup_days=7)) == [made.remote_id]


def test_a_known_order_is_changed_but_not_its_lines(shop: Shop, conn: Connection):
    (made,) = push(conn, "orders", [ORDER])
    before = order_of(shop, made.remote_id)

    def again(record: dict) -> Outgoing:
        return Outgoing(key="k0", record=record, remote_id=made.remote_id)

    same, changed = push(
        conn, "orders", [again(ORDER), again(ORDER | {"status": "on-hold", "customer_note": "Call first"})]
    )
    more = ORDER["line_items"][0] | {"quantity": 5}
    (lines,) = push(conn, "orders", [again(ORDER | {"line_items": [more]})])

    assert (same.outcome, changed.outcome, lines.outcome) == (Outcome.UNCHANGED, Outcome.UPDATED, Outcome.REJECTED)
    assert lines.error.field == "line_items"
    after = order_of(shop, made.remote_id)
    assert (after["status"], after["customer_note"], after["line_items"]) == (
        "on-hold",
        "Call first",
        before["line_items"],
    )


@pytest.mark.parametrize("value", [5, 2.50, True, False, "007", None, [1, "a"], {"a": 1}])
def test_what_is_written_again_as_it_was_is_no_change(shop: Shop, conn: Connection, value: object):
    """Though the shop keeps numbers as text, and the address that a buyer came from as it likes."""
    record = ORDER | {"meta_data": [{"key": "_batch", "value": value}], "customer_ip_address": "203.0.113.7"}
    (made,) = push(conn, "orders", [record])

    (again,) = push(conn, "orders", [Outgoing(key="k0", record=record, remote_id=made.remote_id)])

    assert again.outcome is Outcome.UNCHANGED
    assert not any(request.startswith("PUT") for request in shop.requests)


def test_a_changed_meta_value_is_written(shop: Shop, conn: Connection):
    (made,) = push(conn, "orders", [ORDER | {"meta_data": [{"key": "_batch", "value": "007"}]}])
    record = ORDER | {"meta_data": [{"key": "_batch", "value": "7"}]}
    (again,) = push(conn, "orders", [Outgoing(key="k0", record=record, remote_id=made.remote_id)])
    assert again.outcome is Outcome.UPDATED
    assert ("_batch", "7") in [(m["key"], m["value"]) for m in order_of(shop, made.remote_id)["meta_data"]]


def test_a_known_order_that_is_gone_is_a_missing_reference(conn: Connection):
    (verdict,) = push(conn, "orders", [Outgoing(key="k0", record=ORDER, remote_id="999999")])
    assert isinstance(verdict.error, MissingReference)


def test_a_total_that_differs_is_logged(shop: Shop):
    conn, lines = shop.connect(), []
    conn.log = lambda level, message: lines.append((level, message))

    push(conn, "orders", [ORDER | {"total": "1.00"}])

    assert [level for level, _ in lines] == ["warning"]
    assert "the source says 1.00" in lines[0][1]
