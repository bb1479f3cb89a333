"""Values as JSON text."""

from __future__ import annotations

from decimal import Decimal

import orjson

from topstitch.errors import FormatError


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
