"""Amounts of an order as the shop takes them: without tax, which is taken out where those of the record include it.

What a line or charge tells of its tax is believed. A shipping charge rarely tells it: its tax is what the order's tax leaves
beside that of the lines, or as the lines' taxes are. Where no line tells a tax, the order's tax is spread over everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from topstitch.sdk import Record
from topstitch.systems.woocommerce.casts import filled, flag, number, refuse

ONE, ZERO, CENT = Decimal(1), Decimal(0), Decimal("0.01")


def lines_of(record: Mapping[str, Any]) -> list[Record]:
    """The lines that say something."""
    return [line for line in record.get("line_items") or () if line]


def charges_of(record: Mapping[str, Any], name: str) -> list[tuple[int, Record]]:
    """The shipping or fee lines that say something, with their place."""
    return [(n, line) for n, line in enumerate(record.get(name) or ()) if line and filled(line)]


@dataclass(frozen=True, slots=True)
class Shares:
    """How many times its net amount the amount of each line is, and that of the charges which do not tell their tax."""

    lines: Sequence[Decimal]
    charges: Decimal = ONE
    gross: bool = False
    #: Whether a tax is included that nothing tells.
    unknown: bool = False

    def line(self, n: int, line: Record, quantity: int) -> Record:
        """`subtotal` before and `total` after discount, both without tax, which the shop computes itself."""
        price, total, subtotal = (_number(line, name, f"line_items[{n}]") for name in ("price", "total", "subtotal"))
        if subtotal is None:
            subtotal = price * quantity if price is not None else total
        if subtotal is None:
            return {}
        share = self.lines[n]
        return {"subtotal": _text(subtotal / share), "total": _text((subtotal if total is None else total) / share)}

    def charge(self, line: Record, name: str, place: str) -> Record:
        """The total of a shipping or fee line."""
        total, tax = _number(line, "total", place), _number(line, "total_tax", place)
        if total is None:
            return {}
        if self.gross and not _untaxed(line, name):
            total = total / self.charges if tax is None else total - tax
        return {"total": _text(total)}


def shares(record: Record, options: Mapping[str, Any]) -> Shares:
    """What to divide an order's amounts by. Raises RemoteRejected where a line's tax cannot be taken out."""
    lines = lines_of(record)
    if not _includes_tax(record, options):
        return Shares([ONE] * len(lines))
    amounts = [_amount(line, f"line_items[{n}]") for n, line in enumerate(lines)]
    told = [
        _told(line, amount, f"line_items[{n}]") for n, (line, amount) in enumerate(zip(lines, amounts, strict=True))
    ]
    known, silent = _charges(record)
    order_tax = _number(record, "total_tax")
    left = None if order_tax is None else order_tax - known
    if not any(told):
        spread = _share(sum(amounts, silent), left or ZERO)
        return Shares([spread] * len(lines), spread, gross=True, unknown=order_tax is None)
    found = [share or ONE for share in told]
    net = sum((amount / share for amount, share in zip(amounts, found, strict=True)), ZERO)
    goods = sum(amounts, ZERO)
    if left is not None:
        left -= goods - net
    return Shares(found, _of_charges(silent, _share(goods, goods - net), left, CENT * (len(lines) + 1)), gross=True)


def _includes_tax(record: Record, options: Mapping[str, Any]) -> bool:
    """The record's own word, else the option."""
    said = record.get("amounts_include_tax")
    return bool(options["tax_inclusive"]) if said is None or said == "" else flag(said, "amounts_include_tax")


def _amount(line: Record, place: str) -> Decimal:
    """What a line costs after discount, as the record has it; zero where the shop's own price is to count."""
    total, subtotal, price = (_number(line, name, place) for name in ("total", "subtotal", "price"))
    if total is None and subtotal is None and price is not None:
        return price * number(line.get("quantity", 1), f"{place}.quantity")
    return total if total is not None else subtotal or ZERO


def _told(line: Record, amount: Decimal, place: str) -> Decimal | None:
    """By the line's tax or else its rate; None when it has neither. A tax of zero leaves nothing to take out."""
    tax, rate = _number(line, "total_tax", place), _number(line, "tax_rate", place)
    if tax is not None and amount:
        if abs(tax) >= abs(amount):
            refuse(f"the tax of {tax} is no part of the amount of {amount}", f"{place}.total_tax")
        return amount / (amount - tax)
    if tax and rate is None:
        refuse("is needed to take the tax out of this line", f"{place}.total")
    if rate is not None and rate <= -1:
        refuse(f"{rate} is no rate such as 0.2", f"{place}.tax_rate")
    return ONE + rate if rate is not None else None


def _charges(record: Record) -> tuple[Decimal, Decimal]:
    """The taxes that shipping and fees tell, and the sum of those charges that tell none."""
    known = silent = ZERO
    for name in ("shipping_lines", "fee_lines"):
        for n, line in charges_of(record, name):
            tax = _number(line, "total_tax", f"{name}[{n}]")
            if _untaxed(line, name):
                continue
            known += tax or ZERO
            silent += (_number(line, "total", f"{name}[{n}]") or ZERO) if tax is None else ZERO
    return known, silent


def _untaxed(line: Record, name: str) -> bool:
    """Whether the shop puts no tax on a charge: a fee may say so, shipping may not."""
    return name == "fee_lines" and line.get("tax_status") == "none"


def _of_charges(charges: Decimal, as_lines: Decimal, left: Decimal | None, slack: Decimal) -> Decimal:
    """As the lines' taxes are, unless the order's tax leaves another sum than rounding explains."""
    if charges <= 0 or left is None or abs(left - (charges - charges / as_lines)) <= slack:
        return as_lines
    return _share(charges, left) if 0 <= left < charges else as_lines


def _share(amount: Decimal, tax: Decimal) -> Decimal:
    return amount / (amount - tax) if 0 < tax < amount else ONE


def _number(line: Record, name: str, place: str = "") -> Decimal | None:
    value = line.get(name)
    return None if value is None or value == "" else number(value, f"{place}.{name}".lstrip("."))


def _text(amount: Decimal) -> str:
    """An amount with as many places as it needs, six at most."""
    rounded = amount.quantize(Decimal("0.000001")).normalize()
    return format(rounded if rounded else ZERO, "f")
