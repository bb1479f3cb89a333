"""The rows of a lookup table on their way in: what is refused, and what stands twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from topstitch.errors import ConfigError
from topstitch.functions.lookup import MATCHES, TESTS

MAX_CELL = 100_000
#: Problems shown of one table.
SHOWN = 20
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


class Pair(NamedTuple):
    """A row as text: see topstitch.functions.lookup.Row."""

    left: str
    right: str
    match: str = ""
    field: str = ""


def match_type(text: str) -> str:
    """How a match type is spelled here: `Starts with` is starts_with. Raises ConfigError with those that there are."""
    name = re.sub(r"[\s_-]+", "_", text.strip().lower())
    if name and name not in MATCHES:
        raise ConfigError(f"the match type {text.strip()!r:.60} is none of {', '.join(MATCHES)}")
    return name


def problems(pair: Pair) -> Iterator[str]:
    """What is wrong with a pair, in words."""
    for name, cell in (("left value", pair.left), ("right value", pair.right), ("field name", pair.field)):
        if bad := _NOT_TEXT.search(cell):
            what = "a NUL character" if bad[0] == "\0" else "half a character (a lone surrogate)"
            yield f"the {name} holds {what}, which is not text"
        if len(cell) > MAX_CELL:
            yield f"the {name} has {len(cell):,} characters, {MAX_CELL:,} are the most"
    if not pair.left and not pair.right:
        yield "both values are empty"
    elif pair.match in TESTS and not pair.left:
        yield f"a row that looks for nothing ({pair.match} without a text) would fit every value"
    if pair.match and pair.match not in MATCHES:
        yield f"the match type {pair.match!r:.60} is none of {', '.join(MATCHES)}"


def distinct(pairs: Iterable[Sequence[str]]) -> list[Pair]:
    """The pairs without those that stand before just so. Raises ConfigError naming the first 20 that are wrong."""
    found: dict[Pair, None] = {}
    wrong: list[str] = []
    for number, cells in enumerate(pairs, 1):
        pair = Pair(*cells)
        wrong += (f"pair {number}: {problem}" for problem in problems(pair))
        found[pair] = None
    if wrong:
        raise ConfigError(listed(wrong, "pairs"))
    return list(found)


def listed(wrong: Sequence[str], what: str) -> str:
    """Problems as one message, a line each where there are several."""
    if len(wrong) == 1:
        return wrong[0]
    more = f"\n  and {len(wrong) - SHOWN:,} more" if len(wrong) > SHOWN else ""
    return f"{len(wrong):,} {what} are wrong:\n  " + "\n  ".join(wrong[:SHOWN]) + more


def hidden(pairs: Iterable[Pair]) -> int:
    """How many pairs are never found from the left, because one before them has the same left value."""
    counts = Counter((pair.field, pair.match, pair.left) for pair in pairs)
    return sum(count - 1 for count in counts.values())
