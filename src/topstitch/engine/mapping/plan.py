"""Sorting mapping rows into scopes: the record itself, and each list that rows build, one inside the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from topstitch.engine.mapping.sources import EACH, Lists, Steps, begins, first_each, hidden
from topstitch.engine.spec import MappingRow, SourceField
from topstitch.errors import ConfigError
from topstitch.values.paths import is_each, parse, render


class RowError(ConfigError):
    """A mapping row that cannot be used. `row` is that row itself, so that a file's line can be found."""

    def __init__(self, error: ConfigError, row: MappingRow) -> None:
        super().__init__(
            str(error), place=f"mapping row {row.label!r}", key=error.key, hint=error.hint, detail=error.detail
        )
        self.row = row


@dataclass(frozen=True, slots=True)
class Driver:
    """A source list that a list of rows is made of, element by element."""

    #: The lists one within the other, outermost first, each as its whole path: `lines` and `lines[*].components`.
    levels: tuple[Steps, ...]
    #: The head row's source that names it, with its functions; None when it was found in the rows.
    source: SourceField | None = None

    @property
    def path(self) -> Steps:
        """The innermost list."""
        return self.levels[-1]

    @property
    def elements(self) -> Steps:
        """The path of its elements."""
        return (*self.path, EACH)


@dataclass
class Scope:
    """The rows of one level. A list scope has a `target`: where the list goes."""

    target: Steps = ()
    #: The row that names the source lists, changes them by functions and filters their elements, if there is one.
    head: MappingRow | None = None
    rows: list[tuple[MappingRow, Steps]] = field(default_factory=list)
    lists: list[Scope] = field(default_factory=list)
    #: The scope of which this one is only the rows that ask.
    whole: Scope | None = None

    @property
    def is_plain(self) -> bool:
        """A list of plain values, `tags[*]`: the head row says what they are."""
        scope = self.whole or self
        return scope.head is not None and not scope.rows and not scope.lists


def plan(rows: Sequence[MappingRow]) -> Scope:
    """The scopes of a mapping. Raises RowError for the row whose lists do not fit together."""
    root = Scope()
    for row in rows:
        if row.enabled:
            try:
                _place(root, row, parse(row.to))
            except ConfigError as error:
                raise RowError(error, row) from error
    _refuse_overlaps(root)
    _refuse_vain_heads(root)
    return root


def asking(scope: Scope, rows: Set[int]) -> Scope:
    """The same scopes with only these rows, known by their identity, and the lists that they are in."""
    kept = [asking(inner, rows) for inner in scope.lists]
    return Scope(
        scope.target,
        scope.head,
        [(row, target) for row, target in scope.rows if id(row) in rows],
        [inner for inner in kept if inner.rows or inner.lists or id(inner.head) in rows],
        whole=scope,
    )


def _place(scope: Scope, row: MappingRow, target: Steps) -> None:
    if is_each(target[0]):
        raise ConfigError(f"{row.to} is a list without a name", key="mapping_rows")
    if not isinstance(target[0], str) or any(isinstance(step, int) and step < 0 for step in target):
        raise ConfigError(
            f"{row.to} names no place to write to",
            key="mapping_rows",
            hint="A place begins with a field, and places in a list count from 0: lines[0].sku.",
        )
    at = first_each(target)
    if at is None:
        _refuse_once(row)
        scope.rows.append((row, target))
        return
    inner = _inner(scope, target[:at])
    if at + 1 < len(target):
        _place(inner, row, target[at + 1 :])
    elif inner.head is None:
        inner.head = row
    else:
        raise ConfigError(f"two rows fill {row.to}", key="mapping_rows")


def _refuse_once(row: MappingRow) -> None:
    if row.empty == "once":
        raise ConfigError(f"`empty: once` is for a list with rows below it, {row.to} is none", key="mapping_rows")


def _inner(scope: Scope, target: Steps) -> Scope:
    for inner in scope.lists:
        if inner.target == target:
            return inner
    scope.lists.append(Scope(target))
    return scope.lists[-1]


