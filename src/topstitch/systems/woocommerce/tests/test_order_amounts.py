"""Amounts with tax are sent without, whoever says that they are with: the shop puts its own 20 % on top of everything."""

from __future__ import annotations

from typing import Any

import pytest

from topstitch.sdk import Connection, Outcome
from topstitch.systems.woocommerce import order_push
from topstitch.systems.woocommerce.tests.support import Shop, push, read

LINE = {"sku": "SKU-1", "quantity": 2, "price": "60", "total": "108", "total_tax": "18"}


def order(*lines: dict[str, Any], shipping: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "billing": {"email": "zoe@example.com"},
        "line_items": list(lines) or [LINE],
        "shipping_lines": [shipping] if shipping else [],
        **more,
    }


def sent(shop: Shop, conn: Connection, record: dict[str, Any], **given: Any) -> dict[str, Any]:
    """The order that the shop made of it."""
    (verdict,) = push(conn, "orders", [record], **given)
    assert verdict.outcome is Outcome.CREATED, verdict.error
    found = shop.store.get("orders", verdict.remote_id)
    assert found
    return found


@pytest.mark.parametrize(
    ("said", "option", "net"),
    [
        (True, False, True),
        ("true", False, True),
        (False, True, False),
        (None, True, True),
        ("", True, True),
        (None, False, False),
    ],
)
def test_the_order_says_whether_its_amounts_include_tax_and_the_option_where_it_does_not(
    shop: Shop, conn: Connection, said: Any, option: bool, net: bool
):
    (line,) = sent(shop, conn, order(amounts_include_tax=said), tax_inclusive=option)["line_items"]
    wanted = ("100.00", "90.00", "18.00") if net else ("120.00", "108.00", "21.60")
    assert (line["subtotal"], line["total"], line["total_tax"]) == wanted


def test_the_word_itself_is_not_sent_and_must_be_one(shop: Shop, conn: Connection):
    assert "amounts_include_tax" not in sent(shop, conn, order(amounts_include_tax=True))
    (verdict,) = push(conn, "orders", [order(amounts_include_tax="perhaps")])
    assert verdict.error.field == "amounts_include_tax"


def test_amounts_of_the_shop_itself_are_without_tax(conn: Connection):
    assert {record["amounts_include_tax"] for record in read(conn, "orders")} == {False}


@pytest.mark.parametrize(
    ("line", "total"),
    [
        ({"total_tax": None, "tax_rate": "0.2"}, "90.00"),
        ({"total_tax": "", "tax_rate": 0.2}, "90.00"),
        ({"total_tax": "0", "tax_rate": "0.2"}, "108.00"),
        ({"total_tax": "0.00"}, "108.00"),
        ({"total": None, "total_tax": "20"}, "100.00"),
        ({"total": "0", "total_tax": "0", "tax_rate": "0.2"}, "0.00"),
    ],
)
def test_a_lines_tax_is_its_own_amount_or_else_its_rate(shop: Shop, conn: Connection, line: dict, total: str):
    (made,) = sent(shop, conn, order(LINE | line, amounts_include_tax=True, total_tax="0"))["line_items"]
    assert made["total"] == total
    assert made["subtotal"] == ("120.00" if total == "108.00" else "100.00")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"total_tax": "108"}, "line_items[0].total_tax"),
        ({"total": None, "price": None, "total_tax": "5"}, "line_items[0].total"),
        ({"total_tax": None, "tax_rate": "-1"}, "line_items[0].tax_rate"),
        ({"total_tax": None, "tax_rate": "20 %"}, "line_items[0].tax_rate"),
    ],
)
def test_a_tax_that_cannot_be_taken_out_refuses_the_order(conn: Connection, line: dict, field: str):
    (verdict,) = push(conn, "orders", [order(LINE | line, amounts_include_tax=True)])
    assert verdict.error.field == field


REDUCED = {"sku": "SKU-2", "quantity": 1, "price": "10.50", "total": "10.50", "total_tax": "0.50"}


