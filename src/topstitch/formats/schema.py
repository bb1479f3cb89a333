"""Fields and types inferred from sample records, for custom entities. Values are looked at, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from topstitch.errors import LimitExceeded
from topstitch.formats.base import MAX_COLUMNS, MAX_DEPTH
from topstitch.values import paths

#: Longest example kept of a text.
MAX_EXAMPLE = 200

# Zeros in front and long rows of digits are codes (postcodes, barcodes, telephone numbers), not amounts.
_PATTERNS = (
    ("integer", re.compile(r"-?(0|[1-9]\d{0,8})")),
    ("decimal", re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,12}")),
    ("boolean", re.compile(r"true|false", re.IGNORECASE)),
    ("date", re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")),
    (
        "datetime",
        re.compile(r"\d{4}-\d\d-\d\d[T ][0-2]\d:[0-5]\d(:[0-6]\d([.,]\d+)?)? ?(Z|[+-]\d\d:?(\d\d)?)?"),
    ),
)
_WIDER = {
    frozenset(("integer", "decimal")): "decimal",
    frozenset(("date", "datetime")): "datetime",
}


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """One field of the samples.

    `type` is text, integer, decimal, boolean, datetime, date, object or array. `nullable`: it was null, empty or
    missing somewhere. `seen` counts the values met. `example` is the first that is not empty, None for object and
    array.
    """

    path: str
    type: str
    nullable: bool
    example: object
    seen: int


@dataclass(slots=True)
class _Field:
    parent: str
    type: str = ""
    empty: bool = False
    example: object = None
    seen: int = 0


def infer(records: Iterable[Mapping[str, object]]) -> list[FieldGuess]:
    """Return the fields of `records` in the order met, with paths such as `lines[*].sku`.

    Text counts as a number, date or boolean only if every sample looks like one. Raises `LimitExceeded` for more than
    `MAX_COLUMNS` fields (a map keyed by data?).
    """
    samples = _Samples()
    for record in records:
        samples.visit_object(record, "", 1)
    return samples.guesses()


class _Samples:
    def __init__(self) -> None:
        self._fields: dict[str, _Field] = {}
        self._objects: dict[str, int] = {}  # how many objects were met at a path

    def visit_object(self, value: Mapping[str, object], path: str, depth: int) -> None:
        self._objects[path] = self._objects.get(path, 0) + 1
        for name, item in value.items():
            step = paths.render((name,))
            self._visit(item, f"{path}.{step}" if path and not step.startswith("[") else path + step, path, depth)

    def guesses(self) -> list[FieldGuess]:
        return [
            FieldGuess(
                path=path,
                type=one.type or "text",
                nullable=one.empty or one.seen < self._objects.get(one.parent, 0),
                example=one.example,
                seen=one.seen,
            )
            for path, one in self._fields.items()
        ]

    def _visit(self, value: object, path: str, parent: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"{path[:200]}: nested deeper than {MAX_DEPTH} levels")
        found = self._note(value, path, parent)
        if isinstance(value, Mapping):
            self.visit_object(value, path, depth + 1)
        elif found == "array" and isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, Mapping):
                    self.visit_object(item, f"{path}[*]", depth + 1)
                else:
                    self._visit(item, f"{path}[*]", f"{path}[*]", depth + 1)

    def _note(self, value: object, path: str, parent: str) -> str:
        one = self._fields.get(path)
        if one is None:
            if len(self._fields) >= MAX_COLUMNS:
                raise LimitExceeded(f"{path[:200]}: more than {MAX_COLUMNS:,} different fields")
            one = self._fields[path] = _Field(parent)
        found = type_of(value)
        one.seen += 1
        one.empty = one.empty or not found
        one.type = _merged(one.type, found)
        if one.example is None and found not in ("", "object", "array"):
            one.example = value[:MAX_EXAMPLE] if isinstance(value, str) else value
        return found


def type_of(value: object) -> str:
    """Return the type a single value looks like, empty for null and empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _type_of_text(value.strip())
    if isinstance(value, bool):
        return "boolean"
    for kind, name in (
        (int, "integer"),
        (float, "decimal"),
        (Decimal, "decimal"),
        (datetime, "datetime"),
        (date, "date"),
        (Mapping, "object"),
        (list, "array"),
        (tuple, "array"),
    ):
        if isinstance(value, kind):
            return name
    return "text"


def _type_of_text(text: str) -> str:
    if not text:
        return ""
    return next((name for name, pattern in _PATTERNS if pattern.fullmatch(text)), "text")


def _merged(known: str, found: str) -> str:
    """Return the type that holds both; structure wins, as it has fields of its own."""
    if not known or not found or known == found:
        return known or found
    for structure in ("array", "object"):
        if structure in (known, found):
            return structure
    return _WIDER.get(frozenset((known, found)), "text")
