"""The mock's counters, asked over HTTP: what is wrong, missing, doubled or early is noticed, and what is right is not."""

from __future__ import annotations

import asyncio
import socket

from bench.ends import Shop
from bench.hand import send_all
from bench.orders import FIRST_ID, ID_STEP, index_of

FAULTLESS = {"missing": 0, "duplicates": 0, "wrong": 0, "should_be_filtered": 0, "unknown": 0}


def counters(mock):
    stats = mock.stats()
    return {name: stats[name] for name in FAULTLESS}


def test_a_right_delivery_counts_nothing(mock):
    for record in mock.wanted():
        assert mock.post(record) == 201

    assert counters(mock) == FAULTLESS
    assert mock.stats()["unique"] == mock.stats()["expected"] == len(mock.wanted())


def test_a_missing_record_is_noticed(mock):
    for record in mock.wanted()[1:]:
        mock.post(record)

    assert counters(mock) == {**FAULTLESS, "missing": 1}


def test_a_double_record_is_noticed(mock):
    for record in [*mock.wanted(), mock.wanted()[3]]:
        mock.post(record)

    assert counters(mock) == {**FAULTLESS, "duplicates": 1}
    assert mock.ask("/ids")[2][mock.wanted()[3]["external_id"]] == 2


def test_a_wrong_value_is_noticed_and_shown(mock):
    first, *others = mock.wanted()
    for record in [{**first, "net_amount": first["net_amount"] + 0.01}, *others]:
        mock.post(record)

    assert counters(mock) == {**FAULTLESS, "wrong": 1}
    assert list(mock.stats()["wrong_example"]) == ["net_amount"]


def test_an_absent_and_an_extra_field_are_wrong(mock):
    first, second, *_ = mock.wanted()
    del first["phone"]
    mock.post(first)
    mock.post({**second, "extra": 1})

    assert mock.stats()["wrong"] == 2
    assert list(mock.stats()["wrong_example"]) == ["phone"]


def test_the_spelling_of_a_number_and_the_order_of_keys_do_not_matter(mock):
    first = mock.wanted()[0]
    mock.post({**dict(reversed(first.items())), "total_quantity": float(first["total_quantity"])})

    assert mock.stats()["wrong"] == 0


def test_what_should_have_been_filtered_and_what_was_never_given_are_noticed(mock):
    unpaid = next(index for index in range(40) if mock.shop.expected(index) is None)
    mock.post({"external_id": f"SHP-{FIRST_ID + unpaid * ID_STEP}"})
    mock.post({"external_id": "SHP-1"})
    mock.post({"external_id": f"SHP-{FIRST_ID + 40 * ID_STEP}"})

    assert (mock.stats()["should_be_filtered"], mock.stats()["unknown"]) == (1, 2)


def test_what_is_no_record_is_refused(mock):
    assert mock.post({"no": "id"}) == 400
    assert mock.post(["a", "list"]) == 400
    assert mock.ask("/elsewhere")[0] == 404
    assert mock.stats()["accepted"] == 0


def test_a_refused_record_is_not_stored_and_its_second_try_is(mock):
    mock.begin("f500=1&attempts=1")
    record = mock.wanted()[0]

    assert mock.post(record) == 500
    assert mock.stats()["accepted"] == 0
    assert mock.post(record) == 201
    assert mock.stats()["status"] == {"500": 1, "201": 1}


def test_a_500_after_the_write_has_stored_the_record(mock):
    mock.begin("f500=1&after_write=1")

    assert mock.post(mock.wanted()[0]) == 500
    assert mock.stats()["accepted"] == 1


def test_a_retry_before_its_time_is_noticed(mock):
    mock.begin("f429=1&retry_after=60")
    status, headers, _ = mock.ask("/dest/orders", mock.wanted()[0])

    assert (status, headers["retry-after"]) == (429, "60")
    assert mock.stats()["retried_before_retry_after"] == 0
    mock.post(mock.wanted()[0])
    assert mock.stats()["retried_before_retry_after"] == 1


def test_a_retry_in_its_time_is_not_early(mock):
    mock.begin("f429=1&retry_after=0")
    mock.post(mock.wanted()[0])
    mock.post(mock.wanted()[0])

    assert mock.stats()["retried_before_retry_after"] == 0


def test_pages_give_every_order_once_and_the_last_has_no_cursor(mock):
    mock.begin("n=25")
    orders, cursor = [], ""
    while cursor is not None:
        page = mock.ask(f"/source/orders?limit=10&cursor={cursor}")[2]
        orders += page["orders"]
        cursor = page["next_cursor"]

    assert [index_of(each["id"]) for each in orders] == list(range(25))
    assert page == {"orders": page["orders"], "next_cursor": None, "next": None, "has_more": False}
    assert mock.stats()["source_requests"] == 3


def test_a_list_in_one_request(mock):
    status, _, told = mock.ask("/dest/orders/bulk", mock.wanted())

    assert (status, told) == (200, {"accepted": len(mock.wanted())})
    assert counters(mock) == FAULTLESS


def test_a_request_in_pieces_is_put_together(mock):
    host, port = mock.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        for piece in (
            b"POST /dest/orders HTTP/1.1\r\nContent-",
            b"Length: 21\r\n\r\n",
            b'{"external_',
            b'id":"SHP-1"}',
        ):
            wire.sendall(piece)
        assert wire.recv(1000).startswith(b"HTTP/1.1 201 ")
    assert mock.stats()["unknown"] == 1


def test_orders_beyond_those_kept_ready_are_checked_as_well(monkeypatch):
    monkeypatch.setattr("bench.ends.READY", 3)
    few, many = Shop(20), Shop(20)

    assert [few.expected(index) for index in (19, 0, 7)] == [many.expected(index) for index in (19, 0, 7)]
    assert few.paid(20) == sum(few.expected(index) is not None for index in range(20))


def test_the_bound_delivers_everything(mock):
    sent = asyncio.run(send_all(mock.address))

    assert sent == len(mock.wanted())
    assert counters(mock) == FAULTLESS
