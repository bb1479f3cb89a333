"""Sorting mapping rows into scopes: the record itself, and each list that rows build, one inside the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from topstitch.engine.mapping.sources import EACH, Lists, Steps, first_each
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError
from topstitch.values.paths import parse, render


class RowError(ConfigError):
    """A mapping row that cannot be used. `row` is that row itself, so that a file's line can be found."""

    def __init__(self, error: ConfigError, row: MappingRow) -> None:
        super().__init__(
            str(error), place=f"mapping row {row.label!r}", key=error.key, hint=error.hint, detail=error.detail
        )
        self.row = row


@dataclass
class Scope:
    """The rows of one level. A list scope has a `target` (where the list goes) and a `driver` (the source list it walks
    over, as its whole path).
    """

    target: Steps = ()
    driver: Steps = ()
    #: The row that declares the driver and filters its elements, if there is one.
    head: MappingRow | None = None
    rows: list[tuple[MappingRow, Steps]] = field(default_factory=list)
    lists: list[Scope] = field(default_factory=list)


def plan(rows: Sequence[MappingRow]) -> Scope:
    """The scopes of a mapping. Raises RowError for the row whose lists do not fit together."""
    root = Scope()
    for row in rows:
        if row.enabled:
            try:
                _place(root, row, parse(row.to))
            except ConfigError as error:
                raise RowError(error, row) from error
    _find_drivers(root, ())
    return root


def _place(scope: Scope, row: MappingRow, target: Steps) -> None:
    at = first_each(target)
    if at is None:
        scope.rows.append((row, target))
        return
    if at == 0:
        raise ConfigError(f"{row.to} is a list without a name", key="mapping_rows")
    inner = _inner(scope, target[:at])
    if at + 1 < len(target):
        _place(inner, row, target[at + 1 :])
    elif inner.head is None:
        inner.head = row
    else:
        raise ConfigError(f"two rows fill {row.to}", key="mapping_rows")


def _inner(scope: Scope, target: Steps) -> Scope:
    for inner in scope.lists:
        if inner.target == target:
            return inner
    scope.lists.append(Scope(target))
    return scope.lists[-1]


def _find_drivers(scope: Scope, lists: Lists) -> None:
    """Give each list scope the source list that it walks over: the head row's, else the first row's that has one."""
    for inner in scope.lists:
        inner.driver = _driver(inner, lists)
        _find_drivers(inner, (*lists, (*inner.driver, EACH)))


def _driver(scope: Scope, lists: Lists) -> Steps:
    """The nearest: a list in the elements of the innermost list around, else one further out."""
    paths = list(_paths(scope))
    for prefix in (*reversed(lists), ()):
        for steps in paths:
            if steps[: len(prefix)] == prefix and (at := first_each(steps[len(prefix) :])) is not None:
                driver = steps[: len(prefix) + at]
                if (*driver, EACH) not in lists:
                    return driver
    rows = list(_all_rows(scope))
    names = ", ".join(row.label for row in rows)
    error = ConfigError(
        f"{render(scope.target)}[*] is a list, but none of its rows has a source list ({names})",
        key="mapping_rows",
        hint="Give one row a source such as lines[*].sku, or address one element: lines[0].sku.",
    )
    raise RowError(error, rows[0])


def _paths(scope: Scope) -> Iterator[Steps]:
    for row in _all_rows(scope):
        for source in row.sources:
            try:
                yield parse(source.path)
            except ConfigError as error:
                raise RowError(error, row) from error


def _all_rows(scope: Scope) -> Iterator[MappingRow]:
    if scope.head:
        yield scope.head
    yield from (row for row, _ in scope.rows)
    for inner in scope.lists:
        yield from _all_rows(inner)
