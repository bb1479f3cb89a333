"""Runs a service between two systems after those that come before it, and tells the orders that all shops have."""

from __future__ import annotations

from tests.systems.cases import BY_PAIR, GOODS_ONLY, Keep
from tests.systems.flows import Flow, World

from topstitch.sdk.practice import ORDERS
from topstitch.systems.odoo.client import connect as odoo_client
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.registry import METHODS

SHOPIFY_NUMBERS = [f"#{1061 + n}" for n in range(len(ORDERS))]


def numbers_of(world: World, shop: str) -> list[str]:
    """The numbers that the shop gave to the orders which all shops have."""
    if shop == "shopify":
        return SHOPIFY_NUMBERS
    keep = GOODS_ONLY["woocommerce/orders"]
    placed = {order.placed.rstrip("Z") for order in ORDERS}
    orders = world.store("woocommerce").all("orders", lambda doc: keep(doc) and doc["date_created_gmt"] in placed)
    return [order["number"] for order in orders]


def run(world: World, source: str, destination: str, keep: Keep | None = None) -> Flow:
    """The services that come before, then this one; each must get through whole."""
    case = BY_PAIR[source, destination]
    for pair in case.before:
        run(world, *pair, keep=case.before_keep)
    if source == "odoo/refunds":
        credit(world)
    flow = world.flow(source, destination, keep=keep or case.keep, read=case.read, write=case.write, rows=case.rows)
    assert flow.refused == []
    assert flow.records
    return flow


def credit(world: World) -> None:
    """The books give back one of the first line of the shop's third order."""
    env = Env(world.store("odoo"), odoo_client(world.connect("odoo")).series, 2)
    invoices = [doc for doc in env.docs("account.move") if doc["move_type"] == "out_invoice"][-len(ORDERS) :]
    invoice = invoices[2]
    line = next(doc for doc in env.docs("account.move.line") if doc["move_id"] == invoice["id"])
    kept = ("product_id", "name", "price_unit", "discount")
    given = {name: line[name] for name in kept} | {"quantity": 1, "tax_ids": [[6, 0, line["tax_ids"]]]}
    head = {name: invoice[name] for name in ("partner_id", "currency_id", "journal_id", "invoice_origin")}
    head |= {"move_type": "out_refund", "ref": "Chipped", "reversed_entry_id": invoice["id"]}
    refund = env.create("account.move", {**head, "invoice_line_ids": [[0, 0, given]]})
    METHODS["account.move", "action_post"](env, [refund])
