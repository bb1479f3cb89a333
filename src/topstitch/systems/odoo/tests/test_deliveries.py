"""Shipping: whole, in part, repeated, with and without a field for the tracking number, and what Odoo asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from topstitch.sdk import Connection, MissingReference, Outcome
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.practice import PRACTICE

from .conftest import Connect, find, odoo, order, out, outcomes, push, records

Look = Callable[[Connection], Env]


def shipment(number: str | None = "TRK_1", **more: Any) -> dict[str, Any]:
    return {"sale": {"client_order_ref": "SH-1"}, "carrier_tracking_ref": number, **more}


def shipped(conn: Connection, which: str = "done") -> list[Any]:
    return [
        r
        for r in records(conn, "fulfilments", options={"which": which})
        if r["sale"] and r["sale"]["client_order_ref"] == "SH-1"
    ]


def test_a_whole_order_is_shipped(conn: Connection) -> None:
    push(conn, "orders", order())
    verdict = push(conn, "fulfilments", shipment())[0]
    assert verdict.outcome is Outcome.CREATED
    (done,) = shipped(conn)
    assert str(done["id"]) == verdict.remote_id
    assert [(m["default_code"], m["quantity"]) for m in done["moves"]] == [("MUG-BLUE", 2.0), ("PLATE-L", 1.0)]
    assert done["date_done"]


def test_a_tracking_number_goes_to_its_field_or_into_a_note(connect: Connect) -> None:
    old, new = connect("v14"), connect("v17")
    for conn in (old, new):
        push(conn, "orders", order())
        push(conn, "fulfilments", shipment(carrier_id={"name": "parcel post"}))
    assert "carrier_tracking_ref" not in shipped(old)[0]
    notes = odoo(old).search_read("mail.message", [["model", "=", "stock.picking"]], ["body"])
    assert [note["body"] for note in notes] == ["<p>Carrier: parcel post, Tracking number [TRK_1]</p>"]
    (done,) = shipped(new)
    assert (done["carrier_tracking_ref"], done["carrier_id"]["name"]) == ("TRK_1", "Parcel Post")


def test_shipping_again_is_a_success_that_ships_nothing(conn: Connection) -> None:
    push(conn, "orders", order())
    first = push(conn, "fulfilments", shipment())[0]
    for record in (shipment(), out(shipment("TRK_1"), remote_id=first.remote_id), shipment("OTHER")):
        again = push(conn, "fulfilments", record)[0]
        assert (again.outcome, again.remote_id) == (Outcome.UNCHANGED, first.remote_id)
    assert len(shipped(conn)) == 1


def test_a_part_is_shipped_and_its_repeat_does_not_ship_the_rest(conn: Connection) -> None:
    push(conn, "orders", order())
    part = shipment("TRK_1", moves=[{"default_code": "MUG-BLUE", "quantity": 1}])
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.CREATED
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.UNCHANGED
    assert find(conn, "fulfilments", part, shipment("TRK_2"))[1] is None
    (waiting,) = shipped(conn, "open")
    assert sorted((m["default_code"], m["product_uom_qty"]) for m in waiting["moves"]) == [
        ("MUG-BLUE", 1.0),
        ("PLATE-L", 1.0),
    ]
    rest = push(conn, "fulfilments", shipment("TRK_2"))[0]
    assert rest.outcome is Outcome.CREATED
    assert len(shipped(conn)) == 2
    assert not shipped(conn, "open")
    assert find(conn, "fulfilments", shipment("TRK_2")) == [rest.remote_id]


def test_equal_parts_without_tracking_are_told_apart_by_their_number(conn: Connection) -> None:
    push(conn, "orders", order())
    part = {"sale": {"client_order_ref": "SH-1"}, "moves": [{"default_code": "MUG-BLUE", "quantity": 1}]}
    first = push(conn, "fulfilments", out(part, key="f-1"))[0]
    again = push(conn, "fulfilments", out(part, key="f-1"))[0]
    other = push(conn, "fulfilments", out(part, key="f-2"))[0]
    assert (first.outcome, again.outcome, other.outcome) == (Outcome.CREATED, Outcome.UNCHANGED, Outcome.CREATED)
    assert other.remote_id != first.remote_id


def test_the_rest_can_be_cancelled(conn: Connection) -> None:
    push(conn, "orders", order())
    push(conn, "fulfilments", shipment(moves=[{"default_code": "MUG-BLUE", "quantity": 2}]), rest="cancel")
    assert len(shipped(conn)) == 1
    assert not shipped(conn, "open")


def test_a_lost_answer_is_settled_by_the_mark(conn: Connection) -> None:
    push(conn, "orders", order())
    part = shipment(moves=[{"default_code": "MUG-BLUE", "quantity": 1}])
    PRACTICE.faults.add("lost", contains="button_validate")
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.UNKNOWN
    assert find(conn, "fulfilments", part)[0] == str(shipped(conn)[0]["id"])
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.UNCHANGED
    assert len(shipped(conn)) == 1


def test_more_than_was_ordered_is_refused(conn: Connection) -> None:
    push(conn, "orders", order())
    verdicts = push(
        conn,
        "fulfilments",
        shipment(moves=[{"default_code": "MUG-BLUE", "quantity": 9}]),
        shipment(moves=[{"default_code": "JUG", "quantity": 1}]),
        shipment(moves=[{"default_code": "NO-SUCH", "quantity": 1}]),
        shipment(moves=[{"default_code": "MUG-BLUE", "quantity": 0}]),
        {"sale": {"client_order_ref": "SH-404"}},
        {},
    )
    assert outcomes(verdicts) == ["rejected"] * 6
    assert isinstance(verdicts[2].error, MissingReference)
    assert isinstance(verdicts[4].error, MissingReference)
    assert not shipped(conn)


def test_what_is_not_in_stock_can_still_be_shipped(conn: Connection) -> None:
    push(conn, "orders", order(lines=[{"default_code": "JUG", "product_uom_qty": 1}]))
    assert push(conn, "fulfilments", shipment())[0].outcome is Outcome.CREATED


def test_an_unconfirmed_order_has_no_delivery(conn: Connection) -> None:
    push(conn, "orders", order(), confirm=False)
    verdict = push(conn, "fulfilments", shipment())[0]
    assert isinstance(verdict.error, MissingReference)
    assert "no open delivery" in verdict.error.message


def test_a_delivery_is_found_by_odoos_own_order_number(conn: Connection) -> None:
    made = push(conn, "orders", order())[0]
    name = next(r["name"] for r in records(conn, "orders") if str(r["id"]) == made.remote_id)
    assert push(conn, "fulfilments", {"origin": name})[0].outcome is Outcome.CREATED


def test_a_question_is_no_success(connect: Connect, monkeypatch: Any) -> None:
    from topstitch.systems.odoo.erp.registry import METHODS

    conn = connect("v14")
    push(conn, "orders", order())
    asked = {"type": "ir.actions.act_window", "res_model": "stock.overprocessed.transfer", "context": {}}
    monkeypatch.setitem(METHODS, ("stock.picking", "button_validate"), lambda env, ids: asked)
    verdict = push(conn, "fulfilments", shipment())[0]
    assert verdict.error.key == "question"
    assert "stock.overprocessed.transfer" in verdict.error.message
    over_xml = connect("v14", api_style="xmlrpc")
    assert push(over_xml, "fulfilments", shipment())[0].error.key == "question"


def test_a_mark_may_hold_what_html_would_eat(connect: Connect) -> None:
    conn = connect("v14")
    push(conn, "orders", order())
    part = shipment("A<B>&1", moves=[{"default_code": "MUG-BLUE", "quantity": 1}])
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.CREATED
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.UNCHANGED


def test_a_move_reserved_in_several_places_is_shipped_from_its_lines(conn: Connection, env: Look) -> None:
    look = env(conn)
    stock = look.search("stock.location", [["complete_name", "=", "WH/Stock"]])[0]["id"]
    for shelf in ("A", "B"):
        place = look.create("stock.location", {"name": shelf, "location_id": stock})
        row = {"default_code": "JUG", "inventory_quantity": 2, "location_id": {"name": shelf}}
        assert push(conn, "stock", row)[0].outcome is Outcome.UPDATED, place
    push(conn, "orders", order(lines=[{"default_code": "JUG", "product_uom_qty": 4}]))
    verdict = push(conn, "fulfilments", shipment(moves=[{"default_code": "JUG", "quantity": 3}]))[0]
    assert (verdict.outcome, verdict.error) == (Outcome.CREATED, None)
    left = [quant["quantity"] for quant in records(conn, "quants") if quant["default_code"] == "JUG"]
    assert left == [1.0]
    (waiting,) = shipped(conn, "open")
    assert [m["product_uom_qty"] for m in waiting["moves"]] == [1.0]


def test_what_is_not_picked_yet_is_not_shipped(conn: Connection, env: Look) -> None:
    look = env(conn)
    look.update("stock.warehouse", [1], {"delivery_steps": "pick_ship"})
    push(conn, "orders", order())
    verdict = push(conn, "fulfilments", shipment())[0]
    assert isinstance(verdict.error, MissingReference)
    assert verdict.error.key == "not_ready"
    (pick,) = look.search("stock.picking", [["picking_type_code", "=", "internal"]])
    assert f"waits for {pick['name']}" in verdict.error.message
    assert not shipped(conn)
    _pick(look, pick["id"], {"MUG-BLUE": 2.0, "PLATE-L": 1.0})
    assert push(conn, "fulfilments", shipment())[0].outcome is Outcome.CREATED
    assert len(shipped(conn)) == 1


def test_only_what_was_picked_can_be_shipped(conn: Connection, env: Look) -> None:
    look = env(conn)
    look.update("stock.warehouse", [1], {"delivery_steps": "pick_ship"})
    push(conn, "orders", order())
    (pick,) = look.search("stock.picking", [["picking_type_code", "=", "internal"]])
    _pick(look, pick["id"], {"MUG-BLUE": 1.0})
    whole = shipment(moves=[{"default_code": "MUG-BLUE", "quantity": 2}])
    assert push(conn, "fulfilments", whole)[0].outcome is Outcome.REJECTED
    assert not shipped(conn)
    part = shipment(moves=[{"default_code": "MUG-BLUE", "quantity": 1}])
    assert push(conn, "fulfilments", part)[0].outcome is Outcome.CREATED


def test_a_second_parcel_that_is_not_picked_is_not_taken_for_the_first(connect: Connect, env: Look) -> None:
    conn = connect("v19")
    look = env(conn)
    look.update("stock.warehouse", [1], {"delivery_steps": "pick_ship"})
    push(conn, "orders", order())
    (pick,) = look.search("stock.picking", [["picking_type_code", "=", "internal"]])
    _pick(look, pick["id"], {"MUG-BLUE": 1.0}, rest="kept")
    part = {"moves": [{"default_code": "MUG-BLUE", "quantity": 1}]}
    assert push(conn, "fulfilments", shipment("TRK_1", **part))[0].outcome is Outcome.CREATED
    second = push(conn, "fulfilments", shipment("TRK_2", **part))[0]
    assert second.error.key == "not_ready"
    assert push(conn, "fulfilments", shipment("TRK_1", **part))[0].outcome is Outcome.UNCHANGED


def _pick(look: Env, picking: int, quantities: dict[str, float], rest: str = "cancelled") -> None:
    """The warehouse brings these quantities to the place where parcels are packed."""
    from topstitch.systems.odoo.erp.registry import METHODS

    METHODS["stock.picking", "action_assign"](look, [picking])
    for move in look.search("stock.move", [["picking_id", "=", picking]]):
        product = look.get("product.product", move["product_id"]) or {}
        done = quantities.get(product["default_code"], 0.0)
        values = {"quantity": done, "picked": True} if look.series >= 17 else {"quantity_done": done}
        look.write("stock.move", [move["id"]], values)
    asked = {"skip_sms": True, "skip_backorder": True}
    asked |= {"picking_ids_not_to_backorder": [picking] if rest == "cancelled" else []}
    assert METHODS["stock.picking", "button_validate"](look.having(**asked), [picking]) is True


def test_a_carrier_is_written_without_a_number_too(connect: Connect) -> None:
    conn = connect()
    push(conn, "orders", order())
    verdict = push(conn, "fulfilments", shipment(None, carrier_id={"name": "Parcel Post"}))[0]
    (done,) = shipped(conn)
    assert (done["carrier_id"]["name"], done["carrier_tracking_ref"]) == ("Parcel Post", None)
    later = out(shipment("TRK_9"), remote_id=verdict.remote_id)
    assert push(conn, "fulfilments", later)[0].outcome is Outcome.UPDATED
    assert shipped(conn)[0]["carrier_tracking_ref"] == "TRK_9"


def test_a_carrier_without_a_number_comes_after_shipping_lest_odoo_order_a_label(
    connect: Connect, monkeypatch: Any
) -> None:
    from topstitch.systems.odoo.erp import shipping
    from topstitch.systems.odoo.erp.registry import METHODS

    seen: list[Any] = []

    def watching(env: Env, ids: list[int]) -> Any:
        seen.append((env.get("stock.picking", ids[0]) or {}).get("carrier_id"))
        return shipping.button_validate(env, ids)

    monkeypatch.setitem(METHODS, ("stock.picking", "button_validate"), watching)
    conn = connect()
    push(conn, "orders", order("SH-1"), order("SH-2"))
    push(conn, "fulfilments", shipment(None, carrier_id={"name": "Parcel Post"}))
    push(conn, "fulfilments", {**shipment(carrier_id={"name": "Parcel Post"}), "sale": {"client_order_ref": "SH-2"}})
    assert seen == [None, 1]


def test_reserved_is_not_shipped(conn: Connection) -> None:
    push(conn, "orders", order())
    (ready,) = shipped(conn, "open")
    odoo(conn).run("stock.picking", "action_assign", [ready["id"]])
    (ready,) = shipped(conn, "ready")
    assert [(m["quantity"], m["reserved_availability"]) for m in ready["moves"]] == [(0.0, 2.0), (0.0, 1.0)]
    push(conn, "fulfilments", shipment())
    (done,) = shipped(conn)
    assert [(m["quantity"], m["reserved_availability"]) for m in done["moves"]] == [(2.0, 0.0), (1.0, 0.0)]


def test_spaces_around_an_order_number_do_not_count(conn: Connection) -> None:
    push(conn, "orders", order(" SH-1 "))
    assert push(conn, "fulfilments", {"sale": {"client_order_ref": "SH-1  "}})[0].outcome is Outcome.CREATED
    assert push(conn, "invoices", {"sale": {"client_order_ref": "  SH-1"}})[0].outcome is Outcome.CREATED
