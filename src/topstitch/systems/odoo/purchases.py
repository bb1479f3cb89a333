"""Purchase orders: found again by origin, made with supplier and lines, confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, MissingReference, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products, escaped, field_of, found_by
from topstitch.systems.odoo.partners import FOUND, Partners
from topstitch.systems.odoo.pushing import own_id
from topstitch.systems.odoo.shapes import given, id_of, moment, number, same_amount, text, utc_text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    MATCH,
    TWINS,
    Setting(
        name="confirm",
        label="Confirm purchase orders",
        kind="boolean",
        default=True,
        help="Off: they stay requests for quotation.",
    ),
)
OPEN = ("draft", "sent")


def existing(odoo: Odoo, batch: Sequence[Outgoing]) -> dict[str, Row]:
    """Purchase orders by origin, the oldest first."""
    wanted = found_by(out.record.get("origin") for out in batch)
    found: dict[str, Row] = {}
    for row in odoo.search_read(
        "purchase.order",
        [["origin", "in", wanted], ["state", "!=", "cancel"]],
        ("name", "state", "origin", "order_line"),
    ):
        found.setdefault(str(row["origin"]), row)
    return found


def find(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """The purchase order of each origin, where it is confirmed too if it should be."""
    known = existing(connect(conn), batch)
    rows = [known.get(str(given(out.record, "origin") or "")) for out in batch]
    open_is_enough = not options.get("confirm", True)
    return [str(row["id"]) if row and (open_is_enough or row["state"] not in OPEN) else None for row in rows]


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Create, finish or change purchase orders, one by one."""
    desk = Desk(connect(conn), batch, options)
    return one_by_one(batch, desk.one)


class Desk:
    """One batch of purchase orders: what exists, its products and suppliers."""

    def __init__(self, odoo: Odoo, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        self._known = existing(odoo, batch)
        self._made: set[str] = set()
        field = str(options.get("match") or "default_code")
        lines = [line for out in batch for line in out.record.get("lines") or [] if isinstance(line, Mapping)]
        self._products = Products(odoo, (line.get(field) for line in lines), options)
        self._suppliers = Partners(odoo, (field_of(out.record, "partner") or {} for out in batch))
        self._unit = odoo.first_of("purchase.order.line", "product_uom", "product_uom_id")

    def one(self, out: Outgoing) -> Verdict:
        """The verdict on one purchase order."""
        origin = given(out.record, "origin")
        if origin is None:
            raise RemoteRejected(
                "origin is empty: the purchase order could not be found again", field="origin", hint="Map its number."
            )
        order = self._present(out, str(origin))
        wanted = self._lines(out.record)
        if order is None:
            return self._create(out.record, wanted)
        return self._amend(order, out, wanted)

    def _present(self, out: Outgoing, origin: str) -> Row | None:
        """The purchase order there is; looked for again when this batch has just made it."""
        known = existing(self._odoo, [out]) if origin in self._made else self._known
        return known.get(origin)

    def _create(self, record: Record, lines: Sequence[Row]) -> Verdict:
        values = {"partner_id": self._supplier(record), **self._header(record)}
        id = self._odoo.create("purchase.order", {**values, "order_line": [[0, 0, line] for line in lines]})
        self._made.add(values["origin"])
        self._confirm(id)
        return Verdict.created(id)

    def _header(self, record: Record) -> Row:
        values: Row = {
            name: moment(record[name], name)
            for name in ("date_order", "date_planned")
            if given(record, name) is not None
        }
        values |= {
            name: text(record[name], name) for name in ("origin", "partner_ref") if given(record, name) is not None
        }
        if given(record, "notes") is not None:
            values[self._odoo.first_of("purchase.order", "notes", "note")] = text(record["notes"], "notes")
        return values

    def _supplier(self, record: Record) -> int:
        """By reference, e-mail or name. Suppliers are not made here: terms and prices hang on them."""
        person = field_of(record, "partner") or {}
        if found := self._suppliers.find(person):
            return int(found["id"])
        name = given(person, "name")
        if name is None:
            raise MissingReference("the supplier is empty", field="partner.name")
        rows = self._odoo.search_read(
            "res.partner", [["name", "=ilike", escaped(str(name))], ["type", "=", "contact"]], FOUND, limit=1
        )
        if not rows:
            raise MissingReference(f"Odoo has no supplier {name!r}", field="partner.name")
        return int(rows[0]["id"])

    def _lines(self, record: Record) -> list[Row]:
        if not record.get("lines"):
            raise RemoteRejected("the purchase order has no lines", field="lines")
        return [self._line(record, line, f"lines[{at}]") for at, line in enumerate(record["lines"])]

    def _line(self, record: Record, line: Mapping[str, Any], place: str) -> Row:
        """Name, unit and date are required in older versions, which do not take them from the product over the API."""
        product = self._products.need(line.get(self._products.field), f"{place}.{self._products.field}")
        price = line.get("price_unit") if given(line, "price_unit") is not None else product["standard_price"]
        due = given(line, "date_planned") or given(record, "date_planned") or given(record, "date_order")
        return {
            "product_id": product["id"],
            "name": text(given(line, "name") or product["name"], f"{place}.name"),
            "product_qty": number(line.get("product_qty"), f"{place}.product_qty"),
            "price_unit": number(price, f"{place}.price_unit"),
            "date_planned": moment(due, f"{place}.date_planned") if due else utc_text(self._odoo.conn.now()),
            self._unit: id_of(product.get("uom_po_id") or product["uom_id"]),
        }

    def _confirm(self, id: int) -> None:
        if self._options.get("confirm", True):
            # Confirming what is confirmed changes nothing.
            self._odoo.run("purchase.order", "button_confirm", [id], repeatable=True)

    def _amend(self, order: Row, out: Outgoing, wanted: Sequence[Row]) -> Verdict:
        present = self._odoo.by_ids(
            "purchase.order.line", order["order_line"], ("product_id", "product_qty", "price_unit", "display_type")
        )
        goods = [line for line in present if not line.get("display_type")]
        if order["state"] in OPEN:
            changes = [*([2, line["id"], 0] for line in goods), *([0, 0, line] for line in wanted)]
            self._odoo.write("purchase.order", [order["id"]], {**self._header(out.record), "order_line": changes})
            self._confirm(order["id"])
            return Verdict.updated(order["id"])
        if same_lines(goods, wanted, self._odoo.decimals("purchase.order.line", "price_unit")):
            return Verdict.unchanged(own_id(out) or order["id"])
        raise RemoteRejected(
            f"{order['name']} is confirmed in Odoo: its lines can no longer be replaced from here",
            field="lines",
            key="confirmed",
            hint="Change the purchase order in Odoo.",
        )


def same_lines(present: Sequence[Row], wanted: Sequence[Row], decimals: int | None) -> bool:
    """Whether a purchase order has these lines already, in any order, for prices as Odoo rounds them."""

    def prints(lines: Iterable[Row]) -> list[tuple[int, float, float]]:
        return sorted(
            (
                line["product_id"] if isinstance(line["product_id"], int) else id_of(line["product_id"]),
                round(line["product_qty"], 3),
                line["price_unit"],
            )
            for line in lines
        )

    return len(present) == len(wanted) and all(
        one[:2] == other[:2] and same_amount(one[2], other[2], decimals)
        for one, other in zip(prints(present), prints(wanted), strict=True)
    )
