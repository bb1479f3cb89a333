"""Three ways to the same twenty fields: the exact reference, the fast hand-written mapping, the service's rows."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
import yaml
from bench.hand import map_order
from bench.orders import order
from bench.product import CONFIGURATION as FILE
from bench.product import SERVICE as NAME
from bench.reference import reference

from topstitch.engine.environment import RunEnvironment
from topstitch.engine.filters import compile_filters, resolve
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.spec import FilterRow, MappingRow
from topstitch.functions.lookup import Table
from topstitch.values.json_text import json_bytes

ORDERS = [order(index) for index in range(300)]
PAID = [each for each in ORDERS if each["financial_status"] == "paid"]
CONFIGURATION = yaml.safe_load(FILE.read_text("utf-8"))
SERVICE = CONFIGURATION["services"][NAME]


def over_the_wire(record):
    return orjson.loads(json_bytes(record))


@pytest.fixture(scope="module")
def mapper():
    pairs = {name: table["pairs"].items() for name, table in CONFIGURATION["lookups"].items()}
    environment = RunEnvironment(now=datetime(2026, 6, 1, tzinfo=UTC), tables=lambda name: Table(list(pairs[name])))
    return compile_mapping([MappingRow.model_validate(row) for row in SERVICE["mapping"]], environment)


def test_the_hand_written_mapping_agrees_with_the_reference():
    assert [over_the_wire(map_order(each)) for each in PAID] == [over_the_wire(reference(each)) for each in PAID]


def test_the_service_agrees_with_the_reference(mapper):
    for each in PAID:
        assert over_the_wire(mapper(each)) == over_the_wire(reference(each)), each["name"]


def test_the_filter_leaves_out_what_the_reference_leaves_out():
    rows = [FilterRow.model_validate(row) for row in SERVICE["source"]["filters"]]
    keep = compile_filters([resolve(row, datetime(2026, 6, 1, tzinfo=UTC)) for row in rows])

    assert [keep(each) for each in ORDERS] == [reference(each) is not None for each in ORDERS]


def test_a_record_by_hand():
    """Computed on paper, so that three equal mistakes would show."""
    made = {
        **order(0),
        "id": 6100000000211,
        "name": "#10002",
        "financial_status": "paid",
        "created_at": "2026-03-01T23:30:00-03:30",
        "payment_gateway_names": ["klarna"],
        "total_price": "104.99",
        "total_tax": "15.00",
        "total_shipping": "4.99",
        "total_line_items_price": "120.00",
        "total_discounts": "20.00",
        "customer": {"id": 7, "first_name": " Émile", "last_name": "O'Hara ", "email": " A.B@C.Example "},
        "shipping_address": {
            "address1": "3 Rue du Four",
            "address2": " c/o Moreau ",
            "city": " Nantes",
            "zip": "440 00",
            "country_code": "SE",
            "phone": "+33 (0)2",
        },
        "line_items": [
            {
                "sku": " tb-1 ",
                "title": "Mug",
                "variant_title": None,
                "quantity": 3,
                "grams": 333,
                "price": "40.00",
                "total_discount": "20.00",
                "tax_lines": [{"rate": 0.07}],
            }
        ],
    }

    assert over_the_wire(reference(made)) == {
        "external_id": "SHP-6100000000211",
        "order_number": "10002",
        "source_system": "shopify",
        "order_date": "2026-03-02",
        "order_ts_utc": "2026-03-02T03:00:00Z",
        "customer_code": "C000000000007",
        "customer_name": "ÉMILE O'HARA",
        "customer_email": "a.b@c.example",
        "phone": "3302",
        "ship_street": "3 Rue du Four, c/o Moreau",
        "ship_city": "NANTES",
        "ship_postal": "44000",
        "ship_country": "ZZZ",
        "currency": made["currency"],
        "payment_terms": "NET30",
        "net_amount": 85,
        "discount_pct": 16.7,
        "total_quantity": 3,
        "total_weight_kg": 0.999,
        "lines": [
            {
                "line_no": 1,
                "sku": "TB-1",
                "description": "Mug",
                "qty": 3,
                "unit_price": 40,
                "line_total": 100,
                "tax_code": "R",
            }
        ],
    }
