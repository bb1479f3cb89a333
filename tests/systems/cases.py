"""Every pair of systems that a default mapping can join, and what beside it a service between them needs.

`python -m tests.systems.cases` prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.systems.flows import SKUS, only_goods

from topstitch.sdk import CATALOGUE, Record
from topstitch.sdk.taxonomy import entities

SYSTEMS = ("woocommerce", "shopify", "peoplevox", "odoo")
Keep = Callable[[Record], bool]


def _everything(record: Record) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Case:
    """One service. `before` are services that must have run; the rest is what a person sets, said in `needs`."""

    source: str
    destination: str
    keep: Keep = _everything
    before: Sequence[tuple[str, str]] = ()
    #: Which records those services take, when not the goods.
    before_keep: Keep | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    write: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Any]] = ()
    needs: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Source and destination."""
        return self.source, self.destination


def _has_email(record: Record) -> bool:
    return bool(record.get("email") or (record.get("defaultEmailAddress") or {}).get("emailAddress"))


def _is_varied(record: Record) -> bool:
    """A product of any system that has options."""
    inside = record.get("variations_data") or record.get("variants") or []
    return any(_option(each) not in ("", "Default Title") for each in inside)


def _option(variant: Record) -> str:
    chosen = variant.get("attributes") or variant.get("selectedOptions") or variant.get("options") or [{}]
    return str(chosen[0].get("option") or chosen[0].get("value") or "")


GOODS_ONLY: Mapping[str, Keep] = {
    "woocommerce/orders": only_goods("line_items", "sku"),
    "shopify/orders": only_goods("lineItems", "sku"),
    "shopify/fulfilment_orders": only_goods("lineItems", "sku"),
    "peoplevox/orders": only_goods("lines", "ItemCode"),
    "odoo/orders": only_goods("lines", "default_code"),
    "odoo/customers": _has_email,
    "shopify/customers": _has_email,
    "woocommerce/products": only_goods("sku"),
    "shopify/products": lambda record: record["variants"][0]["sku"] in SKUS,
    "peoplevox/products": only_goods("ItemCode"),
    "odoo/products": only_goods("default_code"),
    "odoo/templates": only_goods("default_code"),
    "shopify/variants": only_goods("sku"),
    "odoo/variants": only_goods("default_code"),
    "woocommerce/stock": only_goods("sku"),
    "shopify/stock": only_goods("sku"),
    "peoplevox/stock": only_goods("Item code"),
    "odoo/stock": only_goods("default_code"),
    "odoo/quants": only_goods("default_code"),
    "woocommerce/prices": only_goods("sku"),
    "shopify/prices": lambda record: record["variant"]["sku"] in SKUS,
    "odoo/prices": only_goods("default_code"),
    "peoplevox/fulfilments": only_goods("lines", "Item code"),
    "odoo/fulfilments": only_goods("moves", "default_code"),
    "shopify/fulfilments": lambda record: all(i["lineItem"]["sku"] in SKUS for i in record["fulfillmentLineItems"]),
    "peoplevox/purchase_orders": only_goods("lines", "ItemCode"),
    "odoo/purchase_orders": only_goods("lines", "default_code"),
}
LONDON = {"default_location": "London warehouse"}
BASE = {"source": "base"}


def case(source: str, destination: str, **more: Any) -> Case:
    """A case with what its source needs to be kept to the goods that both systems have."""
    return Case(source=source, destination=destination, keep=GOODS_ONLY.get(source, _everything), **more)


_WOO, _SHOP, _PVX, _ODOO = (f"{slug}/orders" for slug in SYSTEMS)
_PARCELS = "peoplevox/fulfilments"
_SHOP_TO_ODOO, _SHOP_TO_PVX, _WOO_TO_PVX = (_SHOP, _ODOO), (_SHOP, _PVX), (_WOO, _PVX)
_OWN_ORDERS = "A filter on the orders of this shop, where the books have those of several."
_TRACKING = "A row from the tracking number to the column that the tenant keeps it in."
_LOCATION = "Location, where the shop has several (option default_location)."

