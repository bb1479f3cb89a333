"""What discounts do to order lines: allocated to each in whole cents, those on the whole order by what the lines cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from topstitch.systems.shopify.practice_shop.builders import Doc, bag, taken_off

CENT = Decimal("0.01")


def allocated(line: Doc, off: object) -> Doc:
    """An order line with so much more of a discount. Its totals leave out discounts by code and on the whole order."""
    if not Decimal(str(off)):
        return line
    each = (paid_for(line) - Decimal(str(off))) / line["quantity"]
    return line | {
        "discountAllocations": [*line["discountAllocations"], {"allocatedAmountSet": bag(off)}],
        "discountedUnitPriceAfterAllDiscountsSet": bag(each),
    }


def spread(lines: Sequence[Doc], off: object) -> list[Doc]:
    """Order lines with a discount on the whole order: each takes its part of it, the largest remainders a cent more."""
    worth = [paid_for(line) for line in lines]
    whole = min(Decimal(str(off)), sum(worth, Decimal(0)))
    if not whole:
        return list(lines)
    exact = [whole * each / sum(worth) for each in worth]
    parts = [each // CENT * CENT for each in exact]
    short = int((whole - sum(parts)) / CENT)
    for place in sorted(range(len(parts)), key=lambda n: parts[n] - exact[n])[:short]:
        parts[place] += CENT
    return [allocated(line, part) for line, part in zip(lines, parts, strict=True)]


def paid_for(line: Doc) -> Decimal:
    """What an order line costs after all discounts."""
    return Decimal(line["originalTotalSet"]["shopMoney"]["amount"]) - taken_off([line])
