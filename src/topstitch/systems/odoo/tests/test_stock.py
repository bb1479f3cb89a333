"""Stock: set where it is to be, counted as one, reported when it is gone."""

from __future__ import annotations

from typing import Any

import pytest

from topstitch.sdk import Connection, MissingReference, Outcome
from topstitch.systems.odoo.practice import PRACTICE

from .conftest import Connect, Look, order, outcomes, product, push, records


def test_stock_is_set_at_the_default_location(conn: Connection) -> None:
    verdicts = push(
        conn,
        "stock",
        {"default_code": "MUG-RED", "inventory_quantity": "17"},
        {"default_code": "JUG", "inventory_quantity": 4},
        {"default_code": "NO-SUCH", "inventory_quantity": 1},
        {"default_code": "BOWL", "inventory_quantity": -1},
        {"default_code": "APRON", "inventory_quantity": None},
    )
    assert outcomes(verdicts) == ["updated", "updated", "rejected", "rejected", "rejected"]
    assert isinstance(verdicts[2].error, MissingReference)
    assert (product(conn, "MUG-RED")["qty_available"], product(conn, "JUG")["qty_available"]) == (17.0, 4.0)
    assert push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 4})[0].outcome is Outcome.UNCHANGED


def test_stock_is_set_at_the_location_of_option_or_record(conn: Connection) -> None:
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 3}, location="SHOP/Stock")
    push(
        conn,
        "stock",
        {"default_code": "JUG", "inventory_quantity": 5, "location_id": {"name": "Main Warehouse"}},
        location="SHOP/Stock",
    )
    held = {r["location_id"]["name"]: r["quantity"] for r in records(conn, "quants") if r["default_code"] == "JUG"}
    assert held == {"SHOP/Stock": 3.0, "WH/Stock": 5.0}
    in_shop = [r for r in records(conn, "stock", options={"location": "SHOP/Stock"}) if r["default_code"] == "JUG"]
    assert [r["qty_available"] for r in in_shop] == [3.0]
    assert isinstance(
        push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 1}, location="MOON")[0].error,
        MissingReference,
    )


def test_a_row_that_spoils_a_count_is_found_and_the_others_are_booked(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from topstitch.systems.odoo.erp import stock
    from topstitch.systems.odoo.erp.faults import ValidationError
    from topstitch.systems.odoo.erp.registry import CREATE

    def strict(env: Any, given: Any) -> int:
        if given["inventory_quantity"] == 13:
            raise ValidationError("Quants cannot be created for consumables or services.")
        return stock.create_quant(env, given)

    monkeypatch.setitem(CREATE, "stock.quant", strict)
    rows = [
        {"default_code": sku, "inventory_quantity": count} for sku, count in (("JUG", 4), ("BOWL", 13), ("APRON", 6))
    ]
    verdicts = push(conn, "stock", *rows)
    assert outcomes(verdicts) == ["updated", "rejected", "updated"]
    assert "consumables" in verdicts[1].error.message
    assert (product(conn, "JUG")["qty_available"], product(conn, "APRON")["qty_available"]) == (4.0, 6.0)


def test_a_lost_count_is_simply_sent_again(conn: Connection) -> None:
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 1})
    PRACTICE.faults.add("lost", contains="inventory_quantity")
    assert push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 9})[0].outcome is Outcome.UPDATED
    assert product(conn, "JUG")["qty_available"] == 9.0


def test_a_refused_sign_in_leaves_the_verdicts_of_bad_rows_alone(connect: Connect) -> None:
    conn = connect()
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 1})
    PRACTICE.faults.add("expired", count=9, contains="inventory_quantity")
    rows = [{"default_code": "NO-SUCH", "inventory_quantity": 1}, {"default_code": "JUG", "inventory_quantity": 2}]
    assert outcomes(push(conn, "stock", *rows)) == ["rejected", "later"]


def test_stock_kept_by_lot_is_not_overwritten(connect: Connect, env: Look) -> None:
    conn = connect()
    quant = next(r for r in records(conn, "quants") if r["default_code"] == "BOWL")
    lot = env(conn).create("stock.lot", {"name": "L-1"})
    env(conn).update("stock.quant", [quant["id"]], {"lot_id": lot})
    verdict = push(conn, "stock", {"default_code": "BOWL", "inventory_quantity": 1})[0]
    assert "by lot" in verdict.error.message


def test_a_product_that_sold_out_is_reported_although_its_quant_is_gone(conn: Connection, env: Look) -> None:
    from datetime import UTC, datetime

    push(conn, "stock", {"default_code": "TEAPOT", "inventory_quantity": 2})
    push(
        conn,
        "orders",
        order(lines=[{"default_code": "TEAPOT", "product_uom_qty": product(conn, "TEAPOT")["qty_available"]}]),
    )
    began = datetime.now(UTC)
    push(conn, "fulfilments", {"sale": {"client_order_ref": "SH-1"}})
    assert "TEAPOT" not in [r["default_code"] for r in records(conn, "quants")]
    sold = [r for r in records(conn, "stock", since=began.replace(microsecond=0)) if r["default_code"] == "TEAPOT"]
    assert [r["qty_available"] for r in sold] == [0.0]


@pytest.mark.parametrize(("count", "changed"), [(9, True), (2, True), (7, False)])
def test_a_product_in_two_rows_at_one_place_is_counted_as_one(
    conn: Connection, env: Look, count: int, changed: bool
) -> None:
    look = env(conn)
    push(conn, "stock", {"default_code": "JUG", "inventory_quantity": 3})
    (first,) = [r for r in records(conn, "quants") if r["default_code"] == "JUG"]
    place = {"product_id": first["product_id"]["id"], "location_id": first["location_id"]["id"]}
    look.insert("stock.quant", {**place, "quantity": 4.0})
    verdict = push(conn, "stock", {"default_code": "JUG", "inventory_quantity": count})[0]
    assert verdict.outcome is (Outcome.UPDATED if changed else Outcome.UNCHANGED)
    assert product(conn, "JUG")["qty_available"] == count
