"""The kinds of records that files carry: what identifies one, and which columns belong to its lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One entity. `ids` name a record: the columns that are there, joined. `lines` are columns that go into `lines[*]`."""

    name: str
    label: str
    #: One record, as an element of an XML file.
    one: str
    ids: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    reference: str = ""
    mode: str = ""
    #: Usually written all in one file.
    bulk: bool = False


_ITEM = ("line_id", "line_number", "sku", "barcode", "product_name", "quantity")
_ORDER_LINE = (
    *_ITEM,
    "unit_price",
    "line_discount",
    "line_discount_percent",
    "line_total",
    "line_tax",
    "line_tax_rate",
    "product_id",
    "variant_id",
)
_SENT_LINE = ("line_id", "order_line_id", "sku", "product_name", "quantity")

KINDS = (
    Kind(
        name="orders",
        label="Orders",
        one="order",
        ids=("order_number",),
        lines=_ORDER_LINE,
        reference="order_number",
    ),
    Kind(name="products", label="Products", one="product", ids=("sku",), reference="sku", bulk=True),
    Kind(name="variants", label="Variants", one="variant", ids=("sku",), reference="sku", bulk=True),
    Kind(name="customers", label="Customers", one="customer", ids=("email",), reference="email", bulk=True),
    Kind(name="stock", label="Stock", one="stock_level", ids=("sku", "location"), reference="sku", bulk=True),
    Kind(
        name="fulfilments",
        label="Fulfilments",
        one="fulfilment",
        ids=("despatch_number",),
        lines=_SENT_LINE,
        reference="order_number",
    ),
    Kind(
        name="refunds",
        label="Refunds",
        one="refund",
        ids=("refund_number",),
        lines=(*_SENT_LINE, "line_amount", "line_tax", "restock"),
        reference="order_number",
    ),
    Kind(
        name="returns",
        label="Returns",
        one="return",
        ids=("return_number",),
        lines=(*_SENT_LINE, "line_reason"),
        reference="order_number",
    ),
    Kind(name="prices", label="Prices", one="price", ids=("sku", "price_list", "currency"), reference="sku", bulk=True),
    Kind(
        name="purchase_orders",
        label="Purchase orders",
        one="purchase_order",
        ids=("purchase_order_number",),
        lines=(
            "line_id",
            "line_number",
            "sku",
            "product_name",
            "quantity",
            "received",
            "cost_price",
            "line_expected_at",
        ),
        reference="purchase_order_number",
    ),
    Kind(name="custom", label="Custom records", one="record", mode="create_and_update"),
)
