"""Values as text for formats that have nothing but text. Never 1e+16, never a silent `nan`."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from topstitch.errors import FormatError

#: Numbers longer than this are no amounts, and a float never needs more (1e308 has 309).
MAX_DIGITS = 330
_MAX_BITS = 1_096


def plain(value: object, *, decimal: str = ".") -> str:
    """Return a scalar as text; None is empty, dates are ISO 8601, numbers have no exponent.

    Raises `ValueError` saying what the value is when it is nested, not finite, or of a type without a text form.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float | Decimal):
        return _digits(value).replace(".", decimal)
    if isinstance(value, date | time):  # datetime is a date
        return value.isoformat()
    raise ValueError(_named(value))


def _whole(value: int) -> str:
    if value.bit_length() > _MAX_BITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return str(value)


def _digits(value: float | Decimal) -> str:
    # repr is the shortest text that reads back as the same float.
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact.is_finite():
        raise ValueError(f"{value}, which is no number to write")
    # A decimal of a few characters (1E+999999) can stand for a million digits.
    if abs(exact.adjusted()) > MAX_DIGITS or len(exact.as_tuple().digits) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return format(exact, "f")


def _named(value: object) -> str:
    if isinstance(value, dict):
        return "an object with fields of its own"
    if isinstance(value, list | tuple):
        return "a list"
    return f"of type {type(value).__name__}, which has no text form"


def json_default(value: object) -> object:
    """Turn what JSON lacks into text, for `json.dumps`: dates as ISO 8601, decimals as digits."""
    if isinstance(value, Decimal | datetime | date | time):
        return plain(value)
    raise TypeError(_named(value))


def does_not_fit(name: str, number: int, why: object) -> FormatError:
    """Build the error of a value that cannot be written: `record 3, column 'lines': the value is a list`."""
    return FormatError(
        f"the value is {why}",
        place=f"record {number}, {name}",
        hint="Map a plain value to it, or choose a format that can hold this one.",
    )
