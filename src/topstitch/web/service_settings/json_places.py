"""On which line of a JSON text a part of it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')

Way = tuple[str | int, ...]


def line_of(text: str, way: Sequence[str | int]) -> int:
    """The line, counted from 1, of the part that a way leads to: ("mapping", 3, "to").

    Of a part that is not there, the line of what it would stand in. `text` is valid JSON.
    """
    wanted, best, at = tuple(way), -1, 0
    for found, offset in _values(text):
        if best < len(found) <= len(wanted) and wanted[: len(found)] == found:
            best, at = len(found), offset
    return text.count("\n", 0, at) + 1


def _values(text: str) -> Iterator[tuple[Way, int]]:
    """Every value with the way to it and where it begins."""
    inside: list[str] = []
    way: list[str | int | None] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if inside and inside[-1] == "{" and way[-1] is None and word not in ",}":
            way[-1] = json.loads(word)
        elif word in ("{", "["):
            yield _way(way), token.start()
            inside.append(word)
            way.append(None if word == "{" else 0)
        elif word in ("}", "]"):
            inside.pop()
            way.pop()
        elif word == ",":
            last = way[-1]
            way[-1] = last + 1 if isinstance(last, int) else None
        elif word != ":":
            yield _way(way), token.start()


def _way(parts: Sequence[str | int | None]) -> Way:
    return tuple(part for part in parts if part is not None)
