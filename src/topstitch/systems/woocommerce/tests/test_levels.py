"""Writing stock and prices: by SKU, in batches, compared with the answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from topstitch.sdk import Connection, LimitExceeded, MissingReference, Outcome, Outgoing
from topstitch.systems.woocommerce import batches
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop, push


def outcomes(verdicts) -> list[str]:
    return [str(verdict.outcome) for verdict in verdicts]


def test_stock_of_products_and_variations_is_set_in_one_go_each(shop: Shop, conn: Connection):
    skus = {"SKU-1": "17", "tee-m": 3.0, "SOCK-36-40": Decimal("9"), "SKU-2": 4}
    verdicts = push(conn, "stock", [{"sku": sku, "stock_quantity": quantity} for sku, quantity in skus.items()])

    assert outcomes(verdicts) == ["updated"] * 4
    found = [shop.doc("products", sku)["stock_quantity"] for sku in ("SKU-1", "TEE-M", "SOCK-36-40", "SKU-2")]
    assert found == [17, 3, 9, 4]
    assert sum("batch" in request for request in shop.requests) == 3
    assert verdicts[1].remote_id == str(shop.doc("products", "TEE-M")["id"])


def test_stock_that_is_right_already_is_left_alone(shop: Shop, conn: Connection):
    before = shop.doc("products", "SKU-2")

    (verdict,) = push(conn, "stock", [{"sku": "SKU-2", "stock_quantity": before["stock_quantity"]}])

    assert verdict.outcome is Outcome.UNCHANGED
    assert shop.doc("products", "SKU-2") == before


def test_stock_of_a_product_that_was_not_counted_is_counted_from_now_on(shop: Shop, conn: Connection):
    assert shop.doc("products", "SKU-5")["manage_stock"] is False

    (verdict,) = push(conn, "stock", [{"sku": "SKU-5", "stock_quantity": 8}])

    assert verdict.outcome is Outcome.UPDATED
    assert shop.doc("products", "SKU-5")["stock_quantity"] == 8


@pytest.mark.parametrize("bad", ["x", 2.7, "2.7", None, True, "1,000", "NaN"])
def test_a_quantity_that_the_shop_would_bend_is_refused_alone(shop: Shop, conn: Connection, bad: object):
    verdicts = push(conn, "stock", [{"sku": "SKU-1", "stock_quantity": bad}, {"sku": "SKU-2", "stock_quantity": 33}])

    assert outcomes(verdicts) == ["rejected", "updated"]
    assert verdicts[0].error.field == "stock_quantity"
    assert shop.doc("products", "SKU-1")["stock_quantity"] == 0


def test_a_sku_that_is_not_there_is_a_missing_reference_that_names_it(conn: Connection):
    verdicts = push(conn, "stock", [{"sku": "GONE-1", "stock_quantity": 1}, {"sku": "SKU-2", "stock_quantity": 1}])

    assert isinstance(verdicts[0].error, MissingReference)
    assert "GONE-1" in verdicts[0].error.message
    assert verdicts[1].error is None


def test_a_sku_with_a_comma_is_found(shop: Shop, conn: Connection):
    shop.change("products", shop.doc("products", "SKU-3")["id"], sku="A,B")
    verdicts = push(conn, "stock", [{"sku": "A,B", "stock_quantity": 5}, {"sku": "SKU-4", "stock_quantity": 5}])
    assert outcomes(verdicts) == ["updated", "updated"]


def test_records_without_a_sku_go_by_id(shop: Shop, conn: Connection):
    tee = shop.doc("products", "TEE-L")["id"]
    known = Outgoing(key="k", record={"stock_quantity": 2}, remote_id=str(tee))

    verdicts = push(conn, "stock", [known, {"id": 999999, "stock_quantity": 1}, {"stock_quantity": 1}])

    assert outcomes(verdicts) == ["updated", "rejected", "rejected"]
    assert shop.doc("products", "TEE-L")["stock_quantity"] == 2


def test_a_sku_that_the_shop_has_twice_is_refused(shop: Shop, conn: Connection):
    shop.change("products", shop.doc("products", "SKU-3")["id"], sku="sku-1")
    (verdict,) = push(conn, "stock", [{"sku": "SKU-1", "stock_quantity": 1}])
    assert "several times" in verdict.error.message


def test_a_success_that_did_not_take_is_a_rejection(shop: Shop, conn: Connection, monkeypatch: pytest.MonkeyPatch):
    def forgetful(conn, method, route, body, **_):
        return {"update": [{"id": item["id"], "manage_stock": True, "stock_quantity": None} for item in body["update"]]}

    monkeypatch.setattr(batches, "write", forgetful)
    (verdict,) = push(conn, "stock", [{"sku": "SKU-1", "stock_quantity": 12}])

    assert verdict.outcome is Outcome.REJECTED
    assert "kept None in place of 12" in verdict.error.message


def test_a_batch_that_the_shop_finds_too_large_is_sent_in_parts(conn: Connection, monkeypatch: pytest.MonkeyPatch):
    real, sizes = batches.write, []

    def strict(conn, method, route, body, **options):
        sizes.append(len(body["update"]))
        if len(body["update"]) > 5:
            raise LimitExceeded("too many")
        return real(conn, method, route, body, **options)

    monkeypatch.setattr(batches, "write", strict)
    verdicts = push(conn, "stock", [{"sku": f"SKU-{n}", "stock_quantity": 77} for n in range(1, 13)])

    assert outcomes(verdicts) == ["updated"] * 12
    assert sizes == [12, 6, 3, 3, 6, 3, 3]


def test_a_lost_answer_to_a_change_of_stock_is_simply_asked_again(shop: Shop, conn: Connection):
    PRACTICE.faults.add("lost", contains="batch")

    (verdict,) = push(conn, "stock", [{"sku": "SKU-1", "stock_quantity": 21}])

    assert verdict.outcome is Outcome.UPDATED
    assert shop.doc("products", "SKU-1")["stock_quantity"] == 21


def test_prices_are_text_with_a_point(shop: Shop, conn: Connection):
    records = [
        {"sku": "SKU-1", "regular_price": 12.5, "sale_price": Decimal("9.90")},
        {"sku": "TEE-S", "regular_price": "14"},
        {"sku": "SKU-2", "sale_price": ""},
        {"sku": "SKU-3", "regular_price": "10.50"},
    ]
    verdicts = push(conn, "prices", records)

    assert outcomes(verdicts) == ["updated", "updated", "updated", "unchanged"]
    one = shop.doc("products", "SKU-1")
    assert (one["regular_price"], one["sale_price"], one["price"]) == ("12.5", "9.90", "9.90")
    assert shop.doc("products", "SKU-2")["sale_price"] == ""
    assert shop.doc("products", "TEE-S")["regular_price"] == "14"


@pytest.mark.parametrize("bad", ["10,50", "abc", "-3", "£5", -1, "1e999x"])
def test_a_price_that_the_shop_would_clean_is_refused(shop: Shop, conn: Connection, bad: object):
    before = shop.doc("products", "SKU-1")["regular_price"]

    (verdict,) = push(conn, "prices", [{"sku": "SKU-1", "regular_price": bad}])

    assert verdict.error.field == "regular_price"
    assert shop.doc("products", "SKU-1")["regular_price"] == before


def test_a_sale_price_above_the_regular_one_is_refused_and_an_equal_one_ends_the_sale(shop: Shop, conn: Connection):
    records = [
        {"sku": "SKU-1", "regular_price": "10.00", "sale_price": "11.00"},
        {"sku": "SKU-2", "regular_price": "10.00", "sale_price": "10"},
        {"sku": "SKU-4", "sale_price": "999"},
    ]
    verdicts = push(conn, "prices", records)

    assert outcomes(verdicts) == ["rejected", "updated", "rejected"]
    assert [verdicts[n].error.field for n in (0, 2)] == ["sale_price", "sale_price"]
    assert shop.doc("products", "SKU-2")["sale_price"] == ""


def test_a_variable_product_takes_no_price_of_its_own(conn: Connection):
    (verdict,) = push(conn, "prices", [{"sku": "TEE", "regular_price": "10.00"}])
    assert "variations" in verdict.error.message
