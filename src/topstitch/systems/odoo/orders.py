"""Sales orders: found again by client_order_ref, made with customer, addresses and lines, confirmed, changed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lines import Lines, line_codes
from topstitch.systems.odoo.lookups import currency_of_list, field_of, found_by, named_id
from topstitch.systems.odoo.partners import Partners, address_of, has_place, lock_of, values_of, without_email
from topstitch.systems.odoo.pushing import own_id
from topstitch.systems.odoo.shapes import flag, given, moment, plain, text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    Setting(
        name="confirm",
        label="Confirm orders",
        kind="boolean",
        default=True,
        help="A confirmed quotation is a sales order: it reserves stock and makes the delivery. Off: orders stay quotations.",
    ),
    Setting(
        name="partner_id",
        label="Book all orders on one contact",
        kind="integer",
        help='The id of a contact, for example "Web customers". Empty: the customer is found by reference or e-mail, or made.',
        find="The number in the address of the contact's page in Odoo.",
        advanced=True,
    ),
    Setting(name="warehouse", label="Warehouse", help="Name or code. Empty: Odoo's default.", advanced=True),
    Setting(name="team", label="Sales team", help="Name. Empty: Odoo's default.", advanced=True),
)
OPEN, CONFIRMED = ("draft", "sent"), ("sale", "done")
FOUND = ("name", "state", "client_order_ref", "order_line", "note", "commitment_date", "date_order")


def existing(odoo: Odoo, batch: Sequence[Outgoing]) -> tuple[dict[int, Row], dict[str, Row]]:
    """Orders of the batch that are there: by id, and by reference (the oldest that is not cancelled, should there be several)."""
    refs = found_by(out.record.get("client_order_ref") for out in batch)
    ids = [own_id(out) for out in batch if own_id(out)]
    rows = odoo.search_read("sale.order", ["|", ["client_order_ref", "in", refs], ["id", "in", ids]], FOUND)
    by_ref: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row["state"] == "cancel", row["id"])):
        by_ref.setdefault(str(row["client_order_ref"]), row)
    return {row["id"]: row for row in rows}, by_ref


def find(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """The order of each reference, where everything that was to be done to it is done."""
    by_id, by_ref = existing(connect(conn), batch)
    return [_finished(_order(out, by_id, by_ref), out, options) for out in batch]


def _order(out: Outgoing, by_id: Mapping[int, Row], by_ref: Mapping[str, Row]) -> Row | None:
    return by_id.get(own_id(out)) or by_ref.get(str(given(out.record, "client_order_ref") or ""))


def _finished(order: Row | None, out: Outgoing, options: Mapping[str, Any]) -> str | None:
    if order is None:
        return None
    if _cancels(out.record):
        return str(order["id"]) if order["state"] == "cancel" else None
    # Made but not confirmed: the answer was lost half way, so it is pushed again and finished.
    return None if options.get("confirm", True) and order["state"] in OPEN else str(order["id"])


def _cancels(record: Record) -> bool:
    return given(record, "cancel") is not None and flag(record["cancel"], "cancel")


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Create, finish, change or cancel orders, one by one."""
    desk = Desk(connect(conn), batch, options)
    return one_by_one(batch, desk.one)


