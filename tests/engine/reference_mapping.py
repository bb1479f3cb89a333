"""The rules of docs/guide/mapping.md done plainly and slowly: what compiled mappings are compared with.

It shares with them how paths are parsed, the functions and the operators of conditions, which have tests of their own; not
where values come from, which lists are walked over, what is kept, numbered, left out or forgiven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from topstitch.engine.filters import compile_test, resolve
from topstitch.engine.mapping.values import as_json
from topstitch.engine.spec import FilterRow, MappingRow, Step
from topstitch.errors import MappingError
from topstitch.functions import bind
from topstitch.functions.registry import Environment, Takes
from topstitch.functions.signals import Ended, SkipField, SkipRecord
from topstitch.values.paths import EACH, Where, is_each, parse

Path = tuple[Any, ...]
#: A row, and what is left of its target within the lists around it.
Rest = tuple[MappingRow, Path]
NOT_THERE = object()
WORK = "@work"


@dataclass(frozen=True)
class Element:
    """An element that is being looked at."""

    #: Of its list, with the last [*].
    path: Path
    value: Any
    #: Its place in the list, None when it is in none; and its place among those kept.
    at: int | None
    number: int
    #: Lists that are walked over before or after its own.
    others: tuple[Path, ...] = ()


Around = tuple[Element, ...]


@dataclass(frozen=True)
class Way:
    """A list to walk over: the lists that lead to it, from the outermost; functions that change it."""

    levels: tuple[Path, ...]
    changed: Callable[[Any, Any, Around], Any]

    @property
    def path(self) -> Path:
        return (*self.levels[-1], EACH)


class Reference:
    """One mapping. `mapped` raises MappingError (or what a script raises) or SkipRecord."""

    def __init__(self, rows: Sequence[MappingRow], env: Environment) -> None:
        self.rows, self.env = [row for row in rows if row.enabled], env

    def mapped(self, record: dict[str, Any]) -> dict[str, Any]:
        """First the working fields, one after the other, then what is sent."""
        record = {**record, WORK: {}}
        rows = [(row, parse(row.to)) for row in self.rows]
        for name in dict.fromkeys(target[1] for _, target in rows if target[0] == WORK):
            self.fill(record, [(row, target) for row, target in rows if target[:2] == (WORK, name)], record, ())
        out: dict[str, Any] = {}
        self.fill(out, [(row, target) for row, target in rows if target[0] != WORK], record, ())
        return out

    def fill(self, out: dict[str, Any], rows: Sequence[Rest], record: Any, around: Around) -> None:
        """One object of the result: first its fields, in order; then its lists, as they are first spoken of."""
        lists: dict[Path, list[Rest]] = {}
        for row, target in rows:
            at = first_each(target)
            if at is None:
                self.field(row, record, around, lambda value, target=target: put(out, target, value))
            else:
                lists.setdefault(target[:at], []).append((row, target[at + 1 :]))
        for target, below in lists.items():
            made = self.list_of(below, record, around)
            if made is not NOT_THERE:
                put(out, target, made)

    # -- fields -----------------------------------------------------------------------------------------------------

    def field(self, row: MappingRow, record: Any, around: Around, write: Callable[[Any], None]) -> None:
        written = deepcopy if row.to.startswith(WORK) else as_json
        try:
            if self.holds(row.when, record, around):
                value = self.value(row, record, around)
                if value is not None or row.empty == "null":
                    write(written(value))
        except SkipRecord:
            raise
        except SkipField:
            return
        except Exception:
            if row.on_error == "fail":
                raise
            if row.on_error == "default" and row.default is not None:
                write(written(row.default))
            elif row.empty == "null":
                write(None)

    def holds(self, when: Sequence[FilterRow], record: Any, around: Around) -> bool:
        for asked in when:
            condition = resolve(asked, self.env.now)
            value = read(parse(condition.field), record, around)
            if not compile_test(condition.op, condition.value, self.env.zone)(value):
                return False
        return True

    def value(self, row: MappingRow, record: Any, around: Around) -> Any:
        values = [self.chained(read(parse(s.path), record, around), s.do, record, around) for s in row.sources]
        if not row.sources:
            values = [row.value]
        if row.do and row.do[0].inputs is None and self.bound(row.do[0]).takes is Takes.VALUES:
            return self.chained(self.bound(row.do[0]).call(values), row.do[1:], record, around)
        (only,) = values
        return self.chained(only, row.do, record, around)

    def chained(self, value: Any, steps: Sequence[Step], record: Any, around: Around) -> Any:
        for step in steps:
            value = self.step(value, step, record, around)
            if isinstance(value, Ended):
                return value.value
        return value

    def step(self, value: Any, step: Step, record: Any, around: Around) -> Any:
        bound = self.bound(step)
        inputs = [
            value if path == "@value" else read(parse(path), record, around) for path in step.inputs or ["@value"]
        ]
        if bound.takes is Takes.NOTHING:
            return bound.call()
        if bound.takes is Takes.VALUES:
            return bound.call(inputs)
        (given,) = inputs
        if bound.on_empty == "pass" and (given is None or given == ""):
            return given
        if bound.takes is Takes.FIELDS:
            return bound.call(given, [read(parse(path), record, around) if path else None for path in bound.fields])
        return bound.call(given)

    def bound(self, step: Step) -> Any:
        return bind(step.function, step.args, self.env)

    # -- lists ------------------------------------------------------------------------------------------------------

    def list_of(self, rows: Sequence[Rest], record: Any, around: Around) -> Any:
        """The list that these rows make, or NOT_THERE."""
        head = next((row for row, rest in rows if not rest), None)
        below = [(row, rest) for row, rest in rows if rest]
        once = head is not None and below and head.empty == "once"
        ways = self.ways(head, below, around)
        made: list[Any] = []
        there, kept = False, 0
        for way in ways:
            others = tuple(other.path for other in ways if other.path != way.path)
            for outside, items in self.walked(way, way.levels, head, record, around):
                if items is not None or (once and outside is not None):
                    there = True
                if outside is None:
                    continue
                before = kept
                for at, item in enumerate(items or []):
                    inside = (*outside, Element(way.path, item, at, kept, others))
                    kept += self.added(made, head, below, record, inside)
                if once and kept == before:
                    inside = (*outside, Element(way.path, None, None, kept, others))
                    kept += self.added(made, head, below, record, inside)
        if there:
            return made
        return None if below and head is not None and head.empty == "null" else NOT_THERE

    def added(
        self, made: list[Any], head: MappingRow | None, below: Sequence[Rest], record: Any, inside: Around
    ) -> bool:
        """Whether the element is kept; what it becomes is added."""
        if head is not None and not self.holds(head.when, record, inside):
            return False
        if below:
            made.append({})
            self.fill(made[-1], below, record, inside)
        else:
            assert head is not None
            self.field(head.model_copy(update={"when": []}), record, inside, made.append)
        return True

    def walked(
        self, way: Way, levels: Sequence[Path], head: MappingRow | None, record: Any, around: Around
    ) -> Iterator[tuple[Around | None, list[Any] | None]]:
        """The innermost lists one after the other, each with the elements that it is in; None where there is none.

        An outer list that is there is told as (None, the list): the list to be made is there too, if only empty.
        """
        path, further = levels[0], levels[1:]
        try:
            items = read(path, record, around)
            items = items if further else way.changed(items, record, around)
            if items is not None and not isinstance(items, list):
                raise MappingError(f"{path} is no list")
        except SkipRecord:
            raise
        except SkipField:
            items = None
        except Exception:
            if head is None or head.on_error == "fail":
                raise
            items = None
        if not further:
            yield around, items
            return
        yield None, items
        for at, item in enumerate(items or []):
            yield from self.walked(way, further, head, record, (*around, Element((*path, EACH), item, at, at)))

    def ways(self, head: MappingRow | None, below: Sequence[Rest], around: Around) -> list[Way]:
        """Which lists are walked over, one after the other."""
        if head is not None and below and head.sources:
            named = [(parse(source.path), source.do) for source in head.sources]
        else:
            found = self.nearest(([head] if head else []) + in_order(below), around)
            if found is None:
                return []
            named = [(found, [])]
        do = head.do if head is not None and below else []
        ways = []
        for path, own in named:
            path = path[:-1] if is_each(path[-1]) else path
            begun = max((len(e.path) for e in around if path[: len(e.path)] == e.path), default=0)
            outer = [path[:n] for n in range(begun, len(path)) if is_each(path[n])]

            def changed(items: Any, record: Any, around: Around, own: Any = own) -> Any:
                return self.chained(self.chained(items, own, record, around), do, record, around)

            ways.append(Way((*outer, path), changed))
        return [way for way in ways if not elsewhere(way.path, around)]

    def nearest(self, rows: Sequence[MappingRow], around: Around) -> Path | None:
        """The list of the first source that has one: in the innermost element, else further out."""
        paths = [parse(source.path) for row in rows for source in row.sources]
        walked = [element.path for element in around]
        for outer in (*reversed(walked), ()):
            for path in paths:
                at = first_each(path[len(outer) :])
                if path[: len(outer)] == outer and at is not None and not elsewhere(path, around):
                    whole = path[: len(outer) + at]
                    if (*whole, EACH) not in walked:
                        return whole
        return None


def in_order(below: Sequence[Rest]) -> list[MappingRow]:
    """Rows of a list as they are asked for its source: its own fields, then list by list; of each its head row first."""
    rows = [row for row, rest in below if first_each(rest) is None]
    lists: dict[Path, list[Rest]] = {}
    for row, rest in below:
        at = first_each(rest)
        if at is not None:
            lists.setdefault(rest[:at], []).append((row, rest[at + 1 :]))
    for inner in lists.values():
        rows += [row for row, rest in inner if not rest]
        rows += in_order([(row, rest) for row, rest in inner if rest])
    return rows


def elsewhere(path: Path, around: Around) -> bool:
    """Whether a path is of a list that is walked over before or after the one at hand."""
    depth = own_depth(path, around)
    own = around[depth - 1].path if depth else ()
    for number, element in enumerate(around, 1):
        for other in element.others:
            if path[: len(other)] == other and (number > depth or len(other) > len(own)):
                return True
    return False


def own_depth(path: Path, around: Around) -> int:
    """How many of the elements around are around what the path names."""
    return max((n for n, e in enumerate(around, 1) if path[: len(e.path)] == e.path), default=0)


def read(path: Path, record: Any, around: Around) -> Any:
    """What a path names, seen from within these elements."""
    if elsewhere(path, around):
        return None
    depth = own_depth(path, around)
    here = around[depth - 1].value if depth else record
    rest = path[len(around[depth - 1].path) :] if depth else path
    if depth and rest in (("@number",), ("@index",)) and not (isinstance(here, dict) and rest[0] in here):
        return around[depth - 1].number + (rest == ("@number",))
    at = first_each(rest)
    if at is not None and depth < len(around):
        # A list beside: the element at the same place.
        beside, place = get(here, rest[:at]), around[depth].at
        there = isinstance(beside, list) and place is not None and place < len(beside)
        return get(beside[place], rest[at + 1 :]) if there else None
    return get(here, rest)


def get(value: Any, path: Path) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if is_each(step):
        items = value if isinstance(value, list) else []
        if first_each(rest) is None:
            return [get(item, rest) for item in items]
        return [found for item in items for found in get(item, rest)]
    if isinstance(step, Where):
        return get(step.pick(value), rest)
    if isinstance(step, int):
        there = isinstance(value, list) and -len(value) <= step < len(value)
        return get(value[step], rest) if there else get(None, rest) if rest else None
    there = isinstance(value, dict) and step in value
    return get(value[step], rest) if there else get(None, rest) if rest else None


def put(out: Any, path: Path, value: Any) -> None:
    """Write a value, with the objects and lists on its way. Raises MappingError where something else is in the way."""
    for step, after in pairwise(path):
        make: Any = [] if isinstance(after, int | Where) else {}
        if isinstance(step, str):
            room(out, dict)
            if out.get(step) is None:
                out[step] = make
            out = out[step]
        else:
            room(out, list)
            out += [None] * (step + 1 - len(out))
            if out[step] is None:
                out[step] = make
            out = out[step]
    last = path[-1]
    if isinstance(last, str):
        room(out, dict)
        out[last] = value
    else:
        room(out, list)
        out += [None] * (last + 1 - len(out))
        out[last] = value


def room(out: Any, kind: type) -> None:
    if not isinstance(out, kind):
        raise MappingError("no room")


def first_each(path: Path) -> int | None:
    return next((n for n, step in enumerate(path) if is_each(step)), None)
