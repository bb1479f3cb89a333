"""Refunds and fulfilments: the right order, nothing twice, the traps of the gateway."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from topstitch.sdk import ConfigError, Connection, MissingReference, Outcome, Outgoing, RemoteRejected
from topstitch.systems.woocommerce import fulfilments
from topstitch.systems.woocommerce.orders import OUR_KEY
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.refund_lines import by_rate, refund_lines
from topstitch.systems.woocommerce.tests.support import Shop, options, push


def an_order(shop: Shop, status: str = "processing", place: int = 0) -> dict:
    return [order for order in shop.store.all("orders") if order["status"] == status][place]


def now(shop: Shop, order: dict) -> dict:
    found = shop.store.get("orders", order["id"])
    assert found
    return found


def test_a_refund_by_sku_names_the_orders_lines_and_their_taxes(shop: Shop, conn: Connection):
    order = an_order(shop)
    line = order["line_items"][0]
    record = {
        "order_id": f"#{order['number']}",
        "reason": "Too big",
        "line_items": [
            {
                "sku": line["sku"].lower(),
                "refund_quantity": 1,
                "refund_total": line["total"],
                "refund_tax_total": line["total_tax"],
            }
        ],
    }

    (verdict,) = push(conn, "refunds", [record])

    assert verdict.outcome is Outcome.CREATED
    refund = shop.store.get("refunds", verdict.remote_id)
    assert Decimal(refund["amount"]) == Decimal(line["total"]) + Decimal(line["total_tax"])
    assert (refund["line_items"][0]["quantity"], refund["line_items"][0]["total"]) == (-1, f"-{line['total']}")
    assert refund["refunded_payment"] is False


def test_restocking_is_an_option(shop: Shop, conn: Connection):
    order = an_order(shop)
    line = next(one for one in order["line_items"] if shop.doc("products", one["sku"])["manage_stock"])
    before = shop.doc("products", line["sku"])["stock_quantity"]
    record = {"order_id": order["id"], "amount": "1.00", "line_items": [{"id": line["id"], "quantity": 1}]}

    push(conn, "refunds", [record], restock=False)
    assert shop.doc("products", line["sku"])["stock_quantity"] == before
    push(conn, "refunds", [record])
    assert shop.doc("products", line["sku"])["stock_quantity"] == before + 1


@pytest.mark.parametrize(("given", "amount"), [({"api_refund": True}, "1.00"), ({}, "999999.00")])
def test_a_refund_that_the_shop_cannot_make_is_a_rejection_and_no_outage(
    shop: Shop, conn: Connection, given: dict, amount: str
):
    order = an_order(shop)

    verdicts = push(conn, "refunds", [{"order_id": order["number"], "amount": amount}, {"order_id": "1"}], **given)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.REJECTED, Outcome.REJECTED]
    assert verdicts[0].error.field == "amount"
    assert shop.requests.count(f"POST /wp-json/wc/v3/orders/{order['id']}/refunds") == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"order_id": ""}, "order_id"),
        ({"order_id": "999999"}, "order_id"),
        ({"amount": "", "line_items": []}, "amount"),
        ({"line_items": [{"sku": "NOT-IN-IT", "quantity": 1}]}, "line_items[0].sku"),
        ({"line_items": [{"sku": "*", "refund_quantity": 99}]}, "line_items[0].refund_quantity"),
        ({"amount": "1,50"}, "amount"),
    ],
)
def test_refunds_that_cannot_be_right_are_refused(shop: Shop, conn: Connection, change: dict, field: str):
    order = an_order(shop)
    record = {"order_id": order["number"], "amount": "1.00"} | change
    record["line_items"] = [
        line | ({"sku": order["line_items"][0]["sku"]} if line["sku"] == "*" else {})
        for line in record.get("line_items", [])
    ]

    (verdict,) = push(conn, "refunds", [record])

    assert verdict.error.field == field
    assert now(shop, order)["refunds"] == order["refunds"]


def test_a_refund_whose_answer_was_lost_is_found_below_its_order(shop: Shop, conn: Connection):
    order = an_order(shop)
    record = {"order_id": order["number"], "amount": "1.00"}
    PRACTICE.faults.add("lost", method="POST", contains="/refunds")

    (verdict,) = push(conn, "refunds", [record])
    batch = [Outgoing(key=key, record=record) for key in ("k0", "k1")]
    found = conn.entry.entity("refunds").write.find(conn, batch, options(conn, "refunds", "write"))

    assert verdict.outcome is Outcome.UNKNOWN
    assert found == [str(now(shop, order)["refunds"][-1]["id"]), None]


def test_a_refund_made_before_is_left_alone(conn: Connection):
    (verdict,) = push(conn, "refunds", [Outgoing(key="k", record={}, remote_id="726")])
    assert verdict.outcome is Outcome.UNCHANGED


def test_a_tax_is_laid_on_the_rates_of_the_line_to_the_last_penny():
    line = {"taxes": [{"id": 1, "total": "5.00"}, {"id": 2, "total": "9.97"}, {"id": 3, "total": "0"}]}
    assert by_rate(line, Decimal("10.00")) == {1: Decimal("3.34"), 2: Decimal("6.66"), 3: Decimal(0)}


def of_two(**more: Any) -> dict[str, Any]:
    """An order with one SKU on two lines, the second given free of charge, with shipping and a fee."""
    taxes = [{"id": 75, "total": "4.00", "subtotal": "4.00"}]
    first = {"id": 1, "sku": "MUG", "quantity": 2, "total": "20.00", "taxes": taxes}
    second = {"id": 2, "sku": "MUG", "quantity": 1, "total": "0.00", "taxes": []}
    return {"id": 9, "line_items": [first, second], "shipping_lines": [{"id": 3, "total": "5.00"}], **more}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (
            [{"sku": "mug", "quantity": 3, "refund_total": "20", "refund_tax_total": 4}],
            [(1, 2, 20, 4), (2, 1, 0, None)],
        ),
        ([{"sku": "MUG", "quantity": 1, "refund_total": "10"}], [(1, 1, 10, None)]),
        ([{"sku": "MUG", "quantity": 2}, {"sku": "MUG", "quantity": 1}], [(1, 2, 0, None), (2, 1, 0, None)]),
        (
            [{"id": 1, "quantity": 1, "refund_total": 9, "refund_tax_total": 1}, {"sku": "MUG", "quantity": 1}],
            [(1, 2, 9, 1)],
        ),
        ([{"sku": "MUG", "refund_total": "3"}], [(1, 0, 3, None), (2, 0, 0, None)]),
    ],
)
def test_what_comes_back_is_laid_on_every_line_of_its_sku(given: list, made: list):
    """And the shop is told an amount for each, be it zero, and each line once."""
    found = refund_lines(of_two(), given)
    taxes = [sum(row["refund_total"] for row in line["refund_tax"]) if "refund_tax" in line else None for line in found]
    assert [
        (line["id"], line["quantity"], line["refund_total"], tax) for line, tax in zip(found, taxes, strict=True)
    ] == made


def test_more_than_all_lines_of_a_sku_hold_is_refused():
    with pytest.raises(RemoteRejected, match="4 is more than the 3 ordered"):
        refund_lines(of_two(), [{"sku": "MUG", "quantity": 4}])


def test_shipping_and_fees_are_refunded_by_the_id_of_their_line(shop: Shop, conn: Connection):
    order = an_order(shop)
    shipping = order["shipping_lines"][0]
    fee = {
        "id": 9999,
        "name": "Gift wrap",
        "total": "2.00",
        "total_tax": "0.40",
        "taxes": [{"id": 75, "total": "0.40"}],
    }
    shop.change("orders", order["id"], fee_lines=[fee])
    lines = [
        {"id": shipping["id"], "refund_total": "4.95", "refund_tax_total": "0.99"},
        {"id": "9999", "quantity": 1, "refund_total": "1"},
    ]

    (verdict,) = push(conn, "refunds", [{"order_id": order["number"], "line_items": lines}])

    assert verdict.outcome is Outcome.CREATED, verdict.error
    refund = shop.store.get("refunds", verdict.remote_id)
    assert (refund["amount"], refund["line_items"]) == ("6.94", [])
    (back,), (wrap,) = refund["shipping_lines"], refund["fee_lines"]
    assert (back["total"], back["total_tax"], wrap["total"]) == ("-4.95", "-0.99", "-1.00")


def test_meta_data_of_a_refund_is_written_beside_our_key(shop: Shop, conn: Connection):
    record = {"order_id": an_order(shop)["number"], "amount": 1, "meta_data": [{"key": "_paid_by", "value": "bank"}]}
    (verdict,) = push(conn, "refunds", [record])
    held = {one["key"]: one["value"] for one in shop.store.get("refunds", verdict.remote_id)["meta_data"]}
    assert held == {"_paid_by": "bank", OUR_KEY: "k0"}


def test_an_order_is_completed_with_its_tracking(shop: Shop, conn: Connection):
    order = an_order(shop)
    record = {
        "order_id": order["number"],
        "tracking_number": "TR1",
        "tracking_carrier": "Post",
        "tracking_url": "https://t.example/1",
    }

    (verdict,) = push(conn, "fulfilments", [record])

    assert verdict.outcome is Outcome.UPDATED
    after = now(shop, order)
    held = {m["key"]: m["value"] for m in after["meta_data"] if m["key"].startswith("_tracking")}
    assert after["status"] == "completed"
    assert held == {"_tracking_number": "TR1", "_tracking_provider": "Post", "_tracking_url": "https://t.example/1"}


def test_a_second_parcel_is_added_and_a_repeat_changes_nothing(shop: Shop, conn: Connection):
    order = an_order(shop)
    one, two = ({"order_id": order["number"], "tracking_number": number} for number in ("TR1", "TR2"))

    verdicts = push(conn, "fulfilments", [one, two, one, two], note="customer")

    assert [str(verdict.outcome) for verdict in verdicts] == ["updated", "updated", "unchanged", "unchanged"]
    assert {m["value"] for m in now(shop, order)["meta_data"] if m["key"] == "_tracking_number"} == {"TR1, TR2"}
    notes = [note for note in shop.store.all("notes") if note["order"] == order["id"]]
    assert [(note["note"], note["customer_note"]) for note in notes] == [
        ("Sent, tracking number TR1.", True),
        ("Sent, tracking number TR2.", True),
    ]


def test_a_note_whose_answer_was_lost_is_not_written_again(shop: Shop, conn: Connection):
    order = an_order(shop)
    record = {"order_id": order["number"], "tracking_number": "TR1", "note": "On its way"}
    PRACTICE.faults.add("lost", method="POST", contains="/notes")

    (first,) = push(conn, "fulfilments", [record], note="private")
    (second,) = push(conn, "fulfilments", [record], note="private")

    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.UPDATED)
    assert [note["note"] for note in shop.store.all("notes") if note["order"] == order["id"]] == ["On its way"]


def test_status_and_meta_keys_are_options(shop: Shop, conn: Connection):
    order = an_order(shop)
    push(
        conn,
        "fulfilments",
        [{"order_id": order["number"], "tracking_number": "T"}],
        status="processing",
        number_key="_tn",
    )
    after = now(shop, order)
    assert after["status"] == "processing"
    assert ("_tn", "T") in [(m["key"], m["value"]) for m in after["meta_data"]]


def test_the_status_may_be_left_alone(shop: Shop, conn: Connection):
    order = an_order(shop)
    push(conn, "fulfilments", [{"order_id": order["number"], "tracking_number": "T"}], status="none")
    assert now(shop, order)["status"] == "processing"


def test_a_cancelled_order_is_not_completed(shop: Shop, conn: Connection):
    order = an_order(shop, "cancelled")
    (verdict,) = push(conn, "fulfilments", [{"order_id": order["number"], "tracking_number": "T"}])
    assert "cancelled" in verdict.error.message
    assert now(shop, order) == order


def test_a_number_of_a_plug_in_is_never_taken_for_the_id_of_another_order(shop: Shop, conn: Connection):
    order, other = an_order(shop), an_order(shop, place=1)
    shop.change("orders", order["id"], number="R-1")
    shop.change("orders", other["id"], number="R-2")

    (by_number,) = push(conn, "fulfilments", [{"order_id": str(order["id"])}])
    (by_id,) = push(conn, "fulfilments", [{"order_id": str(order["id"])}], order_by="id")

    assert isinstance(by_number.error, MissingReference)
    assert "plug-in" in by_number.error.hint
    assert by_id.remote_id == str(order["id"])


def test_a_number_of_a_plug_in_is_found_among_all_that_look_like_it(shop: Shop, conn: Connection):
    shop.site(searches_numbers=True)
    orders = shop.store.all("orders")
    for n, order in enumerate(orders):
        shop.change("orders", order["id"], number=f"R-{n + 1}", status="processing")

    (first, none) = push(conn, "fulfilments", [{"order_id": "R-1"}, {"order_id": "R-"}])

    assert first.remote_id == str(orders[0]["id"])
    assert isinstance(none.error, MissingReference)


def test_a_number_that_two_orders_have_is_refused(shop: Shop, conn: Connection):
    shop.site(searches_numbers=True)
    for place in (0, 1):
        shop.change("orders", an_order(shop, place=place)["id"], number="R-1")

    (verdict,) = push(conn, "fulfilments", [{"order_id": "R-1"}])

    assert (verdict.error.field, "several orders" in verdict.error.message) == ("order_id", True)


def test_without_the_tracking_extension_its_option_is_a_matter_of_settings(shop: Shop, conn: Connection):
    order = an_order(shop)
    (verdict,) = push(conn, "fulfilments", [{"order_id": order["number"], "tracking_number": "T"}], extension=True)
    assert isinstance(verdict.error, ConfigError)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://t.example/1", {"custom_tracking_provider": "Post", "custom_tracking_link": "https://t.example/1"}),
        ("", {"tracking_provider": "Post"}),
    ],
)
def test_the_tracking_extension_is_told_once(conn: Connection, monkeypatch: pytest.MonkeyPatch, url: str, sent: dict):
    """Its documents' body; the practice shop has no such extension, so its list is kept here."""
    told: list[dict] = []

    class Answer:
        def json(self) -> list[dict]:
            return told

    monkeypatch.setattr(type(conn.http), "get", lambda *_, **__: Answer())
    monkeypatch.setattr(type(conn.http), "post", lambda _, path, json, **__: told.append(json))
    record = {"tracking_number": "T1", "tracking_carrier": "Post", "tracking_url": url}

    assert [fulfilments._extension(conn, 7, record) for _ in range(2)] == [True, False]
    assert told == [{"tracking_number": "T1", **sent}]
