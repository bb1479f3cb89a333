"""Functions between lists and keys: objects and columns that become lists, lists that become objects, lists joined by a key."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import LIST, VALUE, VALUES, Example, Param, function
from topstitch.functions.support import Apply, ApplyAll, as_list, element, pair
from topstitch.values.numbers import EXACT, to_number
from topstitch.values.text import as_text, show
from topstitch.values.truth import is_empty

#: More cells than this are not made of one value: sizes of a hundred columns in a file of ten thousand rows are enough.
MAX_CELLS = 1_000_000


@function(
    "array.from_object",
    title="Object to list",
    group="array",
    summary="The keys of an object and what stands under each as a list of objects, in their order.",
    takes=VALUE,
    gives="list",
    params=[
        Param("key", "Name of the key", str, default="key", minimum=1, maximum=200),
        Param("value", "Name of the value", str, default="value", minimum=1, maximum=200),
    ],
    examples=[
        Example(
            input={"EUR": "9.90", "GBP": "8.00"},
            args={"key": "currency", "value": "price"},
            output=[{"currency": "EUR", "price": "9.90"}, {"currency": "GBP", "price": "8.00"}],
        ),
        Example(input={"de": {"title": "Tasse"}}, output=[{"key": "de", "value": {"title": "Tasse"}}]),
        Example(input={}, output=[]),
        Example(input=[], output=[]),
        Example(input="red", fails="'red' is not an object"),
    ],
)
def from_object(key: str, value: str) -> Apply:
    if key == value:
        raise ConfigError(f"key and value would both be called {key!r}")

    def apply(found: object) -> object:
        # Some systems write an object without keys as a list without elements.
        if found == []:
            return []
        if not isinstance(found, dict):
            raise MappingError(f"{show(found)} is not an object", value=found)
        return [{key: name, value: inner} for name, inner in found.items()]

    return apply


@function(
    "array.to_object",
    title="List to object",
    group="array",
    summary="An object whose keys are one field of the elements and whose values are another.",
    takes=LIST,
    gives="any",
    params=[
        Param("key", "Path of the key within an element", str, minimum=1, offer="path"),
        Param("value", "Path of the value", str, default="", offer="path", help="empty: the whole element"),
        Param(
            "repeated",
            "A key that comes again",
            str,
            default="fail",
            choices=("fail", "first", "last", "sum", "list"),
            help="fails the record, or the first or last value counts, or their sum, or all of them in a list",
        ),
        Param("skip_empty", "Leave out empty values", bool, default=True),
    ],
    examples=[
        Example(
            input=[{"channel": "web", "qty": 14}, {"channel": "pos", "qty": 0}, {"channel": "old", "qty": None}],
            args={"key": "channel", "value": "qty"},
            output={"web": 14, "pos": 0},
        ),
        Example(
            input=[{"sku": "A", "qty": 2}, {"sku": "A", "qty": "0.5"}],
            args={"key": "sku", "value": "qty", "repeated": "sum"},
            output={"A": Decimal("2.5")},
        ),
        Example(input=[{"id": 7, "name": "Red"}], args={"key": "id"}, output={"7": {"id": 7, "name": "Red"}}),
        Example(input=[], args={"key": "sku"}, output={}),
        Example(input=[{"sku": "A"}, {"sku": "A"}], args={"key": "sku"}, fails="two elements have the key 'A'"),
        Example(input=[{"sku": ""}], args={"key": "sku"}, fails="an element has nothing in sku"),
    ],
)
def to_object(key: str, value: str, repeated: str, skip_empty: bool) -> Apply:
    key_of, value_of, merge = element(key), element(value), _MERGES[repeated]

    def apply(items: object) -> object:
        made: dict[str, Any] = {}
        for item in as_list(items):
            found = value_of(item)
            if skip_empty and is_empty(found):
                continue
            name = key_of(item)
            if is_empty(name):
                raise MappingError(f"an element has nothing in {key}: {show(item)}", value=item)
            merge(made, as_text(name), found)
        return made

    return apply


def _once(made: dict[str, Any], key: str, value: object) -> None:
    if key in made:
        raise MappingError(
            f"two elements have the key {show(key)}", value=key, hint="Say what counts when it comes again."
        )
    made[key] = value


def _last(made: dict[str, Any], key: str, value: object) -> None:
    made[key] = value


def _summed(made: dict[str, Any], key: str, value: object) -> None:
    number = to_number(value)
    made[key] = EXACT.add(made[key], number) if key in made else number


#: (the object so far, key, value) -> nothing
_MERGES: dict[str, Callable[[dict[str, Any], str, object], object]] = {
    "fail": _once,
    "first": lambda made, key, value: made.setdefault(key, value),
    "last": _last,
    "sum": _summed,
    "list": lambda made, key, value: made.setdefault(key, []).append(value),
}


@function(
    "array.unpivot",
    title="Columns to lines",
    group="array",
    summary="One element for each of some columns that is filled: sizes side by side become lines. The other fields stay.",
    takes=LIST,
    gives="list",
    params=[
        Param("columns", "Columns", list, help="names of fields of the elements"),
        Param("name", "Name of the field for the column's name", str, default="name", minimum=1, maximum=200),
        Param("value", "Name of the field for its value", str, default="value", minimum=1, maximum=200),
        Param("skip_empty", "Leave out empty ones", bool, default=True),
    ],
    examples=[
        Example(
            input=[{"style": "tee", "S": "2", "M": "", "L": 1}],
            args={"columns": ["S", "M", "L"], "name": "size", "value": "qty"},
            output=[{"style": "tee", "size": "S", "qty": "2"}, {"style": "tee", "size": "L", "qty": 1}],
        ),
        Example(
            input=[{"sku": "A", "web": 0}],
            args={"columns": ["web", "pos"], "skip_empty": False},
            output=[{"sku": "A", "name": "web", "value": 0}, {"sku": "A", "name": "pos", "value": None}],
        ),
        Example(input=[], args={"columns": "S"}, output=[]),
        Example(input=["tee"], args={"columns": "S"}, fails="'tee' is not an object"),
    ],
)
def unpivot(columns: list[str], name: str, value: str, skip_empty: bool) -> Apply:
    taken = frozenset(columns)
    if not columns or len(taken) < len(columns):
        raise ConfigError("name one column or more, each once")
    if name == value:
        raise ConfigError(f"name and value would both be called {name!r}")

    def apply(items: object) -> object:
        made: list[object] = []
        cells = 0
        for item in as_list(items):
            if not isinstance(item, dict):
                raise MappingError(f"{show(item)} is not an object", value=item)
            rest = {key: inner for key, inner in item.items() if key not in taken}
            cells += len(columns) * (len(rest) + 2)
            if cells > MAX_CELLS:
                raise MappingError(f"this would make more than {MAX_CELLS} fields", value=items)
            filled = ((column, item.get(column)) for column in columns)
            made += [
                {**rest, name: column, value: cell} for column, cell in filled if not (skip_empty and is_empty(cell))
            ]
        return made

    return apply


_STOCK = [{"sku": "A", "qty": 5}, {"sku": "B", "qty": 1}, {"sku": "A", "qty": 2}]


@function(
    "array.match",
    title="Match with another list",
    group="array",
    summary="Gives each element of the first source list those of the second that have the same key.",
    takes=VALUES,
    gives="list",
    params=[
        Param("by", "Path of the key within an element", str, minimum=1, offer="path"),
        Param("other_by", "Path of the key in the second list", str, default="", offer="path", help="empty: the same"),
        Param("into", "Name of what is found", str, default="matches", minimum=1, maximum=200),
        Param(
            "give", "Give", str, default="all", choices=("all", "first", "last"), help="a list, or one of them or null"
        ),
        Param("keep", "Elements", str, default="all", choices=("all", "matched", "unmatched")),
    ],
    examples=[
        Example(
            input=[[{"sku": "A"}, {"sku": "C"}], _STOCK],
            args={"by": "sku", "into": "stock"},
            output=[{"sku": "A", "stock": [_STOCK[0], _STOCK[2]]}, {"sku": "C", "stock": []}],
        ),
        Example(
            input=[[{"image": 7}, {"image": None}], [{"id": "7", "src": "a.jpg"}]],
            args={"by": "image", "other_by": "id", "into": "file", "give": "first"},
            output=[{"image": 7, "file": {"id": "7", "src": "a.jpg"}}, {"image": None, "file": None}],
        ),
        Example(
            input=[[{"sku": "A"}, {"sku": "C"}], _STOCK],
            args={"by": "sku", "keep": "unmatched"},
            output=[{"sku": "C", "matches": []}],
        ),
        Example(input=[None, _STOCK], args={"by": "sku"}, output=None),
        Example(input=[["A"], _STOCK], args={"by": "sku"}, fails="'A' is not an object"),
        Example(input=[_STOCK], args={"by": "sku"}, fails="takes two source fields, not 1"),
    ],
)
def match(by: str, other_by: str, into: str, give: str, keep: str) -> ApplyAll:
    key_of, other_key = element(by), element(other_by or by)

    def apply(values: list[object]) -> object:
        items, others = pair(values)
        if is_empty(items):
            return items
        found: dict[str, list[object]] = {}
        for other in [] if is_empty(others) else as_list(others):
            if not is_empty(key := other_key(other)):
                found.setdefault(as_text(key), []).append(other)
        made: list[object] = []
        matched = 0
        for item in as_list(items):
            if not isinstance(item, dict):
                raise MappingError(f"{show(item)} is not an object", value=item)
            key = key_of(item)
            matches = [] if is_empty(key) else found.get(as_text(key), [])
            matched += len(matches)
            if matched > MAX_CELLS:
                raise MappingError(f"the lists have more than {MAX_CELLS} matches", value=key)
            if keep == "all" or bool(matches) is (keep == "matched"):
                made.append({**item, into: _given(matches, give)})
        return made

    return apply


def _given(matches: list[object], give: str) -> object:
    if give == "all":
        return list(matches)
    return matches[0 if give == "first" else -1] if matches else None


@function(
    "other.pick",
    title="Pick a field",
    group="other",
    summary="What an object has at a path, or null: of the element that a list was narrowed down to, or of decoded JSON.",
    takes=VALUE,
    gives="any",
    params=[Param("path", "Path", str, minimum=1, offer="path")],
    examples=[
        Example(input={"sku": "A", "size": {"eu": 42}}, args={"path": "size.eu"}, output=42),
        Example(input={"sku": "A"}, args={"path": "qty"}, output=None),
        Example(input=[{"sku": "A"}, {"sku": "B"}], args={"path": "[-1].sku"}, output="B"),
        Example(input=None, args={"path": "sku"}, output=None),
        Example(input="A", args={"path": "sku"}, fails="'A' is neither an object nor a list"),
    ],
)
def pick(path: str) -> Apply:
    get = element(path)

    def apply(value: object) -> object:
        if not isinstance(value, dict | list):
            raise MappingError(f"{show(value)} is neither an object nor a list", value=value)
        return get(value)

    return apply
