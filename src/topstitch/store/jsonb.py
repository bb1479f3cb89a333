"""JSON of whatever records hold, and JSON as PostgreSQL takes it: without NUL, which is made visible."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import orjson

from topstitch.engine.identity import storable

#: An escaped NUL: `\u0000` behind an even number of backslashes.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_MAX_DEPTH = 200


def written(value: Any) -> bytes:
    """JSON of anything: a Decimal is a number, what JSON does not have is text."""
    try:
        return orjson.dumps(value, default=_instead)
    except TypeError:
        return orjson.dumps(_plain(value, 0), default=_instead)


def dumps(value: Any) -> bytes:
    """The same for a jsonb column."""
    body = written(value)
    return _NUL.sub(rb"\1\\\\0", body) if b"\\u0000" in body else body


def _instead(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f"))
    return storable(str(value))


def _plain(value: Any, depth: int) -> Any:
    """A value without half characters, integers of more than 64 bits, names that are no text, and endless depth."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -(2**63) <= value < 2**64 else str(value)
    if depth > _MAX_DEPTH:
        return storable(repr(value)[:500])
    if isinstance(value, dict):
        return {storable(str(name)): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    return value
