"""Number functions for percentages, tax, minor units, weights and lengths."""

from __future__ import annotations

from decimal import Decimal

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import VALUE, Example, Param, function
from topstitch.functions.support import Apply, on_number
from topstitch.values.codes import minor_digits
from topstitch.values.numbers import EXACT, MAX_PLACES, QUOTIENT, quantise, quantum, to_integer
from topstitch.values.units import LENGTHS, WEIGHTS, factor, unit_name

_HUNDRED = Decimal(100)
_RATE = Param("rate", "Rate in per cent", Decimal)
_PLACES = Param("places", "Decimal places", int, default=2, minimum=0, maximum=MAX_PLACES)


@function(
    "number.percentage",
    title="Percentage",
    group="number",
    summary="So many per cent of the number, rounded half up.",
    takes=VALUE,
    gives="number",
    params=[_RATE, _PLACES],
    examples=[
        Example(input="59.90", args={"rate": "17.5"}, output=Decimal("10.48")),
        Example(input="-1", args={"rate": "0.5"}, output=Decimal("-0.01")),
    ],
)
def percentage(rate: Decimal, places: int) -> Apply:
    share, step = EXACT.divide(rate, _HUNDRED), quantum(places)
    return on_number(lambda value: quantise(EXACT.multiply(value, share), step))


@function(
    "number.add_tax",
    title="Add tax",
    group="number",
    summary="The gross amount of a net amount, rounded half up.",
    takes=VALUE,
    gives="number",
    params=[_RATE, _PLACES],
    examples=[
        Example(input="10.00", args={"rate": 20}, output=Decimal("12.00")),
        Example(input="0.125", args={"rate": 0}, output=Decimal("0.13")),
    ],
)
def add_tax(rate: Decimal, places: int) -> Apply:
    gross, step = EXACT.divide(EXACT.add(_HUNDRED, rate), _HUNDRED), quantum(places)
    return on_number(lambda value: quantise(EXACT.multiply(value, gross), step))


@function(
    "number.remove_tax",
    title="Remove tax",
    group="number",
    summary="The net amount of a gross amount, rounded half up.",
    takes=VALUE,
    gives="number",
    params=[_RATE, _PLACES],
    examples=[
        Example(input="12.00", args={"rate": 20}, output=Decimal("10.00")),
        Example(input="9.99", args={"rate": 19, "places": 4}, output=Decimal("8.3950")),
    ],
)
def remove_tax(rate: Decimal, places: int) -> Apply:
    gross, step = EXACT.add(_HUNDRED, rate), quantum(places)
    if gross <= 0:
        raise ConfigError(f"a tax rate of {rate} per cent cannot be removed; it must be above -100")
    return on_number(lambda value: quantise(EXACT.divide(EXACT.multiply(value, _HUNDRED), gross), step))


@function(
    "number.tax_part",
    title="Tax part",
    group="number",
    summary="The tax in a gross amount, rounded half up.",
    takes=VALUE,
    gives="number",
    params=[_RATE, _PLACES],
    examples=[
        Example(input="12.00", args={"rate": 20}, output=Decimal("2.00")),
        Example(input="9.99", args={"rate": 19, "places": 4}, output=Decimal("1.5950")),
        Example(input="-11.90", args={"rate": 19}, output=Decimal("-1.90")),
    ],
)
def tax_part(rate: Decimal, places: int) -> Apply:
    gross, step = EXACT.add(_HUNDRED, rate), quantum(places)
    if gross <= 0:
        raise ConfigError(f"an amount cannot hold tax of {rate} per cent; the rate must be above -100")
    return on_number(lambda value: quantise(EXACT.divide(EXACT.multiply(value, rate), gross), step))


def _digits(currency: str) -> int:
    try:
        return minor_digits(currency)
    except MappingError as error:
        raise ConfigError(f"the parameter 'currency': {error}") from error


_CURRENCY = Param("currency", "Currency (ISO 4217)", str, offer="currency")


