"""Purchase orders: made, confirmed, changed, never doubled."""

from __future__ import annotations

from typing import Any

from topstitch.sdk import Connection, MissingReference, Outcome

from .conftest import find, push, records


def purchase(**more: Any) -> dict[str, Any]:
    lines = [
        {"default_code": "MUG-BLUE", "product_qty": 40, "price_unit": 3},
        {"default_code": "BOWL", "product_qty": "10"},
    ]
    return {
        "origin": "PO-900",
        "partner": {"name": "clay supplies 2"},
        "date_planned": "2026-12-01",
        "lines": lines,
        **more,
    }


def test_a_purchase_order_is_made_confirmed_and_not_doubled(conn: Connection) -> None:
    assert find(conn, "purchase_orders", purchase()) == [None]
    first = push(conn, "purchase_orders", purchase())[0]
    assert first.outcome is Outcome.CREATED
    made = next(r for r in records(conn, "purchase_orders") if r["origin"] == "PO-900")
    assert (made["state"], made["partner"]["name"]) == ("purchase", "Clay Supplies 2")
    assert [(line["default_code"], line["product_qty"], line["price_unit"]) for line in made["lines"]] == [
        ("MUG-BLUE", 40.0, 3.0),
        ("BOWL", 10.0, 4.4),
    ]
    assert push(conn, "purchase_orders", purchase())[0].outcome is Outcome.UNCHANGED
    assert find(conn, "purchase_orders", purchase()) == [first.remote_id]
    assert push(conn, "purchase_orders", purchase(lines=purchase()["lines"][:1]))[0].error.key == "confirmed"


def test_two_records_of_one_purchase_order_in_a_batch_do_not_double_its_lines(conn: Connection) -> None:
    verdicts = push(conn, "purchase_orders", purchase(), purchase())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.CREATED, Outcome.UNCHANGED]
    (made,) = [r for r in records(conn, "purchase_orders") if r["origin"] == "PO-900"]
    assert [line["default_code"] for line in made["lines"]] == ["MUG-BLUE", "BOWL"]


def test_a_request_for_quotation_is_changed_then_confirmed(conn: Connection) -> None:
    push(conn, "purchase_orders", purchase(), confirm=False)
    assert find(conn, "purchase_orders", purchase()) == [None]
    assert push(conn, "purchase_orders", purchase(lines=purchase()["lines"][:1]))[0].outcome is Outcome.UPDATED
    made = next(r for r in records(conn, "purchase_orders") if r["origin"] == "PO-900")
    assert len(made["lines"]) == 1


def test_an_unknown_supplier_is_named(conn: Connection) -> None:
    verdict = push(conn, "purchase_orders", purchase(partner={"name": "Nobody Ltd"}))[0]
    assert isinstance(verdict.error, MissingReference)
    assert "Nobody Ltd" in verdict.error.message


def test_terms_of_a_purchase_order_are_kept_in_every_version(conn: Connection) -> None:
    push(conn, "purchase_orders", purchase(notes="Pallets only"), confirm=False)
    push(conn, "purchase_orders", purchase(notes="No pallets", partner_ref="X-1"), confirm=False)
    made = next(r for r in records(conn, "purchase_orders", options={"which": "all"}) if r["origin"] == "PO-900")
    assert (made["notes"], made["partner_ref"]) == ("No pallets", "X-1")


def test_spaces_around_a_purchase_orders_number_do_not_count(conn: Connection) -> None:
    first = push(conn, "purchase_orders", purchase(origin=" PO-900 "))[0]
    assert push(conn, "purchase_orders", purchase(origin=" PO-900 "))[0].outcome is Outcome.UNCHANGED
    assert find(conn, "purchase_orders", purchase(origin="PO-900 ")) == [first.remote_id]


def test_a_confirmed_purchase_order_with_a_finer_price_is_unchanged(conn: Connection) -> None:
    lines = [{"default_code": "BOWL", "product_qty": 10, "price_unit": 3.456}]
    push(conn, "purchase_orders", purchase(lines=lines))
    assert push(conn, "purchase_orders", purchase(lines=lines))[0].outcome is Outcome.UNCHANGED
