"""Comparing what the far end holds before and after: how many documents, and whether they say the same."""

from __future__ import annotations

import re
from typing import Any

from topstitch.sdk.conformance.stage import Contents

Counts = dict[str, int]

_MOMENT = re.compile(r"\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d(:?\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?|'\d\d/\d\d/\d{4} \d\d:\d\d'")
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b")
_ID = re.compile(r"id|.*(_ids?|I[dD]s?)")
_GLOBAL_ID = re.compile(r"(gid://\w+/\w+/)\d+")
#: Unix time, in seconds or milliseconds, of this century.
_UNIX = (1_000_000_000, 4_000_000_000_000)


def counts(contents: Contents) -> Counts:
    """Documents by collection."""
    return {name: len(docs) for name, docs in contents.items()}


def more(before: Counts, after: Counts) -> list[str]:
    """Where there are more documents than before."""
    return [
        f"the far end holds {count} {name} where it held {before.get(name, 0)}"
        for name, count in after.items()
        if count > before.get(name, 0)
    ]


def changed(before: Contents, after: Contents) -> bool:
    """Whether anything at all is different."""
    return before != after


def differences(wanted: Contents, found: Contents) -> list[str]:
    """Collections that hold other documents, moments and ids aside: those given in vain are not given again."""
    names = sorted(set(wanted) | set(found))
    wrong = []
    for name in names:
        one, other = wanted.get(name, []), found.get(name, [])
        if len(one) != len(other):
            wrong.append(f"it holds {len(other)} {name} where a clean push leaves {len(one)}")
        elif told := _first(one, other):
            wrong.append(f"it holds {name} that a clean push leaves otherwise{told}")
    return wrong


def _first(one: list[Any], other: list[Any]) -> str:
    """What is told of the first document that differs, "" when none does."""
    for a, b in zip(one, other, strict=True):
        if a == b or (a := steady(a)) == (b := steady(b)):
            continue
        if not (isinstance(a, dict) and isinstance(b, dict)):
            return " "
        name = next(key for key in {**a, **b} if a.get(key) != b.get(key))
        return f" ({name}: {b.get(name)!r:.60} for {a.get(name)!r:.60})"
    return ""


def steady(value: Any) -> Any:
    """The value without moments and ids."""
    if isinstance(value, dict):
        return {key: steady(inner) for key, inner in value.items() if not _ID.fullmatch(key)}
    if isinstance(value, list):
        return [steady(inner) for inner in value]
    if isinstance(value, str):
        return _GLOBAL_ID.sub(r"\1", _RANDOM.sub("<random>", _MOMENT.sub("<moment>", value)))
    if isinstance(value, int | float) and not isinstance(value, bool) and _UNIX[0] < value < _UNIX[1]:
        return "<moment>"
    return value
