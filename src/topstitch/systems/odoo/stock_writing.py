"""Stock: the quantity of a product at a location, set by an inventory count."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, Outgoing, RemoteRejected, Setting, TopstitchError, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products, field_of, first_location, location_named
from topstitch.systems.odoo.shapes import id_of, number

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    MATCH,
    TWINS,
    Setting(
        name="location",
        label="Location",
        help="Where the stock lies: WH/Stock, or a warehouse. Empty: the first warehouse's stock. A record may name its own.",
        find="In Odoo: Inventory > Configuration > Locations, the full name.",
        fixed=True,
    ),
)
COUNTING = {"inventory_mode": True}
#: The first version in which a count waits for action_apply_inventory.
APPLIED_SINCE = 15


@dataclass(frozen=True, slots=True)
class Count:
    """One quantity to set."""

    product: int
    location: int
    quantity: float
    #: The quant to set, where Odoo has several of this product here; 0 where it finds or makes the only one itself.
    quant: int = 0

    @property
    def values(self) -> Row:
        """As a quant is made; one that exists is taken and set."""
        return {"product_id": self.product, "location_id": self.location, "inventory_quantity": self.quantity}


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Set quantities: all in one transaction, or one by one when one of them spoils it."""
    odoo = connect(conn)
    field = str(options.get("match") or "default_code")
    products = Products(odoo, (out.record.get(field) for out in batch), options)
    counts: dict[int, Count] = {}
    verdicts: dict[int, Verdict] = {}
    for at, out in enumerate(batch):
        try:
            counts[at] = _count(odoo, products, out, options)
        except TopstitchError as error:
            verdicts[at] = Verdict.of(error)
    present = _present(odoo, list(counts.values()))
    for at, count in list(counts.items()):
        quants = present.get((count.product, count.location), [])
        verdict = _settled(count, quants)
        if verdict:
            verdicts[at] = verdict
            del counts[at]
        elif len(quants) > 1:
            counts[at] = _of_several(count, quants)
    verdicts |= _set(odoo, batch, counts)
    return [verdicts[at] for at in range(len(batch))]


def _count(odoo: Odoo, products: Products, out: Outgoing, options: Mapping[str, Any]) -> Count:
    product = products.need(out.record.get(products.field), products.field)
    quantity = number(out.record.get("inventory_quantity"), "inventory_quantity")
    if quantity < 0:
        # Odoo would take it, and then ship what is not there.
        raise RemoteRejected(
            f"a stock of {quantity:g} cannot be: Odoo would book a negative quantity", field="inventory_quantity"
        )
    named = field_of(out.record, "location_id", "name") or options.get("location")
    return Count(product["id"], location_named(odoo, named) if named else first_location(odoo), quantity)


def _present(odoo: Odoo, counts: Sequence[Count]) -> dict[tuple[int, int], list[Row]]:
    """The quants there are of these products at these locations."""
    found: dict[tuple[int, int], list[Row]] = {}
    if counts:
        products, locations = sorted({c.product for c in counts}), sorted({c.location for c in counts})
        domain = [["product_id", "in", products], ["location_id", "in", locations]]
        for row in odoo.search_read(
            "stock.quant", domain, ("product_id", "location_id", "quantity", "lot_id", "package_id", "owner_id")
        ):
            found.setdefault((id_of(row["product_id"]), id_of(row["location_id"])), []).append(row)
    return found


def _settled(count: Count, quants: Sequence[Row]) -> Verdict | None:
    """A verdict without a call: nothing to change, or lots that one number cannot be divided among."""
    divided = [row for row in quants if row.get("lot_id") or row.get("package_id") or row.get("owner_id")]
    if divided:
        return Verdict.rejected(
            "the stock of this product is kept by lot, package or owner at this location, so one quantity cannot be set",
            field="inventory_quantity",
            hint="Count it in Odoo, or set the stock at a location without lots.",
        )
    held = math.fsum(row["quantity"] for row in quants)
    return Verdict.unchanged(count.product) if quants and held == count.quantity else None


def _of_several(count: Count, quants: Sequence[Row]) -> Count:
    """Odoo makes a second row when the first is locked, and later adds them up: the largest takes the difference now."""
    largest = max(quants, key=itemgetter("quantity"))
    others = math.fsum(row["quantity"] for row in quants if row is not largest)
    return replace(count, quantity=count.quantity - others, quant=largest["id"])


def _set(odoo: Odoo, batch: Sequence[Outgoing], counts: Mapping[int, Count]) -> dict[int, Verdict]:
    """The last of several counts of the same place wins."""
    last = {(count.product, count.location): count for count in counts.values()}
    try:
        if last:
            _book(odoo, list(last.values()))
        return {at: Verdict.updated(count.product) for at, count in counts.items()}
    except RemoteRejected:
        alone = list(counts)
        verdicts = one_by_one([batch[at] for at in alone], _Alone(odoo, [counts[at] for at in alone]))
        return dict(zip(alone, verdicts, strict=True))
    except TopstitchError as error:
        return {at: Verdict.of(error) for at in counts}


class _Alone:
    """Books one count after the other."""

    def __init__(self, odoo: Odoo, counts: Sequence[Count]) -> None:
        self._odoo, self._counts = odoo, iter(counts)

    def __call__(self, _out: Outgoing) -> Verdict:
        count = next(self._counts)
        _book(self._odoo, [count])
        return Verdict.updated(count.product)


def _book(odoo: Odoo, counts: Sequence[Count]) -> None:
    """Setting a quantity twice sets it once, so lost answers are repeated. Raises RemoteRejected when Odoo asks back."""
    kwargs = {"context": COUNTING}
    ids = [count.quant for count in counts if count.quant]
    for count in counts:
        if count.quant:
            odoo.write("stock.quant", [count.quant], {"inventory_quantity": count.quantity}, COUNTING)
    if made := [count.values for count in counts if not count.quant]:
        ids += odoo.call("stock.quant", "create", [made], kwargs, repeatable=True)
    if odoo.series < APPLIED_SINCE:
        return
    answer = odoo.run("stock.quant", "action_apply_inventory", sorted(set(ids)), COUNTING, repeatable=True)
    if isinstance(answer, dict) and answer.get("res_model"):
        raise RemoteRejected(
            f"Odoo asks about the count instead of booking it ({answer['res_model']})",
            field="inventory_quantity",
            key="question",
            hint="Open the product under Inventory > Physical inventory in Odoo and settle what is shown there.",
        )
