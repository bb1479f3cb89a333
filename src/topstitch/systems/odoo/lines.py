"""Lines of a sales order: product, quantity, price, discount, taxes, and the shipping charge as a line of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from topstitch.sdk import MissingReference, Outgoing, Record, RemoteRejected, Setting
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products
from topstitch.systems.odoo.shapes import given, id_of, number, same_amount, text
from topstitch.systems.odoo.taxes import OPTIONS as TAXES
from topstitch.systems.odoo.taxes import Taxes, include_tax

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    MATCH,
    TWINS,
    Setting(
        name="shipping_product",
        label="Product for the shipping charge",
        default="SHIPPING",
        help="SKU of a service product in Odoo. A shipping charge becomes a line with this product.",
    ),
    *TAXES,
)


def line_codes(batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Any]:
    """Every product code that the orders of a batch name."""
    field = str(options.get("match") or "default_code")
    codes = [line.get(field) for out in batch for line in out.record.get("lines") or [] if isinstance(line, Mapping)]
    return [*codes, options.get("shipping_product")]


class Lines:
    """Makes lines; knows the products of its batch."""

    def __init__(self, odoo: Odoo, codes: Iterable[Any], options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        self._products = Products(odoo, codes, options, more=("taxes_id",))
        self._taxes = Taxes(odoo, options)
        self._taxed = odoo.first_of("sale.order.line", "tax_id", "tax_ids")

    def of(self, record: Record, booked: Sequence[Row] = ()) -> list[Row]:
        """The lines of an order as Odoo takes them. Raises MissingReference naming the unknown SKU.

        `booked` are lines the order has already: their taxes count, where Odoo chooses, rather than those of the product.
        """
        given_lines = record.get("lines") or []
        if not given_lines:
            raise RemoteRejected("the order has no lines", field="lines")
        pricing = Pricing(
            self._taxes, include_tax(record), {id_of(row["product_id"]): row[self._taxed] for row in booked}
        )
        if pricing.included is not None:
            self._taxes.learn(id for row in self._products.rows for id in row.get("taxes_id") or ())
        made = [self._line(line, f"lines[{at}]", pricing) for at, line in enumerate(given_lines)]
        charge = given(record, "shipping_amount")
        if charge is not None and number(charge, "shipping_amount"):
            made.append(self._shipping(number(charge, "shipping_amount"), pricing))
        return made

    def _line(self, line: Mapping[str, Any], place: str, pricing: Pricing) -> Row:
        product = self._products.need(line.get(self._products.field), f"{place}.{self._products.field}")
        quantity = number(line.get("product_uom_qty"), f"{place}.product_uom_qty")
        made: Row = {"product_id": product["id"], "product_uom_qty": quantity}
        taxes = self._taxes.chosen(line, place, pricing.included)
        factor = 1.0
        if given(line, "price_unit") is not None:
            factor = pricing.factor(product, taxes, place)
            made["price_unit"] = converted(number(line["price_unit"], f"{place}.price_unit"), factor)
        if given(line, "name") is not None:
            made["name"] = text(line["name"], f"{place}.name")
        if (discount := self._discount(line, made, place, factor)) is not None:
            made["discount"] = discount
        return made if taxes is None else made | {self._taxed: [[6, 0, taxes]]}

    def _discount(self, line: Mapping[str, Any], made: Row, place: str, factor: float) -> float | None:
        """In percent, which is all Odoo has; an amount (of the whole line) is turned into it."""
        percent = number(line["discount"], f"{place}.discount") if given(line, "discount") is not None else None
        if percent or given(line, "discount_amount") is None:
            return percent
        amount = converted(number(line["discount_amount"], f"{place}.discount_amount"), factor)
        if not amount:
            return 0.0
        worth = float(made.get("price_unit", 0.0)) * float(made["product_uom_qty"])
        if factor != 1 and worth:
            # What rounding a converted price adds to the line is taken off with the discount.
            after, made["price_unit"] = worth - amount, round(made["price_unit"], 2)
            worth = made["price_unit"] * float(made["product_uom_qty"])
            amount = worth - after
        if worth <= 0:
            raise RemoteRejected(
                f"{place} has a discount of {amount} but no price to take it from", field=f"{place}.price_unit"
            )
        percent = round(100 * amount / worth, 2)
        if percent >= 0 and abs(worth * percent / 100 - amount) < 0.005:
            return percent
        # Odoo rounds discounts to two digits: where that would change the sum, the price carries it.
        made["price_unit"] = (worth - amount) / made["product_uom_qty"]
        return 0.0

    def _shipping(self, charge: float, pricing: Pricing) -> Row:
        code = str(self._options.get("shipping_product") or "")
        product = self._products.get(code, "shipping_product") if code else None
        if product is None:
            raise MissingReference(
                f"the order has a shipping charge of {charge:g}, but Odoo has no product {code!r} to book it on",
                field="shipping_amount",
                hint="Make a service product with this SKU in Odoo, or name another in the service's option.",
            )
        taxes = self._taxes.chosen({}, "shipping_amount", pricing.included)
        price = converted(charge, pricing.factor(product, taxes, "shipping_amount"))
        made: Row = {"product_id": product["id"], "product_uom_qty": 1.0, "price_unit": price}
        return made if taxes is None else made | {self._taxed: [[6, 0, taxes]]}

    def same(self, present: Sequence[Row], wanted: Sequence[Row]) -> bool:
        """Whether an order has these lines already, for prices as Odoo rounds them."""
        return same_lines(present, wanted, self._odoo.decimals("sale.order.line", "price_unit"))

    def present(self, order: int) -> list[Row]:
        """The product lines that an order has, in their order."""
        fields = ("product_id", "product_uom_qty", "price_unit", "discount", "display_type", self._taxed)
        rows = self._odoo.search_read("sale.order.line", [["order_id", "=", order]], fields)
        return [row for row in rows if not row.get("display_type")]

    def corrections(self, order: int, record: Record, made: Sequence[Row]) -> list[Any]:
        """Changes to lines that Odoo just made: it may have given them other taxes than those of their products."""
        left = {line["product_id"] for line in made if self._taxed not in line}
        ids = [id for row in self._products.rows if row["id"] in left for id in row.get("taxes_id") or ()]
        if include_tax(record) is None or not left or not self._taxes.may_change(ids):
            return []
        present = self.present(order)
        changes = []
        for row, old, new in zip(present, made, self.of(record, present), strict=False):
            changed = {name: new[name] for name in ("price_unit", "discount") if new.get(name) != old.get(name)}
            if changed and id_of(row["product_id"]) == new["product_id"]:
                changes.append([1, row["id"], changed])
        return changes


@dataclass(frozen=True, slots=True)
class Pricing:
    """How the prices of one order are meant, and the taxes that its lines have already, by product."""

    taxes: Taxes
    included: bool | None
    booked: Mapping[int, Sequence[int]]

    def factor(self, product: Row, chosen: Sequence[int] | None, place: str) -> float:
        """What prices of this product are multiplied by."""
        ids = self.booked.get(product["id"], product.get("taxes_id") or ()) if chosen is None else chosen
        return self.taxes.factor(ids, self.included, place)


def converted(amount: float, factor: float) -> float:
    """An amount with tax taken out or put in, as fine as Odoo could keep it."""
    return amount if factor == 1 else round(amount * factor, 6)


def same_lines(present: Sequence[Row], wanted: Sequence[Row], decimals: int | None) -> bool:
    """Whether an order has these lines already, in any order; a price or discount that is not given is not compared."""
    asks_price = all("price_unit" in line for line in wanted)
    asks_discount = all("discount" in line for line in wanted)

    def prints(lines: Iterable[Row]) -> list[tuple[int, float, float, float]]:
        return sorted(
            (
                line["product_id"] if isinstance(line["product_id"], int) else id_of(line["product_id"]),
                round(line["product_uom_qty"], 3),
                line["price_unit"] if asks_price else 0.0,
                round(line["discount"], 2) if asks_discount else 0.0,
            )
            for line in lines
        )

    return len(present) == len(wanted) and all(
        (one[0], one[1], one[3]) == (other[0], other[1], other[3]) and same_amount(one[2], other[2], decimals)
        for one, other in zip(prints(present), prints(wanted), strict=True)
    )
