"""Number functions of several source fields: an amount and what its currency, rate or unit is, or the least of several."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import VALUES, Example, Param, function
from topstitch.functions.support import ApplyAll, pair
from topstitch.values.codes import minor_digits
from topstitch.values.numbers import EXACT, MAX_PLACES, QUOTIENT, quantise, quantum, to_integer, to_number
from topstitch.values.text import as_text, show
from topstitch.values.truth import is_empty
from topstitch.values.units import factor, unit_name

_HUNDRED, _ONE = Decimal(100), Decimal(1)


@function(
    "number.least",
    title="Least",
    group="number",
    summary="The smallest of the source fields; empty ones do not count, and if all are it is null.",
    takes=VALUES,
    gives="number",
    examples=[
        Example(input=["12.50", 9, None], output=Decimal(9)),
        Example(input=[None, ""], output=None),
        Example(input=[5, "few"], fails="'few' is not a number"),
    ],
)
def least() -> ApplyAll:
    return lambda values: min(_given(values), default=None)


@function(
    "number.greatest",
    title="Greatest",
    group="number",
    summary="The greatest of the source fields; empty ones do not count, and if all are it is null.",
    takes=VALUES,
    gives="number",
    examples=[
        Example(input=["12.50", 9, ""], output=Decimal("12.50")),
        Example(input=["-3", 0], output=Decimal(0)),
    ],
)
def greatest() -> ApplyAll:
    return lambda values: max(_given(values), default=None)


def _given(values: list[object]) -> list[Decimal]:
    return [to_number(value) for value in values if not is_empty(value)]


#: (amount, share: 0.2 for 20 per cent) -> result
_TAXES: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "gross": lambda net, share: EXACT.multiply(net, EXACT.add(_ONE, share)),
    "net": lambda gross, share: EXACT.divide(gross, EXACT.add(_ONE, share)),
    "tax_of_net": EXACT.multiply,
    "tax_of_gross": lambda gross, share: EXACT.divide(EXACT.multiply(gross, share), EXACT.add(_ONE, share)),
}


@function(
    "number.tax",
    title="Tax at the rate of a field",
    group="number",
    summary="The gross or net amount, or the tax in it: the first source field at the rate in the second; half up.",
    takes=VALUES,
    gives="number",
    params=[
        Param(
            "give",
            "Give",
            str,
            choices=tuple(_TAXES),
            help="gross, tax_of_net of a net amount; net, tax_of_gross of a gross",
        ),
        Param("rate_is", "The rate is written", str, default="percent", choices=("percent", "fraction")),
        Param("places", "Decimal places", int, default=2, minimum=0, maximum=MAX_PLACES),
        Param("no_rate", "If there is no rate", str, default="fail", choices=("fail", "zero")),
    ],
    examples=[
        Example(input=["10.00", "17.5"], args={"give": "gross"}, output=Decimal("11.75")),
        Example(input=["12.00", 0.2], args={"give": "net", "rate_is": "fraction"}, output=Decimal("10.00")),
        Example(input=["11.90", 19], args={"give": "tax_of_gross"}, output=Decimal("1.90")),
        Example(input=["0.10", 5], args={"give": "tax_of_net"}, output=Decimal("0.01")),
        Example(input=[None, 19], args={"give": "net"}, output=None),
        Example(input=["11.90", ""], args={"give": "net", "no_rate": "zero"}, output=Decimal("11.90")),
        Example(input=["11.90", ""], args={"give": "net"}, fails="the rate is empty"),
        Example(input=["11.90"], args={"give": "net"}, fails="takes two source fields, not 1"),
        Example(input=["11.90", -100], args={"give": "net"}, fails="a rate must be above -100 per cent"),
    ],
)
def tax(give: str, rate_is: str, places: int, no_rate: str) -> ApplyAll:
    work_out, step = _TAXES[give], quantum(places)

    def apply(values: list[object]) -> object:
        amount, rate = pair(values)
        if is_empty(amount):
            return None
        if is_empty(rate) and no_rate == "fail":
            raise MappingError("the rate is empty", value=rate)
        number = Decimal(0) if is_empty(rate) else to_number(rate)
        share = number if rate_is == "fraction" else EXACT.divide(number, _HUNDRED)
        if share <= -_ONE:
            raise MappingError(f"a rate must be above -100 per cent, not {show(rate)}", value=rate)
        return quantise(work_out(to_number(amount), share), step)

    return apply


@function(
    "number.minor_units",
    title="Minor units by the currency of a field",
    group="number",
    summary="The first source field in pence, cents... of the currency in the second, or the amount of so many.",
    takes=VALUES,
    gives="number",
    params=[Param("direction", "Direction", str, choices=("to", "from"), help="to minor units, or from them")],
    examples=[
        Example(input=["19.99", "GBP"], args={"direction": "to"}, output=Decimal(1999)),
        Example(input=["1500", "jpy"], args={"direction": "to"}, output=Decimal(1500)),
        Example(input=[1235, "KWD"], args={"direction": "from"}, output=Decimal("1.235")),
        Example(input=["", "GBP"], args={"direction": "to"}, output=None),
        Example(input=["1", None], args={"direction": "to"}, fails="the currency is empty"),
        Example(input=["1", "XYZ"], args={"direction": "to"}, fails="'XYZ' is not an ISO 4217 currency code"),
        Example(input=["19.99", "GBP"], args={"direction": "from"}, fails="not a whole number"),
    ],
)
def minor_units(direction: str) -> ApplyAll:
    to, step = direction == "to", quantum(0)

    def apply(values: list[object]) -> object:
        amount, currency = pair(values)
        if is_empty(amount):
            return None
        if is_empty(currency):
            raise MappingError("the currency is empty", value=currency)
        digits = minor_digits(as_text(currency))
        if to:
            return quantise(EXACT.scaleb(to_number(amount), digits), step)
        return EXACT.scaleb(Decimal(to_integer(amount)), -digits)

    return apply


@function(
    "number.convert_measure",
    title="Convert a measure by the unit of a field",
    group="number",
    summary="A weight or length, the first source field, whose unit is in the second, in another unit.",
    takes=VALUES,
    gives="number",
    params=[
        Param("to_unit", "To unit", str, offer="unit"),
        Param("from_unit", "Unit if the field is empty", str, default="", offer="unit", help="empty: the record fails"),
        Param("places", "Decimal places", int, default=None, minimum=0, maximum=MAX_PLACES),
    ],
    examples=[
        Example(input=["2.5", "KILOGRAMS"], args={"to_unit": "g"}, output=Decimal("2500.0")),
        Example(input=[8, "oz"], args={"to_unit": "kg", "places": 3}, output=Decimal("0.227")),
        Example(input=[500, None], args={"to_unit": "kg", "from_unit": "g"}, output=Decimal("0.5")),
        Example(input=["", "g"], args={"to_unit": "kg"}, output=None),
        Example(input=[500, ""], args={"to_unit": "kg"}, fails="the unit is empty"),
        Example(input=[500, "cm"], args={"to_unit": "kg"}, fails="do not measure the same thing"),
        Example(input=[500, "stones?"], args={"to_unit": "kg"}, fails="'stones?' is not a unit"),
    ],
)
def convert_measure(to_unit: str, from_unit: str, places: int | None) -> ApplyAll:
    target = unit_name(to_unit)
    if from_unit:
        factor(from_unit, target)
    step = None if places is None else quantum(places)
    known: dict[str, tuple[Decimal, Decimal]] = {}

    def ratio(unit: str) -> tuple[Decimal, Decimal]:
        if unit not in known:
            try:
                found = factor(unit[:60], target)
            except ConfigError as error:
                raise MappingError(error.message, value=unit) from error
            if len(known) > 100:
                return found
            known[unit] = found
        return known[unit]

    def apply(values: list[object]) -> object:
        amount, unit = pair(values)
        if is_empty(amount):
            return None
        named = as_text(unit).strip() or from_unit
        if not named:
            raise MappingError("the unit is empty", value=unit)
        numerator, denominator = ratio(named)
        product = EXACT.multiply(to_number(amount), numerator)
        return (
            QUOTIENT.divide(product, denominator)
            if step is None
            else quantise(EXACT.divide(product, denominator), step)
        )

    return apply
