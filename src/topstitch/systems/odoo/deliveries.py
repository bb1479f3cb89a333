"""Fulfilments: the open delivery of an order is reserved, given its quantities and tracking number, and validated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products, escaped, field_of, found_by
from topstitch.systems.odoo.moves import Shipment
from topstitch.systems.odoo.pushing import own_id
from topstitch.systems.odoo.shapes import given, id_of, text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    MATCH,
    TWINS,
    Setting(
        name="rest",
        label="When only a part is shipped",
        kind="choice",
        choices=["back-order", "cancel"],
        default="back-order",
        help="Back-order: what is left waits in a delivery of its own. Cancel: it will not be shipped.",
    ),
)
PICKING = ("name", "state", "origin", "sale_id", "carrier_tracking_ref")
CLOSED = ("done", "cancel")
TRACKING = "carrier_tracking_ref"


def order_name(record: Record) -> str:
    """The shop's number or Odoo's. Raises RemoteRejected when there is neither."""
    name = field_of(record, "sale", "client_order_ref") or field_of(record, "sale", "name") or given(record, "origin")
    if name is None:
        raise RemoteRejected("the order number is empty", field="sale.client_order_ref")
    return text(name, "sale.client_order_ref")


def orders_named(odoo: Odoo, names: Sequence[str], fields: Sequence[str]) -> dict[str, Row]:
    """Sales orders by the shop's number and by Odoo's; the oldest of a number that is not cancelled wins."""
    rows = odoo.search_read(
        "sale.order", ["|", ["client_order_ref", "in", list(names)], ["name", "in", list(names)]], fields
    )
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row["state"] == "cancel", row["id"])):
        for name in (row["client_order_ref"], row["name"]):
            if name:
                found.setdefault(str(name), row)
    return found


def _names(batch: Sequence[Outgoing]) -> list[str]:
    values = [
        (field_of(o.record, "sale", "client_order_ref"), field_of(o.record, "sale", "name"), o.record.get("origin"))
        for o in batch
    ]
    return found_by(name for each in values for name in each)


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Ship, one by one."""
    desk = Desk(connect(conn), batch, options)
    return one_by_one(batch, desk.one)


