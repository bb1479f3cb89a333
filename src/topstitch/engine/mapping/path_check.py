"""Checking the paths of a mapping against field lists and samples: a path that never occurs is told, not silently empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from typing import Any, Literal

from topstitch.engine.mapping.reading import is_work, source_paths
from topstitch.engine.mapping.shape import LIST, OBJECT, UNKNOWN, VALUE, Found, Node, known_paths, shape_of, walk
from topstitch.engine.spec import MappingRow, Service, Step
from topstitch.errors import ConfigError
from topstitch.functions import registry
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.fields import Field
from topstitch.values.paths import compile_get, is_each, parse

Side = Literal["source", "destination"]
#: Of so many findings it is worked out what was meant: comparing takes time.
MOST_GUESSES = 50
CLOSE = 3


@dataclass(frozen=True, slots=True)
class PathFinding:
    """One thing about a path that is probably wrong. A warning: fields of a shop's own are in no list."""

    #: The row, or what else has the path: `filter on status`.
    label: str
    path: str
    side: Side
    problem: str
    #: What was perhaps meant, the likeliest first.
    close: tuple[str, ...] = ()
    #: The way to it in the service's specification: ("mapping", 3).
    part: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        about = f"{self.label}: {self.path}: " if self.path else ""
        meant = f"; did you mean {' or '.join(self.close)}?" if self.close else ""
        return f"{about}{self.problem}{meant}"


def check_paths(
    rows: Sequence[MappingRow],
    source_fields: Sequence[Field],
    destination_fields: Sequence[Field],
    samples: Iterable[Any] = (),
) -> list[PathFinding]:
    """What is probably wrong with the paths of rows, which are in canonical form; `samples` are records of the source."""
    return _check(rows, _Checker("source", source_fields, samples), _Checker("destination", destination_fields))


def _check(rows: Sequence[MappingRow], read: _Checker, write: _Checker) -> list[PathFinding]:
    found = [*read.missing_schema(), *write.missing_schema()]
    made = made_lists(rows)
    for number, row in enumerate(rows):
        if row.enabled:
            found += (replace(each, part=("mapping", number)) for each in _row_findings(row, read, write, made))
    return found


def check_service_paths(
    spec: Service, source: Entry, destination: Entry, samples: Iterable[Any] = ()
) -> list[PathFinding]:
    """The same for a whole service, its filters, key and reference too, with the samples of the source system besides."""
    records = [*samples, *source.samples(spec.source.entity)]
    read = _Checker("source", source.fields(spec.source.entity), records)
    found = _check(spec.mapping, read, _Checker("destination", destination.fields(spec.destination.entity)))
    native = dict(_native_filters(source, spec.source.entity))
    for number, row in enumerate(spec.source.filters):
        if row.field not in native:
            found += read.about(f"filter on {row.field}", row.field, ("source", "filters", number))
    for name in ("key", "reference"):
        if path := getattr(spec.source, name):
            found += read.about(name, path, ("source", name))
    return found


def _native_filters(source: Entry, entity: str) -> Iterator[tuple[str, Any]]:
    """What the system itself filters by need not be in its records."""
    for each in source.system.entities:
        if each.name == entity and each.read:
            yield from each.read.filters.items()


class _Checker:
    """The paths of one side."""

    def __init__(self, side: Side, fields: Sequence[Field], samples: Iterable[Any] = ()) -> None:
        self.side, self.fields = side, fields
        self.root = shape_of(fields, samples)
        self.blind = not fields and not self.root.seen
        self._guesses = MOST_GUESSES
        self._known: list[tuple[str, str]] | None = None

    def missing_schema(self) -> Iterator[PathFinding]:
        """Says so when there is no field list."""
        if not self.fields:
            yield PathFinding(
                "",
                "",
                self.side,
                f"the field list of the {self.side} is missing, so its paths "
                + ("cannot be checked" if self.blind else "are only checked against samples")
                + "; whoever looks after that system can add one",
            )

    def find(self, path: str) -> Found:
        """Where a path leads."""
        return Found() if self.blind else walk(self.root, parse(path))

    def about(self, label: str, path: str, part: tuple[str | int, ...] = ()) -> Iterator[PathFinding]:
        """What is wrong with one path."""
        try:
            found = self.find(path)
        except ConfigError as error:
            yield PathFinding(label, path, self.side, error.message, part=part)
            return
        problem = found.problem or self._wrong_way(found.node)
        if problem == UNKNOWN:
            where = "and occurs in no sample" if self.root.seen else "of this entity"
            yield PathFinding(label, path, self.side, f"is not in the field list {where}", self._close(path), part)
        elif problem:
            yield PathFinding(label, path, self.side, problem, found.instead, part)

    def _wrong_way(self, node: Node | None) -> str:
        if node is None or node.line is None or node.seen:
            return ""
        if self.side == "source" and not node.line.readable:
            return "is only written: what is read never has it"
        if self.side == "destination" and not node.line.writable:
            return "is only read: the system does not take it"
        return ""

    def _close(self, path: str) -> tuple[str, ...]:
        """Known paths with the same last word first, then those that look alike."""
        if not self._guesses:
            return ()
        self._guesses -= 1
        if self._known is None:
            self._known = [(known, _last(known)) for known in known_paths(self.root)]
        last, low = _last(path), path.lower()
        same = [known for known, own in self._known if own == last]
        same.sort(key=lambda known: SequenceMatcher(None, low, known.lower()).ratio(), reverse=True)
        alike = get_close_matches(path, [known for known, _ in self._known], CLOSE, 0.75)
        return tuple(dict.fromkeys([*same[:CLOSE], *alike]))[:CLOSE]


