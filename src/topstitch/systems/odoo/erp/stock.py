"""Stock of the practice Odoo: quants, reservations, deliveries and the questions that button_validate asks."""

from __future__ import annotations

import math
from typing import Any

from topstitch.systems.odoo.erp.env import Doc, Env
from topstitch.systems.odoo.erp.faults import AccessError, UserError, missing
from topstitch.systems.odoo.erp.registry import CREATE, METHODS, WRITE, computed, method


@computed("stock.location", "display_name")
def location_name(env: Env, doc: Doc) -> str:
    """`WH/Stock`."""
    return str(doc.get("complete_name") or doc["name"])


def internal_quants(env: Env, product: int) -> list[Doc]:
    """A product's quants in internal locations, below the location or warehouse of the context."""
    within = env.context.get("location")
    house = env.get("stock.warehouse", env.context.get("warehouse"))
    if house:
        within = house["lot_stock_id"]
    domain: list[Any] = [["product_id", "=", product], ["location_id.usage", "=", "internal"]]
    return env.search("stock.quant", [*domain, *([["location_id", "child_of", within]] if within else [])])


def _all_quants(env: Env, doc: Doc) -> list[Doc]:
    return internal_quants(env, doc["id"])


@computed("product.product", "qty_available")
def on_hand(env: Env, doc: Doc) -> float:
    """On hand."""
    return math.fsum(quant["quantity"] for quant in _all_quants(env, doc))


@computed("product.product", "free_qty")
def free(env: Env, doc: Doc) -> float:
    """On hand less what is reserved."""
    return math.fsum(quant["quantity"] - quant["reserved_quantity"] for quant in _all_quants(env, doc))


@computed("product.product", "incoming_qty")
def incoming(env: Env, doc: Doc) -> float:
    """Nothing is ever on its way in here."""
    return 0.0


@computed("product.product", "virtual_available")
def forecast(env: Env, doc: Doc) -> float:
    """On hand less every delivery that is not done."""
    out = [
        move
        for move in env.docs("stock.move")
        if move["product_id"] == doc["id"] and move["state"] not in ("done", "cancel")
    ]
    return float(on_hand(env, doc)) - float(sum(move["product_uom_qty"] for move in out))


@computed("product.template", "qty_available")
def on_hand_of_all(env: Env, doc: Doc) -> float:
    """The sum of the variants."""
    variants = [each for each in env.docs("product.product") if each["product_tmpl_id"] == doc["id"]]
    return math.fsum(float(on_hand(env, each)) for each in variants)


@computed("stock.quant", "available_quantity")
def quant_free(env: Env, doc: Doc) -> float:
    """Not reserved."""
    return float(doc["quantity"] - doc["reserved_quantity"])


def create_quant(env: Env, given: Doc) -> int:
    """Only an inventory may make quants; one that exists is taken and set."""
    if not env.context.get("inventory_mode"):
        raise AccessError("You are not allowed to create Quants. Use an inventory adjustment.")
    counted = given.pop("inventory_quantity", None)
    same = [["product_id", "=", given.get("product_id")], ["location_id", "=", given.get("location_id")]]
    found = env.search("stock.quant", same)
    id = found[0]["id"] if found else env.insert("stock.quant", given)
    if counted is not None:
        _count(env, id, float(counted))
    return int(id)


def write_quant(env: Env, ids: list[int], given: Doc) -> None:
    """Only an inventory may change quants."""
    if not env.context.get("inventory_mode"):
        raise AccessError("Quant's editing is restricted, you can't do this operation.")
    for id in ids:
        if "inventory_quantity" in given:
            _count(env, id, float(given["inventory_quantity"]))


def _count(env: Env, id: int, counted: float) -> None:
    """14 applies a count at once; later versions wait for action_apply_inventory."""
    quant = env.get("stock.quant", id)
    assert quant is not None
    if env.series < 15:
        env.put("stock.quant", quant | {"quantity": counted, "inventory_quantity": counted})
    else:
        env.put("stock.quant", quant | {"inventory_quantity": counted, "inventory_quantity_set": True})


CREATE["stock.quant"] = create_quant
WRITE["stock.quant"] = write_quant


@method("stock.quant")
def action_apply_inventory(env: Env, ids: list[int]) -> None:
    """Make the counts true; answers nothing."""
    for id in ids:
        quant = env.get("stock.quant", id)
        if quant is None:
            raise missing("stock.quant", [id], env.uid)
        if quant["inventory_quantity_set"]:
            env.put("stock.quant", quant | {"quantity": quant["inventory_quantity"], "inventory_quantity_set": False})


def has_method(env: Env, model: str, name: str) -> bool:
    """Methods that came with a later version."""
    if (model, name) == ("stock.quant", "action_apply_inventory") and env.series < 15:
        return False
    return (model, name) in METHODS


def moves_of(env: Env, picking: int) -> list[Doc]:
    """A transfer's moves."""
    return [doc for doc in env.docs("stock.move") if doc.get("picking_id") == picking]


def is_shipped(env: Env, order: int) -> bool:
    """Whether a delivery of the order is done."""
    return any(doc.get("sale_id") == order and doc["state"] == "done" for doc in env.docs("stock.picking"))