def find(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """The done delivery that carries this shipment's mark."""
    desk = Desk(connect(conn), batch, options)
    return [desk.found(out) for out in batch]


class Desk:
    """One batch of shipments, with their orders, deliveries and products."""

    def __init__(self, odoo: Odoo, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        self._orders = orders_named(odoo, _names(batch), ("name", "client_order_ref", "state"))
        field = str(options.get("match") or "default_code")
        codes = [m.get(field) for o in batch for m in o.record.get("moves") or [] if isinstance(m, Mapping)]
        self._products = Products(odoo, codes, options, archived=True)
        self._tracks = odoo.has("stock.picking", TRACKING)

    def _pickings(self, order: Row) -> list[Row]:
        link = (
            ["sale_id", "=", order["id"]]
            if self._odoo.has("stock.picking", "sale_id")
            else ["origin", "=", order["name"]]
        )
        domain = [link, ["picking_type_code", "=", "outgoing"], ["state", "!=", "cancel"]]
        return self._odoo.search_read("stock.picking", domain, PICKING)

    def found(self, out: Outgoing) -> str | None:
        """The done delivery of this shipment, None when it is not shipped."""
        order = self._orders.get(order_name(out.record))
        done = [row for row in self._pickings(order) if row["state"] == "done"] if order else []
        marked = self._marked(done, out)
        return str(marked["id"]) if marked else None

    def one(self, out: Outgoing) -> Verdict:
        """The verdict on one shipment."""
        name = order_name(out.record)
        order = self._orders.get(name)
        if order is None:
            raise MissingReference(f"Odoo has no order {name!r}", field="sale.client_order_ref")
        pickings = self._pickings(order)
        done = [row for row in pickings if row["state"] == "done"]
        shipped = next((row for row in done if row["id"] == own_id(out)), None) or self._marked(done, out)
        waiting = [row for row in pickings if row["state"] not in CLOSED]
        if shipped is None and not waiting:
            # Shipped by hand, or before a restart that forgot: no second shipment is possible.
            shipped = done[-1] if done else None
        if shipped:
            return self._already(shipped, out.record)
        if not waiting:
            raise MissingReference(
                f"order {order['name']} has no open delivery in Odoo (state {order['state']})",
                field="sale.client_order_ref",
            )
        return self._ship(waiting, out)

    def _already(self, picking: Row, record: Record) -> Verdict:
        """A repeat is a success; a tracking number that came later is added."""
        number = given(record, TRACKING)
        if number and self._tracks and not picking.get(TRACKING):
            self._odoo.write("stock.picking", [picking["id"]], {TRACKING: text(number, TRACKING)})
            return Verdict.updated(picking["id"])
        return Verdict.unchanged(picking["id"])

    def _ship(self, waiting: Sequence[Row], out: Outgoing) -> Verdict:
        shipment = Shipment(self._odoo, waiting, self._quantities(out.record))
        shipment.reserve_and_fill()
        self._mark(shipment.picking, out)
        shipment.validate(keep_rest=self._options.get("rest") != "cancel")
        return Verdict.created(shipment.picking["id"])

    def _quantities(self, record: Record) -> dict[int, float] | None:
        """What is shipped of each product, by id; None: everything."""
        moves = record.get("moves") or []
        found: dict[int, float] = {}
        for at, move in enumerate(moves):
            place = f"moves[{at}].{self._products.field}"
            product = self._products.need(move.get(self._products.field), place)
            found[product["id"]] = found.get(product["id"], 0.0) + Shipment.quantity(move, at)
        return found or None

    def _mark_of(self, out: Outgoing) -> str:
        """What this shipment is recognised by: its tracking number, else its number at the source."""
        mark = text(given(out.record, TRACKING) or out.reference or out.key, TRACKING)
        # Notes are HTML, and versions differ in who escapes these.
        return re.sub(r"[<>&]", " ", mark)

    def _marked(self, pickings: Sequence[Row], out: Outgoing) -> Row | None:
        mark = self._mark_of(out)
        number = given(out.record, TRACKING)
        own = next((row for row in pickings if number and row.get(TRACKING) == text(number, TRACKING)), None)
        if own or not pickings:
            return own
        domain = [
            ["model", "=", "stock.picking"],
            ["res_id", "in", [row["id"] for row in pickings]],
            ["body", "ilike", escaped(f"[{mark}]")],
        ]
        notes = self._odoo.search_read("mail.message", domain, ["res_id"])
        noted = {id_of([note["res_id"]]) for note in notes}
        return next((row for row in pickings if row["id"] in noted), None)

    def _mark(self, picking: Row, out: Outgoing) -> None:
        """Before validating, so that a lost answer can be settled. A note where Odoo has no field for the number."""
        number = given(out.record, TRACKING)
        carrier = field_of(out.record, "carrier_id", "name")
        known = self._carrier(carrier)
        if number and self._tracks:
            self._odoo.write("stock.picking", [picking["id"]], {TRACKING: text(number, TRACKING), **known})
        says = [f"Carrier: {carrier}"] if carrier and not known else []
        if number and not self._tracks:
            says.append("Tracking number")
        if (says or not number) and not self._marked([{**picking, TRACKING: None}], out):
            body = f"{', '.join(says) or 'Shipment'} [{self._mark_of(out)}]"
            self._odoo.call("stock.picking", "message_post", [[picking["id"]]], {"body": body})

    def _carrier(self, name: Any) -> Row:
        """The delivery method of this name, where the app is installed and has one."""
        if not name or not self._odoo.has("stock.picking", "carrier_id"):
            return {}
        rows = self._odoo.search_read("delivery.carrier", [["name", "=ilike", escaped(str(name))]], ["name"], limit=1)
        return {"carrier_id": rows[0]["id"]} if rows else {}
