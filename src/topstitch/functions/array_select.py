"""Functions that choose elements of a list, and those that make a list of several source fields."""

from __future__ import annotations

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import LIST, VALUES, Environment, Example, Param, function
from topstitch.functions.support import Apply, ApplyAll, as_list, element
from topstitch.values.conditions import OPERATORS, compile_test
from topstitch.values.truth import is_empty

#: Source fields of other lengths than this are lists by mistake.
MAX_CELLS = 1_000_000
_LINES = [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 0}, {"sku": "C"}]


@function(
    "array.filter",
    title="Filter",
    group="array",
    summary="The elements of which a field meets a condition, with the operators of filter rows; or all the others.",
    takes=LIST,
    gives="list",
    params=[
        Param("path", "Path within an element", str, default="", offer="path"),
        Param("operator", "Operator", str, choices=OPERATORS),
        Param("value", "Value", object, default=None, help="a list of two for `between`, of any number for `in`"),
        Param("keep", "The elements that meet it", str, default="matching", choices=("matching", "others")),
    ],
    examples=[
        Example(input=_LINES, args={"path": "qty", "operator": "greater", "value": 0}, output=[{"sku": "A", "qty": 2}]),
        Example(input=["red", "", None, "blue"], args={"operator": "is_not_empty"}, output=["red", "blue"]),
        Example(
            input=_LINES,
            args={"path": "sku", "operator": "in", "value": "A,B", "keep": "others"},
            output=[{"sku": "C"}],
        ),
        Example(
            input=["2026-01-31T23:30:00Z", "2026-02-01"],
            args={"operator": "before", "value": "2026-02-01"},
            output=["2026-01-31T23:30:00Z"],
        ),
        Example(input=[], args={"operator": "equals", "value": 1}, output=[]),
    ],
)
def filter_(env: Environment, path: str, operator: str, value: object, keep: str) -> Apply:
    get, test, wanted = element(path), compile_test(operator, value, env.zone), keep == "matching"
    return lambda items: [item for item in as_list(items) if test(get(item)) is wanted]


@function(
    "array.collect",
    title="Collect",
    group="array",
    summary="A list of the source fields in their order, without the empty ones.",
    takes=VALUES,
    gives="list",
    params=[
        Param("flatten", "Put the elements of lists in the list itself", bool, default=False),
        Param("skip_empty", "Leave out empty fields", bool, default=True),
    ],
    examples=[
        Example(input=["front.jpg", None, "", "back.jpg"], output=["front.jpg", "back.jpg"]),
        Example(
            input=["main.jpg", ["a.jpg", "", "b.jpg"], []],
            args={"flatten": True},
            output=["main.jpg", "a.jpg", "b.jpg"],
        ),
        Example(input=["a", None], args={"skip_empty": False}, output=["a", None]),
        Example(input=[None, ""], output=[]),
    ],
)
def collect(flatten: bool, skip_empty: bool) -> ApplyAll:
    def apply(values: list[object]) -> object:
        if flatten:
            values = [item for value in values for item in as_list(value)]
        return [value for value in values if not is_empty(value)] if skip_empty else list(values)

    return apply


@function(
    "array.zip",
    title="Zip",
    group="array",
    summary="Several source lists as one list of objects; a source that is no list is the same in all of them.",
    takes=VALUES,
    gives="list",
    params=[
        Param("names", "Names of the fields", list, help="one for each source field, in their order"),
        Param(
            "uneven",
            "Lists of different lengths",
            str,
            default="fail",
            choices=("fail", "longest", "shortest"),
            help="fail the record, leave null where a list has ended, or end with the shortest",
        ),
    ],
    examples=[
        Example(
            input=[["A", "B"], [2, 1], "1001"],
            args={"names": ["sku", "qty", "order"]},
            output=[{"sku": "A", "qty": 2, "order": "1001"}, {"sku": "B", "qty": 1, "order": "1001"}],
        ),
        Example(
            input=[["A", "B"], [2]],
            args={"names": ["sku", "qty"], "uneven": "longest"},
            output=[{"sku": "A", "qty": 2}, {"sku": "B", "qty": None}],
        ),
        Example(input=[["A", "B"], [2]], args={"names": ["sku", "qty"]}, fails="lists of 2 and 1 elements"),
        Example(input=[["A"]], args={"names": ["sku", "qty"]}, fails="has 2 names for 1 source fields"),
        Example(input=[[], "1001"], args={"names": ["sku", "order"]}, output=[]),
        Example(input=["A", 2], args={"names": ["sku", "qty"]}, output=[{"sku": "A", "qty": 2}]),
        Example(input=[None, ""], args={"names": ["sku", "qty"]}, output=[]),
    ],
)
def zip_(names: list[str], uneven: str) -> ApplyAll:
    if not names or len(set(names)) < len(names):
        raise ConfigError("the parameter 'names' needs one name for each source field, each once")

    def apply(values: list[object]) -> object:
        if len(values) != len(names):
            raise MappingError(f"has {len(names)} names for {len(values)} source fields", value=values)
        lengths = [len(value) for value in values if isinstance(value, list)]
        if uneven == "fail" and len(set(lengths)) > 1:
            raise MappingError(f"lists of {' and '.join(map(str, lengths))} elements do not fit together", value=values)
        size = (min if uneven == "shortest" else max)(lengths, default=int(not all(map(is_empty, values))))
        if size * len(names) > MAX_CELLS:
            raise MappingError(f"lists of {size} elements are too long", value=values)
        columns = [_column(value, size) for value in values]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    return apply


def _column(value: object, size: int) -> list[object]:
    if not isinstance(value, list):
        return [value] * size
    return value[:size] + [None] * (size - len(value))
