"""Functions that change how many elements a list has: by groups, by lists within the elements, by a number in them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import LIST, Example, Param, function
from topstitch.functions.support import Apply, as_list, element, identity
from topstitch.values.numbers import to_integer
from topstitch.values.paths import parse
from topstitch.values.text import as_text, show
from topstitch.values.truth import is_empty

#: More fields than this are not copied for one value: a line of a thousand fields for a thousand parts is a mistake.
MAX_COPIED = 1_000_000
MAX_REPEATED = 10_000

_ROWS = [
    {"order": "1001", "sku": "A", "qty": 2},
    {"order": "1001", "sku": "B", "qty": 1},
    {"order": "1002", "sku": "A", "qty": 5},
]


@function(
    "array.group",
    title="Group",
    group="array",
    summary="Flat rows as groups: the fields grouped by, and a list of the rows that have them, in first order.",
    takes=LIST,
    gives="list",
    params=[
        Param("by", "Fields to group by", list, help="one or several paths within an element", offer="path"),
        Param("into", "Name of the list", str, default="rows", minimum=1, maximum=200),
        Param(
            "when_empty",
            "A row with all of these fields empty",
            str,
            default="group",
            choices=("group", "previous", "drop", "fail"),
            help="makes a group, belongs to the row before it, is left out, or fails the record",
        ),
    ],
    examples=[
        Example(
            input=_ROWS,
            args={"by": "order", "into": "lines"},
            output=[{"order": "1001", "lines": _ROWS[:2]}, {"order": "1002", "lines": _ROWS[2:]}],
        ),
        Example(
            input=[{"order": "1", "sku": "A"}, {"order": "", "sku": "B"}],
            args={"by": ["order"], "when_empty": "previous"},
            output=[{"order": "1", "rows": [{"order": "1", "sku": "A"}, {"order": "", "sku": "B"}]}],
        ),
        Example(input=[{"sku": "A"}], args={"by": "order"}, output=[{"order": None, "rows": [{"sku": "A"}]}]),
        Example(
            input=[{"rate": 0.2}, {"rate": "0.2"}],
            args={"by": "rate"},
            output=[{"rate": 0.2, "rows": [{"rate": 0.2}, {"rate": "0.2"}]}],
        ),
        Example(input=[], args={"by": "order"}, output=[]),
    ],
)
def group(by: list[str], into: str, when_empty: str) -> Apply:
    fields = [(_last_key(path), element(path)) for path in by]
    names = [name for name, _ in fields] + [into]
    if not fields or len(set(names)) < len(names):
        raise ConfigError(f"a group would have the fields {', '.join(names)}: give one or more, each once")

    def apply(value: object) -> object:
        groups: dict[object, tuple[dict[str, object], list[object]]] = {}
        rows: list[object] | None = None
        for item in as_list(value):
            found = {name: get(item) for name, get in fields}
            if when_empty != "group" and all(map(is_empty, found.values())):
                if when_empty == "fail":
                    raise MappingError(f"a row has nothing in {', '.join(found)}: {show(item)}", value=item)
                if when_empty == "drop":
                    continue
                if rows is not None:
                    rows.append(item)
                    continue
            _, rows = groups.setdefault(tuple(map(_told_apart, found.values())), (found, []))
            rows.append(item)
        return [{**found, into: rows} for found, rows in groups.values()]

    return apply


def _last_key(path: str) -> str:
    last = parse(path)[-1]
    if type(last) is not str:
        raise ConfigError(f"the path {path!r} must end with the name of a field")
    return last


def _told_apart(value: object) -> object:
    """What a group is known by: 0.2 and "0.2" are one, for some systems write numbers as text; 7 and "007" are two."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return identity(as_text(value))
    return identity(value)


