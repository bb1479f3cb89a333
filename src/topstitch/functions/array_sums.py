"""Functions that give each element of a list a number that depends on the others: its share of an amount, a running total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from topstitch.errors import MappingError
from topstitch.functions.registry import LIST, VALUES, Example, Param, function
from topstitch.functions.support import Apply, ApplyAll, as_list, element
from topstitch.values.codes import minor_digits
from topstitch.values.numbers import EXACT, MAX_PLACES, quantise, quantum, to_number
from topstitch.values.text import as_text, show
from topstitch.values.truth import is_empty

_ZERO = Decimal(0)
_TIMES = Param("times", "Times the field", str, default="", offer="path")


@function(
    "array.spread",
    title="Spread an amount",
    group="array",
    summary="Each element with its share of the amount in the second source field; all shares together are exactly the amount.",
    takes=VALUES,
    gives="list",
    params=[
        Param("by", "By the field", str, default="", offer="path", help="a number of each element; empty: itself"),
        _TIMES,
        Param("into", "Name of the share", str, default="share", maximum=200, help="empty: a list of the shares alone"),
        Param(
            "places",
            "Decimal places",
            int,
            default=2,
            minimum=0,
            maximum=MAX_PLACES,
            help="of the shares; a currency in the third source field says it instead",
        ),
        Param(
            "when_nothing",
            "If all of these are zero",
            str,
            default="fail",
            choices=("fail", "equal"),
            help="fail the record, or spread it equally",
        ),
    ],
    examples=[
        Example(
            input=[[{"sku": "A", "price": 5}, {"sku": "B", "price": 5}, {"sku": "C", "price": 5}], "10.00"],
            args={"by": "price", "into": "discount"},
            output=[
                {"sku": "A", "price": 5, "discount": Decimal("3.33")},
                {"sku": "B", "price": 5, "discount": Decimal("3.34")},
                {"sku": "C", "price": 5, "discount": Decimal("3.33")},
            ],
        ),
        Example(input=[[1, 1, 1], "1000", "JPY"], args={"into": ""}, output=[Decimal(333), Decimal(334), Decimal(333)]),
        Example(
            input=[[0, 0], "0.03"],
            args={"into": "", "when_nothing": "equal"},
            output=[Decimal("0.02"), Decimal("0.01")],
        ),
        Example(input=[[1, 2], None], args={"into": ""}, output=[Decimal("0.00"), Decimal("0.00")]),
        Example(input=[[{"price": 0}], "5"], args={"by": "price"}, fails="nothing to spread '5' by"),
        Example(input=[[1, 1], "0.005"], args={"into": ""}, fails="0.005 has more than 2 decimal places"),
    ],
)
def spread(by: str, times: str, into: str, places: int, when_nothing: str) -> ApplyAll:
    weight_of, put = _weight(by, times), _putter(into)

    def apply(values: list[object]) -> object:
        if not 2 <= len(values) <= 3:
            raise MappingError(
                f"takes a list, an amount and perhaps a currency, not {len(values)} fields", value=values
            )
        items = [] if is_empty(values[0]) else as_list(values[0])
        amount = _ZERO if is_empty(values[1]) else to_number(values[1])
        weights = [weight_of(item) for item in items]
        if amount and not sum(weights, _ZERO):
            if when_nothing == "fail" or not items:
                raise MappingError(f"there is nothing to spread {show(values[1])} by", value=values[1])
            weights = [Decimal(1)] * len(items)
        digits = minor_digits(as_text(values[2])) if len(values) == 3 else places
        shares = _shares(amount, weights, digits)
        return [put(item, share) for item, share in zip(items, shares, strict=True)]

    return apply


def _shares(amount: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """The rounded share of all so far, less what those before have got: what rounding leaves is never lost."""
    step = quantum(places)
    if quantise(amount, step) != amount:
        raise MappingError(f"{show(amount)} has more than {places} decimal places", value=amount)
    whole, seen, given, shares = sum(weights, _ZERO), _ZERO, _ZERO, []
    for weight in weights:
        seen = EXACT.add(seen, weight)
        due = quantise(EXACT.divide(EXACT.multiply(amount, seen), whole), step) if whole else _ZERO
        shares.append(quantise(EXACT.subtract(due, given), step))
        given = due
    return shares


@function(
    "array.running",
    title="Running total",
    group="array",
    summary="Gives each element the sum of a field so far, itself included, or of one field times another.",
    takes=LIST,
    gives="list",
    params=[
        Param("path", "Path within an element", str, default="", offer="path"),
        _TIMES,
        Param("into", "Name of the total", str, default="total", maximum=200, help="empty: a list of the totals alone"),
    ],
    examples=[
        Example(
            input=[{"paid": "5.00"}, {"paid": None}, {"paid": "2.50"}],
            args={"path": "paid", "into": "so_far"},
            output=[
                {"paid": "5.00", "so_far": Decimal("5.00")},
                {"paid": None, "so_far": Decimal("5.00")},
                {"paid": "2.50", "so_far": Decimal("7.50")},
            ],
        ),
        Example(input=[1, 2, 3], args={"into": ""}, output=[Decimal(1), Decimal(3), Decimal(6)]),
        Example(input=[], output=[]),
        Example(input=["few"], args={"into": ""}, fails="'few' is not a number"),
    ],
)
def running(path: str, times: str, into: str) -> Apply:
    number_of, put = _weight(path, times), _putter(into)

    def apply(value: object) -> object:
        total, made = _ZERO, []
        for item in as_list(value):
            total = EXACT.add(total, number_of(item))
            made.append(put(item, total))
        return made

    return apply


def _weight(path: str, times: str) -> Callable[[object], Decimal]:
    """The number at a path of an element, or the product of two; what is empty is zero."""
    get = element(path)
    if not times:
        return lambda item: _number(get(item))
    get_times = element(times)
    return lambda item: EXACT.multiply(_number(get(item)), _number(get_times(item)))


def _number(value: object) -> Decimal:
    return _ZERO if is_empty(value) else to_number(value)


def _putter(into: str) -> Callable[[object, object], object]:
    """Adds a field to an element, or gives the value alone."""
    if not into:
        return lambda item, value: value

    def put(item: object, value: object) -> object:
        if not isinstance(item, dict):
            raise MappingError(f"{show(item)} is no object that could get the field {into!r}", value=item)
        return {**item, into: value}

    return put
