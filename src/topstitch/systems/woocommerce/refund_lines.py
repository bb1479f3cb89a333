"""The lines of a refund, laid on those of its order: the shop knows them by the ids of the order's lines alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from topstitch.sdk import MissingReference, Record
from topstitch.systems.woocommerce.casts import money, number, refuse, whole
from topstitch.systems.woocommerce.lookups import fold

Line = Mapping[str, Any]
ZERO = Decimal(0)


def refund_lines(order: Line, given: Sequence[Line]) -> list[Record]:
    """One line for each of the order's that is given back, in whole or in part; amounts are numbers, tax is by rate.

    Raises MissingReference for a line that the order does not have, RemoteRejected where it has less of it.
    """
    left = {line["id"]: int(line.get("quantity") or 0) for line in order.get("line_items") or ()}
    made: dict[int, Record] = {}
    for n, line in enumerate(given):
        if line:
            for part in _parts(order, line, left, f"line_items[{n}]"):
                made[part["id"]] = _added(made[part["id"]], part) if part["id"] in made else part
    return [line | ({"refund_tax": _rows(taxes)} if (taxes := line.pop("taxes")) else {}) for line in made.values()]


def total_of(lines: Sequence[Line]) -> Decimal:
    """What the lines give back, with their tax."""
    taxes = (tax["refund_total"] for line in lines for tax in line.get("refund_tax") or ())
    return sum((Decimal(str(one)) for one in (*(line["refund_total"] for line in lines), *taxes)), ZERO)


def _parts(order: Line, line: Line, left: dict[int, int], place: str) -> list[Record]:
    """A line of the record on the order's lines that it means: several have one SKU where a product was ordered twice."""
    mine = _order_lines(order, line, place)
    given = line.get("refund_quantity", line.get("quantity"))
    quantity = abs(whole(given, f"{place}.refund_quantity")) if given not in (None, "") else 0
    taken = _taken(mine, quantity, left, f"{place}.refund_quantity")
    if quantity:
        mine = [one for one in mine if taken.get(one["id"], 1)]
    amount = number(money(line.get("refund_total"), f"{place}.refund_total") or 0, f"{place}.refund_total")
    amounts = split(amount, [_share(one, _figure(one, "total"), taken) for one in mine])
    taxes = _taxes(mine, line, taken, place)
    return [
        {"id": one["id"], "quantity": taken.get(one["id"], 0), "refund_total": amount, "taxes": tax}
        for one, amount, tax in zip(mine, amounts, taxes, strict=True)
    ]


def _order_lines(order: Line, line: Line, place: str) -> list[Line]:
    """By SKU, else by the id of the order's line, which may be one of shipping or a fee."""
    goods = list(order.get("line_items") or ())
    if line.get("sku"):
        found = [one for one in goods if fold(one.get("sku") or "") == fold(line["sku"])]
    else:
        charges = [one for name in ("shipping_lines", "fee_lines") for one in order.get(name) or ()]
        found = [one for one in [*goods, *charges] if str(one["id"]) == str(line.get("id"))]
    if not found:
        wanted = line.get("sku") or line.get("id")
        raise MissingReference(f"order {order['id']} has no line {wanted!r}", field=f"{place}.sku")
    return found


def _taken(mine: Sequence[Line], quantity: int, left: dict[int, int], place: str) -> dict[int, int]:
    """How many of each line of goods, from the first on. Shipping and fees have no quantity."""
    goods = [one["id"] for one in mine if one["id"] in left]
    ordered, missing = sum(left[id] for id in goods), quantity
    if goods and quantity > ordered:
        refuse(f"{quantity} is more than the {ordered} ordered", place)
    taken: dict[int, int] = {}
    for id in goods:
        taken[id] = min(missing, left[id])
        left[id] -= taken[id]
        missing -= taken[id]
    return taken


def _share(one: Line, amount: Decimal, taken: Mapping[int, int]) -> Decimal:
    """What of an amount of the order's line belongs to the pieces taken of it; all of it where none are counted."""
    many = taken.get(one["id"], 0)
    return amount * many / int(one["quantity"]) if many else amount


def _figure(record: Line, name: str) -> Decimal:
    return abs(Decimal(str(record.get(name) or 0)))


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount in proportion to the weights, to the penny; the last that has one takes what is left over."""
    known = sum(weights, ZERO)
    last = max((n for n, weight in enumerate(weights) if weight), default=0)
    shares = [round(amount * weight / known, 2) if known and n != last else ZERO for n, weight in enumerate(weights)]
    shares[last] = amount - sum(shares, ZERO)
    return shares


def _taxes(mine: Sequence[Line], line: Line, taken: Mapping[int, int], place: str) -> list[dict[int, Decimal]]:
    """For each line of the order its tax by rate, in proportion to the taxes there."""
    if line.get("refund_tax"):
        told = {row["id"]: number(row["refund_total"], f"{place}.refund_tax") for row in line["refund_tax"]}
        return [told, *({} for _ in mine[1:])]
    place = f"{place}.refund_tax_total"
    total = number(line.get("refund_tax_total") or 0, place)
    if not total:
        return [{} for _ in mine]
    known = [sum((amount for _, amount in _rates(one)), ZERO) for one in mine]
    weights = [_share(one, tax, taken) for one, tax in zip(mine, known, strict=True)]
    if not any(weights):
        refuse("is given for a line that was not taxed", place)
    return [by_rate(one, tax) if tax else {} for one, tax in zip(mine, split(total, weights), strict=True)]


def by_rate(mine: Line, tax: Decimal) -> dict[int, Decimal]:
    """A tax amount laid on the rates of the order's line, in their proportions there."""
    rates = _rates(mine)
    shares = split(tax, [amount for _, amount in rates])
    return {id: share for (id, _), share in zip(rates, shares, strict=True)}


def _rates(mine: Line) -> list[tuple[int, Decimal]]:
    return [(rate["id"], _figure(rate, "total")) for rate in mine.get("taxes") or ()]


def _added(one: Record, other: Record) -> Record:
    """Two parts of one line of the order: the shop would take the second alone."""
    taxes = {id: one["taxes"].get(id, ZERO) + other["taxes"].get(id, ZERO) for id in {**one["taxes"], **other["taxes"]}}
    sums = {name: one[name] + other[name] for name in ("quantity", "refund_total")}
    return {"id": one["id"], **sums, "taxes": taxes}


def _rows(taxes: Mapping[int, Decimal]) -> list[Record]:
    return [{"id": id, "refund_total": amount} for id, amount in taxes.items()]