CASES = (
    case(_WOO, _SHOP),
    case(_WOO, _PVX),
    case(_WOO, _ODOO),
    case(_WOO, "odoo/invoices", before=[(_WOO, _ODOO)]),
    case(_SHOP, _WOO),
    case(_SHOP, _PVX),
    case(_SHOP, _ODOO),
    case(_SHOP, "odoo/invoices", before=[_SHOP_TO_ODOO]),
    case("shopify/fulfilment_orders", _PVX),
    case(_PVX, _WOO, before=[_SHOP_TO_PVX]),
    case(_PVX, _SHOP, before=[_WOO_TO_PVX]),
    case(_PVX, _ODOO, before=[_WOO_TO_PVX]),
    case(_PVX, "odoo/invoices", before=[_WOO_TO_PVX, (_WOO, _ODOO)]),
    case(_ODOO, _WOO),
    case(_ODOO, _SHOP),
    case(_ODOO, _PVX),
    *(case(f"{a}/customers", f"{b}/customers") for a in SYSTEMS for b in SYSTEMS if a != b),
    *(case(f"{a}/products", f"{b}/products") for a in SYSTEMS for b in SYSTEMS if a != b),
    *(case("odoo/templates", f"{b}/products") for b in SYSTEMS if b != "odoo"),
    case("odoo/variants", "shopify/variants"),
    *(
        Case(
            source=f"{a}/variants",
            destination=f"{b}/variants",
            keep=lambda record: _option(record) not in ("", "Default Title"),
            before=[(f"{a}/{'templates' if a == 'odoo' else 'products'}", f"{b}/products")],
            before_keep=_is_varied,
            needs="A service for the products first: a variant is put below its product.",
        )
        for a, b in (("odoo", "woocommerce"), ("woocommerce", "shopify"), ("shopify", "woocommerce"))
    ),
    *(case(f"{a}/stock", "shopify/stock", write=LONDON, needs=_LOCATION) for a in ("woocommerce", "peoplevox", "odoo")),
    case("odoo/quants", "shopify/stock", write=LONDON, needs=_LOCATION),
    *(case(f"{a}/stock", "woocommerce/stock") for a in ("shopify", "peoplevox", "odoo")),
    case("odoo/quants", "woocommerce/stock", needs="A filter on one location: a shop has one figure for each SKU."),
    *(case(f"{a}/stock", "odoo/stock") for a in ("woocommerce", "shopify", "peoplevox")),
    case("woocommerce/prices", "shopify/prices"),
    case("woocommerce/prices", "odoo/prices"),
    case("shopify/prices", "woocommerce/prices", read=BASE, needs="Base prices, or one price list, at the source."),
    case("shopify/prices", "odoo/prices", read=BASE, needs="Base prices, or one price list, at the source."),
    case("odoo/prices", "woocommerce/prices", needs="A filter on one price list, in the currency of the shop."),
    case("odoo/prices", "shopify/prices", needs="A filter on one price list, or its name as option price_list."),
    case(_PARCELS, "woocommerce/fulfilments", before=[_WOO_TO_PVX]),
    case(_PARCELS, "shopify/fulfilments", before=[_SHOP_TO_PVX]),
    case(_PARCELS, "odoo/fulfilments", before=[(_WOO, _ODOO), _WOO_TO_PVX]),
    case(
        "odoo/fulfilments",
        "woocommerce/fulfilments",
        before=[(_WOO, _ODOO), _WOO_TO_PVX, (_PARCELS, "odoo/fulfilments")],
    ),
    Case(
        source="odoo/fulfilments",
        destination="shopify/fulfilments",
        keep=lambda record: str((record["sale"] or {}).get("client_order_ref")).startswith("#"),
        before=[_SHOP_TO_ODOO, _SHOP_TO_PVX, (_PARCELS, "odoo/fulfilments")],
        needs=_OWN_ORDERS,
    ),
    case(
        "odoo/fulfilments",
        "peoplevox/order_updates",
        before=[(_WOO, _ODOO), _WOO_TO_PVX, (_PARCELS, "odoo/fulfilments")],
        rows=[{"to": "Attribute1", "from": "carrier_tracking_ref"}],
        needs=_TRACKING,
    ),
    case(
        "shopify/fulfilments",
        "odoo/fulfilments",
        before=[_SHOP_TO_ODOO, _SHOP_TO_PVX, (_PARCELS, "shopify/fulfilments")],
    ),
    case(
        "shopify/fulfilments",
        "peoplevox/order_updates",
        before=[_SHOP_TO_PVX, (_PARCELS, "shopify/fulfilments")],
        rows=[{"to": "Attribute1", "from": "trackingInfo[0].number"}],
        needs=_TRACKING,
    ),
    Case(
        source="odoo/refunds",
        destination="woocommerce/refunds",
        keep=lambda record: record["order_number"].isdecimal(),
        before=[(_WOO, _ODOO), (_WOO, "odoo/invoices")],
        needs=_OWN_ORDERS,
    ),
    Case(
        source="odoo/refunds",
        destination="shopify/refunds",
        keep=lambda record: record["order_number"].startswith("#"),
        before=[_SHOP_TO_ODOO, (_SHOP, "odoo/invoices")],
        needs=_OWN_ORDERS,
    ),
    case("peoplevox/purchase_orders", "odoo/purchase_orders"),
    case("odoo/purchase_orders", "peoplevox/purchase_orders"),
)
BY_PAIR = {each.pair: each for each in CASES}

_OTHER_NUMBER = "An order has another number in another shop: tell the shops apart by a mapping of your own."
_PART = "A fulfilment order is a part of an order, for the warehouse that sends it: elsewhere take orders."
_INVOICE = "An invoice is no order: take orders."
#: Pairs that fit by their fields and make no sense as a service without more thought.
LEFT_OUT: Mapping[tuple[str, str], str] = {
    ("woocommerce/refunds", "shopify/refunds"): _OTHER_NUMBER,
    ("shopify/refunds", "woocommerce/refunds"): _OTHER_NUMBER,
    ("shopify/fulfilments", "woocommerce/fulfilments"): _OTHER_NUMBER,
    ("shopify/fulfilment_orders", _WOO): _PART,
    ("shopify/fulfilment_orders", _ODOO): _PART,
    ("shopify/fulfilment_orders", "odoo/invoices"): _PART,
    **{("odoo/invoices", f"{slug}/orders"): _INVOICE for slug in SYSTEMS if slug != "odoo"},
}


def every_pair() -> Iterator[tuple[str, str]]:
    """What can be read of one system and written to another as the same kind of record."""
    every = [(CATALOGUE.get(slug), entity) for slug in SYSTEMS for entity in CATALOGUE.get(slug).system.entities]
    for source, pulled in every:
        for destination, pushed in every:
            same = pulled.taxonomy == pushed.taxonomy and pulled.taxonomy in entities()
            if same and pulled.read and pushed.write and source is not destination:
                yield f"{source.slug}/{pulled.name}", f"{destination.slug}/{pushed.name}"


def table() -> str:
    """The pairs for people, in Markdown."""
    lines = ["| from | to | beside the default mapping |", "| --- | --- | --- |"]
    lines += [f"| {each.source} | {each.destination} | {each.needs or '-'} |" for each in CASES]
    lines += [f"| {source} | {destination} | left out: {why} |" for (source, destination), why in LEFT_OUT.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
