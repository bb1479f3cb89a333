"""Quotations and sales orders of the practice Odoo, and the invoices made of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from topstitch.systems.odoo.erp.env import Doc, Env, half_up
from topstitch.systems.odoo.erp.faults import UserError, missing
from topstitch.systems.odoo.erp.registry import CONSTRAINTS, PREPARE, computed, method
from topstitch.systems.odoo.erp.shipping import deliver, is_shipped


def taxes_field(env: Env, model: str) -> str:
    """`tax_id` became `tax_ids` in 19."""
    return "tax_ids" if "tax_ids" in env.columns(model) else "tax_id"


def unit_field(env: Env, model: str) -> str:
    """`product_uom` became `product_uom_id` in 19."""
    return "product_uom_id" if "product_uom_id" in env.columns(model) else "product_uom"


def docs_of(env: Env, model: str, ids: Sequence[int]) -> list[Doc]:
    """Stored records; MissingError when one is not there."""
    found = [env.get(model, id) for id in ids]
    if gone := [id for id, doc in zip(ids, found, strict=True) if doc is None]:
        raise missing(model, gone, env.uid)
    return [doc for doc in found if doc]


def prepare_order(env: Env, given: Doc) -> Doc:
    """Name, addresses, price list, currency and warehouse."""
    partner = given.get("partner_id")
    child = next(
        (d["id"] for d in env.docs("res.partner") if d.get("parent_id") == partner and d["type"] == "delivery"), 0
    )
    filled: Doc = {
        "name": f"S{env.store.next_id(f'{env.series}.order'):05}",
        "date_order": env.now[:19],
        "user_id": env.uid,
        "warehouse_id": _of_company(env, "stock.warehouse"),
        "company_id": env.company,
    }
    if partner:
        filled |= {"partner_invoice_id": partner, "partner_shipping_id": child or partner}
        filled["pricelist_id"] = _of_company(env, "product.pricelist")
    filled |= given
    chosen = env.get("product.pricelist", filled.get("pricelist_id")) or {}
    filled["currency_id"] = chosen.get("currency_id") or env.docs("res.company")[0]["currency_id"]
    return filled


def _of_company(env: Env, model: str) -> Any:
    """The first one that an order of the user's company may have."""
    return next((doc["id"] for doc in env.docs(model) if doc.get("company_id") in (None, env.company)), None)


PREPARE["sale.order"] = prepare_order


def check_order(env: Env, doc: Doc) -> None:
    """What belongs to another company fits no order of this one."""
    for name, model in (
        ("warehouse_id", "stock.warehouse"),
        ("team_id", "crm.team"),
        ("pricelist_id", "product.pricelist"),
    ):
        refuse_foreign(env, doc, model, [doc[name]] if doc.get(name) else [])


def refuse_foreign(env: Env, order: Doc, model: str, ids: Sequence[int]) -> None:
    """Records must be of the order's company, or of none."""
    for each in docs_of(env, model, ids):
        if each.get("company_id") not in (None, order.get("company_id")):
            raise UserError(f"Incompatible companies on records:\n- {order['name']} and {each['name']!r}")


CONSTRAINTS["sale.order"] = check_order


def prepare_line(env: Env, given: Doc) -> Doc:
    """What is left out comes from the product."""
    product = env.get("product.product", given.get("product_id"))
    if product is None:
        return given

    def env_value(name: str) -> Any:
        return env.value("product.product", product, env.column("product.product", name))

    return {
        "name": env.name_of("product.product", product["id"]),
        "price_unit": env_value("lst_price"),
        unit_field(env, "sale.order.line"): env_value("uom_id"),
        taxes_field(env, "sale.order.line"): [[6, 0, _mapped(env, given, env_value("taxes_id") or [])]],
        **given,
    }


