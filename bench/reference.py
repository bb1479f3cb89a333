"""What each order must become: the twenty fields written to be read and checked, in exact decimal arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]

BERLIN = ZoneInfo("Europe/Berlin")
COUNTRIES = {
    "DE": "DEU", "FR": "FRA", "GB": "GBR", "US": "USA", "ES": "ESP",
    "NO": "NOR", "CH": "CHE", "AT": "AUT", "NL": "NLD", "JP": "JPN",
}  # fmt: skip
PAYMENT_TERMS = {"shopify_payments": "CARD", "paypal": "PAYPAL", "klarna": "NET30", "manual": "BANK"}
TAX_CODES = {Decimal("0.19"): "S", Decimal("0.07"): "R"}


def reference(order: Record) -> Record | None:
    """The sales order that the destination must get, None for an order that the filter leaves out."""
    if order["financial_status"] != "paid":
        return None
    return {
        "external_id": f"SHP-{order['id']}",
        "order_number": order["name"].lstrip("#"),
        "source_system": "shopify",
        **_moments(datetime.fromisoformat(order["created_at"])),
        **_customer(order["customer"]),
        **_destination(order["shipping_address"]),
        "currency": order["currency"],
        "payment_terms": _payment_terms(order["payment_gateway_names"]),
        **_sums(order),
        "lines": [_line(number, item) for number, item in enumerate(order["line_items"], start=1)],
    }


def _moments(created: datetime) -> Record:
    return {
        "order_date": f"{created.astimezone(BERLIN):%Y-%m-%d}",
        "order_ts_utc": f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _customer(customer: Record) -> Record:
    names = (customer["first_name"].strip(), customer["last_name"].strip())
    return {
        "customer_code": f"C{customer['id']:012}",
        "customer_name": " ".join(names).upper(),
        "customer_email": customer["email"].strip().lower(),
    }


def _destination(address: Record) -> Record:
    second = (address["address2"] or "").strip()
    return {
        "phone": "".join(c for c in address["phone"] or "" if c in "0123456789"),
        "ship_street": f"{address['address1']}, {second}" if second else address["address1"],
        "ship_city": address["city"].strip().upper(),
        "ship_postal": address["zip"].replace(" ", "").upper(),
        "ship_country": COUNTRIES.get(address["country_code"], "ZZZ"),
    }


def _payment_terms(gateways: list[str]) -> str:
    return PAYMENT_TERMS.get(gateways[0], "OTHER") if gateways else "OTHER"


def _sums(order: Record) -> Record:
    items = order["line_items"]
    goods, discounts = Decimal(order["total_line_items_price"]), Decimal(order["total_discounts"])
    grams = sum(item["quantity"] * item["grams"] for item in items)
    net = Decimal(order["total_price"]) - Decimal(order["total_tax"]) - Decimal(order["total_shipping"])
    return {
        "net_amount": _rounded(net, "0.01"),
        "discount_pct": _rounded(100 * discounts / goods, "0.1") if goods else 0,
        "total_quantity": sum(item["quantity"] for item in items),
        "total_weight_kg": _rounded(Decimal(grams) / 1000, "0.001"),
    }


def _line(number: int, item: Record) -> Record:
    price, variant, taxes = Decimal(item["price"]), item["variant_title"], item["tax_lines"]
    return {
        "line_no": number,
        "sku": item["sku"].strip().upper(),
        "description": item["title"] if variant is None else f"{item['title']} - {variant}",
        "qty": item["quantity"],
        "unit_price": _rounded(price, "0.01"),
        "line_total": _rounded(price * item["quantity"] - Decimal(item["total_discount"]), "0.01"),
        "tax_code": TAX_CODES.get(Decimal(str(taxes[0]["rate"])), "Z") if taxes else "Z",
    }


def _rounded(value: Decimal, unit: str) -> float:
    return float(value.quantize(Decimal(unit), ROUND_HALF_UP))
