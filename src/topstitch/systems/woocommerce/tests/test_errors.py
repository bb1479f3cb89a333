"""What answers mean that are no success, and what the practice shop itself refuses or bends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from topstitch.sdk import (
    AnswerLost,
    AuthError,
    ConfigError,
    Connection,
    DuplicateRecord,
    LimitExceeded,
    MissingReference,
    Outcome,
    RateLimited,
    RemoteRejected,
)
from topstitch.sdk.practice import ORDERS, PEOPLE, Practice, PracticeServer, Reply, html_reply, json_reply
from topstitch.systems.woocommerce.answers import error_of
from topstitch.systems.woocommerce.api import get, rows, write
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop, push, read


@contextmanager
def in_front(*answers: Reply) -> Iterator[Connection]:
    """A connection through a firewall that answers these before it lets requests pass to nowhere."""
    wall, left = Practice("woocommerce", PRACTICE.settings), list(answers)
    wall.gate(lambda _: left.pop(0) if left else None)
    wall.on_missing(lambda _: json_reply([]))
    with PracticeServer([wall]) as server:
        yield Shop(server).connect()


def page(status: int) -> Reply:
    return html_reply("<html><title>Not Acceptable</title></html>", status)


@pytest.mark.parametrize(
    ("error", "status", "kind", "field"),
    [
        ({"code": "woocommerce_rest_cannot_view", "message": "Sorry"}, 401, AuthError, ""),
        ({"code": "woocommerce_rest_authentication_error", "message": "Invalid timestamp."}, 401, AuthError, ""),
        ({"code": "rest_no_route", "message": "No route"}, 404, ConfigError, ""),
        ({"code": "rest_invalid_param", "data": {"params": {"status": "bad"}}}, 400, RemoteRejected, "status"),
        ({"code": "product_invalid_sku", "data": {"resource_id": 12}}, 400, DuplicateRecord, "sku"),
        ({"code": "registration-error-email-exists"}, 400, DuplicateRecord, "email"),
        ({"code": "customer_invalid_email"}, 400, RemoteRejected, "email"),
        ({"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."}, 400, MissingReference, "id"),
        ({"code": "woocommerce_rest_shop_order_invalid_id"}, 404, MissingReference, "id"),
        ({"code": "woocommerce_rest_request_entity_too_large"}, 413, LimitExceeded, ""),
        ({"code": "woocommerce_rest_cannot_create_order_refund", "data": 500}, 500, RemoteRejected, "amount"),
        ({"code": "woocommerce_rest_required_product_reference"}, 400, RemoteRejected, "line_items"),
    ],
)
def test_the_shops_codes_have_their_meaning(error: dict, status: int, kind: type, field: str):
    found = error_of(error, status)
    assert type(found) is kind
    assert getattr(found, "field", "") == field


def test_a_crash_of_the_shop_is_left_to_the_default_table():
    assert error_of({"code": "internal_server_error", "message": "critical error"}, 500) is None


@pytest.mark.parametrize(("status", "kind", "said"), [(501, RemoteRejected, "firewall"), (404, ConfigError, "address")])
def test_pages_of_a_firewall_are_told_from_the_shops_answers(status: int, kind: type, said: str):
    with in_front(page(status)) as conn, pytest.raises(kind, match=said):
        get(conn, "orders")


def test_a_firewall_that_refuses_us_is_asked_again():
    with in_front(page(403)) as conn:
        assert rows(get(conn, "orders")) == []


@pytest.mark.parametrize("retry_after", [None, 0.1])
def test_a_host_that_asks_to_slow_down_is_obeyed(conn: Connection, retry_after: float | None):
    PRACTICE.faults.add("429", count=2, retry_after=retry_after)
    assert len(read(conn, "customers")) == 12 + len(PEOPLE)


def test_a_host_that_goes_on_asking_is_rate_limited(conn: Connection):
    PRACTICE.faults.add("429", count=2, retry_after=3600)
    with pytest.raises(RateLimited) as caught:
        read(conn, "customers")
    assert caught.value.retry_after == 3600


def test_a_shop_that_crashes_once_is_asked_again(conn: Connection):
    PRACTICE.faults.add("500")
    assert len(read(conn, "customers")) == 12 + len(PEOPLE)


def test_a_crash_while_an_order_is_written_leaves_it_unknown_and_the_others_written(conn: Connection):
    record = {"line_items": [{"sku": "SKU-1", "quantity": 1}]}
    PRACTICE.faults.add("500", method="POST", skip=1)

    verdicts = push(conn, "orders", [record] * 3)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.CREATED, Outcome.UNKNOWN, Outcome.CREATED]


def test_a_connection_dropped_at_a_write_leaves_it_unknown(conn: Connection):
    PRACTICE.faults.add("drop", method="POST")
    (verdict,) = push(conn, "orders", [{"line_items": [{"sku": "SKU-1", "quantity": 1}]}])
    assert isinstance(verdict.error, AnswerLost)


def test_a_write_whose_answer_cannot_be_read_is_a_lost_answer():
    with in_front(page(201)) as conn, pytest.raises(AnswerLost, match="not JSON"):
        write(conn, "POST", "orders", {}, idempotent=False)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"per_page": 101}, "per_page"),
        ({"modified_after": "2024-03-05"}, "modified_after"),
        ({"status": "wc-completed"}, "status[0]"),
        ({"orderby": "colour"}, "orderby"),
    ],
)
def test_the_practice_shop_refuses_what_the_real_one_refuses(conn: Connection, params: dict, field: str):
    with pytest.raises(RemoteRejected) as caught:
        get(conn, "orders", params)
    assert caught.value.field == field


def test_the_practice_shop_moves_a_bound_that_is_marked_twice(shop: Shop, conn: Connection):
    shop.site(offset_hours=5)
    before, after = shop.store.all("orders")[20:22]
    at = before["date_modified_gmt"]
    later = datetime.fromisoformat(at) + timedelta(hours=2)
    shop.change(
        "orders",
        after["id"],
        date_modified_gmt=later.isoformat(),
        date_modified=(later + timedelta(hours=5)).isoformat(),
    )

    def count(**params: str) -> int:
        return len(rows(get(conn, "orders", {"per_page": 100, **params})))

    assert count(modified_after=f"{at}Z") == count(modified_after=at, dates_are_gmt="true") == 13 + len(ORDERS)
    assert count(modified_after=f"{at}Z", dates_are_gmt="true") == 12 + len(ORDERS)


def test_the_practice_shop_bends_prices_in_silence(shop: Shop, conn: Connection):
    id = shop.doc("products", "SKU-1")["id"]

    def price(text: object) -> str:
        return write(conn, "PUT", "products/{id}", {"regular_price": text}, idempotent=True, id=id)["regular_price"]

    assert [price("10,50"), price("abc"), price("-3")] == ["1050", "", "-3"]
    with pytest.raises(RemoteRejected) as caught:
        price(10.5)
    assert caught.value.field == "regular_price"


def test_the_practice_shop_takes_an_order_with_an_unknown_sku(conn: Connection):
    order = write(conn, "POST", "orders", {"line_items": [{"sku": "NOPE", "quantity": 1}]}, idempotent=False)
    assert (order["line_items"][0]["product_id"], order["line_items"][0]["total"]) == (0, "0.00")


def test_the_practice_shop_does_not_change_a_variation_among_the_products(shop: Shop, conn: Connection):
    id = shop.doc("products", "TEE-S")["id"]
    assert get(conn, "products/{id}", id=id).json()["type"] == "variation"
    with pytest.raises(MissingReference):
        write(conn, "PUT", "products/{id}", {"regular_price": "1"}, idempotent=True, id=id)


def test_the_practice_shop_checks_batches_badly_and_limits_them(conn: Connection):
    body = {"create": [{"name": "A", "sku": "A1", "status": "live", "manage_stock": True, "stock_quantity": "x"}]}
    (made,) = write(conn, "POST", "products/batch", body, idempotent=False)["create"]
    assert (made["status"], made["stock_quantity"]) == ("draft", 0)
    with pytest.raises(LimitExceeded):
        write(conn, "POST", "products/batch", {"update": [{"id": 1}] * 101}, idempotent=True)
