"""The made-up orders: always the same ones, and as varied as the task needs."""

from __future__ import annotations

import orjson
from bench.orders import index_of, is_paid, order

ORDERS = [order(index) for index in range(600)]


def test_an_order_depends_on_seed_and_index_only():
    assert order(17, seed=3) == order(17, seed=3)
    assert order(17, seed=3) != order(17, seed=4)
    assert order(17) != order(18)


def test_its_id_tells_its_place():
    assert [index_of(each["id"]) for each in ORDERS] == list(range(600))


def test_whether_it_is_paid_is_known_without_making_it():
    assert [each["financial_status"] == "paid" for each in ORDERS] == [is_paid(index) for index in range(600)]
    assert 0.75 < sum(is_paid(index) for index in range(10_000)) / 10_000 < 0.83


def test_it_is_as_large_as_a_shop_order():
    sizes = [len(orjson.dumps(each)) for each in ORDERS]
    assert min(sizes) > 2500
    assert max(sizes) < 5600
    assert 3300 < sum(sizes) / len(sizes) < 4300


def test_there_is_dirt_and_there_are_gaps():
    addresses = [each["shipping_address"] for each in ORDERS]
    items = [item for each in ORDERS for item in each["line_items"]]
    assert {address["phone"] is None for address in addresses} == {True, False}
    assert {None, "", "   "} < {address["address2"] for address in addresses}
    assert {item["sku"] == item["sku"].strip() for item in items} == {True, False}
    assert {bool(item["tax_lines"]) for item in items} == {bool(each["payment_gateway_names"]) for each in ORDERS}
    assert len({each["created_at"][19:] for each in ORDERS}) == 7
    assert "0.00" in {each["total_line_items_price"] for each in ORDERS}