class Desk:
    """One batch of orders: what exists already, and what its lines and customers refer to."""

    def __init__(self, odoo: Odoo, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        self._by_id, self._by_ref = existing(odoo, batch)
        self._made: set[str] = set()
        self._lines = Lines(odoo, line_codes(batch, options), options)
        with lock_of(odoo.conn):
            self._partners = Partners(odoo, (field_of(out.record, "partner") or {} for out in batch))

    def one(self, out: Outgoing) -> Verdict:
        """The verdict on one order."""
        ref = given(out.record, "client_order_ref")
        if ref is None:
            raise RemoteRejected(
                "client_order_ref is empty: the order could not be found again",
                field="client_order_ref",
                hint="Map the order number.",
            )
        order = self._present(out, str(ref))
        if _cancels(out.record):
            return self._cancel(order, str(ref))
        if order:
            return self._amend(order, out.record)
        self._made.add(str(ref))
        return self._create(out.record)

    def _present(self, out: Outgoing, ref: str) -> Row | None:
        """The order there is; looked for again when this batch has just made it."""
        found = existing(self._odoo, [out]) if ref in self._made else (self._by_id, self._by_ref)
        return _order(out, *found)

    def _create(self, record: Record) -> Verdict:
        values = self._header(record) | self._parties(record)
        lines = self._lines.of(record)
        values["order_line"] = [[0, 0, line] for line in lines]
        id = self._odoo.create("sale.order", values)
        self._settle(id, record, lines)
        self._confirm(id, values)
        return Verdict.created(id)

    def _settle(self, id: int, record: Record, lines: Sequence[Row]) -> None:
        """Prices as the taxes want them that Odoo really gave the lines; before confirming, which fixes them."""
        if changes := self._lines.corrections(id, record, lines):
            self._odoo.write("sale.order", [id], {"order_line": changes})

    def _header(self, record: Record) -> Row:
        values: Row = {"client_order_ref": text(record["client_order_ref"], "client_order_ref")}
        for name in ("date_order", "commitment_date"):
            if given(record, name) is not None:
                values[name] = moment(record[name], name)
        if given(record, "note") is not None:
            values["note"] = text(record["note"], "note")
        return values

    def _parties(self, record: Record) -> Row:
        customer, shipping, billing = self._customer(record), field_of(record, "shipping"), field_of(record, "billing")
        with lock_of(self._odoo.conn):
            values: Row = {
                "partner_id": customer["id"],
                "partner_shipping_id": address_of(self._odoo, customer, shipping, "delivery"),
                "partner_invoice_id": address_of(self._odoo, customer, billing, "invoice"),
            }
        if currency := given(record, "currency_id"):
            values |= {"pricelist_id": listed} if (listed := currency_of_list(self._odoo, currency)) else {}
        if house := self._options.get("warehouse"):
            values["warehouse_id"] = named_id(
                self._odoo, "stock.warehouse", house, "warehouse", by=("name", "code"), own=True
            )
        if team := self._options.get("team"):
            values["team_id"] = named_id(self._odoo, "crm.team", team, "team", own=True)
        return values

    def _customer(self, record: Record) -> Row:
        """The contact of the option, of the reference or e-mail, or a new one at the billing or shipping address."""
        if fixed := self._options.get("partner_id"):
            rows = self._odoo.by_ids("res.partner", [int(fixed)], ("name",))
            if not rows:
                raise MissingReference(f"Odoo has no contact with the id {fixed}", field="partner_id")
            return rows[0]
        person = dict(field_of(record, "partner") or {})
        with lock_of(self._odoo.conn):
            return self._partners.find(person) or self._new_customer(record, person)

    def _new_customer(self, record: Record, person: Record) -> Row:
        addresses = [person, field_of(record, "billing"), field_of(record, "shipping")]
        home: Record = next((each for each in addresses if each and has_place(each)), {})
        place = {
            name: home.get(name) for name in ("street", "street2", "city", "zip", "state_id", "country_id", "phone")
        }
        name = next((given(each, "name") for each in addresses if each and given(each, "name")), given(person, "email"))
        if name is None:
            raise RemoteRejected(
                "the order has no customer: neither partner.name nor partner.email is filled", field="partner.name"
            )
        kept = {field: value for field, value in person.items() if value not in (None, "")}
        values = values_of(self._odoo, {**place, **kept, "name": name}, "partner")
        if not values.get("email") and (known := without_email(self._odoo, values)):
            return known
        # Left alone it stays 0 for contacts made over the API, and Odoo's own list of customers leaves them out.
        return self._partners.make(
            values | ({"customer_rank": 1} if self._odoo.has("res.partner", "customer_rank") else {})
        )

    def _confirm(self, id: int, values: Row) -> None:
        """Confirm, and give the order its own date back, which confirming replaces with now."""
        if not self._options.get("confirm", True):
            return
        try:
            self._odoo.run("sale.order", "action_confirm", [id], repeatable=True)
        except RemoteRejected:
            # From 17 on a second confirmation is refused; after a lost answer it is what we wanted.
            if self._state(id) not in CONFIRMED:
                raise
        if "date_order" in values:
            self._odoo.write("sale.order", [id], {"date_order": values["date_order"]})

    def _state(self, id: int) -> str:
        rows = self._odoo.by_ids("sale.order", [id], ("state",))
        return str(rows[0]["state"]) if rows else ""

    def _amend(self, order: Row, record: Record) -> Verdict:
        if order["state"] == "cancel":
            raise RemoteRejected(f"{order['name']} is cancelled in Odoo and takes no changes", key="cancelled")
        header = self._header(record)
        present = self._lines.present(order["id"])
        if order["state"] in OPEN:
            wanted = self._lines.of(record)
            gone = [[2, line["id"], 0] for line in present]
            self._odoo.write(
                "sale.order", [order["id"]], {**header, "order_line": [*gone, *([0, 0, line] for line in wanted)]}
            )
            self._settle(order["id"], record, wanted)
            self._confirm(order["id"], header)
            return Verdict.updated(order["id"])
        if not self._lines.same(present, self._lines.of(record, present)):
            raise RemoteRejected(
                f"{order['name']} is confirmed in Odoo: its lines can no longer be replaced from here",
                field="lines",
                key="confirmed",
                hint="Change the order in Odoo, or cancel it there and send it again under another number.",
            )
        changed = {n: v for n, v in header.items() if plain(order.get(n)) != v and n != "client_order_ref"}
        if not changed:
            return Verdict.unchanged(order["id"])
        self._odoo.write("sale.order", [order["id"]], changed)
        return Verdict.updated(order["id"])

    def _cancel(self, order: Row | None, ref: str) -> Verdict:
        if order is None:
            raise MissingReference(
                f"Odoo has no order with the reference {ref}, so it cannot be cancelled", field="client_order_ref"
            )
        if order["state"] == "cancel":
            return Verdict.unchanged(order["id"])
        answer = self._odoo.run(
            "sale.order", "action_cancel", [order["id"]], {"disable_cancel_warning": True}, repeatable=True
        )
        if self._state(order["id"]) == "cancel":
            return Verdict.updated(order["id"])
        # An action instead of true is a question to the user; nothing was cancelled.
        question = answer.get("res_model", "") if isinstance(answer, dict) else ""
        raise RemoteRejected(
            f"Odoo did not cancel {order['name']} {f'but asks ({question})' if question else ''}".strip(),
            key="question",
        )
