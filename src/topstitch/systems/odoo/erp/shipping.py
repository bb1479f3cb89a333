"""Deliveries of the practice Odoo: reservations with their lines, one or two steps, and the questions of button_validate."""

from __future__ import annotations

import math
from typing import Any

from topstitch.systems.odoo.erp.env import Doc, Env
from topstitch.systems.odoo.erp.faults import UserError, missing
from topstitch.systems.odoo.erp.registry import INVERSE, computed, method

Wanted = list[tuple[int, float, int | None]]
CLOSED = ("done", "cancel")


def moves_of(env: Env, picking: int) -> list[Doc]:
    """A transfer's moves."""
    return [doc for doc in env.docs("stock.move") if doc.get("picking_id") == picking]


def lines_of(env: Env, move: int) -> list[Doc]:
    """A move's lines: one for each place that something is taken from."""
    return [doc for doc in env.docs("stock.move.line") if doc.get("move_id") == move]


def reserved_field(env: Env) -> str:
    """What is reserved in a line; from 17 on the same field tells what is done."""
    return "product_uom_qty" if env.series < 16 else "reserved_uom_qty" if env.series < 17 else "quantity"


def is_shipped(env: Env, order: int) -> bool:
    """Whether a delivery of the order is done."""
    return any(doc.get("sale_id") == order and doc["state"] == "done" for doc in env.docs("stock.picking"))


def is_service(env: Env, product: int | None) -> bool:
    """Services are not shipped."""
    variant = env.get("product.product", product) or {}
    return bool((env.get("product.template", variant.get("product_tmpl_id")) or {}).get("type") == "service")


def deliver(env: Env, order: Doc, lines: list[Doc]) -> None:
    """The delivery of a confirmed order, in two steps where the warehouse picks before it ships.

    Up to 17 both are made at once, and the second waits; from 18 on the second is made when the first is done.
    """
    goods = [line for line in lines if line.get("product_id") and not is_service(env, line["product_id"])]
    wanted: Wanted = [(line["product_id"], line["product_uom_qty"], line["id"]) for line in goods]
    house = env.get("stock.warehouse", order.get("warehouse_id")) or env.docs("stock.warehouse")[0]
    if not goods:
        return
    if house["delivery_steps"] == "ship_only":
        new_picking(env, order, wanted, None)
        return
    output = house["wh_output_stock_loc_id"]
    picked = new_picking(env, order, wanted, None, kind="internal", to=output)
    if env.series >= 18:
        return
    shipped = new_picking(env, order, wanted, None, start=output)
    for before, after in zip(moves_of(env, picked), moves_of(env, shipped), strict=True):
        env.put("stock.move", after | {"state": "waiting", "move_orig_ids": [before["id"]]})
    env.put("stock.picking", _picking(env, shipped) | {"state": "waiting"})


def new_picking(
    env: Env,
    order: Doc,
    wanted: Wanted,
    backorder: int | None,
    *,
    kind: str = "outgoing",
    start: int | None = None,
    to: int | None = None,
) -> int:
    """A transfer, by default from the stock to the customer, with one move for each (product, quantity, order line)."""
    type_ = next(doc for doc in env.docs("stock.picking.type") if doc["code"] == kind)
    house = env.docs("stock.warehouse")[0]
    customers = next(doc for doc in env.docs("stock.location") if doc["usage"] == "customer")
    places = {"location_id": start or house["lot_stock_id"], "location_dest_id": to or customers["id"]}
    code = "OUT" if kind == "outgoing" else "PICK"
    picking = env.insert(
        "stock.picking",
        {
            "name": f"WH/{code}/{env.store.next_id(f'{env.series}.{code.lower()}'):05}", "state": "confirmed",
            "origin": order["name"], "partner_id": order["partner_shipping_id"], "picking_type_id": type_["id"],
            "sale_id": order["id"], "scheduled_date": env.now[:19], "backorder_id": backorder, **places,
        },
    )  # fmt: skip
    unit = env.docs("uom.uom")[0]["id"]
    for product, quantity, line in wanted:
        values: Doc = {"picking_id": picking, "product_id": product, "product_uom_qty": quantity, "state": "confirmed"}
        if "name" in env.columns("stock.move"):
            values["name"] = env.name_of("product.product", product)
        env.insert("stock.move", {**values, "product_uom": unit, "sale_line_id": line, **places})
    return picking


@computed("stock.picking", "picking_type_code")
def type_code(env: Env, doc: Doc) -> Any:
    """Outgoing, incoming or internal."""
    return (env.get("stock.picking.type", doc["picking_type_id"]) or {}).get("code")


def _picking(env: Env, id: int) -> Doc:
    found = env.get("stock.picking", id)
    if found is None:
        raise missing("stock.picking", [id], env.uid)
    return found


