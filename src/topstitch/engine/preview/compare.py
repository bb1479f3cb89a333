"""A record for the destination beside the one that is there: which fields differ.

Numbers that are equal count as equal however they are written, moments likewise, and nothing is the same as empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from topstitch.sdk.fields import Field
from topstitch.sdk.model import Record
from topstitch.values.paths import EACH, Step, parse, render

_NUMBERS = frozenset(["integer", "decimal", "money", "weight", "length"])
_MOMENTS = frozenset(["datetime", "date"])
#: What tells the elements of a list apart, the first that all of them have.
_NAMES = ("id", "sku", "code", "key", "name")
#: A record with more differences is told apart well enough.
MAX_CHANGES = 200
#: Stands in `_Each` paths of the field list.
_ELEMENT = parse("x[*]")[1]

Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that would change."""

    path: str
    before: Any
    after: Any

    @property
    def field(self) -> str:
        """The path without the places of elements, for counting."""
        return _general(parse(self.path))


class _Absent:
    """Stands where the destination's record has nothing at all."""


_ABSENT = _Absent()


def changes(mapped: Record, there: Record, fields: Mapping[str, Field]) -> tuple[list[Change], list[str]]:
    """(what would change, fields that cannot be compared)."""
    changed: list[Change] = []
    not_compared: dict[str, None] = {}
    for found in _walk(mapped, there, (), fields):
        if isinstance(found, str):
            not_compared[found] = None
        elif len(changed) < MAX_CHANGES:
            changed.append(found)
    return changed, list(not_compared)


def _walk(after: Any, before: Any, way: Way, fields: Mapping[str, Field]) -> Iterator[Change | str]:
    if isinstance(after, dict) and isinstance(before, dict):
        for key, value in after.items():
            yield from _walk(value, before.get(key, _ABSENT), (*way, str(key)), fields)
        return
    path = _general(way)
    known = fields.get(path)
    if known is not None and not known.readable:
        yield path
    elif isinstance(before, _Absent):
        if known is not None or any(name.startswith((f"{path}.", f"{path}[")) for name in fields):
            if not _empty(after):
                yield Change(render(way), None, after)
        else:
            yield path
    elif isinstance(after, list) and isinstance(before, list):
        yield from _lists(after, before, way, fields)
    elif _is_part(after) != _is_part(before) and not (_empty(after) or _empty(before)):
        yield path
    elif not equal(after, before, known):
        yield Change(render(way), before, after)


def _lists(after: list[Any], before: list[Any], way: Way, fields: Mapping[str, Field]) -> Iterator[Change | str]:
    if not all(isinstance(each, dict) for each in (*after, *before)):
        known = fields.get(_general(way)) or fields.get(_general((*way, _ELEMENT)))
        if not _same_values(after, before, known):
            yield Change(render(way), before, after)
        return
    pairs, gone = _paired(after, before)
    for at, (new, old) in enumerate(pairs):
        if old is None:
            yield Change(render((*way, at)), None, new)
        else:
            yield from _walk(new, old, (*way, at), fields)
    for old in gone:
        yield Change(render((*way, _ELEMENT)), old, None)


def _paired(after: Sequence[Any], before: Sequence[Any]) -> tuple[list[tuple[Any, Any]], list[Any]]:
    """Elements beside those that they stand for, and what nothing stands for: by a name of theirs, else by their place."""
    for name in _NAMES:
        new, old = [each.get(name) for each in after], [each.get(name) for each in before]
        if _tell_apart(new) and _tell_apart(old):
            by_name = dict(zip(map(str, old), before, strict=True))
            pairs = [(each, by_name.pop(str(each[name]), None)) for each in after]
            return pairs, list(by_name.values())
    pairs = [(each, before[at] if at < len(before) else None) for at, each in enumerate(after)]
    return pairs, list(before[len(after) :])


def _tell_apart(values: Sequence[Any]) -> bool:
    plain = [str(each) for each in values if isinstance(each, str | int) and each != ""]
    return len(plain) == len(values) == len(set(plain))


def _same_values(after: Sequence[Any], before: Sequence[Any], known: Field | None) -> bool:
    if len(after) != len(before):
        return False
    if all(equal(new, old, known) for new, old in zip(after, before, strict=True)):
        return True
    # Tags have no order.
    return sorted(map(str, after)) == sorted(map(str, before))


def equal(after: Any, before: Any, known: Field | None = None) -> bool:
    """Whether two plain values mean the same to the destination."""
    if after == before and isinstance(after, bool) == isinstance(before, bool):
        return True
    if _empty(after) or _empty(before):
        return _empty(after) and _empty(before)
    kind = known.type if known is not None else ""
    if isinstance(after, bool) or isinstance(before, bool):
        return str(after).lower() == str(before).lower()
    if kind in _MOMENTS:
        first, second = _moment(after), _moment(before)
        return first is not None and first == second
    if kind in _NUMBERS or not (isinstance(after, str) and isinstance(before, str)):
        first_number, second_number = _number(after), _number(before)
        if first_number is not None and second_number is not None:
            return first_number == second_number
    return str(after) == str(before)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(value: Any) -> datetime | None:
    """ISO 8601; one without an offset is not told apart from UTC."""
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=None) - (moment.utcoffset() or moment - moment)


def _empty(value: Any) -> bool:
    if isinstance(value, dict | list):
        return all(_empty(each) for each in (value.values() if isinstance(value, dict) else value))
    return value is None or value == ""


def _is_part(value: Any) -> bool:
    return isinstance(value, dict | list)


def _general(way: Way) -> str:
    return render(_ELEMENT if isinstance(step, int) or step == EACH else step for step in way)
