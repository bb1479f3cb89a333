"""Prices: the product's own list price and cost, or its fixed price in a price list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products, named_id
from topstitch.systems.odoo.products import siblings
from topstitch.systems.odoo.shapes import given, id_of, moment, number, same_amount

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    MATCH,
    TWINS,
    Setting(
        name="pricelist",
        label="Price list",
        help="Name of a price list: prices become its rules. Empty: the sales price of the product itself is set.",
        find="In Odoo: Sales > Products > Pricelists.",
        fixed=True,
    ),
    Setting(
        name="variants",
        label="Sales price of products with variants",
        kind="choice",
        choices=["reject", "change all"],
        default="reject",
        help="Odoo keeps one sales price for all variants of a product. Reject such a record, or change the price of all of them.",
    ),
)


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Set prices, one by one."""
    desk = Desk(connect(conn), batch, options)
    return one_by_one(batch, desk.one)


class Desk:
    """One batch of prices and their products."""

    def __init__(self, odoo: Odoo, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        field = str(options.get("match") or "default_code")
        self._products = Products(odoo, (out.record.get(field) for out in batch), options)
        self._list = str(options.get("pricelist") or "")

    def one(self, out: Outgoing) -> Verdict:
        """The verdict on one price."""
        product = self._products.need(out.record.get(self._products.field), self._products.field)
        if given(out.record, "fixed_price") is None and given(out.record, "standard_price") is None:
            raise RemoteRejected("there is neither a price nor a cost", field="fixed_price")
        verdict = Verdict.unchanged(product["id"])
        if given(out.record, "standard_price") is not None:
            self._odoo.write(
                "product.product",
                [product["id"]],
                {"standard_price": number(out.record["standard_price"], "standard_price")},
            )
            verdict = Verdict.updated(product["id"])
        if given(out.record, "fixed_price") is None:
            return verdict
        price = number(out.record["fixed_price"], "fixed_price")
        return self._rule(product, price, out.record) if self._list else self._own(product, price, verdict)

    def _same(self, model: str, field: str, held: float, price: float) -> bool:
        return same_amount(held, price, self._odoo.decimals(model, field))

    def _own(self, product: Row, price: float, verdict: Verdict) -> Verdict:
        """Writing a variant's price lands in the template, so the siblings would change with it."""
        template = id_of(product["product_tmpl_id"])
        count = siblings(self._odoo, [product]).get(template, 1)
        if count > 1 and self._options.get("variants") != "change all":
            raise RemoteRejected(
                f"{product['default_code']} is one of {count} variants, and Odoo keeps one sales price for all of them",
                field="fixed_price",
                key="shared_price",
                hint="Name a price list in the service's options, where each variant has a price of its own.",
            )
        if self._same("product.template", "list_price", product["list_price"], price):
            return verdict
        self._odoo.write("product.template", [template], {"list_price": price})
        return Verdict.updated(product["id"])

    def _rule(self, product: Row, price: float, record: Record) -> Verdict:
        """The rule of this product in the list, for the same least quantity and the same beginning."""
        pricelist = named_id(self._odoo, "product.pricelist", self._list, "pricelist")
        least = number(record["min_quantity"], "min_quantity") if given(record, "min_quantity") is not None else 0.0
        dates = {
            name: moment(record[name], name) for name in ("date_start", "date_end") if given(record, name) is not None
        }
        alike = [
            ["pricelist_id", "=", pricelist],
            ["product_id", "=", product["id"]],
            ["compute_price", "=", "fixed"],
            ["min_quantity", "=", least],
        ]
        rules = self._odoo.search_read("product.pricelist.item", alike, ("fixed_price", "date_start", "date_end"))
        rule = next((row for row in rules if str(row["date_start"] or "") == dates.get("date_start", "")), None)
        values: Row = {"fixed_price": price, **dates}
        if rule is None:
            base = {
                "pricelist_id": pricelist,
                "applied_on": "0_product_variant",
                "compute_price": "fixed",
                "min_quantity": least,
            }
            links = {"product_id": product["id"], "product_tmpl_id": id_of(product["product_tmpl_id"])}
            return Verdict.created(self._odoo.create("product.pricelist.item", {**base, **links, **values}))
        same = self._same("product.pricelist.item", "fixed_price", rule["fixed_price"], price)
        if same and str(rule["date_end"] or "") == dates.get("date_end", ""):
            return Verdict.unchanged(rule["id"])
        self._odoo.write("product.pricelist.item", [rule["id"]], values)
        return Verdict.updated(rule["id"])