def _mapped(env: Env, line: Doc, taxes: list[int]) -> list[int]:
    """Those of the order's company; the fiscal position of the country it goes to puts others in their place."""
    order = env.get("sale.order", line.get("order_id")) or {}
    country = (env.get("res.partner", order.get("partner_shipping_id")) or {}).get("country_id")
    position = next((p["id"] for p in env.docs("account.fiscal.position") if p.get("country_id") == country), None)
    rules = [rule for rule in env.docs("account.fiscal.position.tax") if rule["position_id"] == position]
    places = {rule["tax_src_id"]: rule["tax_dest_id"] for rule in rules}
    owners = {tax: (env.get("account.tax", tax) or {}).get("company_id") for tax in taxes}
    return [places.get(tax, tax) for tax in taxes if owners[tax] in (None, order.get("company_id"))]


PREPARE["sale.order.line"] = prepare_line


def check_line(env: Env, doc: Doc) -> None:
    """A confirmed order's product lines stay what they are."""
    order = env.get("sale.order", doc["order_id"]) or {}
    if order.get("state") in ("done", "cancel"):
        raise UserError("It is forbidden to modify the following fields in a locked order:\nProduct")
    refuse_foreign(env, order, "account.tax", doc.get(taxes_field(env, "sale.order.line")) or [])


CONSTRAINTS["sale.order.line"] = check_line


def line_sums(env: Env, line: Doc, taxes: str, quantity: str) -> tuple[float, float]:
    """Net and tax of a line, rounded to cents: what is included in the price leaves its sum as it is, the rest comes on top."""
    amount = half_up(line[quantity] * line["price_unit"] * (1 - (line.get("discount") or 0) / 100))
    rates = [env.get("account.tax", each) or {} for each in line.get(taxes) or []]
    included = sum(rate["amount"] for rate in rates if rate["price_include"])
    net = half_up(amount / (1 + included / 100))
    on_top = sum(half_up(net * rate["amount"] / 100) for rate in rates if not rate["price_include"])
    return net, half_up(amount - net + on_top)


@computed("sale.order.line", "price_subtotal")
def line_net(env: Env, doc: Doc) -> float:
    """Without tax."""
    return line_sums(env, doc, taxes_field(env, "sale.order.line"), "product_uom_qty")[0]


@computed("sale.order.line", "price_tax")
def line_tax(env: Env, doc: Doc) -> float:
    """The tax."""
    return line_sums(env, doc, taxes_field(env, "sale.order.line"), "product_uom_qty")[1]


@computed("sale.order.line", "price_total")
def line_total(env: Env, doc: Doc) -> float:
    """With tax."""
    return round(float(line_net(env, doc)) + float(line_tax(env, doc)), 2)


def lines_of(env: Env, order: int) -> list[Doc]:
    """An order's lines."""
    return [doc for doc in env.docs("sale.order.line") if doc["order_id"] == order]


@computed("sale.order", "amount_untaxed")
def order_net(env: Env, doc: Doc) -> float:
    """Without tax."""
    return round(math.fsum(line_net(env, line) for line in lines_of(env, doc["id"])), 2)


@computed("sale.order", "amount_tax")
def order_tax(env: Env, doc: Doc) -> float:
    """The tax."""
    return round(math.fsum(line_tax(env, line) for line in lines_of(env, doc["id"])), 2)


@computed("sale.order", "amount_total")
def order_total(env: Env, doc: Doc) -> float:
    """With tax."""
    return round(float(order_net(env, doc)) + float(order_tax(env, doc)), 2)


@computed("sale.order", "invoice_status")
def invoice_status(env: Env, doc: Doc) -> str:
    """What is left to invoice."""
    if doc["state"] not in ("sale", "done"):
        return "no"
    lines = lines_of(env, doc["id"])
    if any(_left(env, line) > 0 for line in lines):
        return "to invoice"
    return "invoiced" if lines and all(line["qty_invoiced"] >= line["product_uom_qty"] for line in lines) else "no"