@function(
    "number.to_minor_units",
    title="To minor units",
    group="number",
    summary="An amount in pence, cents... of its currency, which may have no or three decimals; rounded half up.",
    takes=VALUE,
    gives="integer",
    params=[_CURRENCY],
    examples=[
        Example(input="19.99", args={"currency": "GBP"}, output=1999),
        Example(input=1500, args={"currency": "JPY"}, output=1500),
        Example(input="1.2345", args={"currency": "KWD"}, output=1235),
    ],
)
def to_minor_units(currency: str) -> Apply:
    digits, step = _digits(currency), quantum(0)
    return on_number(lambda value: int(quantise(EXACT.scaleb(value, digits), step)))


@function(
    "number.from_minor_units",
    title="From minor units",
    group="number",
    summary="The amount of a whole number of pence, cents...",
    takes=VALUE,
    gives="number",
    params=[_CURRENCY],
    examples=[
        Example(input=1999, args={"currency": "GBP"}, output=Decimal("19.99")),
        Example(input="1500", args={"currency": "JPY"}, output=Decimal(1500)),
        Example(input="19.99", args={"currency": "GBP"}, fails="not a whole number"),
    ],
)
def from_minor_units(currency: str) -> Apply:
    digits = _digits(currency)
    return lambda value: EXACT.scaleb(Decimal(to_integer(value)), -digits)


_MEASURE_PLACES = Param(
    "places",
    "Decimal places",
    int,
    default=None,
    minimum=0,
    maximum=MAX_PLACES,
    help="empty: as many as there are, at most 28 digits",
)


def _convert(from_unit: str, to_unit: str, places: int | None) -> Apply:
    numerator, denominator = factor(from_unit, to_unit)
    if places is None:
        return on_number(lambda value: QUOTIENT.divide(EXACT.multiply(value, numerator), denominator))
    step = quantum(places)
    return on_number(lambda value: quantise(EXACT.divide(EXACT.multiply(value, numerator), denominator), step))


def _demand(kind: str, units: dict[str, Decimal], *names: str) -> None:
    for name in names:
        if unit_name(name) not in units:
            raise ConfigError(f"{name!r} is not a unit of {kind}; use one of {', '.join(units)}")


@function(
    "number.convert_weight",
    title="Convert weight",
    group="number",
    summary="A weight in another unit: mg, g, kg, t, oz, lb, st, or their names.",
    takes=VALUE,
    gives="number",
    params=[
        Param("from_unit", "From unit", str, offer="unit"),
        Param("to_unit", "To unit", str, offer="unit"),
        _MEASURE_PLACES,
    ],
    examples=[
        Example(input="1250", args={"from_unit": "g", "to_unit": "kg", "places": 3}, output=Decimal("1.250")),
        Example(input=1, args={"from_unit": "POUNDS", "to_unit": "kg"}, output=Decimal("0.45359237")),
    ],
)
def convert_weight(from_unit: str, to_unit: str, places: int | None) -> Apply:
    _demand("weight", WEIGHTS, from_unit, to_unit)
    return _convert(from_unit, to_unit, places)


@function(
    "number.convert_length",
    title="Convert length",
    group="number",
    summary="A length in another unit: mm, cm, m, km, in, ft, yd, mi, or their names.",
    takes=VALUE,
    gives="number",
    params=[
        Param("from_unit", "From unit", str, offer="unit"),
        Param("to_unit", "To unit", str, offer="unit"),
        _MEASURE_PLACES,
    ],
    examples=[
        Example(input="12", args={"from_unit": "in", "to_unit": "cm", "places": 2}, output=Decimal("30.48")),
        Example(input="abc", args={"from_unit": "in", "to_unit": "cm"}, fails="'abc' is not a number"),
    ],
)
def convert_length(from_unit: str, to_unit: str, places: int | None) -> Apply:
    _demand("length", LENGTHS, from_unit, to_unit)
    return _convert(from_unit, to_unit, places)
