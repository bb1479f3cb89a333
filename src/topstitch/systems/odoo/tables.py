"""The models read as entities, with what belongs to each record: lines, addresses, SKUs, the order behind a delivery."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Record, Setting
from topstitch.systems.odoo.domains import CHOICE, MOMENT, NUMBER, REFERENCE, TEXT
from topstitch.systems.odoo.joins import (
    ADDRESS,
    by_id,
    copy_of,
    grouped,
    partners,
    products,
    tidied,
    with_places,
    with_products,
)
from topstitch.systems.odoo.reading import Join, Table
from topstitch.systems.odoo.shapes import id_of

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo

SHIPPING = Setting(
    name="shipping_product",
    label="Product of the shipping charge",
    default="SHIPPING",
    help="SKU. A line with it is read as the shipping charge and not as goods, as are those that Odoo marks as deliveries.",
)
STAMPS: Mapping[str, Sequence[str]] = {"create_date": MOMENT, "write_date": MOMENT, "id": NUMBER}
ORDER_LINE = (
    "order_id", "product_id", "name", "product_uom_qty", "qty_delivered", "qty_invoiced", "price_unit", "discount",
    "product_uom", "product_uom_id", "tax_id", "tax_ids", "price_subtotal", "price_tax", "price_total", "display_type",
    "is_delivery",
)  # fmt: skip
MOVE = (
    "picking_id", "product_id", "product_uom_qty", "quantity_done", "reserved_availability", "quantity", "picked", "state",
    "sale_line_id",
)  # fmt: skip
INVOICE_LINE = (
    "move_id", "product_id", "name", "quantity", "price_unit", "discount", "tax_ids", "price_subtotal", "price_total",
    "display_type", "sale_line_ids",
)  # fmt: skip
PURCHASE_LINE = (
    "order_id", "product_id", "name", "product_qty", "qty_received", "price_unit", "date_planned", "price_subtotal",
    "price_total", "display_type",
)  # fmt: skip


def lines_of(odoo: Odoo, records: Sequence[Record], ids: str, model: str, fields: Sequence[str], parent: str) -> None:
    """Put the lines of all records, read in one call, into `lines`; sections and notes into `text_lines`."""
    wanted = [each for record in records for each in record.get(ids) or []]
    lines = sorted(by_id(odoo, model, wanted, fields).values(), key=lambda line: int(line["id"]))
    goods = [line for line in lines if line.pop("display_type", None) in (None, "product")]
    words = grouped([line for line in lines if line not in goods], parent)
    with_products(odoo, goods)
    found = grouped(goods, parent)
    for line in goods:
        line.pop(parent, None)
    for record in records:
        record["lines"] = found.get(record["id"], [])
        record["text_lines"] = [line.get("name") for line in words.get(record["id"], [])]


def orders(odoo: Odoo, records: list[Record], options: Mapping[str, Any]) -> Sequence[Record]:
    """Lines, and the three contacts of each order. Taxes of a line are `tax_id` in every version."""
    lines_of(odoo, records, "order_line", "sale.order.line", ORDER_LINE, "order_id")
    for record in records:
        _without_delivery(record, str(options.get("shipping_product") or ""))
    roles: Mapping[str, tuple[str, Sequence[str]]] = {
        "partner": ("partner_id", ()),
        "shipping": ("partner_shipping_id", ADDRESS),
        "billing": ("partner_invoice_id", ADDRESS),
    }
    known = partners(odoo, (record.get(field) for record in records for field, _ in roles.values()))
    for record in records:
        record |= {role: copy_of(known.get(id_of(record.get(field))), names) for role, (field, names) in roles.items()}
        for line in record["lines"]:
            _one_name(line, "tax_ids", "tax_id")
            _one_name(line, "product_uom_id", "product_uom")
    return records


def _without_delivery(record: Record, product: str) -> None:
    """The charge for the delivery as an amount: to a shop or a warehouse it is no line with goods."""
    charges = [line for line in record["lines"] if line.get("is_delivery") or line.get("default_code") == product != ""]
    record["lines"] = [line for line in record["lines"] if line not in charges]
    record["delivery_lines"] = charges
    record["shipping_amount"] = round(math.fsum(line["price_subtotal"] for line in charges), 2) if charges else None


def _one_name(record: Record, newer: str, older: str) -> None:
    """Fields renamed in 19 keep the name that most versions know, so that mappings survive an upgrade."""
    if newer in record:
        record[older] = record.pop(newer)


def customers(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """Countries and states with their codes."""
    return with_places(odoo, records)


def variants(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """The options of a variant: name of the attribute, value, what it adds to the price."""
    ids = [each for record in records for each in record.get("product_template_attribute_value_ids") or []]
    values = by_id(odoo, "product.template.attribute.value", ids, ["name", "attribute_id", "price_extra"])
    for record in records:
        chosen = [values[each] for each in record.get("product_template_attribute_value_ids") or [] if each in values]
        record["options"] = [_option(value) for value in chosen]
    return records


def _option(value: Record) -> Record:
    attribute = value.get("attribute_id") or {}
    return {"name": attribute.get("name"), "value": value["name"], "price_extra": value.get("price_extra")}


def templates(odoo: Odoo, records: list[Record], options: Mapping[str, Any]) -> Sequence[Record]:
    """The variants of each template, archived ones only where the template is read so too."""
    ids = [each for record in records for each in record.get("product_variant_ids") or []]
    found = list(by_id(odoo, "product.product", ids, OF_TEMPLATE).values())
    variants(odoo, found, options)
    by_template = grouped(found, "product_tmpl_id")
    for record in records:
        record["variants"] = [_without_parent(variant) for variant in by_template.get(record["id"], [])]
    return records


def _without_parent(variant: Record) -> Record:
    return {
        name: value
        for name, value in variant.items()
        if name not in ("product_tmpl_id", "product_template_attribute_value_ids")
    }


def quants(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """SKUs."""
    return with_products(odoo, records)


def deliveries(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """Moves with SKUs as `moves`, the sales order with the shop's number as `sale`, the address as `shipping`."""
    ids = [each for record in records for name in MOVE_LISTS for each in record.get(name) or []]
    moves = [m for m in by_id(odoo, "stock.move", ids, MOVE).values() if m.get("state") != "cancel"]
    by_picking = grouped(with_products(odoo, moves), "picking_id")
    sales = by_id(odoo, "sale.order", (record.get("sale_id") for record in records), ["name", "client_order_ref"])
    known = partners(odoo, (record.get("partner_id") for record in records))
    for move in moves:
        move.pop("picking_id", None)
    for record in records:
        record["moves"] = [_moved(move) for move in by_picking.get(record["id"], [])]
        record["sale"] = copy_of(sales.get(id_of(record.get("sale_id"))))
        record["shipping"] = copy_of(known.get(id_of(record.get("partner_id"))), ADDRESS)
    return records


