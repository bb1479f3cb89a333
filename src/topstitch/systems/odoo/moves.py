"""One shipment of one delivery: reserve, set the done quantities as this version has them, validate, answer its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import RemoteRejected
from topstitch.systems.odoo.shapes import id_of, number

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

FIELDS = ("picking_id", "product_id", "product_uom_qty", "state", "quantity_done", "quantity", "picked")


class Shipment:
    """What leaves now: `quantities` by product id, None for everything. `picking` is the delivery that holds it."""

    def __init__(self, odoo: Odoo, waiting: Sequence[Row], quantities: Mapping[int, float] | None) -> None:
        self._odoo, self._wanted = odoo, quantities
        ids = [row["id"] for row in waiting]
        rows = odoo.search_read(
            "stock.move", [["picking_id", "in", ids], ["state", "not in", ["done", "cancel"]]], FIELDS
        )
        self._moves = {row["id"]: [m for m in rows if id_of(m["picking_id"]) == row["id"]] for row in waiting}
        self.picking = self._chosen(waiting)
        self._partial = False

    @staticmethod
    def quantity(move: Mapping[str, Any], at: int) -> float:
        """The quantity of one move of a record. Raises RemoteRejected unless it is more than nothing."""
        found = number(move.get("quantity"), f"moves[{at}].quantity")
        if found <= 0:
            raise RemoteRejected(
                f"moves[{at}]: a quantity of {found:g} cannot be shipped", field=f"moves[{at}].quantity"
            )
        return found

    def _chosen(self, waiting: Sequence[Row]) -> Row:
        """The first delivery that holds all that is shipped."""
        for row in waiting:
            if self._wanted is None or all(self._demand(row, p) >= q for p, q in self._wanted.items()):
                return row
        fullest = {product: max(self._demand(row, product) for row in waiting) for product in self._wanted or {}}
        short = next((p for p, q in (self._wanted or {}).items() if fullest[p] < q), 0)
        detail = (
            f"product {short}: {(self._wanted or {})[short]:g} shipped, {fullest[short]:g} to be delivered"
            if short
            else "several deliveries"
        )
        raise RemoteRejected(
            f"no single open delivery of the order holds this shipment ({detail})",
            field="moves",
            hint="Compare the shipment with the order's deliveries in Odoo.",
        )

    def _demand(self, picking: Row, product: int) -> float:
        return float(sum(m["product_uom_qty"] for m in self._moves[picking["id"]] if id_of(m["product_id"]) == product))

    def reserve_and_fill(self) -> None:
        """Reserve what there is, then say what is done of each move."""
        if self.picking["state"] != "assigned":
            self._reserve()
        left = dict(self._wanted or {})
        for move in self._moves[self.picking["id"]]:
            demand, product = float(move["product_uom_qty"]), id_of(move["product_id"])
            done = demand if self._wanted is None else min(demand, left.get(product, 0.0))
            if self._wanted is not None:
                left[product] = left.get(product, 0.0) - done
            self._partial = self._partial or done < demand
            self._fill(move, done)

    def _reserve(self) -> None:
        try:
            self._odoo.run("stock.picking", "action_assign", [self.picking["id"]], repeatable=True)
        except RemoteRejected as error:
            # Nothing left to reserve: the quantities set below decide.
            if "Nothing to check" not in error.message:
                raise

    def _fill(self, move: Row, done: float) -> None:
        if not self._odoo.has("stock.move", "picked"):
            self._odoo.write("stock.move", [move["id"]], {"quantity_done": done})
        elif done:
            self._odoo.write("stock.move", [move["id"]], {"quantity": done, "picked": True})
        else:
            self._odoo.write("stock.move", [move["id"]], {"picked": False})

    def validate(self, *, keep_rest: bool) -> None:
        """Ship it. The contexts answer the questions known; any other is a RemoteRejected, with nothing shipped."""
        context: dict[str, Any] = {"skip_sms": True}
        if self._partial:
            context["skip_backorder"] = True
            if not keep_rest:
                context["picking_ids_not_to_backorder"] = [self.picking["id"]]
        answer = self._odoo.run("stock.picking", "button_validate", [self.picking["id"]], context)
        rows = self._odoo.by_ids("stock.picking", [self.picking["id"]], ("state",))
        if rows and rows[0]["state"] == "done":
            return
        question = answer.get("res_model") if isinstance(answer, dict) else None
        raise RemoteRejected(
            f"Odoo did not validate {self.picking['name']} but asks a question ({question or 'unknown'})",
            key="question",
            hint="Open the delivery in Odoo and press Validate to see what it asks.",
        )
