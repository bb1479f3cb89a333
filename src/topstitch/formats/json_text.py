"""Values as JSON text: decimals exact, dates as ISO 8601, everything else refused with its path."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from json.encoder import encode_basestring

from topstitch.formats import cells
from topstitch.formats.base import MAX_DEPTH
from topstitch.values import paths

_FAST = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def dumps(value: object) -> str:
    """Return compact JSON. Raises `ValueError` as `lines[2].price is nan...` for what JSON cannot hold."""
    try:
        return _FAST.encode(value)
    except (TypeError, ValueError, RecursionError):
        # Decimals, dates, or an error to be told with its path.
        return _encode(value, ())


def _encode(value: object, path: tuple[str | int, ...]) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, Mapping | list | tuple):
        if len(path) >= MAX_DEPTH:
            raise ValueError(f"{_where(path)} is nested deeper than {MAX_DEPTH} levels")
        return _object(value, path) if isinstance(value, Mapping) else _array(value, path)
    if isinstance(value, date | time):
        return f'"{value.isoformat()}"'
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, bool | int | float | Decimal):
        try:
            return cells.plain(value)
        except ValueError as error:
            raise ValueError(f"{_where(path)} is {error}") from error
    raise ValueError(f"{_where(path)} is of type {type(value).__name__}, which JSON does not have")


def _object(value: Mapping[object, object], path: tuple[str | int, ...]) -> str:
    parts = []
    for name, item in value.items():
        if not isinstance(name, str):
            raise ValueError(f"{_where(path)} has the name {name!r}, and names must be text")
        parts.append(f"{encode_basestring(name)}:{_encode(item, (*path, name))}")
    return "{" + ",".join(parts) + "}"


def _array(value: list[object] | tuple[object, ...], path: tuple[str | int, ...]) -> str:
    return "[" + ",".join(_encode(item, (*path, at)) for at, item in enumerate(value)) + "]"


def _where(path: tuple[str | int, ...]) -> str:
    return paths.render(path) if path else "the record"