def _moved(move: Record) -> Record:
    """What is done is `quantity` and what is reserved for later `reserved_availability`, in every version.

    Since 17 Odoo has one field for both: it holds what is reserved until the move is `picked` or done.
    """
    if "quantity_done" in move:
        return move | {"quantity": move.pop("quantity_done")}
    done = move["state"] == "done"
    held = {"quantity": move["quantity"], "reserved_availability": 0.0 if done else move["quantity"]}
    return move | held | ({} if done or move["picked"] else {"quantity": 0.0})


def invoices(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """Lines and the invoiced contact."""
    lines_of(odoo, records, "invoice_line_ids", "account.move.line", INVOICE_LINE, "move_id")
    known = partners(odoo, (record.get("partner_id") for record in records))
    for record in records:
        record["partner"] = copy_of(known.get(id_of(record.get("partner_id"))))
        for line in record["lines"]:
            line["price_tax"] = round(line["price_total"] - line["price_subtotal"], 2)
    return records


def refunds(odoo: Odoo, records: list[Record], options: Mapping[str, Any]) -> Sequence[Record]:
    """As invoices, with the sales order they name: who made it knows it by its own number."""
    invoices(odoo, records, options)
    names = {str(record["invoice_origin"]) for record in records if record.get("invoice_origin")}
    rows = (
        odoo.search_read("sale.order", [["name", "in", sorted(names)]], ["name", "client_order_ref"]) if names else []
    )
    sales = {row["name"]: row for row in tidied(odoo, "sale.order", rows)}
    for record in records:
        record["sale"] = copy_of(sales.get(record.get("invoice_origin")))
        record["order_number"] = (record["sale"] or {}).get("client_order_ref") or record.get("invoice_origin")
    return records


def purchases(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """Lines and the supplier."""
    lines_of(odoo, records, "order_line", "purchase.order.line", PURCHASE_LINE, "order_id")
    known = partners(odoo, (record.get("partner_id") for record in records))
    for record in records:
        _one_name(record, "note", "notes")
        record["partner"] = copy_of(known.get(id_of(record.get("partner_id"))), SUPPLIER)
    return records


def prices(odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    """SKUs: of the variant, else of the template where that has one variant only."""
    known = products(odoo, (record.get("product_id") for record in records))
    shared = by_id(odoo, "product.template", (record.get("product_tmpl_id") for record in records), ["default_code"])
    for record in records:
        own = known.get(id_of(record.get("product_id"))) or shared.get(id_of(record.get("product_tmpl_id"))) or {}
        record["default_code"] = own.get("default_code")
    return records


SUPPLIER = ("id", "name", "email", "ref")
MOVE_LISTS = ("move_ids_without_package", "move_ids", "move_lines")
VARIANT = (
    "default_code", "barcode", "name", "display_name", "product_tmpl_id", "lst_price", "list_price", "standard_price", "weight",
    "type", "detailed_type", "is_storable", "categ_id", "uom_id", "description_sale", "sale_ok", "active", "qty_available",
    "free_qty", "virtual_available", "product_template_attribute_value_ids",
)  # fmt: skip

OF_TEMPLATE = (
    "default_code", "barcode", "display_name", "product_tmpl_id", "lst_price", "standard_price", "weight", "active",
    "qty_available", "free_qty", "product_template_attribute_value_ids",
)  # fmt: skip

ORDERS = Table(
    model="sale.order",
    fields=(
        "name", "state", "client_order_ref", "origin", "date_order", "commitment_date", "partner_id", "partner_invoice_id",
        "partner_shipping_id", "currency_id", "pricelist_id", "warehouse_id", "team_id", "user_id", "company_id", "payment_term_id",
        "note", "amount_untaxed", "amount_tax", "amount_total", "invoice_status", "delivery_status", "order_line", "picking_ids",
    ),
    which_label="Which orders",
    which={
        "confirmed": [["state", "in", ["sale", "done"]]],
        "confirmed and cancelled": [["state", "in", ["sale", "done", "cancel"]]],
        "quotations": [["state", "in", ["draft", "sent"]]],
        "all": [],
    },
    join=orders,
    more=[SHIPPING],
    filters={**STAMPS, "name": TEXT, "client_order_ref": TEXT, "state": CHOICE, "invoice_status": CHOICE, "date_order": MOMENT,
             "partner_id.id": REFERENCE, "warehouse_id.id": REFERENCE, "team_id.id": REFERENCE, "company_id.id": REFERENCE},
)  # fmt: skip

CUSTOMERS = Table(
    model="res.partner",
    fields=(
        "name", "display_name", "email", "phone", "mobile", "street", "street2", "city", "zip", "state_id", "country_id",
        "parent_id", "is_company", "company_name", "type", "ref", "vat", "lang", "comment", "customer_rank", "supplier_rank",
        "category_id", "active",
    ),
    which_label="Which contacts",
    # customer_rank stays 0 for contacts made over the API, so it is no good as the default.
    which={
        "contacts": [["type", "=", "contact"]],
        "with e-mail": [["type", "=", "contact"], ["email", "!=", False]],
        "invoiced customers": [["customer_rank", ">", 0]],
        "addresses too": [],
    },
    join=customers,
    archivable=True,
    filters={**STAMPS, "email": TEXT, "ref": TEXT, "name": TEXT, "type": CHOICE, "is_company": ("equals",),
             "country_id.id": REFERENCE, "parent_id.id": REFERENCE},
)  # fmt: skip

_SOLD = {"for sale": [["sale_ok", "=", True]], "all": []}
PRODUCTS = Table(
    model="product.product",
    fields=VARIANT,
    which_label="Which products",
    which=_SOLD,
    join=variants,
    archivable=True,
    filters={**STAMPS, "default_code": TEXT, "barcode": TEXT, "categ_id.id": REFERENCE, "type": CHOICE},
)

TEMPLATES = Table(
    model="product.template",
    fields=(
        "default_code", "barcode", "name", "list_price", "standard_price", "weight", "type", "detailed_type", "is_storable",
        "categ_id", "uom_id", "description_sale", "sale_ok", "active", "qty_available",
        "product_variant_ids", "product_variant_count",
    ),
    which_label="Which products",
    which=_SOLD,
    join=templates,
    archivable=True,
    filters={**STAMPS, "default_code": TEXT, "categ_id.id": REFERENCE, "type": CHOICE},
)  # fmt: skip

QUANTS = Table(
    model="stock.quant",
    fields=(
        "product_id",
        "location_id",
        "lot_id",
        "package_id",
        "owner_id",
        "quantity",
        "reserved_quantity",
        "available_quantity",
    ),
    which={"internal locations": [["location_id.usage", "=", "internal"]]},
    join=quants,
    filters={**STAMPS, "product_id.id": REFERENCE, "location_id.id": REFERENCE},
)

FULFILMENTS = Table(
    model="stock.picking",
    fields=(
        "name", "state", "origin", "note", "partner_id", "location_id", "scheduled_date", "date_done", "backorder_id", "sale_id",
        "carrier_id", "carrier_tracking_ref", "carrier_tracking_url", *MOVE_LISTS,
    ),
    which_label="Which deliveries",
    which={
        "done": [["picking_type_code", "=", "outgoing"], ["state", "=", "done"]],
        "ready": [["picking_type_code", "=", "outgoing"], ["state", "=", "assigned"]],
        "open": [["picking_type_code", "=", "outgoing"], ["state", "not in", ["done", "cancel"]]],
        "all": [["picking_type_code", "=", "outgoing"]],
    },
    join=deliveries,
    filters={**STAMPS, "name": TEXT, "origin": TEXT, "state": CHOICE, "date_done": MOMENT, "location_id.id": REFERENCE},
)  # fmt: skip

_MOVE = (
    "name", "move_type", "state", "payment_state", "ref", "invoice_origin", "invoice_date", "invoice_date_due", "partner_id",
    "partner_shipping_id", "currency_id", "reversed_entry_id", "amount_untaxed", "amount_tax", "amount_total", "amount_residual",
    "narration", "invoice_line_ids",
)  # fmt: skip
_MOVE_FILTERS: Mapping[str, Sequence[str]] = {
    **STAMPS, "name": TEXT, "invoice_origin": TEXT, "state": CHOICE, "payment_state": CHOICE, "partner_id.id": REFERENCE,
}  # fmt: skip


def _moves(kind: str, join: Join, more: Mapping[str, Sequence[Any]] | None = None) -> Table:
    own = ["move_type", "=", kind]
    return Table(
        model="account.move",
        fields=_MOVE,
        which_label="Which documents",
        which={"posted": [own, ["state", "=", "posted"]], "all": [own], **(more or {})},
        join=join,
        filters=_MOVE_FILTERS,
    )


_BILL = ["move_type", "=", "in_invoice"]
INVOICES = _moves(
    "out_invoice",
    invoices,
    {"vendor bills, posted": [_BILL, ["state", "=", "posted"]], "vendor bills, all": [_BILL]},
)
REFUNDS = _moves("out_refund", refunds)

PURCHASES = Table(
    model="purchase.order",
    fields=(
        "name", "state", "partner_id", "partner_ref", "origin", "date_order", "date_planned", "currency_id", "notes", "note",
        "amount_untaxed", "amount_tax", "amount_total", "order_line",
    ),
    which_label="Which purchase orders",
    which={"confirmed": [["state", "in", ["purchase", "done"]]], "all": []},
    join=purchases,
    filters={**STAMPS, "name": TEXT, "origin": TEXT, "partner_ref": TEXT, "state": CHOICE, "partner_id.id": REFERENCE},
)  # fmt: skip

PRICES = Table(
    model="product.pricelist.item",
    fields=(
        "pricelist_id", "applied_on", "product_tmpl_id", "product_id", "compute_price", "fixed_price", "percent_price",
        "min_quantity", "date_start", "date_end", "currency_id",
    ),
    which_label="Which rules",
    which={
        "fixed prices": [["compute_price", "=", "fixed"], ["applied_on", "in", ["0_product_variant", "1_product"]]],
        "all": [],
    },
    join=prices,
    filters={**STAMPS, "pricelist_id.id": REFERENCE, "product_id.id": REFERENCE},
)  # fmt: skip
