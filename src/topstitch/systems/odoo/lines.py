"""Lines of a sales order: product, quantity, price, discount, taxes, and the shipping charge as a line of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import MissingReference, Outgoing, Record, RemoteRejected, Setting
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products, named_id
from topstitch.systems.odoo.shapes import given, id_of, number, text

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
    Setting(
        name="taxes",
        label="Taxes of a line",
        kind="choice",
        choices=["of the product", "by name", "by rate", "none"],
        default="of the product",
        help=(
            "Of the product: Odoo's own taxes, prices must be as those taxes expect (with or without tax). "
            "By name: tax_id holds names or ids of taxes in Odoo. By rate: the sales tax with the rate of tax_rate."
        ),
    ),
    Setting(
        name="prices_include_tax",
        label="Prices include tax",
        kind="boolean",
        default=False,
        help="Only with taxes by rate: choose taxes that are included in the price.",
        when={"taxes": ["by rate"]},
    ),
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
        self._products = Products(odoo, codes, options)
        self._taxes = odoo.first_of("sale.order.line", "tax_id", "tax_ids")

    def of(self, record: Record) -> list[Row]:
        """The lines of an order as Odoo takes them. Raises MissingReference naming the unknown SKU."""
        given_lines = record.get("lines") or []
        if not given_lines:
            raise RemoteRejected("the order has no lines", field="lines")
        made = [self._line(line, f"lines[{at}]") for at, line in enumerate(given_lines)]
        charge = given(record, "shipping_amount")
        if charge is not None and number(charge, "shipping_amount"):
            made.append(self._shipping(number(charge, "shipping_amount")))
        return made

    def _line(self, line: Mapping[str, Any], place: str) -> Row:
        product = self._products.need(line.get(self._products.field), f"{place}.{self._products.field}")
        quantity = number(line.get("product_uom_qty"), f"{place}.product_uom_qty")
        made: Row = {"product_id": product["id"], "product_uom_qty": quantity}
        if given(line, "price_unit") is not None:
            made["price_unit"] = number(line["price_unit"], f"{place}.price_unit")
        if given(line, "name") is not None:
            made["name"] = text(line["name"], f"{place}.name")
        if (discount := self._discount(line, made, place)) is not None:
            made["discount"] = discount
        return made | self._tax(line, place)

    def _discount(self, line: Mapping[str, Any], made: Row, place: str) -> float | None:
        """In percent, which is all Odoo has; an amount (of the whole line) is turned into it."""
        percent = number(line["discount"], f"{place}.discount") if given(line, "discount") is not None else None
        if percent or given(line, "discount_amount") is None:
            return percent
        amount = number(line["discount_amount"], f"{place}.discount_amount")
        worth = float(made.get("price_unit", 0.0)) * float(made["product_uom_qty"])
        if not amount:
            return 0.0
        if worth <= 0:
            raise RemoteRejected(
                f"{place} has a discount of {amount} but no price to take it from", field=f"{place}.price_unit"
            )
        percent = round(100 * amount / worth, 2)
        if abs(worth * percent / 100 - amount) < 0.005:
            return percent
        # Odoo rounds discounts to two digits: where that would change the sum, the price carries it.
        made["price_unit"] = (worth - amount) / made["product_uom_qty"]
        return 0.0

    def _tax(self, line: Mapping[str, Any], place: str) -> Row:
        how = self._options.get("taxes") or "of the product"
        if how == "none":
            return {self._taxes: [[6, 0, []]]}
        if how == "by name" and line.get("tax_id") is not None:
            named = line["tax_id"] if isinstance(line["tax_id"], list) else [line["tax_id"]]
            ids = [
                each if isinstance(each, int) else named_id(self._odoo, "account.tax", each, f"{place}.tax_id")
                for each in named
            ]
            return {self._taxes: [[6, 0, ids]]}
        if how == "by rate" and given(line, "tax_rate") is not None:
            return {self._taxes: [[6, 0, [self._by_rate(number(line["tax_rate"], f"{place}.tax_rate"), place)]]]}
        return {}

    def _by_rate(self, rate: float, place: str) -> int:
        """The first sales tax of this rate (0.2 is 20 %)."""
        percent, included = round(rate * 100, 4), bool(self._options.get("prices_include_tax"))

        def ask() -> int:
            domain = [
                ["type_tax_use", "=", "sale"],
                ["amount_type", "=", "percent"],
                ["amount", "=", percent],
                ["price_include", "=", included],
            ]
            rows = self._odoo.search_read("account.tax", domain, ["name"], limit=1)
            if not rows:
                how = "included in" if included else "on top of"
                raise MissingReference(
                    f"Odoo has no sales tax of {percent:g} % {how} the price", field=f"{place}.tax_rate"
                )
            return int(rows[0]["id"])

        return int(self._odoo.conn.remember(f"odoo tax {percent} {included}", ask))

    def _shipping(self, charge: float) -> Row:
        code = str(self._options.get("shipping_product") or "")
        product = self._products.get(code, "shipping_product") if code else None
        if product is None:
            raise MissingReference(
                f"the order has a shipping charge of {charge:g}, but Odoo has no product {code!r} to book it on",
                field="shipping_amount",
                hint="Make a service product with this SKU in Odoo, or name another in the service's option.",
            )
        none = {self._taxes: [[6, 0, []]]} if self._options.get("taxes") == "none" else {}
        return {"product_id": product["id"], "product_uom_qty": 1.0, "price_unit": charge, **none}

    def present(self, order: Row) -> list[Row]:
        """The product lines that an order has."""
        fields = ("product_id", "product_uom_qty", "price_unit", "discount", "display_type")
        rows = self._odoo.by_ids("sale.order.line", order.get("order_line") or [], fields)
        return [row for row in rows if not row.get("display_type")]


def same_lines(present: Sequence[Row], wanted: Sequence[Row]) -> bool:
    """Whether an order has these lines already, in any order; a price or discount that is not given is not compared."""
    asks_price = all("price_unit" in line for line in wanted)
    asks_discount = all("discount" in line for line in wanted)

    def prints(lines: Iterable[Row]) -> Counter[tuple[int, float, float, float]]:
        return Counter(
            (
                line["product_id"] if isinstance(line["product_id"], int) else id_of(line["product_id"]),
                round(line["product_uom_qty"], 3),
                round(line["price_unit"], 2) if asks_price else 0.0,
                round(line["discount"], 2) if asks_discount else 0.0,
            )
            for line in lines
        )

    return prints(present) == prints(wanted)
