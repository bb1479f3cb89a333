"""One shipment of one delivery: reserve, set the done quantities as this version has them, validate, answer its questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import MissingReference, RemoteRejected
from topstitch.systems.odoo.shapes import id_of, number

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

FIELDS = (
    "picking_id", "product_id", "product_uom", "product_uom_qty", "state", "move_orig_ids", "quantity_done",
    "reserved_availability", "quantity", "picked",
)  # fmt: skip
OPEN = ["state", "not in", ["done", "cancel"]]
#: Of a line, up to 16: what is reserved (the second name is that of 16) and what is done.
LINE = ("move_id", "product_uom_id", "product_uom_qty", "reserved_uom_qty", "qty_done")


class Shipment:
    """What leaves now: `quantities` by product id, None for everything. `picking` is the delivery that holds it."""

    def __init__(self, odoo: Odoo, waiting: Sequence[Row], quantities: Mapping[int, float] | None) -> None:
        self._odoo, self._wanted = odoo, quantities
        rows = self._open_moves([row["id"] for row in waiting])
        self._moves = {row["id"]: [m for m in rows if id_of(m["picking_id"]) == row["id"]] for row in waiting}
        self.picking = self._chosen(waiting)
        self._partial = False

    def _open_moves(self, pickings: Sequence[int]) -> list[Row]:
        return self._odoo.search_read("stock.move", [["picking_id", "in", list(pickings)], OPEN], FIELDS)

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
        """Reserve what there is, then say what is done of each move. Raises MissingReference when it was not picked yet."""
        moves = self._moves[self.picking["id"]]
        if self.picking["state"] != "assigned":
            self._reserve()
            moves = self._open_moves([self.picking["id"]])
        done = self._divided(moves)
        self._partial = any(done[move["id"]] < move["product_uom_qty"] for move in moves)
        self._refuse_unpicked([move for move in moves if _lacks(move, done[move["id"]])])
        lines = self._lines(moves)
        for move in moves:
            self._fill(move, done[move["id"]], lines.get(move["id"], []))

    def _divided(self, moves: Sequence[Row]) -> dict[int, float]:
        """What is done of each move, by its id."""
        if self._wanted is None:
            return {move["id"]: float(move["product_uom_qty"]) for move in moves}
        left, done = dict(self._wanted), {}
        for move in moves:
            product = id_of(move["product_id"])
            done[move["id"]] = min(float(move["product_uom_qty"]), left.get(product, 0.0))
            left[product] = left.get(product, 0.0) - done[move["id"]]
        return done

    def _refuse_unpicked(self, moves: Sequence[Row]) -> None:
        """Odoo would ship it all the same, out of a place where nothing lies."""
        if not moves:
            return
        before = [id for move in moves for id in move["move_orig_ids"]]
        rows = self._odoo.search_read("stock.move", [["id", "in", before], OPEN], ("picking_id",)) if before else []
        raise not_ready(self.picking["name"], (row["picking_id"][1] for row in rows if row["picking_id"]))

    def _lines(self, moves: Sequence[Row]) -> dict[int, list[Row]]:
        """Up to 16, the lines of each move that was reserved in several places: it takes no done quantity as a whole."""
        if self._odoo.has("stock.move", "picked"):
            return {}
        rows = self._odoo.search_read("stock.move.line", [["move_id", "in", [move["id"] for move in moves]]], LINE)
        found = {move["id"]: [row for row in rows if id_of(row["move_id"]) == move["id"]] for move in moves}
        units = {move["id"]: move["product_uom"] for move in moves}
        return {
            id: lines
            for id, lines in found.items()
            if len(lines) > 1 and all(line["product_uom_id"] == units[id] for line in lines)
        }

    def _reserve(self) -> None:
        try:
            self._odoo.run("stock.picking", "action_assign", [self.picking["id"]], repeatable=True)
        except RemoteRejected as error:
            # Nothing left to reserve: the quantities set below decide.
            if "Nothing to check" not in error.message:
                raise

    def _fill(self, move: Row, done: float, lines: Sequence[Row]) -> None:
        if lines:
            for line, part in zip(lines, _parts(lines, done), strict=True):
                self._odoo.write("stock.move.line", [line["id"]], {"qty_done": part})
        elif not self._odoo.has("stock.move", "picked"):
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


def not_ready(what: str, transfers: Iterable[str]) -> MissingReference:
    """The refusal of a shipment whose goods other transfers must bring first."""
    return MissingReference(
        f"{what} is not ready: it waits for {', '.join(sorted(set(transfers))) or 'another transfer'} in Odoo",
        field="moves",
        key="not_ready",
        hint="Finish the transfer before it (picking, packing) in Odoo; the shipment is then tried again.",
    )


def _lacks(move: Row, done: float) -> bool:
    """Whether a transfer before this one has not brought yet what is to be done."""
    chained = move["state"] == "waiting" or move["move_orig_ids"]
    reserved = move["quantity" if "quantity" in move else "reserved_availability"]
    return bool(chained) and reserved < done - 1e-6


def _parts(lines: Sequence[Row], done: float) -> list[float]:
    """A done quantity over lines, each as much as is reserved there; the last takes the rest."""
    parts: list[float] = []
    for line in lines[:-1]:
        parts.append(min(done, line["product_uom_qty" if "product_uom_qty" in line else "reserved_uom_qty"]))
        done -= parts[-1]
    return [*parts, done]
