"""Invoices: what is left to invoice of a sales order, made by Odoo's own wizard and posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, MissingReference, Outgoing, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.deliveries import order_name, order_names, orders_named
from topstitch.systems.odoo.shapes import day, given

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    Setting(
        name="post",
        label="Post the invoice",
        kind="boolean",
        default=True,
        help="A posted invoice has its number and counts in the books. Off: it stays a draft.",
    ),
)
WIZARD = "sale.advance.payment.inv"
FIELDS = ("name", "client_order_ref", "state", "invoice_status", "invoice_ids")


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Invoice orders. Odoo invoices only what is left, so a repeat finds nothing to do."""
    odoo = connect(conn)
    wanted = [{**out.record, "origin": out.record.get("invoice_origin")} for out in batch]
    orders = orders_named(odoo, order_names(wanted), FIELDS)

    def one(out: Outgoing) -> Verdict:
        name = order_name({**out.record, "origin": out.record.get("invoice_origin")})
        if name not in orders:
            raise MissingReference(f"Odoo has no order {name!r}", field="sale.client_order_ref")
        return _one(odoo, orders[name], out, options)

    return one_by_one(batch, one)


def _invoices(odoo: Odoo, order: Row) -> list[Row]:
    domain = [["id", "in", order["invoice_ids"]], ["move_type", "=", "out_invoice"], ["state", "!=", "cancel"]]
    return odoo.search_read("account.move", domain, ("name", "state"))


def _one(odoo: Odoo, order: Row, out: Outgoing, options: Mapping[str, Any]) -> Verdict:
    before = _invoices(odoo, order)
    verdict, invoices = Verdict.unchanged, before
    if order["invoice_status"] == "to invoice":
        _make(odoo, order["id"])
        order |= odoo.by_ids("sale.order", [order["id"]], FIELDS)[0]
        known = {row["id"] for row in before}
        verdict, invoices = Verdict.created, [row for row in _invoices(odoo, order) if row["id"] not in known]
    if not invoices:
        raise RemoteRejected(
            f"there is nothing to invoice for {order['name']} (state {order['state']}, invoice status {order['invoice_status']})",
            field="sale.client_order_ref",
            hint="Products invoiced on delivery must be shipped first; quotations must be confirmed.",
        )
    drafts = [row["id"] for row in invoices if row["state"] == "draft"]
    if drafts and options.get("post", True):
        _post(odoo, drafts, out)
        verdict = verdict if verdict == Verdict.created else Verdict.updated
    return verdict(invoices[-1]["id"])


def _make(odoo: Odoo, order: int) -> None:
    """Methods that begin with an underscore cannot be called from outside; the wizard can."""
    context = {"active_model": "sale.order", "active_ids": [order], "active_id": order}
    wizard = odoo.create(WIZARD, {"advance_payment_method": "delivered"}, context)
    odoo.run(WIZARD, "create_invoices", [wizard], context)


def _post(odoo: Odoo, ids: Sequence[int], out: Outgoing) -> None:
    if given(out.record, "invoice_date") is not None:
        odoo.write("account.move", ids, {"invoice_date": day(out.record["invoice_date"], "invoice_date")})
    odoo.run("account.move", "action_post", ids)
