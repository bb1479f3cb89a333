"""Invoices, credit notes, purchase orders and notes of the practice Odoo."""

from __future__ import annotations

import math

from topstitch.systems.odoo.erp.env import Doc, Env
from topstitch.systems.odoo.erp.faults import UserError
from topstitch.systems.odoo.erp.registry import PREPARE, computed, method
from topstitch.systems.odoo.erp.sales import docs_of, line_sums


def _lines(env: Env, move: int) -> list[Doc]:
    return [doc for doc in env.docs("account.move.line") if doc["move_id"] == move]


@computed("account.move.line", "price_subtotal")
def net(env: Env, doc: Doc) -> float:
    """Without tax."""
    return line_sums(env, doc, "tax_ids", "quantity")[0]


@computed("account.move.line", "price_total")
def gross(env: Env, doc: Doc) -> float:
    """With tax."""
    return round(sum(line_sums(env, doc, "tax_ids", "quantity")), 2)


@computed("account.move", "amount_untaxed")
def move_net(env: Env, doc: Doc) -> float:
    """Without tax."""
    return round(math.fsum(net(env, line) for line in _lines(env, doc["id"])), 2)


@computed("account.move", "amount_total")
def move_gross(env: Env, doc: Doc) -> float:
    """With tax."""
    return round(math.fsum(gross(env, line) for line in _lines(env, doc["id"])), 2)


@computed("account.move", "amount_tax")
def move_tax(env: Env, doc: Doc) -> float:
    """The tax."""
    return round(float(move_gross(env, doc)) - float(move_net(env, doc)), 2)


@computed("account.move", "amount_residual")
def residual(env: Env, doc: Doc) -> float:
    """What is still to be paid."""
    return float(move_gross(env, doc)) if doc["state"] == "posted" and doc["payment_state"] == "not_paid" else 0.0


@method("account.move")
def action_post(env: Env, ids: list[int]) -> bool:
    """Give drafts their number."""
    for move in docs_of(env, "account.move", ids):
        if move["state"] != "draft":
            raise UserError("The entry is already posted.")
        prefix = {"out_refund": "RINV", "in_invoice": "BILL"}.get(move["move_type"], "INV")
        number = env.store.next_id(f"{env.series}.{prefix}")
        dated = move.get("invoice_date") or env.now[:10]
        env.put(
            "account.move",
            move | {"state": "posted", "name": f"{prefix}/{dated[:4]}/{number:05}", "invoice_date": dated},
        )
    return False


def _cost(env: Env, line: Doc) -> float:
    return round(float(line["product_qty"]) * float(line["price_unit"]), 2)


@computed("purchase.order.line", "price_subtotal", "price_total")
def purchase_line(env: Env, doc: Doc) -> float:
    """Quantity by price; nothing here is taxed."""
    return _cost(env, doc)


@computed("purchase.order", "amount_untaxed", "amount_total")
def purchase_total(env: Env, doc: Doc) -> float:
    """The sum of the lines."""
    return round(sum(_cost(env, line) for line in env.docs("purchase.order.line") if line["order_id"] == doc["id"]), 2)


@computed("purchase.order", "amount_tax")
def purchase_tax(env: Env, doc: Doc) -> float:
    """Nothing here is taxed."""
    return 0.0


def prepare_purchase(env: Env, given: Doc) -> Doc:
    """Name, date and currency."""
    return {
        "name": f"P{env.store.next_id(f'{env.series}.purchase'):05}",
        "date_order": env.now[:19],
        "currency_id": env.docs("res.company")[0]["currency_id"],
        **given,
    }


PREPARE["purchase.order"] = prepare_purchase


@method("purchase.order")
def button_confirm(env: Env, ids: list[int]) -> bool:
    """Order from the supplier; large ones wait for a manager."""
    for order in docs_of(env, "purchase.order", ids):
        if order["state"] in ("draft", "sent"):
            state = "to approve" if purchase_total(env, order) > 5000 else "purchase"
            env.put("purchase.order", order | {"state": state})
    return True


@method("purchase.order")
def button_cancel(env: Env, ids: list[int]) -> None:
    """Cancel; answers nothing."""
    for order in docs_of(env, "purchase.order", ids):
        env.put("purchase.order", order | {"state": "cancel"})


@method("sale.order", "message_post")
def _on_order(env: Env, ids: list[int], body: str = "", **options: object) -> int:
    return _note(env, "sale.order", ids, body)


@method("stock.picking", "message_post")
def _on_picking(env: Env, ids: list[int], body: str = "", **options: object) -> int:
    return _note(env, "stock.picking", ids, body)


def _note(env: Env, model: str, ids: list[int], body: str) -> int:
    docs_of(env, model, ids)
    return env.insert("mail.message", {"model": model, "res_id": ids[0], "body": f"<p>{body}</p>"})
