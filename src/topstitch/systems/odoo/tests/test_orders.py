"""Orders: made once, confirmed, with customer, addresses and lines; changed, cancelled, refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from topstitch.sdk import Connection, DuplicateRecord, MissingReference, Outcome, RemoteRejected
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.practice import PRACTICE

from .conftest import Connect, by_ids, find, odoo, order, out, outcomes, push, records

Look = Callable[[Connection], Env]


def stored(conn: Connection, ref: str = "SH-1") -> Any:
    """The orders with this number, whatever their state."""
    everything = records(conn, "orders", options={"which": "all", "shipping_product": ""})
    return [r for r in everything if r["client_order_ref"] == ref]


def test_an_order_is_made_confirmed_and_keeps_its_date(conn: Connection) -> None:
    verdict = push(conn, "orders", order())[0]
    assert verdict.outcome is Outcome.CREATED
    (made,) = stored(conn)
    assert str(made["id"]) == verdict.remote_id
    assert (made["state"], made["date_order"]) == ("sale", "2026-11-01 09:00:00")
    assert [
        (line["default_code"], line["product_uom_qty"], line["price_unit"], line["discount"]) for line in made["lines"]
    ] == [
        ("MUG-BLUE", 2.0, 9.5, 0.0),
        ("PLATE-L", 1.0, 14.0, 10.0),
    ]
    assert made["picking_ids"]
    assert made["partner"]["email"] == "nia@example.com"
    assert made["partner"]["country_id"]["code"] == "GB"
    # Delivered and invoiced where he lives: no further address.
    assert made["partner_shipping_id"]["id"] == made["partner_invoice_id"]["id"] == made["partner_id"]["id"]


def test_the_same_order_again_changes_nothing(conn: Connection) -> None:
    first = push(conn, "orders", order())[0]
    again = push(conn, "orders", order())[0]
    assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, first.remote_id)
    assert len(stored(conn)) == 1


def test_the_same_number_twice_in_a_batch_is_one_order(conn: Connection) -> None:
    assert outcomes(push(conn, "orders", order(), order())) == ["created", "unchanged"]
    (made,) = stored(conn)
    assert [line["default_code"] for line in made["lines"]] == ["MUG-BLUE", "PLATE-L"]


def test_one_bad_order_spoils_no_other(conn: Connection) -> None:
    bad = order("SH-2", lines=[{"default_code": "NO-SUCH", "product_uom_qty": 1}])
    none = order("SH-4", lines=[])
    verdicts = push(conn, "orders", order("SH-1"), bad, order("SH-3"), none)
    assert outcomes(verdicts) == ["created", "rejected", "created", "rejected"]
    assert isinstance(verdicts[1].error, MissingReference)
    assert "NO-SUCH" in verdicts[1].error.message
    assert verdicts[1].error.field == "lines[0].default_code"
    assert not stored(conn, "SH-2")


def test_a_lost_answer_is_settled_by_looking(connect: Connect) -> None:
    conn = connect()
    assert find(conn, "orders", order()) == [None]
    PRACTICE.faults.add("lost", contains='"client_order_ref": "SH-1"')
    PRACTICE.faults.add("lost", contains='"client_order_ref":"SH-1"')
    verdict = push(conn, "orders", order())[0]
    assert verdict.outcome is Outcome.UNKNOWN
    PRACTICE.faults.clear()
    (made,) = stored(conn)
    assert made["state"] == "draft"
    # It is there but not confirmed, so it goes out again and is finished.
    assert find(conn, "orders", order()) == [None]
    assert find(conn, "orders", order(), confirm=False) == [str(made["id"])]
    assert push(conn, "orders", order())[0].outcome is Outcome.UPDATED
    assert [r["state"] for r in stored(conn)] == ["sale"]
    assert find(conn, "orders", order()) == [str(made["id"])]


def test_a_confirmation_whose_answer_was_lost_is_a_success(conn: Connection) -> None:
    odoo(conn).version  # noqa: B018  # signs in first
    push(conn, "orders", order("SH-0"))
    PRACTICE.faults.add("lost", contains="action_confirm")
    assert push(conn, "orders", order())[0].outcome is Outcome.CREATED
    assert [r["state"] for r in stored(conn)] == ["sale"]


def test_a_quotation_is_changed_and_a_confirmed_order_is_not(conn: Connection) -> None:
    push(conn, "orders", order(), confirm=False)
    (draft,) = stored(conn)
    assert (draft["state"], draft["date_order"]) == ("draft", "2026-11-01 09:00:00")
    changed = order(lines=[{"default_code": "SPOON", "product_uom_qty": 7, "price_unit": 4}])
    assert push(conn, "orders", changed, confirm=False)[0].outcome is Outcome.UPDATED
    assert [(line["default_code"], line["product_uom_qty"]) for line in stored(conn)[0]["lines"]] == [("SPOON", 7.0)]
    push(conn, "orders", changed)
    verdict = push(conn, "orders", order())[0]
    assert verdict.outcome is Outcome.REJECTED
    assert verdict.error.key == "confirmed"


def test_a_note_of_a_confirmed_order_is_changed(conn: Connection) -> None:
    push(conn, "orders", order())
    assert push(conn, "orders", order(note="Ring twice"))[0].outcome is Outcome.UPDATED
    assert stored(conn)[0]["note"] == "Ring twice"


def test_the_known_id_finds_an_order_whose_number_was_changed_in_odoo(conn: Connection, env: Look) -> None:
    verdict = push(conn, "orders", order())[0]
    env(conn).write("sale.order", [int(verdict.remote_id)], {"client_order_ref": "typed over"})
    assert push(conn, "orders", out(order(), remote_id=verdict.remote_id))[0].remote_id == verdict.remote_id


def test_a_customer_is_found_by_email_in_any_case(conn: Connection) -> None:
    push(conn, "orders", order(partner={"email": "ZOE.dubois@EXAMPLE.com", "name": "Zoe"}))
    assert stored(conn)[0]["partner"]["name"] == "Zoë Dubois"


def test_an_underscore_in_an_email_is_no_wildcard(conn: Connection) -> None:
    push(conn, "orders", order(partner={"email": "siobhan.obrien@example.com", "name": "Another"}))
    assert stored(conn)[0]["partner"]["name"] == "Another"
    push(conn, "orders", order("SH-2", partner={"email": "siobhan_obrien@example.com", "name": "x"}))
    assert stored(conn, "SH-2")[0]["partner"]["name"] == "Siobhán O'Brien"


def test_two_orders_of_a_new_customer_make_one_contact(conn: Connection) -> None:
    push(conn, "orders", order("SH-1"), order("SH-2"))
    assert stored(conn, "SH-1")[0]["partner_id"] == stored(conn, "SH-2")[0]["partner_id"]


def test_a_customer_without_email_is_known_by_name_and_postcode(conn: Connection) -> None:
    hidden = {"name": "Nia Price"}
    push(conn, "orders", order("SH-1", partner=hidden))
    push(conn, "orders", order("SH-2", partner=hidden))
    assert stored(conn, "SH-1")[0]["partner_id"] == stored(conn, "SH-2")[0]["partner_id"]


def test_another_delivery_address_is_made_once(conn: Connection) -> None:
    other = {
        "name": "Nia Price",
        "company_name": "Depot",
        "street": "8 Dock St",
        "city": "Newport",
        "zip": "NP20 1HG",
        "country_id": "GB",
    }
    push(conn, "orders", order("SH-1", shipping=other))
    first = stored(conn, "SH-1")[0]
    assert first["shipping"]["id"] != first["partner"]["id"]
    assert first["shipping"]["name"] == "Depot, Nia Price"
    assert first["partner_invoice_id"]["id"] == first["partner"]["id"]
    child = by_ids(conn, "customers", [first["shipping"]["id"]])[0]
    assert (child["type"], child["parent_id"]["id"]) == ("delivery", first["partner"]["id"])
    push(conn, "orders", order("SH-2", shipping={**other, "street": "8  DOCK st"}))
    assert stored(conn, "SH-2")[0]["shipping"]["id"] == first["shipping"]["id"]
    # Delivered to himself again, although Odoo would now propose the address.
    push(conn, "orders", order("SH-3"))
    assert stored(conn, "SH-3")[0]["shipping"]["id"] == first["partner"]["id"]


def test_a_region_odoo_does_not_list_is_not_lost(conn: Connection) -> None:
    address = {**order()["shipping"], "state_id": {"name": "Glamorgan"}}
    push(conn, "orders", order(shipping=address, billing=address))
    assert stored(conn)[0]["shipping"]["street2"] == "Glamorgan"
    known = {**order()["shipping"], "country_id": {"code": "us"}, "state_id": {"name": "new york"}}
    push(conn, "orders", order("SH-2", shipping=known, billing=known, partner={"email": "us@example.com", "name": "U"}))
    assert stored(conn, "SH-2")[0]["shipping"]["state_id"]["code"] == "NY"


def test_an_unknown_country_is_named(conn: Connection) -> None:
    verdict = push(conn, "orders", order(shipping={**order()["shipping"], "country_id": {"code": "XX"}}))[0]
    assert isinstance(verdict.error, MissingReference)
    assert "XX" in verdict.error.message
    assert not stored(conn)


def test_a_sku_that_two_products_share_is_refused_or_the_first_is_taken(conn: Connection) -> None:
    twice = order(lines=[{"default_code": "TWICE", "product_uom_qty": 1}])
    verdict = push(conn, "orders", twice)[0]
    assert isinstance(verdict.error, RemoteRejected)
    assert verdict.error.key == "ambiguous"
    assert push(conn, "orders", twice, twins="first")[0].outcome is Outcome.CREATED


def test_what_a_line_leaves_out_comes_from_the_product(conn: Connection) -> None:
    push(conn, "orders", order(lines=[{"default_code": "SHIRT-XL", "product_uom_qty": 1}]))
    line = stored(conn)[0]["lines"][0]
    assert (line["price_unit"], line["name"]) == (54.0, "[SHIRT-XL] Shirt, linen (XL)")
    assert line["tax_id"]


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "discount", "unit"),
    [(2, 10, 5, 25.0, 10.0), (1, 200, 1.11, 0.0, 198.89), (1, 100, 33.33, 33.33, 100.0), (1, 10, 0, 0.0, 10.0)],
)
def test_a_discount_amount_keeps_the_sum(
    connect: Connect, quantity: int, price: int, amount: float, discount: float, unit: float
) -> None:
    conn = connect()
    line = {"default_code": "BOWL", "product_uom_qty": quantity, "price_unit": price, "discount_amount": amount}
    push(conn, "orders", order(lines=[line]))
    made = stored(conn)[0]["lines"][0]
    assert (made["discount"], made["price_unit"]) == (discount, unit)
    assert made["price_subtotal"] == pytest.approx(quantity * price - amount, abs=0.011)


def test_a_discount_amount_counts_where_the_percentage_is_zero(connect: Connect) -> None:
    conn = connect()
    line = {"default_code": "BOWL", "product_uom_qty": 1, "price_unit": 10, "discount": 0, "discount_amount": 2}
    push(conn, "orders", order(lines=[line]))
    assert stored(conn)[0]["lines"][0]["discount"] == 20.0


def test_a_shipping_charge_is_a_line(conn: Connection) -> None:
    push(conn, "orders", order(shipping_amount="4.95"))
    (made,) = stored(conn)
    assert [(line["default_code"], line["price_unit"]) for line in made["lines"]][-1] == ("SHIPPING", 4.95)
    (read,) = [each for each in records(conn, "orders") if each["id"] == made["id"]]
    assert (read["shipping_amount"], [line["default_code"] for line in read["delivery_lines"]]) == (4.95, ["SHIPPING"])
    assert [line["default_code"] for line in read["lines"]] == ["MUG-BLUE", "PLATE-L"]
    verdict = push(conn, "orders", order("SH-2", shipping_amount=4.95), shipping_product="NONE")[0]
    assert verdict.error.field == "shipping_amount"
    assert push(conn, "orders", order("SH-3", shipping_amount=0), shipping_product="NONE")[0].outcome is Outcome.CREATED


def test_taxes_come_from_product_name_rate_or_not_at_all(conn: Connection) -> None:
    def taxes(ref: str, line: dict[str, Any], **options: Any) -> list[int]:
        push(conn, "orders", order(ref, lines=[{"default_code": "BOWL", "product_uom_qty": 1, **line}]), **options)
        return list(stored(conn, ref)[0]["lines"][0]["tax_id"])

    assert taxes("T-1", {}) == [1]
    assert taxes("T-2", {}, taxes="none") == []
    assert taxes("T-3", {"tax_id": ["0%"]}, taxes="by name") == [3]
    assert taxes("T-4", {"tax_rate": "0.2"}, taxes="by rate", prices_include_tax=True) == [2]
    verdict = push(
        conn,
        "orders",
        order("T-5", lines=[{"default_code": "BOWL", "product_uom_qty": 1, "tax_rate": 0.19}]),
        taxes="by rate",
    )[0]
    assert "19 %" in verdict.error.message


def test_a_currency_chooses_a_price_list_or_is_refused(conn: Connection) -> None:
    push(conn, "orders", order(currency_id={"name": "EUR"}))
    assert stored(conn)[0]["currency_id"]["name"] == "EUR"
    verdict = push(conn, "orders", order("SH-2", currency_id={"name": "USD"}))[0]
    assert isinstance(verdict.error, MissingReference)
    assert "USD" in verdict.error.message


def test_wrong_values_name_their_field(conn: Connection) -> None:
    for field, bad in (
        ("lines[0].product_uom_qty", order(lines=[{"default_code": "BOWL", "product_uom_qty": "two"}])),
        ("date_order", order(date_order="soon")),
        ("client_order_ref", order("")),
    ):
        verdict = push(conn, "orders", bad)[0]
        assert verdict.outcome is Outcome.REJECTED
        assert verdict.error.field == field


def test_an_order_is_cancelled(conn: Connection) -> None:
    push(conn, "orders", order())
    cancel = {"client_order_ref": "SH-1", "cancel": True}
    assert find(conn, "orders", cancel) == [None]
    assert push(conn, "orders", cancel)[0].outcome is Outcome.UPDATED
    assert stored(conn)[0]["state"] == "cancel"
    assert push(conn, "orders", cancel)[0].outcome is Outcome.UNCHANGED
    assert find(conn, "orders", cancel)[0]
    assert push(conn, "orders", order())[0].error.key == "cancelled"
    verdict = push(conn, "orders", {"client_order_ref": "SH-9", "cancel": "yes"})[0]
    assert isinstance(verdict.error, MissingReference)


def test_an_order_with_a_done_delivery_is_cancelled_without_a_question(conn: Connection) -> None:
    push(conn, "orders", order())
    push(conn, "fulfilments", {"sale": {"client_order_ref": "SH-1"}})
    assert push(conn, "orders", {"client_order_ref": "SH-1", "cancel": True})[0].outcome is Outcome.UPDATED


def test_orders_can_be_booked_on_one_contact(conn: Connection) -> None:
    push(conn, "orders", order(), partner_id=2)
    assert stored(conn)[0]["partner_id"]["id"] == 2
    assert isinstance(push(conn, "orders", order("SH-2"), partner_id=99999)[0].error, MissingReference)


def test_an_outage_ends_the_batch_at_once(connect: Connect) -> None:
    conn = connect()
    push(conn, "orders", order("SH-0"))
    PRACTICE.faults.add("expired", count=99, contains='"create"')
    verdicts = push(conn, "orders", order("SH-1"), order("SH-2"), order("SH-3"))
    assert outcomes(verdicts) == ["later"] * 3
    assert PRACTICE.faults.struck["expired"] == 1


def test_a_dry_run_writes_nothing_and_shows_the_call(connect: Connect) -> None:
    conn = connect()
    before = len(records(conn, "orders", options={"which": "all"}))
    conn.close()
    dry = connect()
    dry.dry = True
    with pytest.raises(Exception, match="POST") as shown:
        push(dry, "orders", order())
    assert type(shown.value).__name__ == "CapturedRequest"
    assert len(records(connect(), "orders", options={"which": "all"})) == before


def test_a_duplicate_barcode_is_a_duplicate(conn: Connection) -> None:
    verdict = push(conn, "products", {"default_code": "NEW", "name": "New", "barcode": "5012345000015"})[0]
    assert isinstance(verdict.error, DuplicateRecord)
    assert verdict.error.field == "barcode"


def test_spaces_around_a_number_make_no_second_order(conn: Connection) -> None:
    first = push(conn, "orders", order(" SH-1 "))[0]
    assert push(conn, "orders", order(" SH-1 "))[0].outcome is Outcome.UNCHANGED
    assert find(conn, "orders", order("SH-1 ")) == [first.remote_id]
    assert len(stored(conn)) == 1
    assert push(conn, "orders", order("  "))[0].error.field == "client_order_ref"


def test_a_price_that_differs_by_less_than_odoo_keeps_is_the_same(conn: Connection) -> None:
    def sent(price: float) -> Any:
        return order(lines=[{"default_code": "BOWL", "product_uom_qty": 1, "price_unit": price}])

    push(conn, "orders", sent(9.504))
    assert push(conn, "orders", sent(9.504))[0].outcome is Outcome.UNCHANGED
    fine = connect_fine(conn)
    assert push(fine, "orders", sent(9.504))[0].error.key == "confirmed"


def connect_fine(conn: Connection) -> Connection:
    """Told that prices are kept as they are sent, as those of Odoo 19 are."""
    fields = odoo(conn).fields("sale.order.line")
    odoo(conn)._fields["sale.order.line"] = {**fields, "price_unit": {**fields["price_unit"], "digits": False}}
    return conn
