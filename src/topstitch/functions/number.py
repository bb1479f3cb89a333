"""Number functions: exact decimals, rounded half up, never binary floating point."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import NOTHING, VALUE, VALUES, Example, Param, function
from topstitch.functions.support import Apply, ApplyAll, Constant, on_number
from topstitch.values.numbers import (
    EXACT,
    MAX_PLACES,
    QUOTIENT,
    quantise,
    quantum,
    to_number,
)
from topstitch.values.truth import is_empty

_ZERO = Decimal(0)
_PLACES = Param("places", "Decimal places", int, default=2, minimum=-MAX_PLACES, maximum=MAX_PLACES)
_NUMBER = Param("number", "Number", Decimal)


@function(
    "number.custom",
    title="Custom number",
    group="number",
    summary="A constant number.",
    takes=NOTHING,
    gives="number",
    params=[_NUMBER],
    examples=[
        Example(args={"number": 5}, output=5),
        Example(args={"number": "12.50"}, output=Decimal("12.50")),
    ],
)
def custom(number: Decimal) -> Constant:
    exponent = number.as_tuple().exponent
    constant = int(number) if exponent == 0 else number
    return lambda: constant


_OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "add": EXACT.add,
    "subtract": EXACT.subtract,
    "multiply": EXACT.multiply,
    "divide": QUOTIENT.divide,
}


@function(
    "number.math",
    title="Math",
    group="number",
    summary="Adds, subtracts, multiplies or divides the source fields from left to right. If all are empty it is null.",
    takes=VALUES,
    gives="number",
    params=[
        Param("operation", "Operation", str, choices=tuple(_OPERATIONS)),
        Param(
            "when_zero",
            "Result if a divisor is zero",
            Decimal,
            default=None,
            help="empty: the record fails",
        ),
        Param(
            "when_empty",
            "A field that is empty",
            str,
            default="zero",
            choices=("zero", "null", "fail"),
            help="counts as zero, makes the result null, or fails the record",
        ),
        Param(
            "places",
            "Decimal places of the result",
            int,
            default=None,
            minimum=-MAX_PLACES,
            maximum=MAX_PLACES,
            help="rounded half up; empty: exact, a quotient to 28 digits",
        ),
    ],
    examples=[
        Example(input=["10.10", 5, "0.90"], args={"operation": "add"}, output=Decimal("16.00")),
        Example(input=["129.95", "20.75", "4.95"], args={"operation": "subtract"}, output=Decimal("104.25")),
        Example(input=[0.1, 3], args={"operation": "multiply"}, output=Decimal("0.3")),
        Example(input=["9.99", None], args={"operation": "add"}, output=Decimal("9.99")),
        Example(input=[5, "0.00"], args={"operation": "divide", "when_zero": 0}, output=Decimal(0)),
        Example(input=["10.00", 3], args={"operation": "divide", "places": 2}, output=Decimal("3.33")),
        Example(input=[5, 0], args={"operation": "divide"}, fails="divided by zero"),
        Example(input=[None, ""], args={"operation": "add"}, output=None),
        Example(input=["5", "12 kg"], args={"operation": "add"}, fails="'12 kg' is not a number"),
        Example(input=[5, 0, "12 kg"], args={"operation": "divide", "when_zero": 0}, fails="'12 kg' is not a number"),
    ],
)
def math(operation: str, when_zero: Decimal | None, when_empty: str, places: int | None) -> ApplyAll:
    combine, step = _OPERATIONS[operation], None if places is None else quantum(places)
    divides = operation == "divide"
    if divides and step is not None:
        combine = EXACT.divide  # so that the quotient is rounded once

    def apply(values: list[object]) -> Decimal | None:
        # To compare a Decimal with "" takes as long as the sum: only where something is false it is looked at closely.
        if not all(values) and any(value is None or value == "" for value in values):
            if when_empty == "fail" and values:
                raise MappingError("one of the source fields is empty", value=None)
            if when_empty == "null" or all(map(is_empty, values)):
                return None
            values = [0 if is_empty(value) else value for value in values]
        elif not values:
            return None
        numbers = [to_number(value) for value in values]
        total = numbers[0]
        for number in numbers[1:]:
            if divides and not number:
                if when_zero is not None:
                    return when_zero if step is None else quantise(when_zero, step)
                raise MappingError(f"{total} cannot be divided by zero", value=total)
            total = combine(total, number)
        return total if step is None else quantise(total, step)

    return apply


@function(
    "number.round",
    title="Round number",
    group="number",
    summary="Rounds half up (away from zero) to a number of decimal places; negative places round to tens, hundreds...",
    takes=VALUE,
    gives="number",
    params=[_PLACES],
    examples=[
        Example(input="12.3456", args={"places": 2}, output=Decimal("12.35")),
        Example(input=2.675, args={"places": 2}, output=Decimal("2.68")),
        Example(input="-0.5", args={"places": 0}, output=Decimal("-1")),
        Example(input="1250", args={"places": -2}, output=Decimal("1300")),
        Example(input="NaN", args={"places": 2}, fails="'NaN' is not a number"),
    ],
)
def round_(places: int) -> Apply:
    step = quantum(places)

    def apply(value: object) -> object:
        return quantise(to_number(value), step)

    return apply


@function(
    "number.add",
    title="Add",
    group="number",
    summary="Adds a constant.",
    takes=VALUE,
    gives="number",
    params=[_NUMBER],
    examples=[
        Example(input="10.50", args={"number": 1}, output=Decimal("11.50")),
        Example(input="", args={"number": 1}, output=""),
    ],
)
def add(number: Decimal) -> Apply:
    return on_number(lambda value: EXACT.add(value, number))


@function(
    "number.subtract",
    title="Subtract",
    group="number",
    summary="Subtracts a constant.",
    takes=VALUE,
    gives="number",
    params=[_NUMBER],
    examples=[
        Example(input=0.3, args={"number": "0.1"}, output=Decimal("0.2")),
        Example(input=5, args={"number": 7}, output=Decimal(-2)),
    ],
)
def subtract(number: Decimal) -> Apply:
    return on_number(lambda value: EXACT.subtract(value, number))


@function(
    "number.multiply",
    title="Multiply",
    group="number",
    summary="Multiplies by a constant.",
    takes=VALUE,
    gives="number",
    params=[_NUMBER],
    examples=[
        Example(input="19.99", args={"number": 3}, output=Decimal("59.97")),
        Example(input="1e999999999", args={"number": 3}, fails="more than 60 digits"),
    ],
)
def multiply(number: Decimal) -> Apply:
    return on_number(lambda value: EXACT.multiply(value, number))


@function(
    "number.divide",
    title="Divide",
    group="number",
    summary="Divides by a constant, to 28 digits.",
    takes=VALUE,
    gives="number",
    params=[_NUMBER],
    examples=[
        Example(input="1500", args={"number": 1000}, output=Decimal("1.5")),
        Example(input="abc", args={"number": 2}, fails="'abc' is not a number"),
    ],
)
def divide(number: Decimal) -> Apply:
    if not number:
        raise ConfigError("a number cannot be divided by zero; choose another")
    return on_number(lambda value: QUOTIENT.divide(value, number))


@function(
    "number.modulo",
    title="Modulo",
    group="number",
    summary="What is left when the number is divided by a constant into whole parts; it has the sign of the number.",
    takes=VALUE,
    gives="number",
    params=[_NUMBER],
    examples=[
        Example(input=17, args={"number": 6}, output=Decimal(5)),
        Example(input="-7.5", args={"number": 2}, output=Decimal("-1.5")),
        Example(input=12, args={"number": 6}, output=Decimal(0)),
    ],
)
def modulo(number: Decimal) -> Apply:
    if not number:
        raise ConfigError("a number cannot be divided by zero; choose another")
    return on_number(lambda value: EXACT.remainder(value, number) or _ZERO)


_BOUND = Decimal("1e60")


@function(
    "number.clamp",
    title="Clamp",
    group="number",
    summary="The number, but no less than the lowest and no more than the highest.",
    takes=VALUE,
    gives="number",
    params=[
        Param("lowest", "Lowest", Decimal, default=None, help="empty: as low as it comes"),
        Param("highest", "Highest", Decimal, default=None, help="empty: as high as it comes"),
    ],
    examples=[
        Example(input="-3", args={"lowest": 0}, output=Decimal(0)),
        Example(input="120.5", args={"lowest": 0, "highest": 99}, output=Decimal(99)),
        Example(input="12.50", args={"lowest": 0, "highest": 99}, output=Decimal("12.50")),
        Example(input="", args={"lowest": 0}, output=""),
    ],
)
def clamp(lowest: Decimal | None, highest: Decimal | None) -> Apply:
    least, most = -_BOUND if lowest is None else lowest, _BOUND if highest is None else highest
    if least > most:
        raise ConfigError(f"the lowest number, {least}, is above the highest, {most}")
    return on_number(lambda value: least if value < least else most if value > most else value)


@function(
    "number.absolute",
    title="Absolute",
    group="number",
    summary="The number without its sign.",
    takes=VALUE,
    gives="number",
    examples=[Example(input="-12.50", output=Decimal("12.50")), Example(input="-0", output=Decimal(0))],
)
def absolute() -> Apply:
    return on_number(Decimal.copy_abs)


@function(
    "number.negate",
    title="Negate",
    group="number",
    summary="Turns the sign round.",
    takes=VALUE,
    gives="number",
    examples=[
        Example(input="12.50", output=Decimal("-12.50")),
        Example(input=-3, output=Decimal(3)),
        Example(input=0, output=Decimal(0)),
    ],
)
def negate() -> Apply:
    return on_number(EXACT.minus)


@function(
    "number.make_negative",
    title="Make negative",
    group="number",
    summary="The number below zero, whichever sign it came with: for refunds and credits.",
    takes=VALUE,
    gives="number",
    examples=[
        Example(input="12.50", output=Decimal("-12.50")),
        Example(input="-12.50", output=Decimal("-12.50")),
    ],
)
def make_negative() -> Apply:
    return on_number(lambda value: EXACT.minus(abs(value)) if value > _ZERO else EXACT.plus(value))


@function(
    "number.ceiling",
    title="Ceiling",
    group="number",
    summary="The next whole number up.",
    takes=VALUE,
    gives="integer",
    examples=[Example(input="2.01", output=3), Example(input=-2.9, output=-2)],
)
def ceiling() -> Apply:
    return on_number(lambda value: int(value.to_integral_value(ROUND_CEILING)))


@function(
    "number.floor",
    title="Floor",
    group="number",
    summary="The next whole number down.",
    takes=VALUE,
    gives="integer",
    examples=[Example(input="2.99", output=2), Example(input=-2.1, output=-3)],
)
def floor() -> Apply:
    return on_number(lambda value: int(value.to_integral_value(ROUND_FLOOR)))


@function(
    "number.format",
    title="Format number",
    group="number",
    summary="A number as text with the decimal and thousands marks of a country.",
    takes=VALUE,
    gives="text",
    params=[
        Param("places", "Decimal places", int, default=2, minimum=0, maximum=MAX_PLACES),
        Param("decimal_mark", "Decimal mark", str, default="."),
        Param("thousands_mark", "Thousands mark", str, default=""),
    ],
    examples=[
        Example(
            input="1234567.891",
            args={"decimal_mark": ",", "thousands_mark": "."},
            output="1.234.567,89",
        ),
        Example(input=5, output="5.00"),
        Example(input="-0.001", output="0.00"),
    ],
)
def format_(places: int, decimal_mark: str, thousands_mark: str) -> Apply:
    if decimal_mark and decimal_mark == thousands_mark:
        raise ConfigError(f"{decimal_mark!r} cannot be both the decimal and the thousands mark")
    if any(sign.isdigit() or sign == "-" for sign in decimal_mark + thousands_mark):
        raise ConfigError("a mark that is a digit or a minus would make another number")
    step, shape = quantum(places), ",f" if thousands_mark else "f"
    marks = str.maketrans({".": decimal_mark, ",": thousands_mark})
    return on_number(lambda value: format(quantise(value, step), shape).translate(marks))