@computed("stock.move", "quantity_done")
def quantity_done(env: Env, doc: Doc) -> float:
    """Up to 16: what the lines say."""
    return math.fsum(float(line["qty_done"]) for line in lines_of(env, doc["id"]))


def set_quantity_done(env: Env, doc: Doc, value: Any) -> None:
    """On the one line, made where there is none; of several Odoo up to 15 cannot tell which is meant."""
    lines = lines_of(env, doc["id"])
    if not lines and value:
        env.insert("stock.move.line", _line(doc, doc["location_id"]) | {"qty_done": float(value)})
    elif len(lines) == 1:
        env.write("stock.move.line", [lines[0]["id"]], {"qty_done": float(value)})
    elif lines and quantity_done(env, doc) != value:
        raise UserError("Cannot set the done quantity from this stock move, work directly with the move lines.")


INVERSE["stock.move", "quantity_done"] = set_quantity_done


def _line(move: Doc, location: int) -> Doc:
    names = ("picking_id", "product_id", "location_dest_id")
    same = {name: move[name] for name in names}
    return {**same, "move_id": move["id"], "product_uom_id": move.get("product_uom"), "location_id": location}


@method("stock.picking")
def action_assign(env: Env, ids: list[int]) -> bool:
    """Reserve what there is; what another transfer brings can only be reserved once that is done."""
    for id in ids:
        open_moves = [move for move in moves_of(env, id) if move["state"] not in CLOSED]
        if not open_moves:
            raise UserError("Nothing to check the availability for.")
        states = {_reserve(env, move) for move in open_moves}
        ready = "waiting" if "waiting" in states else "assigned" if states == {"assigned"} else "confirmed"
        env.put("stock.picking", _picking(env, id) | {"state": ready})
    return True


def _reserve(env: Env, move: Doc) -> str:
    """The new state of the move."""
    if move["state"] == "assigned":
        return "assigned"
    release(env, move)
    before = [env.get("stock.move", id) or {} for id in move.get("move_orig_ids") or []]
    needed = float(move["product_uom_qty"])
    brought = math.fsum(each["product_uom_qty"] for each in before if each.get("state") == "done")
    amount = min(needed, brought) if before else needed
    state = "assigned" if amount == needed else "partially_available" if amount else "waiting"
    if not amount or not _take(env, move, amount):
        state, amount = ("waiting" if before else "confirmed"), 0.0
    field = "quantity" if env.series >= 17 else "reserved_availability"
    env.put("stock.move", move | {"state": state, field: amount})
    return state


def _take(env: Env, move: Doc, amount: float) -> bool:
    """Reserve in one place after the other, with a line for each; False, with nothing reserved, where there is too little."""
    quants = env.search(
        "stock.quant", [["product_id", "=", move["product_id"]], ["location_id", "child_of", move["location_id"]]]
    )
    free = [(quant, quant["quantity"] - quant["reserved_quantity"]) for quant in quants]
    if math.fsum(max(0.0, each) for _, each in free) < amount:
        return False
    places: dict[int, float] = {}
    for quant, left in free:
        part = min(amount, max(0.0, left))
        amount -= part
        if part:
            env.put("stock.quant", quant | {"reserved_quantity": quant["reserved_quantity"] + part})
            places[quant["location_id"]] = places.get(quant["location_id"], 0.0) + part
    for location, part in places.items():
        env.insert("stock.move.line", _line(move, location) | {"state": "assigned", reserved_field(env): part})
    return True


def release(env: Env, move: Doc) -> None:
    """Give back what is reserved, with the lines."""
    for line in lines_of(env, move["id"]):
        left = float(line[reserved_field(env)])
        for quant in _quants_at(env, move["product_id"], line["location_id"]):
            part = min(left, quant["reserved_quantity"])
            left -= part
            env.put("stock.quant", quant | {"reserved_quantity": quant["reserved_quantity"] - part})
        env.unlink("stock.move.line", [line["id"]])


def _quants_at(env: Env, product: int, location: int) -> list[Doc]:
    return env.search("stock.quant", [["product_id", "=", product], ["location_id", "=", location]])


@method("stock.picking")
def button_validate(env: Env, ids: list[int]) -> Any:
    """Ship, or ask: the first text message of a company, no done quantities, a part only. Whether it is ready does not count."""
    for id in ids:
        picking = _picking(env, id)
        moves = [move for move in moves_of(env, id) if move["state"] not in CLOSED]
        if picking["state"] in CLOSED or not moves:
            raise UserError("You cannot validate a transfer if no quantities are reserved nor done.")
        if question := _question(env, moves):
            return {
                "type": "ir.actions.act_window",
                "res_model": question,
                "target": "new",
                "context": dict(env.context),
            }
        _ship(env, picking, moves)
    return True


