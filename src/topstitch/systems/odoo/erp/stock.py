"""Stock of the practice Odoo: quants, what products have of them, and inventory counts."""

from __future__ import annotations

import math
from typing import Any

from topstitch.systems.odoo.erp.env import Doc, Env
from topstitch.systems.odoo.erp.faults import AccessError, missing
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
        within = house["view_location_id"]
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