def is_service(env: Env, product: int | None) -> bool:
    """Services are not shipped."""
    variant = env.get("product.product", product) or {}
    return bool((env.get("product.template", variant.get("product_tmpl_id")) or {}).get("type") == "service")


def deliver(env: Env, order: Doc, lines: list[Doc]) -> None:
    """The delivery of a confirmed order."""
    goods = [line for line in lines if line.get("product_id") and not is_service(env, line["product_id"])]
    if goods:
        new_picking(env, order, [(line["product_id"], line["product_uom_qty"], line["id"]) for line in goods], None)


def new_picking(env: Env, order: Doc, wanted: list[tuple[int, float, int | None]], backorder: int | None) -> int:
    """A delivery with one move for each (product, quantity, order line)."""
    kind = next(doc for doc in env.docs("stock.picking.type") if doc["code"] == "outgoing")
    house = env.docs("stock.warehouse")[0]
    customers = next(doc for doc in env.docs("stock.location") if doc["usage"] == "customer")
    places = {"location_id": house["lot_stock_id"], "location_dest_id": customers["id"]}
    picking = env.insert(
        "stock.picking",
        {
            "name": f"WH/OUT/{env.store.next_id(f'{env.series}.out'):05}", "state": "confirmed", "origin": order["name"],
            "partner_id": order["partner_shipping_id"], "picking_type_id": kind["id"], "sale_id": order["id"],
            "scheduled_date": env.now[:19], "backorder_id": backorder, **places,
        },
    )  # fmt: skip
    for product, quantity, line in wanted:
        values: Doc = {"picking_id": picking, "product_id": product, "product_uom_qty": quantity, "state": "confirmed"}
        if "name" in env.columns("stock.move"):
            values["name"] = env.name_of("product.product", product)
        env.insert("stock.move", {**values, "sale_line_id": line, **places})
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


@method("stock.picking")
def action_assign(env: Env, ids: list[int]) -> bool:
    """Reserve what there is."""
    for id in ids:
        picking = _picking(env, id)
        open_moves = [move for move in moves_of(env, id) if move["state"] not in ("done", "cancel")]
        if not open_moves:
            raise UserError("Nothing to check the availability for.")
        ready = [_reserve(env, picking, move) for move in open_moves]
        env.put("stock.picking", _picking(env, id) | {"state": "assigned" if all(ready) else "confirmed"})
    return True


def _reserve(env: Env, picking: Doc, move: Doc) -> bool:
    if move["state"] == "assigned":
        return True
    needed = float(move["product_uom_qty"])
    for quant in env.search(
        "stock.quant", [["product_id", "=", move["product_id"]], ["location_id", "=", picking["location_id"]]]
    ):
        if quant["quantity"] - quant["reserved_quantity"] >= needed:
            env.put("stock.quant", quant | {"reserved_quantity": quant["reserved_quantity"] + needed})
            field = "quantity" if env.series >= 17 else "reserved_availability"
            env.put("stock.move", move | {"state": "assigned", field: needed})
            return True
    return False


@method("stock.picking")
def button_validate(env: Env, ids: list[int]) -> Any:
    """Ship, or ask: the first text message of a company, no done quantities, a part only."""
    for id in ids:
        picking = _picking(env, id)
        moves = [move for move in moves_of(env, id) if move["state"] not in ("done", "cancel")]
        if picking["state"] in ("done", "cancel") or not moves:
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
        return float(move["quantity_done"])
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
    rest = []
    for move in moves:
        done = _done(env, move)
        if left := float(move["product_uom_qty"]) - done:
            rest.append((move["product_id"], left, move.get("sale_line_id")))
        if done:
            _leave(env, picking, move, done)
        else:
            env.put("stock.move", move | {"state": "cancel", "picking_id": None})
    env.put("stock.picking", picking | {"state": "done", "date_done": env.now})
    keep = picking["id"] not in (env.context.get("picking_ids_not_to_backorder") or [])
    order = env.get("sale.order", picking.get("sale_id"))
    if rest and keep and order:
        new_picking(env, order, rest, picking["id"])


def _leave(env: Env, picking: Doc, move: Doc, done: float) -> None:
    reserved = float(move["product_uom_qty"]) if move["state"] == "assigned" else 0.0
    for quant in env.search(
        "stock.quant", [["product_id", "=", move["product_id"]], ["location_id", "=", picking["location_id"]]]
    )[:1]:
        left = quant["quantity"] - done
        if left == 0 and quant["reserved_quantity"] <= reserved:
            # The real one removes empty quants now and then; here at once, which is the harder case.
            env.unlink("stock.quant", [quant["id"]])
        else:
            env.put(
                "stock.quant", quant | {"quantity": left, "reserved_quantity": quant["reserved_quantity"] - reserved}
            )
    env.put("stock.move", move | {"state": "done", "product_uom_qty": done})
    moved: Doc = {"move_id": move["id"], "picking_id": picking["id"], "product_id": move["product_id"], "state": "done"}
    moved |= {"location_id": move["location_id"], "location_dest_id": move["location_dest_id"]}
    env.insert("stock.move.line", {**moved, "quantity" if env.series >= 17 else "qty_done": done})
    line = env.get("sale.order.line", move.get("sale_line_id"))
    if line:
        env.put("sale.order.line", line | {"qty_delivered": line["qty_delivered"] + done})
