"""Invoices of orders."""

from __future__ import annotations

from topstitch.sdk import Connection, MissingReference, Outcome

from .conftest import order, outcomes, push, records


def test_an_order_is_invoiced_once_and_posted(conn: Connection) -> None:
    push(conn, "orders", order())
    asked = {"sale": {"client_order_ref": "SH-1"}, "invoice_date": "2026-11-02"}
    first = push(conn, "invoices", asked)[0]
    assert first.outcome is Outcome.CREATED
    made = next(r for r in records(conn, "invoices") if str(r["id"]) == first.remote_id)
    assert (made["state"], made["invoice_date"]) == ("posted", "2026-11-02")
    again = push(conn, "invoices", asked)[0]
    assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, first.remote_id)


def test_a_draft_invoice_is_posted_on_the_second_try(conn: Connection) -> None:
    push(conn, "orders", order())
    asked = {"sale": {"client_order_ref": "SH-1"}}
    first = push(conn, "invoices", asked, post=False)[0]
    assert first.outcome is Outcome.CREATED
    assert push(conn, "invoices", asked)[0].outcome is Outcome.UPDATED


def test_a_quotation_cannot_be_invoiced(conn: Connection) -> None:
    push(conn, "orders", order(), confirm=False)
    verdicts = push(conn, "invoices", {"sale": {"client_order_ref": "SH-1"}}, {"invoice_origin": "S99999"}, {})
    assert outcomes(verdicts) == ["rejected"] * 3
    assert "nothing to invoice" in verdicts[0].error.message
    assert isinstance(verdicts[1].error, MissingReference)