def _last(path: str) -> str:
    return str(parse(path)[-1]).lower()


def _row_findings(row: MappingRow, read: _Checker, write: _Checker, made: tuple[str, ...]) -> Iterator[PathFinding]:
    for path in dict.fromkeys(source_paths(row)):
        if not path.startswith(made):
            yield from read.about(row.label, path)
    before = list(write.about(row.label, row.to))
    yield from before
    if not before and (problem := _unfit(row, read, write)):
        yield PathFinding(row.label, row.to, "destination", problem)


#: Functions that leave the elements of a list as they are.
_KEEPING = ("array.filter", "array.sort", "array.unique", "array.reverse", "array.slice")


def made_lists(rows: Sequence[MappingRow]) -> tuple[str, ...]:
    """What begins with one of these is read from elements that functions have made: only they know what is in them."""
    heads = [row for row in rows if row.enabled and is_each(parse(row.to)[-1])]
    return tuple(
        f"{source.path.removesuffix('[*]')}[*]"
        for row in heads
        for source in row.sources
        if any(step.function not in _KEEPING for step in (*source.do, *row.do))
    )


_WORDS = {LIST: "a list", OBJECT: "an object", VALUE: "one value"}


def _unfit(row: MappingRow, read: _Checker, write: _Checker) -> str:
    """What does not fit between what the row gives and what its field takes, as far as both are known."""
    target = write.find(row.to).node
    wanted = target.kind if target and target.line else ""
    given = _given(row, read)
    if not wanted or not given or wanted == given or is_each(parse(row.to)[-1]):
        return ""
    hint = ""
    if given == LIST:
        hint = ": take one element (lines[0].sku), or join them with array.join"
    elif wanted == LIST and given == VALUE:
        hint = f": write its elements as {row.to}[*], or make a list with array.split"
    return f"takes {_WORDS[wanted]}, and the row gives {_WORDS[given]}{hint}"


def _given(row: MappingRow, read: _Checker) -> str:
    """What a row gives: list, object or value; "" where that is not known."""
    if row.do:
        return _result_of(row.do[-1])
    if not row.sources:
        return _kind_of(row.value)
    source = row.sources[0]
    if source.do or len(row.sources) > 1:
        return _result_of(source.do[-1]) if source.do else ""
    many = sum(map(is_each, parse(source.path))) - sum(map(is_each, parse(row.to)))
    if many > 0:
        return LIST
    node = read.find(source.path).node
    return node.kind if node and not is_each(parse(source.path)[-1]) else ""


def _result_of(step: Step) -> str:
    known = registry()
    gives = known.get(step.function).gives if step.function in known else "any"
    return {"any": "", "list": LIST}.get(gives, VALUE)


def _kind_of(value: Any) -> str:
    return LIST if isinstance(value, list) else OBJECT if isinstance(value, dict) else "" if value is None else VALUE


class PathWatch:
    """Which paths had a value in any record of a run so far: those not in the field list, or with a name of the user's."""

    def __init__(self, rows: Sequence[MappingRow], fields: Sequence[Field] = ()) -> None:
        listed = {field.path for field in fields}
        made = made_lists(rows)
        paths = dict.fromkeys(
            path
            for row in rows
            if row.enabled
            for path in source_paths(row)
            if not path.startswith(made) and not is_work(path)
        )
        self._left = {path: compile_get(path) for path in paths if path not in listed and not _is_place(path)}
        self.records = 0

    def see(self, records: Iterable[Any]) -> None:
        """Look at records; costs nothing once every path has been seen."""
        if not self._left:
            return
        for record in records:
            self.records += 1
            for path in [path for path, get in self._left.items() if _has_value(get(record))]:
                del self._left[path]
            if not self._left:
                return

    def never(self) -> list[str]:
        """The paths that had no value in any of the records seen; none as long as there was no record."""
        return list(self._left) if self.records else []


def _is_place(path: str) -> bool:
    """`lines[*].@number` is not read from the record."""
    return str(parse(path)[-1]).startswith("@")


def _has_value(value: Any) -> bool:
    return any(map(_has_value, value)) if isinstance(value, list) else value is not None
