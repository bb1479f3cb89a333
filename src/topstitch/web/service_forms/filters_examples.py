"""Filters that people begin with, made of the fields that the source has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from topstitch.engine.spec import FilterRow
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity
from topstitch.web.service_forms.filters_words import row_words


@dataclass(frozen=True, slots=True)
class Example:
    """An example: its words, and the rows that it adds."""

    slug: str
    words: str
    rows: Sequence[FilterRow]


def examples_of(entity: Entity, fields: Sequence[Field]) -> list[Example]:
    """Those that fit an entity."""
    return list(_examples(entity, fields))


def _examples(entity: Entity, fields: Sequence[Field]) -> Iterator[Example]:
    many = entity.label.lower()
    known = {field.path: field for field in fields if field.readable}
    if entity.modified and entity.modified.path:
        yield Example("changed", f"{many} changed in the last 10 minutes", [_age(entity.modified.path, 10, "minute")])
    created = next((field.path for field in known.values() if field.tag == "created_at"), "")
    if created:
        yield Example("created", f"{many} created in the last 2 hours", [_age(created, 2, "hour")])
        span = [_age(created, 2, "hour"), _age(created, 1, "hour", "more_than_ago")]
        yield Example("between", f"{many} between 1 and 2 hours old", span)
    state = next((field for field in known.values() if field.type == "enum" and field.choices), None)
    if state:
        row = FilterRow(field=state.path, op="equals", value=state.choices[0])
        yield Example("state", f"{many} where {row_words(row, state)}", [row])


def _age(path: str, amount: int, unit: str, op: str = "in_the_last") -> FilterRow:
    return FilterRow(field=path, op=op, value={"amount": amount, "unit": unit})
