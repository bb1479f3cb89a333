"""Fulfilments: the open delivery of an order is reserved, given its quantities and tracking number, and validated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products, escaped, field_of, found_by
from topstitch.systems.odoo.moves import Shipment, not_ready
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
CLOSED = ("done", "cancel")
TRACKING, CARRIER = "carrier_tracking_ref", "carrier_id"
PICKING = ("name", "state", "origin", "sale_id", TRACKING, CARRIER)


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


def order_names(records: Iterable[Record]) -> list[str]:
    """Every order number that the records name."""
    values = [(field_of(r, "sale", "client_order_ref"), field_of(r, "sale", "name"), r.get("origin")) for r in records]
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
        self._orders = orders_named(
            odoo, order_names(out.record for out in batch), ("name", "client_order_ref", "state")
        )
        field = str(options.get("match") or "default_code")
        codes = [m.get(field) for o in batch for m in o.record.get("moves") or [] if isinstance(m, Mapping)]
        self._products = Products(odoo, codes, options, archived=True)
        self._tracks = odoo.has("stock.picking", TRACKING)

    def _pickings(self, order: Row, kind: str = "outgoing") -> list[Row]:
        link = (
            ["sale_id", "=", order["id"]]
            if self._odoo.has("stock.picking", "sale_id")
            else ["origin", "=", order["name"]]
        )
        domain = [link, ["picking_type_code", "=", kind], ["state", "!=", "cancel"]]
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
            # From 18 on a warehouse that picks first has its delivery only once something was picked.
            if before := [row["name"] for row in self._pickings(order, "internal") if row["state"] not in CLOSED]:
                raise not_ready(f"the delivery of order {order['name']}", before)
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
        """A repeat is a success; a tracking number or a carrier that came later is added."""
        missing = {name: value for name, value in self._tracking(record).items() if not picking.get(name)}
        if not missing:
            return Verdict.unchanged(picking["id"])
        self._odoo.write("stock.picking", [picking["id"]], missing)
        return Verdict.updated(picking["id"])

    def _tracking(self, record: Record) -> Row:
        """Number and delivery method, where this Odoo has fields for them and such a method."""
        number, carrier = given(record, TRACKING), field_of(record, CARRIER, "name")
        found: Row = {TRACKING: text(number, TRACKING)} if number and self._tracks else {}
        if not carrier or not self._odoo.has("stock.picking", CARRIER):
            return found
        alike = [["name", "=ilike", escaped(str(carrier))]]
        rows = self._odoo.search_read("delivery.carrier", alike, ["name"], limit=1)
        return {**found, CARRIER: rows[0]["id"]} if rows else found

    def _ship(self, waiting: Sequence[Row], out: Outgoing) -> Verdict:
        shipment = Shipment(self._odoo, waiting, self._quantities(out.record))
        shipment.reserve_and_fill()
        tracking, picking = self._tracking(out.record), shipment.picking["id"]
        self._mark(shipment.picking, out, tracking)
        shipment.validate(keep_rest=self._options.get("rest") != "cancel")
        if tracking and TRACKING not in tracking:
            # Not before: a delivery method without a number would make Odoo order a label from the carrier.
            self._odoo.write("stock.picking", [picking], tracking)
        return Verdict.created(picking)

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

    def _mark(self, picking: Row, out: Outgoing, tracking: Row) -> None:
        """Before validating, so that a lost answer can be settled. A note where Odoo has no field for the number."""
        number = given(out.record, TRACKING)
        carrier = field_of(out.record, CARRIER, "name")
        if TRACKING in tracking:
            self._odoo.write("stock.picking", [picking["id"]], tracking)
        says = [f"Carrier: {carrier}"] if carrier and CARRIER not in tracking else []
        if number and not self._tracks:
            says.append("Tracking number")
        if (says or not number) and not self._marked([{**picking, TRACKING: None}], out):
            body = f"{', '.join(says) or 'Shipment'} [{self._mark_of(out)}]"
            self._odoo.call("stock.picking", "message_post", [[picking["id"]]], {"body": body})