def _left(env: Env, line: Doc) -> float:
    """Ordered and not yet invoiced: the products of the seeds are invoiced on order."""
    return float(line["product_uom_qty"]) - float(line["qty_invoiced"])


@method("sale.order")
def action_confirm(env: Env, ids: list[int]) -> bool:
    """Make quotations orders: the date becomes now, the delivery is made."""
    for order in docs_of(env, "sale.order", ids):
        if order["state"] in ("sale", "done"):
            continue
        if order["state"] == "cancel":
            raise UserError("It is not allowed to confirm an order in the following states: cancel, done")
        order |= {"state": "sale", "date_order": env.now}
        env.put("sale.order", order)
        deliver(env, order, lines_of(env, order["id"]))
    return True


@method("sale.order")
def action_cancel(env: Env, ids: list[int]) -> Any:
    """Cancel; once something has been shipped, ask first."""
    for order in docs_of(env, "sale.order", ids):
        if is_shipped(env, order["id"]) and not env.context.get("disable_cancel_warning"):
            return {
                "type": "ir.actions.act_window",
                "res_model": "sale.order.cancel",
                "view_mode": "form",
                "target": "new",
            }
        env.put("sale.order", order | {"state": "cancel"})
        for picking in env.docs("stock.picking"):
            if picking.get("sale_id") == order["id"] and picking["state"] != "done":
                env.put("stock.picking", picking | {"state": "cancel"})
    return True


@method("sale.order")
def action_draft(env: Env, ids: list[int]) -> bool:
    """Take cancelled orders back to quotations."""
    for order in docs_of(env, "sale.order", ids):
        env.put("sale.order", order | {"state": "draft"})
    return True


@method("sale.advance.payment.inv")
def create_invoices(env: Env, ids: list[int]) -> Any:
    """Invoice what is left of the orders in the context (from 16 on, also of the wizard itself)."""
    wizard = docs_of(env, "sale.advance.payment.inv", ids)[0]
    if not env.docs("account.journal"):
        raise UserError("Please define an accounting sales journal for the company.")
    for id in wizard.get("sale_order_ids") or env.context.get("active_ids") or []:
        order = docs_of(env, "sale.order", [id])[0]
        if invoice_status(env, order) != "to invoice":
            raise UserError("There is nothing to invoice!")
        _invoice(env, order)
    return {"type": "ir.actions.act_window_close"}


def prepare_wizard(env: Env, given: Doc) -> Doc:
    """From 16 on the wizard takes its orders from the context when it is made."""
    if "sale_order_ids" in env.columns("sale.advance.payment.inv") and env.context.get("active_ids"):
        given.setdefault("sale_order_ids", [[6, 0, env.context["active_ids"]]])
    return given


PREPARE["sale.advance.payment.inv"] = prepare_wizard


def _invoice(env: Env, order: Doc) -> None:
    lines = [line for line in lines_of(env, order["id"]) if _left(env, line) > 0]
    taxes = taxes_field(env, "sale.order.line")
    invoice = env.insert(
        "account.move",
        {
            "move_type": "out_invoice",
            "partner_id": order["partner_invoice_id"],
            "partner_shipping_id": order["partner_shipping_id"],
            "currency_id": order["currency_id"],
            "journal_id": env.docs("account.journal")[0]["id"],
            "invoice_origin": order["name"],
            "ref": order.get("client_order_ref"),
            "invoice_line_ids": [
                [0, 0, {
                    "product_id": line.get("product_id"), "name": line["name"], "quantity": _left(env, line),
                    "price_unit": line["price_unit"], "discount": line["discount"],
                    "tax_ids": [[6, 0, line.get(taxes) or []]], "sale_line_ids": [[6, 0, [line["id"]]]],
                }]
                for line in lines
            ],
        },
    )  # fmt: skip
    for line in lines:
        env.put("sale.order.line", line | {"qty_invoiced": line["product_uom_qty"]})
    env.put("sale.order", order | {"invoice_ids": [*(order.get("invoice_ids") or []), invoice]})
