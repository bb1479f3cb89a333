"""Records that the practice Odoo takes, and records that it refuses, for those who try out writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Records = Mapping[str, Sequence[Mapping[str, Any]]]

_HOME = {
    "name": "Nia Price",
    "street": "5 Canal Walk",
    "city": "Cardiff",
    "zip": "CF10 1AA",
    "country_id": {"code": "GB"},
}


def _order(number: str, sku: str, person: str) -> dict[str, Any]:
    return {
        "client_order_ref": number,
        "date_order": "2026-11-01 09:00:00",
        "partner": {"name": person.title(), "email": f"{person}@example.com"},
        "shipping": _HOME,
        "billing": _HOME,
        "lines": [{"default_code": sku, "product_uom_qty": 2, "price_unit": 9.5}],
    }


def _purchase(number: str, sku: str) -> dict[str, Any]:
    lines = [{"default_code": sku, "product_qty": 12, "price_unit": 3.1}]
    return {
        "origin": number,
        "partner": {"name": "Clay Supplies 1"},
        "date_planned": "2026-12-01 00:00:00",
        "lines": lines,
    }


#: Orders WEB-1002 and WEB-1003 of the seeds are confirmed and not shipped; WEB-1002 and WEB-1004 are not invoiced.
GOOD: Records = {
    "orders": [_order("SH-1", "MUG-BLUE", "nia"), _order("SH-2", "PLATE-L", "owen"), _order("SH-3", "BOWL", "pia")],
    "customers": [
        {"name": name, "email": f"{name.lower()}@example.com", "city": "Cardiff"} for name in ("Nia", "Owen", "Pia")
    ],
    "products": [
        {"default_code": f"NEW-{number}", "name": f"Vase {number}", "list_price": 20.0 + number} for number in (1, 2, 3)
    ],
    "stock": [{"default_code": sku, "inventory_quantity": 41} for sku in ("MUG-BLUE", "PLATE-L", "BOWL")],
    "fulfilments": [
        {"sale": {"client_order_ref": number}, "carrier_tracking_ref": f"PP{number[-4:]}"}
        for number in ("WEB-1002", "WEB-1003")
    ],
    "invoices": [{"sale": {"client_order_ref": number}} for number in ("WEB-1002", "WEB-1004")],
    "purchase_orders": [_purchase("PO-1", "MUG-BLUE"), _purchase("PO-2", "BOWL")],
    "prices": [{"default_code": sku, "fixed_price": 17.5} for sku in ("MUG-BLUE", "PLATE-L", "BOWL")],
}

BAD: Records = {
    "orders": [_order("SH-9", "NO-SUCH-SKU", "quinn")],
    "customers": [{"name": "Quinn", "email": "quinn@example.com", "country_id": {"code": "XX"}}],
    "products": [{"default_code": "NEW-9", "name": "Copy", "barcode": "5012345000015"}],
    "stock": [{"default_code": "NO-SUCH-SKU", "inventory_quantity": 1}],
    "fulfilments": [{"sale": {"client_order_ref": "WEB-0000"}, "carrier_tracking_ref": "PP0000"}],
    "invoices": [{"sale": {"client_order_ref": "WEB-0000"}}],
    "purchase_orders": [_purchase("PO-9", "NO-SUCH-SKU")],
    "prices": [{"default_code": "NO-SUCH-SKU", "fixed_price": 1}],
}
