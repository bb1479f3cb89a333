"""A mapping for reading: rows by category, each as source, functions, destination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from topstitch.engine.spec import FilterRow, MappingRow, Step
from topstitch.web.components.jsonview import plain_json
from topstitch.web.components.words import operator_words


@dataclass(frozen=True, slots=True)
class Line:
    """A mapping row in words."""

    row: MappingRow
    sources: Sequence[str]
    steps: Sequence[str]
    when: Sequence[str]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one category."""

    name: str
    lines: Sequence[Line]


def mapping_groups(rows: Sequence[MappingRow]) -> list[Group]:
    """Rows by category; those without one come under "Fields". Their order is kept inside."""
    ordered = sorted(rows, key=lambda row: row.category)
    return [
        Group(name or "Fields", [line(row) for row in some]) for name, some in groupby(ordered, lambda r: r.category)
    ]


def line(row: MappingRow) -> Line:
    """One row."""
    own = [f"{source.path}: {words}" for source in row.sources for words in map(step_words, source.do)]
    return Line(
        row=row,
        sources=[source.path for source in row.sources] or ([f"= {short(row.value)}"] if row.value is not None else []),
        steps=[*own, *map(step_words, row.do)],
        when=[condition_words(condition) for condition in row.when],
    )


def step_words(step: Step) -> str:
    """`number.round(places 2)`."""
    if not step.args:
        return step.function
    return f"{step.function}({', '.join(f'{name} {short(value)}' for name, value in step.args.items())})"


def condition_words(row: FilterRow) -> str:
    """`status equals "open"`."""
    return f"{row.field} {operator_words(row.op)} {value_words(row)}".rstrip()


def value_words(row: FilterRow) -> str:
    """A filter's value as people say it: `10 minutes`, `"open"`."""
    if isinstance(row.value, dict) and row.value.keys() == {"amount", "unit"}:
        amount, unit = row.value["amount"], row.value["unit"]
        return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
    return "" if row.value is None else short(row.value)


def short(value: Any) -> str:
    """A value on one line, cut when it is long."""
    text = " ".join(plain_json(value).split())
    return text if len(text) <= 120 else f"{text[:119]}…"
