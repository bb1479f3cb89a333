"""The order of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from topstitch.errors import MappingError
from topstitch.functions.registry import LIST, Environment, Example, Param, function
from topstitch.functions.support import Apply, as_list, element, zone_or
from topstitch.values.dates import compile_date_reader
from topstitch.values.numbers import to_number
from topstitch.values.text import as_text
from topstitch.values.truth import is_empty

#: What fields are compared by, made from the fields of all elements that have one.
Keys = Callable[[Sequence[object]], Sequence[Any]]


def _numbers(fields: Sequence[object]) -> Sequence[Any]:
    return [to_number(each) for each in fields]


def _texts(fields: Sequence[object]) -> Sequence[Any]:
    return [as_text(each).casefold() for each in fields]


def _numbers_or_texts(fields: Sequence[object]) -> Sequence[Any]:
    try:
        return _numbers(fields)
    except MappingError:
        return _texts(fields)


def _dates(env: Environment, fields: Sequence[object]) -> Sequence[Any]:
    read = compile_date_reader((), zone_or("", env))
    return [read(each) for each in fields]


@function(
    "array.sort",
    title="Sort",
    group="array",
    summary="The elements in the order of a field; equal ones stay as they were, those without the field come last.",
    takes=LIST,
    gives="list",
    params=[
        Param("path", "Path within an element", str, default="", offer="path"),
        Param("descending", "The greatest first", bool, default=False),
        Param(
            "compare",
            "Compare as",
            str,
            default="auto",
            choices=("auto", "number", "text", "date"),
            help="auto: numbers where all are, else text in any case",
        ),
    ],
    examples=[
        Example(
            input=[{"position": "10"}, {"position": 9}],
            args={"path": "position"},
            output=[{"position": 9}, {"position": "10"}],
        ),
        Example(input=["b", "C", "a", "10"], output=["10", "a", "b", "C"]),
        Example(input=[2, None, 3], args={"descending": True}, output=[3, 2, None]),
        Example(
            input=["2026-01-01T00:30:00+01:00", "2025-12-31T23:00:00Z"],
            args={"compare": "date"},
            output=["2025-12-31T23:00:00Z", "2026-01-01T00:30:00+01:00"],
        ),
        Example(input=["1", "two"], args={"compare": "number"}, fails="'two' is not a number"),
    ],
)
def sort(env: Environment, path: str, descending: bool, compare: str) -> Apply:
    get = element(path)
    makers: dict[str, Keys] = {
        "auto": _numbers_or_texts,
        "number": _numbers,
        "text": _texts,
        "date": partial(_dates, env),
    }
    keys_of = makers[compare]

    def apply(value: object) -> object:
        items = [(get(item), item) for item in as_list(value)]
        having = [(field, item) for field, item in items if not is_empty(field)]
        keyed = zip(keys_of([field for field, _ in having]), (item for _, item in having), strict=True)
        ordered = sorted(keyed, key=lambda pair: pair[0], reverse=descending)
        return [item for _, item in ordered] + [item for field, item in items if is_empty(field)]

    return apply
