"""JSON of whatever records hold, and JSON as PostgreSQL takes it: without NUL, which is made visible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

from topstitch.engine.identity import storable
from topstitch.engine.places import Place
from topstitch.errors import ConfigError

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


def check_storable(value: Any, place: Place) -> None:
    """Raise ConfigError, placed, where what a person wrote has text that PostgreSQL does not take: a NUL, half a character."""
    for way, text in _texts(value, ()):
        if storable(text) != text:
            raise ConfigError(
                "there is a character in it that cannot be stored",
                place=place(*way),
                key="unstorable",
                hint=r"Take it out: a NUL, written \u0000, or half a character, \ud800 to \udfff alone.",
            )


def _texts(value: Any, way: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in a value, names of an object too, with the way to it."""
    if isinstance(value, str):
        yield way, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield way, str(name)
            yield from _texts(inner, (*way, str(name)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*way, number))


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
