"""Values as JSON text."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import orjson

from topstitch.errors import FormatError

#: From here on a float no longer holds every digit, nor an integer of 64 bits.
_LONG_NUMBER = re.compile(r"[0-9][0-9.]{15}")
_MAX_DIGITS = 400


def read_json(text: str) -> object:
    """The value in JSON text; numbers with more digits than a float holds are exact. Raises FormatError."""
    try:
        value = orjson.loads(text)
        # Checked by orjson first: `json` accepts NaN.
        return json.loads(text, parse_float=_exact, parse_int=_whole) if _LONG_NUMBER.search(text) else value
    except json.JSONDecodeError as error:
        raise FormatError(f"{error.msg} (line {error.lineno}, column {error.colno})", key="not_json") from error
    except RecursionError as error:
        raise FormatError("it is nested too deep", key="not_json") from error


def _exact(text: str) -> float | Decimal:
    """A float where that is the same number, else a Decimal."""
    number = float(text)
    return number if len(text) > _MAX_DIGITS or Decimal(repr(number)) == Decimal(text) else Decimal(text)


def _whole(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise FormatError(f"a number has more than {_MAX_DIGITS} digits", key="not_json")
    return int(text)


def json_bytes(value: object) -> bytes:
    """Write compact JSON; a Decimal becomes a number with exactly its digits. FormatError when impossible."""
    try:
        return orjson.dumps(value, _plain)
    except TypeError as error:
        raise FormatError(
            f"this record cannot be written as JSON: {error}",
            key="not_json",
            hint="Map the value to text, a number, a list or an object.",
        ) from error


def _plain(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no JSON form")