@pytest.mark.parametrize(
    ("lines", "shipping", "order_tax", "net"),
    [
        # As all lines are, whether the order's tax is known or agrees but for rounding.
        ([LINE], {}, None, "5.00"),
        ([LINE], {}, "19.00", "5.00"),
        ([LINE], {}, "19.01", "5.00"),
        # Its own word goes first.
        ([LINE], {"total_tax": "0.30"}, "19.00", "5.70"),
        ([LINE], {"total_tax": "0"}, "19.00", "6.00"),
        # What the order's tax leaves: none, or that of another rate.
        ([LINE], {}, "18.00", "6.00"),
        ([LINE], {}, "18.29", "5.71"),
        ([LINE, REDUCED], {}, "19.50", "5.00"),
        # An order's tax that cannot be right does not count; mixed lines share theirs.
        ([LINE], {}, "2.00", "5.00"),
        ([LINE], {}, "99.00", "5.00"),
        ([LINE, REDUCED], {}, None, "5.06"),
        # Nothing is taxed.
        ([LINE | {"total_tax": "0"}], {}, "0.00", "6.00"),
    ],
)
def test_the_tax_of_the_shipping_is_found(
    shop: Shop, conn: Connection, lines: list, shipping: dict, order_tax: str | None, net: str
):
    record = order(*lines, shipping={"total": "6.00", **shipping}, amounts_include_tax=True, total_tax=order_tax)
    assert sent(shop, conn, record)["shipping_total"] == net


def test_the_tax_of_an_order_whose_lines_tell_none_is_spread_over_everything(shop: Shop, conn: Connection):
    bare = LINE | {"total_tax": None}
    made = sent(shop, conn, order(bare, shipping={"total": "12"}, amounts_include_tax=True, total_tax="20"))
    assert (made["line_items"][0]["total"], made["shipping_total"], made["total"]) == ("90.00", "10.00", "120.00")


def test_fees_are_charges_too_and_an_untaxed_one_stays_as_it_is(shop: Shop, conn: Connection):
    fees = [{"name": "Gift wrap", "total": "2.40"}, {"name": "Deposit", "total": "3", "tax_status": "none"}]
    made = sent(shop, conn, order(shipping={"total": "6"}, fee_lines=fees, amounts_include_tax=True, total_tax="19.40"))
    assert [fee["total"] for fee in made["fee_lines"]] == ["2.00", "3.00"]
    assert (made["shipping_total"], made["total"]) == ("5.00", "119.40")


def test_shipping_is_taxed_by_the_shop_whatever_the_record_says_of_it(shop: Shop, conn: Connection):
    shipping = {"method_title": "Post", "total": "6", "tax_status": "none", "tax_class": "zero", "name": "By post"}
    made = sent(shop, conn, order(shipping=shipping, amounts_include_tax=True, total_tax="19"))
    assert (made["shipping_total"], made["total"]) == ("5.00", "114.00")


def test_a_charge_tells_the_shop_only_what_it_takes(conn: Connection, monkeypatch: pytest.MonkeyPatch):
    bodies: list[dict] = []
    real = order_push.write
    monkeypatch.setattr(order_push, "write", lambda *given, **more: bodies.append(given[3]) or real(*given, **more))
    shipping = {"total": "6", "tax_status": "none", "name": "By post", "instance_id": 4, "total_tax": "0"}

    push(conn, "orders", [order(shipping=shipping, fee_lines=[{"total": "2"}, {"name": "Wrap", "tax_class": "zero"}])])

    assert bodies[0]["shipping_lines"] == [{"method_id": "flat_rate", "instance_id": "4", "total": "6"}]
    assert bodies[0]["fee_lines"] == [{"name": "Fee", "total": "2"}, {"name": "Wrap", "tax_class": "zero"}]


def test_tax_that_nothing_tells_is_warned_of(shop: Shop):
    conn, lines = shop.connect(), []
    conn.log = lambda level, message: lines.append((level, message))
    bare = LINE | {"total_tax": None}

    push(conn, "orders", [order(bare, amounts_include_tax=True), order(bare, amounts_include_tax=True, total_tax="0")])

    ((level, message),) = lines
    assert (level, "source k0" in message, "tell a tax or a rate" in message) == ("warning", True, True)
