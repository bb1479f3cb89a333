"""Made-up shop orders, the same for the same seed and index on every machine: money as text, mixed offsets, dirty text, gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any
from zlib import crc32

Order = dict[str, Any]

FIRST_ID, ID_STEP = 6_100_000_000_000, 211
PAID_PERCENT = 79
YEAR_BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS_A_YEAR = 365 * 24 * 3600

UNPAID = ("pending", "authorized", "partially_paid", "refunded", "voided")
OFFSETS = tuple(timezone(timedelta(minutes=minutes)) for minutes in (-600, -210, 0, 60, 120, 345, 780))
GIVEN = ("Marta", " Émile", "Søren ", "Zoë", "Tomasz", "  Ingrid", "Owen\t", "Şirin", "Yuki", "Noor")
FAMILY = ("Weiß", "O'Hara ", " Lindqvist", "Moreau", "Kowalczyk", "van der Meer", "Ito", "Nuñez  ")
STREETS = ("Harbour Road", "Lindenallee", "Rue du Four", "Kirkegata", "Calle Mayor", "Bahnhofstrasse")
SECOND_LINES = (None, "", "   ", "Flat 3", " c/o Moreau ", "Hinterhaus, 2. OG")
TOWNS = ("Hamburg", " Nantes", "Leeds ", "Málaga", "Bergen", "Zürich", "Groningen", "Osaka", "Graz", "Boise")
COUNTRIES = ("DE", "DE", "FR", "GB", "US", "ES", "NO", "CH", "AT", "NL", "JP", "SE", "IT")
POSTCODES = ("20095", "ls1 4dy", " 440 00", "9712 CP", "83702-1", "8001")
PHONES = (None, None, "+49 (0)40 / {0}", "0044-113-{0}", "{0}")
GATEWAYS = ("shopify_payments", "shopify_payments", "paypal", "klarna", "manual", "gift_card")
GOODS = ("Linen Shirt", "Trail Shoe “Fjord”", "Enamel Mug 350 ml", 'Print 12" x 16"', "Beeswax Candle", "Rain Jacket")
COLOURS = ("Sand", "Ink", "Moss", "Terracotta")
RATES = (0.19, 0.19, 0.07, 0.2, 0.0)
NOTES = (None, None, "Ring twice, please.", "Geschenk – ohne Rechnung", "Leave it with the neighbour at no. 4")
TAGS = ("b2b", "first order", "gift", "newsletter", "press", "repeat")


def is_paid(index: int, seed: int = 1) -> bool:
    """Whether the order at this place is paid; known without making the order."""
    return crc32(b"%d/%d" % (seed, index)) % 100 < PAID_PERCENT


def index_of(order_id: int) -> int:
    """The place of an order, from its id."""
    return (order_id - FIRST_ID) // ID_STEP


def order(index: int, seed: int = 1) -> Order:
    """The order at this place: 2.7 to 5.4 KB as JSON."""
    dice = Random((seed << 40) + index)
    order_id = FIRST_ID + index * ID_STEP
    created = (YEAR_BEGINS + timedelta(seconds=dice.randrange(SECONDS_A_YEAR))).astimezone(dice.choice(OFFSETS))
    currency = dice.choice(("EUR", "EUR", "GBP", "USD", "CHF"))
    address = _address(dice)
    lines = [_line(dice, order_id * 10 + n, currency) for n in range(dice.choice((1, 1, 2, 2, 2, 3, 3, 4, 5)))]
    if dice.random() < 0.01:
        for line in lines:
            line |= {"price": "0.00", "price_set": _money_set(0, currency), "total_discount": "0.00", "tax_lines": []}
    customer = _customer(dice, created, address)
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{10_001 + index}",
        "order_number": 10_001 + index,
        "token": f"{dice.getrandbits(128):032x}",
        "created_at": created.isoformat(),
        "updated_at": (created + timedelta(minutes=dice.randrange(3000))).isoformat(),
        "cancelled_at": None,
        "financial_status": "paid" if is_paid(index, seed) else dice.choice(UNPAID),
        "fulfillment_status": dice.choice((None, "partial", "fulfilled")),
        "test": False,
        "email": customer["email"],
        "note": dice.choice(NOTES),
        "tags": ", ".join(dice.sample(TAGS, dice.randrange(4))),
        "browser_ip": f"198.51.100.{dice.randrange(256)}",
        "landing_site": f"/collections/new?utm_source=letter&utm_campaign={dice.randrange(1000)}",
        "order_status_url": f"https://tern-bracken.example/orders/{order_id}/authenticate?key={dice.getrandbits(96):024x}",
        "client_details": {"accept_language": "de-DE,de;q=0.9", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)"},
        "payment_gateway_names": [dice.choice(GATEWAYS)] if dice.random() < 0.97 else [],
        "customer": customer,
        "billing_address": {**address, "company": dice.choice((None, "Moreau & Filles SARL"))},
        "shipping_address": address,
        "line_items": lines,
        **_totals(dice, lines, currency),
        "refunds": [],
        "fulfillments": [],
    }


def _address(dice: Random) -> Order:
    phone = dice.choice(PHONES)
    return {
        "first_name": dice.choice(GIVEN),
        "last_name": dice.choice(FAMILY),
        "company": None,
        "address1": f"{dice.randrange(1, 250)} {dice.choice(STREETS)}",
        "address2": dice.choice(SECOND_LINES),
        "city": dice.choice(TOWNS),
        "province": None,
        "zip": dice.choice(POSTCODES),
        "country_code": dice.choice(COUNTRIES),
        "phone": phone and phone.format(dice.randrange(100_000, 9_999_999)),
        "latitude": round(dice.uniform(-55, 70), 6),
        "longitude": round(dice.uniform(-120, 140), 6),
    }


def _customer(dice: Random, ordered: datetime, address: Order) -> Order:
    number = dice.randrange(10_000, 900_000_000)
    return {
        "id": number,
        "email": f" Customer.{number % 5000}@Mail.EXAMPLE.com" + dice.choice(("", " ")),
        "first_name": address["first_name"],
        "last_name": address["last_name"],
        "created_at": (ordered - timedelta(days=dice.randrange(1, 1500))).isoformat(),
        "orders_count": dice.randrange(1, 60),
        "total_spent": _money(dice.randrange(500, 2_000_000)),
        "verified_email": dice.random() < 0.8,
        "default_address": dict(address),
    }


def _line(dice: Random, line_id: int, currency: str) -> Order:
    price, quantity, rate = dice.randrange(95, 30_000), dice.randrange(1, 8), dice.choice(RATES)
    discount = dice.choice((0, 0, price * quantity * 15 // 100))
    tax = round((price * quantity - discount) * rate / (1 + rate))
    colour = dice.choice(COLOURS)
    return {
        "id": line_id,
        "product_id": 7_000_000 + dice.randrange(4000),
        "variant_id": 8_000_000 + dice.randrange(12_000),
        "title": dice.choice(GOODS),
        "variant_title": dice.choice((None, colour, f"{colour} / {dice.choice('SML')}")),
        "sku": dice.choice(("", " "))
        + f"tb-{dice.randrange(100_000):05}-{colour[:2].lower()}"
        + dice.choice(("", " ")),
        "vendor": "Tern & Bracken",
        "quantity": quantity,
        "grams": dice.randrange(20, 4000),
        "price": _money(price),
        "price_set": _money_set(price, currency),
        "total_discount": _money(discount),
        "fulfillable_quantity": quantity,
        "fulfillment_status": None,
        "gift_card": False,
        "requires_shipping": True,
        "taxable": rate > 0,
        "tax_lines": [{"title": "VAT", "rate": rate, "price": _money(tax)}] if rate else [],
        "properties": [],
    }


def _totals(dice: Random, lines: list[Order], currency: str) -> Order:
    goods = sum(_cents(line["price"]) * line["quantity"] for line in lines)
    discounts = sum(_cents(line["total_discount"]) for line in lines)
    tax = sum(_cents(each["price"]) for line in lines for each in line["tax_lines"])
    shipping = dice.choice((0, 390, 595, 1250))
    total = goods - discounts + shipping
    return {
        "currency": currency,
        "presentment_currency": currency,
        "taxes_included": True,
        "total_line_items_price": _money(goods),
        "total_discounts": _money(discounts),
        "subtotal_price": _money(goods - discounts),
        "total_tax": _money(tax),
        "total_shipping": _money(shipping),
        "total_price": _money(total),
        "total_price_set": _money_set(total, currency),
        "discount_codes": [{"code": "TERN15", "amount": _money(discounts), "type": "percentage"}] if discounts else [],
        "shipping_lines": [{"title": "Parcel", "code": "PARCEL", "price": _money(shipping), "source": "shopify"}],
    }


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _cents(money: str) -> int:
    return int(money.replace(".", ""))


def _money_set(cents: int, currency: str) -> Order:
    amount = {"amount": _money(cents), "currency_code": currency}
    return {"shop_money": amount, "presentment_money": dict(amount)}
