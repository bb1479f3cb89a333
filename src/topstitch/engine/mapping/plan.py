"""Sorting mapping rows into scopes: the record itself, and each list that rows build, one inside the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError
from topstitch.values.paths import Step, is_each, parse, render

Steps = tuple[Step, ...]


@dataclass
class Scope:
    """The rows of one level. A list scope has a `target` (where the list goes) and a `driver` (what it walks over)."""

    target: Steps = ()
    driver: Steps = ()
    #: The row that declares the driver and filters its elements, if there is one.
    head: MappingRow | None = None
    rows: list[tuple[MappingRow, Steps]] = field(default_factory=list)
    lists: list[Scope] = field(default_factory=list)


def plan(rows: Sequence[MappingRow]) -> Scope:
    """The scopes of a mapping. Raises ConfigError naming the row whose lists do not fit together."""
    root = Scope()
    for row in rows:
        if row.enabled:
            _place(root, row, parse(row.to))
    _find_drivers(root, ())
    return root


def _place(scope: Scope, row: MappingRow, target: Steps) -> None:
    at = next((i for i, step in enumerate(target) if is_each(step)), None)
    if at is None:
        scope.rows.append((row, target))
        return
    inner = _inner(scope, target[:at])
    if at + 1 == len(target):
        if inner.head is not None:
            raise ConfigError(f"two rows fill {row.to}", place=f"mapping row {row.label}", key="mapping_rows")
        inner.head = row
    else:
        _place(inner, row, target[at + 1 :])


def _inner(scope: Scope, target: Steps) -> Scope:
    for inner in scope.lists:
        if inner.target == target:
            return inner
    scope.lists.append(Scope(target))
    return scope.lists[-1]


def _find_drivers(scope: Scope, prefix: Steps) -> None:
    """Give each list scope the source list that it walks over: the head row's, else the first row's that has one."""
    for inner in scope.lists:
        inner.driver = _driver(inner, prefix)
        _find_drivers(inner, (*prefix, *inner.driver, _EACH_STEP))


_EACH_STEP = parse("x[*]")[1]


def _driver(scope: Scope, prefix: Steps) -> Steps:
    for row in _all_rows(scope):
        for source in row.sources:
            steps = parse(source.path)
            rest = steps[len(prefix) :] if steps[: len(prefix)] == prefix else steps
            at = next((i for i, step in enumerate(rest) if is_each(step)), None)
            if at is not None:
                return rest[:at]
    row_names = ", ".join(row.label for row in _all_rows(scope))
    raise ConfigError(
        f"{render(scope.target)}[*] is a list, but none of its rows has a source list ({row_names})",
        key="mapping_rows",
        hint="Give one row a source such as lines[*].sku, or address one element: lines[0].sku.",
    )


def _all_rows(scope: Scope) -> list[MappingRow]:
    own = ([scope.head] if scope.head else []) + [row for row, _ in scope.rows]
    return own + [row for inner in scope.lists for row in _all_rows(inner)]
