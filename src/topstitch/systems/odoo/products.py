"""Products: found by SKU or barcode, changed where they are, made as a template with one variant where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Connection, Outgoing, Record, RemoteRejected, Setting, Verdict, one_by_one
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.lookups import MATCH, TWINS, Products
from topstitch.systems.odoo.pushing import own_id
from topstitch.systems.odoo.shapes import flag, given, id_of, number, text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OPTIONS = (
    MATCH,
    TWINS,
    Setting(
        name="storable",
        label="New products are counted in stock",
        kind="boolean",
        default=True,
        help="Off, or without the app Inventory: new products are consumables, whose stock Odoo does not count.",
    ),
    Setting(
        name="shared",
        label="What variants share",
        kind="choice",
        choices=["leave", "write"],
        default="leave",
        help=(
            "Name, price, description and whether it is for sale belong to the product, not to one variant. Leave: they are not "
            "changed by a record for one of several variants. Write: they change for all of them."
        ),
    ),
)
_TEXTS, _NUMBERS, _FLAGS = (
    ("name", "default_code", "barcode", "description_sale"),
    ("list_price", "standard_price", "weight"),
    ("sale_ok", "active"),
)
SHARED = ("name", "list_price", "description_sale", "sale_ok")


def values_of(odoo: Odoo, record: Mapping[str, Any]) -> Row:
    """What a record says of a product, as Odoo takes it."""
    values: Row = {name: text(record[name], name) for name in _TEXTS if given(record, name) is not None}
    values |= {name: number(record[name], name) for name in _NUMBERS if given(record, name) is not None}
    values |= {name: flag(record[name], name) for name in _FLAGS if given(record, name) is not None}
    return {name: value for name, value in values.items() if odoo.has("product.product", name)}


def storable(odoo: Odoo) -> Row:
    """How this Odoo says that the stock of a product is counted; without the app Inventory it cannot."""
    if odoo.has("product.template", "is_storable"):
        return {"type": "consu", "is_storable": True}
    kind = "detailed_type" if odoo.has("product.template", "detailed_type") else "type"
    return {kind: "product"} if "product" in odoo.choices("product.template", kind) else {"type": "consu"}


def siblings(odoo: Odoo, rows: Sequence[Row]) -> dict[int, int]:
    """How many variants the template of each product has."""
    templates = odoo.by_ids(
        "product.template", (id_of(row["product_tmpl_id"]) for row in rows), ("product_variant_count",)
    )
    return {row["id"]: int(row["product_variant_count"]) for row in templates}


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """Create or update products, one by one."""
    desk = Desk(connect(conn), batch, options)
    return one_by_one(batch, desk.one)


class Desk:
    """One batch of products and what exists of them, archived ones included lest a second one be made."""

    def __init__(self, odoo: Odoo, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        self._field = str(options.get("match") or "default_code")
        self._products = Products(odoo, (out.record.get(self._field) for out in batch), options, archived=True)

    def one(self, out: Outgoing) -> Verdict:
        """The verdict on one product."""
        code = given(out.record, self._field)
        if code is None:
            raise RemoteRejected(f"{self._field} is empty: the product could not be found again", field=self._field)
        row = self._known(out) or self._products.get(code, self._field)
        values = values_of(self._odoo, out.record)
        if row is None:
            return self._create(out.record, values, str(code).strip())
        if (
            self._options.get("shared") != "write"
            and siblings(self._odoo, [row]).get(id_of(row["product_tmpl_id"]), 1) > 1
        ):
            values = {name: value for name, value in values.items() if name not in SHARED}
        if values:
            self._odoo.write("product.product", [row["id"]], values)
        return Verdict.updated(row["id"])

    def _known(self, out: Outgoing) -> Row | None:
        rows = self._odoo.by_ids("product.product", [own_id(out)], ("product_tmpl_id",)) if own_id(out) else []
        return rows[0] if rows else None

    def _create(self, record: Record, values: Row, code: str) -> Verdict:
        if "name" not in values:
            raise RemoteRejected("name is empty: a product needs one", field="name")
        kind = storable(self._odoo) if self._options.get("storable", True) else {"type": "consu"}
        template = self._odoo.create("product.template", {**values, **kind})
        made = self._odoo.search_read(
            "product.product", [["product_tmpl_id", "=", template]], ["product_tmpl_id"], archived=True
        )
        self._products.add(code, made[0])
        return Verdict.created(made[0]["id"])
