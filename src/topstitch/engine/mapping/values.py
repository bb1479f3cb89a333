"""The last step of a row: the value as the destination writes it, by the type and format of its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

from topstitch.errors import MappingError
from topstitch.sdk.fields import Field
from topstitch.values.numbers import MAX_DIGITS
from topstitch.values.text import show

Finish = Callable[[Any], Any]

_AS_TEXT = frozenset(["text", "id", "email", "phone", "url", "enum", "currency", "country", "language"])


def finisher(field: Field | None) -> Finish:
    """How the values of this field are written; without a field, as JSON has them."""
    if field is None:
        return as_json
    as_text = field.type in _AS_TEXT or (field.type == "money" and field.format in ("", "text"))
    return _text if as_text else as_json


#: What is nested deeper could not be written as JSON either.
MAX_DEPTH = 200


def unwritten(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A value that goes to no destination as it is, but for lists and objects: a row may write into those."""
    if not isinstance(value, dict | list):
        return value
    _refuse_depth(value, depth)
    if isinstance(value, dict):
        return {key: unwritten(inner, depth - 1) for key, inner in value.items()}
    return [unwritten(inner, depth - 1) for inner in value]


def as_json(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A Decimal as a number (whole ones as integers, and as it is where a float would lose the cents of an amount), a date
    as ISO 8601, lists and dicts likewise inside.

    Raises MappingError for a number that JSON does not have, and for lists in lists more than `depth` deep.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is Decimal:
        return _number(value)
    if kind is float:
        return value if isfinite(value) else _number(Decimal(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if not isinstance(value, dict | list | tuple):
        return value
    _refuse_depth(value, depth)
    if isinstance(value, dict):
        return {key: as_json(inner, depth - 1) for key, inner in value.items()}
    return [as_json(inner, depth - 1) for inner in value]


def _refuse_depth(value: Any, depth: int) -> None:
    if not depth:
        raise MappingError(f"the value has lists or objects in each other, more than {MAX_DEPTH} deep", value=value)


def _no_number(value: Decimal) -> MappingError:
    return MappingError(f"{value} is not a number", value=value)


def _number(value: Decimal) -> int | float | Decimal:
    if not value.is_finite():
        raise _no_number(value)
    number = float(value)
    short = -_LONG < number < _LONG
    if not short and value.adjusted() >= MAX_DIGITS:
        raise MappingError(f"{show(value)} has more than {MAX_DIGITS} digits", value=value)
    # Rarely so, and only then is it worth a closer look: 0.99999999999999999999 is 1.0 as well.
    if number.is_integer() and value == (whole := int(value)) and (short or -(2**63) <= whole < 2**64):
        return whole
    return number if short or Decimal(repr(number)) == value else value


#: From here on a float no longer holds the cents of an amount: JSON gets the number with its own digits.
_LONG = 1e13


def _text(value: Any) -> Any:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise _no_number(value)
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    return as_json(value)
