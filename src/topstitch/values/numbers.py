"""Numbers and money as exact decimals: bounded casts, half-up rounding. Binary floats enter by their shortest text."""

from __future__ import annotations

import re
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from topstitch.errors import ConfigError, MappingError
from topstitch.values.text import show

#: No price, quantity or identifier has more digits than this on either side of the point; an exponent of
#: a thousand million, typed or sent on purpose, must not cost time or memory.
MAX_DIGITS = 60
MAX_LENGTH = 130
MAX_PLACES = 20
_MAX_BITS = 200

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
#: Wide enough that sums and products of numbers within the bounds are exact.
EXACT = Context(prec=260, rounding=ROUND_HALF_UP, traps=_TRAPS)
#: For quotients, which have no end.
QUOTIENT = Context(prec=28, rounding=ROUND_HALF_UP, traps=_TRAPS)

_ZERO, _ONE = Decimal(0), Decimal(1)


def to_number(value: object) -> Decimal:
    """Cast to a finite Decimal; text may have a sign, a decimal point and an exponent, but no thousands marks.

    Raises MappingError naming the value when it is not a number or beyond `MAX_DIGITS`.
    """
    if type(value) is str:
        # The common case, without another call.
        if len(value) <= MAX_LENGTH and "_" not in value:
            try:
                number = Decimal(value)
                if number.is_finite() and -MAX_DIGITS <= number.adjusted() < MAX_DIGITS:
                    return number
            except InvalidOperation:
                pass
        return _from_text(value)
    if isinstance(value, Decimal):
        if value.is_finite() and -MAX_DIGITS <= value.adjusted() < MAX_DIGITS:
            return value
        return _checked(value, value)
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise MappingError(f"{show(value)} has more than {MAX_DIGITS} digits", value=value)
        return Decimal(value)
    if isinstance(value, float):
        return _checked(Decimal(repr(value)), value)
    if isinstance(value, str):
        return _from_text(str(value))
    raise MappingError(f"{show(value)} is not a number", value=value)


def _from_text(text: str) -> Decimal:
    if len(text) <= MAX_LENGTH and "_" not in text:
        try:
            number = Decimal(text)
        except InvalidOperation:
            pass
        else:
            return _checked(number, text)
    hint = "Use the function `other.to_decimal`, which knows decimal commas and thousands marks." if "," in text else ""
    raise MappingError(f"{show(text)} is not a number", value=text, hint=hint)


def _checked(number: Decimal, value: object) -> Decimal:
    if not number.is_finite():
        raise MappingError(f"{show(value)} is not a number", value=value)
    if -MAX_DIGITS <= number.adjusted() < MAX_DIGITS:
        return number
    if number.is_zero():
        return _ZERO
    raise MappingError(f"{show(value)} has more than {MAX_DIGITS} digits", value=value)


def to_integer(value: object) -> int:
    """Cast to an integer. Raises MappingError when the value is not a number or has a fraction."""
    if type(value) is int and -(2**63) <= value < 2**64:
        return value
    number = to_number(value)
    if number != number.to_integral_value():
        raise MappingError(f"{show(value)} is not a whole number", value=value)
    return int(number)


def quantum(places: int) -> Decimal:
    """The step that `quantise` rounds to: 2 -> 0.01, 0 -> 1, -2 -> 100."""
    if not -MAX_PLACES <= places <= MAX_PLACES:
        raise ConfigError(f"decimal places must be between -{MAX_PLACES} and {MAX_PLACES}, not {places}")
    return Decimal(1).scaleb(-places)


def quantise(number: Decimal, step: Decimal) -> Decimal:
    """Round half up (away from zero) to a `quantum`; never -0, never an exponent in the text of the result."""
    rounded = number.quantize(step, ROUND_HALF_UP, EXACT)
    if step > _ONE:
        rounded = rounded.quantize(_ONE, ROUND_HALF_UP, EXACT)
    return rounded or rounded.copy_abs()


def round_half_up(value: object, places: int) -> Decimal:
    """Round a number or its text: 2.345 to 2 places is 2.35, -2.345 is -2.35. Raises MappingError, ConfigError."""
    return quantise(to_number(value), quantum(places))


def divide(dividend: Decimal, divisor: Decimal) -> Decimal:
    """A quotient of at most 28 digits. Raises MappingError when the divisor is zero."""
    if not divisor:
        raise MappingError(f"{show(dividend)} cannot be divided by zero", value=dividend)
    return QUOTIENT.divide(dividend, divisor)


def compile_number_reader(decimal_mark: str, thousands_mark: str) -> re.Pattern[str]:
    """The pattern of numbers as people write them: `1.299,00`, `1 299,00`, `12,34,567.8`."""
    mark = re.escape(thousands_mark) if thousands_mark.strip() else r"[ \u00a0\u202f]" if thousands_mark else ""
    whole = rf"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}|[0-9]+)" if mark else "[0-9]+"
    point = re.escape(decimal_mark)
    return re.compile(rf"([+-]?)\s*(?:({whole})(?:{point}([0-9]*))?|{point}([0-9]+))")


def read_number(text: str, pattern: re.Pattern[str]) -> Decimal:
    """Read text by `compile_number_reader`. Raises MappingError when it is written otherwise."""
    found = pattern.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if not found:
        raise MappingError(f"{show(text)} is not a number in the notation that was set", value=text)
    sign, whole, fraction, bare = found.groups(default="")
    digits = "".join(filter(str.isdigit, whole)) or "0"
    return _checked(Decimal(f"{sign}{digits}.{fraction or bare or '0'}" if fraction or bare else sign + digits), text)
