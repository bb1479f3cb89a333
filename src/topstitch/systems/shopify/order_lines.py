"""What the lines of an order cost: the vendor says in one place what each gives up, for whatever reason it does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from topstitch.sdk import Record

NOTHING = Decimal("0.00")


def with_costs(record: Record) -> Record:
    """An order with the `discount` and the `total` of each line.

    The vendor's own totals of a line leave out discounts on the whole order, and some leave out those by code, so they are
    not even asked for. Its discount allocations have all of them, in parts that add up.
    """
    return record | {"lineItems": [_costs(line) for line in record["lineItems"]]}


def _costs(line: Record) -> Record:
    off = sum((_amount(part["allocatedAmountSet"]) for part in line["discountAllocations"]), NOTHING)
    total = _amount(line["originalUnitPriceSet"]) * line["quantity"] - off
    return line | {"discount": format(off, "f"), "total": format(total, "f")}


def _amount(bag: Any) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])