@function(
    "array.explode",
    title="Explode",
    group="array",
    summary="One element for each entry of a list within it, with the other fields of the element: bundles into parts.",
    takes=LIST,
    gives="list",
    params=[
        Param("path", "Path of the list within an element", str, minimum=1, offer="path"),
        Param("into", "Name of the entry", str, default="entry", minimum=1, maximum=200),
        Param(
            "when_none",
            "An element without entries",
            str,
            default="keep",
            choices=("keep", "drop"),
            help="stays once, with null as its entry, or is left out",
        ),
    ],
    examples=[
        Example(
            input=[{"sku": "KIT", "qty": 2, "parts": [{"sku": "A"}, {"sku": "B"}]}],
            args={"path": "parts", "into": "part"},
            output=[
                {"sku": "KIT", "qty": 2, "part": {"sku": "A"}},
                {"sku": "KIT", "qty": 2, "part": {"sku": "B"}},
            ],
        ),
        Example(input=[{"sku": "A", "parts": []}], args={"path": "parts"}, output=[{"sku": "A", "entry": None}]),
        Example(input=[{"sku": "A"}], args={"path": "parts", "when_none": "drop"}, output=[]),
    ],
)
def explode(path: str, into: str, when_none: str) -> Apply:
    get, without = element(path), _without(path)

    def apply(value: object) -> object:
        made: list[object] = []
        copied = 0
        for item in as_list(value):
            found = get(item)
            entries = [] if is_empty(found) else as_list(found)
            if not entries and when_none == "drop":
                continue
            rest = without(item) if isinstance(item, dict) else {}
            copied += len(rest) * len(entries)
            if copied > MAX_COPIED:
                raise MappingError(f"this would copy more than {MAX_COPIED} fields", value=value)
            made += [{**rest, into: entry} for entry in entries or [None]]
        return made

    return apply


def _without(path: str) -> Callable[[dict[Any, Any]], dict[Any, Any]]:
    """A copy of an object without what is at the path; a list element within it stays where it is."""
    first, *others = parse(path)

    def leave_out(item: dict[Any, Any], step: Any, rest: list[Any]) -> dict[Any, Any]:
        if not rest:
            return {key: inner for key, inner in item.items() if key != step}
        inner = item.get(step)
        return {**item, step: leave_out(inner, rest[0], rest[1:])} if isinstance(inner, dict) else dict(item)

    if any(type(step) is not str for step in (first, *others)):
        return dict
    return lambda item: leave_out(item, first, others)


@function(
    "array.repeat",
    title="Repeat",
    group="array",
    summary="Each element as often as a number in it says: a line of three pieces becomes three lines.",
    takes=LIST,
    gives="list",
    params=[
        Param("path", "Path of the number within an element", str, minimum=1, offer="path"),
        Param("write_one", "Write 1 in place of the number", bool, default=True),
    ],
    examples=[
        Example(
            input=[{"sku": "A", "qty": 2}, {"sku": "B", "qty": 0}],
            args={"path": "qty"},
            output=[{"sku": "A", "qty": 1}, {"sku": "A", "qty": 1}],
        ),
        Example(
            input=[{"sku": "A", "qty": "2"}],
            args={"path": "qty", "write_one": False},
            output=[{"sku": "A", "qty": "2"}, {"sku": "A", "qty": "2"}],
        ),
        Example(input=[{"sku": "A"}], args={"path": "qty"}, fails="an element has no number in qty"),
        Example(input=[{"qty": 10_001}], args={"path": "qty"}, fails="more than 10000 elements"),
    ],
)
def repeat(path: str, write_one: bool) -> Apply:
    get, steps = element(path), parse(path)
    if write_one and (len(steps) > 1 or type(steps[0]) is not str):
        raise ConfigError(f"1 can be written in place of a field of the element itself, not of {path}")

    def apply(value: object) -> object:
        made: list[object] = []
        for item in as_list(value):
            number = get(item)
            if is_empty(number):
                raise MappingError(f"an element has no number in {path}: {show(item)}", value=item)
            times = to_integer(number)
            if times < 0 or len(made) + times > MAX_REPEATED:
                raise MappingError(
                    f"{times} times is below zero, or makes more than {MAX_REPEATED} elements", value=item
                )
            again = {**item, steps[0]: 1} if write_one and isinstance(item, dict) else item
            made += [again] * times
        return made

    return apply
