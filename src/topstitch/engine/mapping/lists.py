"""Building a list: its rows run for every element of the source lists that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from topstitch.engine.mapping.chain import MAX_WALKED, Making, changed_list
from topstitch.engine.mapping.plan import Driver, RowError, Scope, drivers_of
from topstitch.engine.mapping.rows import Fill, compile_element, compile_put, condition, placed
from topstitch.engine.mapping.sources import EACH, NOWHERE, Anywhere, Level, Lists, Steps, locate
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError, MappingError
from topstitch.functions.signals import Signal, SkipRecord
from topstitch.values.paths import render
from topstitch.values.text import show

MAX_ELEMENTS = 100_000

#: (scope, the lists around it) -> what fills one record of it.
CompileScope = Callable[[Scope, Lists, Making], Fill]
#: Walks over a list in (element or record, its frame) and adds to the list being built; False where it is not there.
Walk = Callable[[Any, Any, "list[Any]"], bool]


def compile_list(scope: Scope, lists: Lists, making: Making, compile_scope: CompileScope) -> Fill:
    """A list of the record being built: of the elements of its source lists, one list after the other.

    It is left out where none of them is there.
    """
    drivers = drivers_of(scope, lists)
    paths = [driver.elements for driver in drivers]
    walks = [
        _compile_driver(scope, driver, tuple(p for p in paths if p != driver.elements), lists, making, compile_scope)
        for driver in drivers
    ]
    put = compile_put(scope.target)
    keep_null = scope.head is not None and scope.head.empty == "null" and not scope.is_plain

    def build(here: Any, frame: Any, out: Any) -> None:
        built: list[Any] = []
        there = [walk(here, frame, built) for walk in walks]
        if any(there):
            put(out, built)
        elif keep_null:
            put(out, None)

    return build


def _compile_driver(
    scope: Scope, driver: Driver, others: tuple[Steps, ...], lists: Lists, making: Making, compile_scope: CompileScope
) -> Walk:
    """The loops over a driver's lists, one within the other."""
    levels, found = lists, []
    for path in driver.levels:
        whole = path == driver.path
        found.append(_items(scope, driver, path, levels, making))
        levels = (*levels, Level((*path, EACH), others if whole else (), whole and _changes(scope, driver)))
    head = scope.head
    seen: Callable[[Any], Any] = making.trace.inside if making.trace is not None else _itself
    keep = seen(_keeper(head, levels, making) if head else None)
    make = seen(_element(scope, levels, making, compile_scope))
    walk = _innermost(found[-1], keep, make, render(scope.target))
    if head is not None and head.empty == "once":
        walk = _at_least_once(walk, keep, make)
    for items_of in reversed(found[:-1]):
        walk = _outer(items_of, seen(walk))
    return walk


def _itself(work: Any) -> Any:
    return work


def _keeper(head: MappingRow, lists: Lists, making: Making) -> Anywhere | None:
    """The condition of a head row, asked of every element."""
    holds = condition(head, lists, making)
    if holds is None:
        return None

    def keep(here: Any, frame: Any) -> Any:
        try:
            return holds(here, frame)
        except Exception as error:
            if head.on_error != "fail":
                return False
            raise placed(error, head) from error

    return keep


def _changes(scope: Scope, driver: Driver) -> bool:
    return driver.source is not None and bool(driver.source.do or (scope.head and scope.head.do))


def _items(scope: Scope, driver: Driver, path: Steps, lists: Lists, making: Making) -> Anywhere:
    """The list at `path`, the innermost one through the functions of its head row; None where there is none."""
    head, found = scope.head, locate(path, lists)
    if head is not None and driver.source is not None and path == driver.path:
        try:
            found = changed_list(head, driver.source, found, lists, making)
        except ConfigError as error:
            raise RowError(error, head) from error
    get, name, shown, walked = found.anywhere, render(scope.target), render(path), making.walked

    def items_of(here: Any, frame: Any) -> Any:
        try:
            items = get(here, frame)
            if items is not None:
                if not isinstance(items, list) or len(items) > MAX_ELEMENTS:
                    raise _unwalkable(items, name, shown)
                walked.count += len(items)
                if walked.count > MAX_WALKED:
                    raise walked.too_many(name)
        except SkipRecord:
            raise
        except Signal:
            return None
        except Exception as error:
            if head is None:
                raise
            if head.on_error != "fail":
                return None
            raise placed(error, head) from error
        return items

    return items_of if making.trace is None else making.trace.listing(head, items_of)


def _unwalkable(items: Any, name: str, shown: str) -> MappingError:
    if isinstance(items, list):
        return MappingError(f"{name}: {len(items)} elements are more than {MAX_ELEMENTS}", path=shown, row=name)
    return MappingError(f"{name} needs a list, the source has {show(items)}", path=shown, row=name, value=items)


def _innermost(items_of: Anywhere, keep: Anywhere | None, make: Fill, name: str) -> Walk:
    def walk(here: Any, frame: Any, built: list[Any]) -> bool:
        items = items_of(here, frame)
        if items is None:
            return False
        number = len(built)
        for index, item in enumerate(items):
            inner = (here, frame, index, number)
            if keep is None or keep(item, inner):
                make(item, inner, built)
                number += 1
        if number > MAX_ELEMENTS:
            raise MappingError(f"{name}: more than {MAX_ELEMENTS} elements", row=name)
        return True

    return walk


def _at_least_once(walk: Walk, keep: Anywhere | None, make: Fill) -> Walk:
    """An element that has no elements of its own counts as one without a value."""

    def walk_or_once(here: Any, frame: Any, built: list[Any]) -> bool:
        before = len(built)
        walk(here, frame, built)
        if len(built) == before:
            inner = (here, frame, NOWHERE, before)
            if keep is None or keep(None, inner):
                make(None, inner, built)
        return True

    return walk_or_once


def _outer(items_of: Anywhere, walk: Walk) -> Walk:
    def walk_each(here: Any, frame: Any, built: list[Any]) -> bool:
        items = items_of(here, frame)
        if items is None:
            return False
        for index, item in enumerate(items):
            walk(item, (here, frame, index, index), built)
        return True

    return walk_each


def _element(scope: Scope, lists: Lists, making: Making, compile_scope: CompileScope) -> Fill:
    """Makes one element and adds it to the list: a record of its own, or for `tags[*]` the head row's plain value."""
    if scope.is_plain and scope.head is not None:
        return compile_element(scope.head, lists, making)
    fill = compile_scope(scope, lists, making)

    def make(here: Any, frame: Any, built: list[Any]) -> None:
        made: dict[str, Any] = {}
        fill(here, frame, made)
        built.append(made)

    return make
