"""From rows to closures, and one pass over a record: the rows of the record itself, then each list that rows build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.engine.mapping.plan import RowError, Scope, plan
from topstitch.engine.mapping.rows import Fill, compile_element, compile_put, compile_row, condition, run_rows
from topstitch.engine.mapping.sources import EACH, Anywhere, Lists, locate
from topstitch.engine.mapping.values import finisher
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import Environment
from topstitch.sdk.fields import Field
from topstitch.values.paths import render

Record = dict[str, Any]
Fields = Mapping[str, Field]

MAX_ELEMENTS = 100_000


class Mapper:
    """A compiled mapping: `mapper(record)` gives the destination record or raises MappingError."""

    __slots__ = ("_fill", "rows")

    def __init__(self, rows: Sequence[MappingRow], env: Environment, fields: Fields) -> None:
        self.rows = tuple(rows)
        self._fill = _compile_scope(plan(rows), (), env, fields)

    def __call__(self, record: Record) -> Record:
        out: Record = {}
        self._fill(record, None, out)
        return out


def compile_mapping(rows: Sequence[MappingRow], env: Environment, fields: Sequence[Field] = ()) -> Mapper:
    """Compile rows once. `fields` is the destination's list; it decides how numbers and words are written.

    Raises RowError, a ConfigError, for an unknown function, a wrong argument or a path that cannot be read.
    """
    return Mapper(rows, env, {field.path: field for field in fields})


def _compile_scope(scope: Scope, lists: Lists, env: Environment, fields: Fields) -> Fill:
    rows = [compile_row(row, target, finisher(fields.get(row.to)), lists, env) for row, target in scope.rows]
    built = [_compile_list(inner, lists, env, fields) for inner in scope.lists]
    fill = run_rows(rows)
    if not built:
        return fill

    def fill_all(here: Any, frame: Any, out: Any) -> None:
        fill(here, frame, out)
        for build in built:
            build(here, frame, out)

    return fill_all


def _compile_list(scope: Scope, lists: Lists, env: Environment, fields: Fields) -> Fill:
    """The rows under one target list, run for every element of its driver that the head row keeps."""
    within = (*lists, (*scope.driver, EACH))
    items_of = locate(scope.driver, lists).anywhere
    keep = _keep(scope.head, within)
    make = _element(scope, within, env, fields)
    put, name, path = compile_put(scope.target), render(scope.target), render(scope.driver)

    def build(here: Any, frame: Any, out: Any) -> None:
        items = items_of(here, frame)
        if items is None:
            return
        if not isinstance(items, list):
            raise MappingError(f"{name} needs a list, the source has {items!r:.80}", path=path, row=name, value=items)
        if len(items) > MAX_ELEMENTS:
            raise MappingError(f"{name}: {len(items)} elements are more than {MAX_ELEMENTS}", path=path, row=name)
        built: list[Any] = []
        number = 0
        for index, item in enumerate(items):
            inner = (here, frame, index, number)
            if keep is None or keep(item, inner):
                make(item, inner, built)
                number += 1
        put(out, built)

    return build


def _keep(head: MappingRow | None, lists: Lists) -> Anywhere | None:
    if head is None or not head.when:
        return None
    try:
        return condition(head.when, lists)
    except ConfigError as error:
        raise RowError(error, head) from error


def _element(scope: Scope, lists: Lists, env: Environment, fields: Fields) -> Fill:
    """Makes one element and adds it to the list: a record of its own, or for `tags[*]` the head row's plain value."""
    head = scope.head
    if head is not None and not scope.rows and not scope.lists:
        return compile_element(head, finisher(fields.get(head.to)), lists, env)
    fill = _compile_scope(scope, lists, env, fields)

    def make(here: Any, frame: Any, built: list[Any]) -> None:
        made: Record = {}
        fill(here, frame, made)
        built.append(made)

    return make