def _done(env: Env, move: Doc) -> float:
    if env.series < 17:
        return float(quantity_done(env, move))
    return float(move["quantity"]) if move["picked"] else 0.0


def _question(env: Env, moves: list[Doc]) -> str:
    sms_asked = env.store.get("_odoo", f"{env.series}.sms")
    if not env.context.get("skip_sms") and not sms_asked:
        return "confirm.stock.sms"
    if not any(_done(env, move) for move in moves):
        if env.series < 17:
            return "stock.immediate.transfer"
        if not any(move["quantity"] for move in moves):
            raise UserError("You cannot validate a transfer if no quantities are reserved.")
        for move in moves:
            move["picked"] = True
    partial = any(_done(env, move) < move["product_uom_qty"] for move in moves)
    return "stock.backorder.confirmation" if partial and not env.context.get("skip_backorder") else ""


def _ship(env: Env, picking: Doc, moves: list[Doc]) -> None:
    rest: Wanted = []
    for move in moves:
        done = _done(env, move)
        if left := float(move["product_uom_qty"]) - done:
            rest.append((move["product_id"], left, move.get("sale_line_id")))
        if done:
            _leave(env, move, done)
        else:
            release(env, move)
            env.put("stock.move", move | {"state": "cancel", "picking_id": None})
    env.put("stock.picking", picking | {"state": "done", "date_done": env.now})
    keep = picking["id"] not in (env.context.get("picking_ids_not_to_backorder") or [])
    order = env.get("sale.order", picking.get("sale_id"))
    if rest and keep and order:
        places = {"start": picking["location_id"], "to": picking["location_dest_id"]}
        new_picking(env, order, rest, picking["id"], kind=str(type_code(env, picking)), **places)
    if env.series >= 18 and order and type_code(env, picking) == "internal":
        _push_on(env, picking, order)
    ids = {move["id"] for move in moves}
    after = {doc["picking_id"] for doc in env.docs("stock.move") if ids & set(doc.get("move_orig_ids") or [])}
    action_assign(env, sorted(after))


def _push_on(env: Env, picking: Doc, order: Doc) -> None:
    """From 18 on: what was picked goes into a delivery, with moves that follow those just done."""
    before = [move for move in moves_of(env, picking["id"]) if move["state"] == "done"]
    wanted = [(move["product_id"], float(move["product_uom_qty"]), move.get("sale_line_id")) for move in before]
    shipped = new_picking(env, order, wanted, None, start=picking["location_dest_id"])
    for done, after in zip(before, moves_of(env, shipped), strict=True):
        env.put("stock.move", after | {"state": "waiting", "move_orig_ids": [done["id"]]})


def _leave(env: Env, move: Doc, done: float) -> None:
    parts = _parts(env, move, done)
    release(env, move)
    for location, quantity in parts:
        _out(env, move["product_id"], location, quantity)
        dest = env.get("stock.location", move["location_dest_id"]) or {}
        if dest.get("usage") == "internal":
            _in(env, move["product_id"], dest["id"], quantity)
        field = "quantity" if env.series >= 17 else "qty_done"
        env.insert("stock.move.line", _line(move, location) | {"state": "done", field: quantity})
    held = {"quantity": done} if env.series >= 17 else {"reserved_availability": 0.0}
    env.put("stock.move", move | {"state": "done", "product_uom_qty": done, **held})
    line = env.get("sale.order.line", move.get("sale_line_id"))
    if line and dest.get("usage") == "customer":
        env.put("sale.order.line", line | {"qty_delivered": line["qty_delivered"] + done})


def _parts(env: Env, move: Doc, done: float) -> list[tuple[int, float]]:
    """Where what is done comes from: (location, quantity)."""
    lines = lines_of(env, move["id"])
    if env.series < 17:
        return [(line["location_id"], float(line["qty_done"])) for line in lines if line["qty_done"]]
    parts = []
    for line in lines:
        part = min(done, float(line["quantity"]))
        done -= part
        parts.append((line["location_id"], part))
    return [*parts, *([(move["location_id"], done)] if done else [])]


def _out(env: Env, product: int, location: int, quantity: float) -> None:
    for quant in _quants_at(env, product, location)[:1]:
        left = quant["quantity"] - quantity
        if left == 0 and quant["reserved_quantity"] <= 0:
            # The real one removes empty quants now and then; here at once, which is the harder case.
            env.unlink("stock.quant", [quant["id"]])
        else:
            env.put("stock.quant", quant | {"quantity": left})


def _in(env: Env, product: int, location: int, quantity: float) -> None:
    present = _quants_at(env, product, location)
    if present:
        env.put("stock.quant", present[0] | {"quantity": present[0]["quantity"] + quantity})
    else:
        env.insert("stock.quant", {"product_id": product, "location_id": location, "quantity": quantity})
