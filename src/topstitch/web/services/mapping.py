"""A mapping for reading: rows by category, each as source, functions, destination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from topstitch.engine.spec import FilterRow, MappingRow, Step
from topstitch.functions import registry
from topstitch.web.components.jsonview import plain_json
from topstitch.web.components.words import operator_words

#: Characters of an argument that are shown in a row.
MOST_ARG = 40


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
    """A function as people call it, with its arguments: `Prefix "WEB-"`, `Round number 2`."""
    if step.function not in registry():
        return f"{step.function} (unknown)"
    known = registry().get(step.function)
    said = [words for name, value in step.args.items() if (words := _arg_words(name, value))]
    return " ".join([known.title, ", ".join(said)]).rstrip()


def _arg_words(name: str, value: Any) -> str:
    """A switch by its name, anything else by its value, cut when it is long."""
    if isinstance(value, bool):
        return name.replace("_", " ") if value else ""
    text = short(value)
    return text if len(text) <= MOST_ARG else f"{text[: MOST_ARG - 1]}…"


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