def _refuse_overlaps(scope: Scope) -> None:
    """`channels[0].code` beside `channels[*].code`: one would overwrite the other."""
    for inner in scope.lists:
        places = [(target, row) for row, target in scope.rows]
        places += [(other.target, next(_all_rows(other))) for other in scope.lists if other is not inner]
        for target, row in places:
            if begins(target, inner.target):
                error = ConfigError(f"{row.to} and {render(inner.target)}[*] fill the same place", key="mapping_rows")
                raise RowError(error, row)
        _refuse_overlaps(inner)


def _refuse_vain_heads(scope: Scope) -> None:
    """What a head row says in vain. Raises RowError."""
    for inner in scope.lists:
        head = inner.head
        if head is not None:
            try:
                _refuse_vain(head, plain=inner.is_plain)
            except ConfigError as error:
                raise RowError(error, head) from error
        _refuse_vain_heads(inner)


def _refuse_vain(head: MappingRow, *, plain: bool) -> None:
    if plain:
        _refuse_once(head)
    elif head.value is not None:
        raise ConfigError(
            f"{head.to} has rows below it: it is made of a list, not of a value",
            key="mapping_rows",
            hint="Name the list as its source.",
        )
    elif head.on_error == "default":
        raise ConfigError(
            f"{head.to} has rows below it: it has no default", key="mapping_rows", hint="Leave the list empty on error."
        )


def drivers_of(scope: Scope, around: Lists) -> list[Driver]:
    """The source lists that a list is made of, one after the other: the head row's, else that of the first row with one.

    None where its rows are only about lists that are not being walked over. Raises RowError.
    """
    if scope.head is not None and not scope.is_plain and scope.head.sources:
        return _named(scope.head, scope.head.sources, around)
    found = _found(scope, around)
    if found is None:
        return []
    if scope.head is not None and not scope.is_plain and scope.head.do:
        return _named(scope.head, [SourceField(path=render((*found, EACH)))], around)
    return [Driver((found,))]


def _named(head: MappingRow, sources: Sequence[SourceField], around: Lists) -> list[Driver]:
    try:
        if len(sources) > 1 and head.do:
            raise ConfigError(
                f"{head.to} is made of {len(sources)} lists, one after the other",
                key="mapping_rows",
                hint="Give each source its own functions.",
            )
        drivers = [_driver(source, around) for source in sources]
        return [driver for driver in drivers if not hidden(driver.elements, around)]
    except ConfigError as error:
        raise RowError(error, head) from error


def _driver(source: SourceField, around: Lists) -> Driver:
    """The list that a head row's source names, with or without its last [*], and the lists that it is in."""
    steps = parse(source.path)
    whole = steps[:-1] if is_each(steps[-1]) else steps
    begun = max((len(level.path) for level in around if begins(whole, level.path)), default=0)
    places = [at for at in range(begun, len(whole)) if is_each(whole[at])]
    return Driver((*(whole[:at] for at in places), whole), source)


def _found(scope: Scope, around: Lists) -> Steps | None:
    """The nearest: a list in the elements of the innermost list around, else one further out."""
    paths = list(_paths(scope))
    seen = [steps for steps in paths if not hidden(steps, around)]
    walked = [level.path for level in around]
    for prefix in (*reversed(walked), ()):
        for steps in seen:
            if begins(steps, prefix) and (at := first_each(steps[len(prefix) :])) is not None:
                driver = steps[: len(prefix) + at]
                if (*driver, EACH) not in walked:
                    return driver
    if len(seen) < len(paths):
        return None
    rows = list(_all_rows(scope.whole or scope))
    names = ", ".join(row.label for row in rows)
    error = ConfigError(
        f"{render(scope.target)}[*] is a list, but none of its rows has a source list ({names})",
        key="mapping_rows",
        hint="Give one row a source such as lines[*].sku, or address one element: lines[0].sku.",
    )
    raise RowError(error, rows[0])


def _paths(scope: Scope) -> Iterator[Steps]:
    for row in _all_rows(scope.whole or scope):
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
