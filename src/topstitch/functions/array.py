"""Functions on lists. What is not a list is a list of one; an element path may be empty, for the element itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from topstitch.functions.registry import LIST, VALUE, Example, Param, function
from topstitch.functions.support import Apply, as_list, element, identity, on_text, refuse_beyond
from topstitch.values.numbers import EXACT, QUOTIENT, to_number
from topstitch.values.text import as_text
from topstitch.values.truth import is_empty

_PATH = Param("path", "Path within an element", str, default="", offer="path")
_LINES = [{"sku": "A", "qty": 2, "price": "9.99"}, {"sku": "B", "qty": 1, "price": "5.00"}]


@function(
    "array.join",
    title="Join",
    group="array",
    summary="Joins the elements into one text.",
    takes=LIST,
    gives="text",
    params=[
        Param("delimiter", "Delimiter", str, default=","),
        Param("skip_empty", "Leave out empty elements", bool, default=True),
    ],
    examples=[
        Example(input=["Apples", "Oranges", "Pears"], args={"delimiter": ","}, output="Apples,Oranges,Pears"),
        Example(input=["a", None, 3], args={"delimiter": "; "}, output="a; 3"),
        Example(input=["a", "", "b"], args={"skip_empty": False}, output="a,,b"),
        Example(input=[], args={"delimiter": ","}, output=""),
        Example(input=[{"sku": "A"}], args={"delimiter": ","}, fails="an object of 1 cannot become text"),
    ],
)
def join(delimiter: str, skip_empty: bool) -> Apply:
    def apply(value: object) -> object:
        texts = [as_text(item) for item in as_list(value)]
        refuse_beyond(len(texts) * len(delimiter), delimiter)
        return delimiter.join(filter(None, texts) if skip_empty else texts)

    return apply


@function(
    "array.first",
    title="First element",
    group="array",
    summary="The first element, or null.",
    takes=LIST,
    gives="any",
    examples=[Example(input=["paypal", "klarna"], output="paypal"), Example(input=[], output=None)],
)
def first() -> Apply:
    return _at(0)


@function(
    "array.last",
    title="Last element",
    group="array",
    summary="The last element, or null.",
    takes=LIST,
    gives="any",
    examples=[Example(input=["paypal", "klarna"], output="klarna"), Example(input="paypal", output="paypal")],
)
def last() -> Apply:
    return _at(-1)


@function(
    "array.nth",
    title="Nth element",
    group="array",
    summary="One element (0 is the first, -1 the last), or null.",
    takes=LIST,
    gives="any",
    params=[Param("index", "Index", int)],
    examples=[
        Example(input=["a", "b", "c"], args={"index": 1}, output="b"),
        Example(input=["a", "b", "c"], args={"index": 7}, output=None),
    ],
)
def nth(index: int) -> Apply:
    return _at(index)


def _at(index: int) -> Apply:
    def apply(value: object) -> object:
        items = as_list(value)
        return items[index] if -len(items) <= index < len(items) else None

    return apply


@function(
    "array.count",
    title="Count",
    group="array",
    summary="The number of elements.",
    takes=LIST,
    gives="integer",
    examples=[Example(input=["a", "b"], output=2), Example(input=[], output=0), Example(input=None, output=None)],
)
def count() -> Apply:
    return lambda value: len(as_list(value))


@function(
    "array.sum",
    title="Sum",
    group="array",
    summary="The sum of a field of the elements, or of one field times another. Empty fields count as zero.",
    takes=LIST,
    gives="number",
    params=[_PATH, Param("times", "Times the field", str, default="", offer="path")],
    examples=[
        Example(input=_LINES, args={"path": "qty"}, output=3),
        Example(input=_LINES, args={"path": "price", "times": "qty"}, output=Decimal("24.98")),
        Example(input=[0.1, 0.2, None], output=Decimal("0.3")),
        Example(input=[], output=0),
        Example(input=[{"qty": "two"}], args={"path": "qty"}, fails="'two' is not a number"),
    ],
)
def sum_(path: str, times: str) -> Apply:
    get = element(path)
    get_times = element(times) if times else None

    def apply(value: object) -> object:
        whole, rest = 0, _ZERO
        for item in as_list(value):
            number = _summand(get(item))
            if get_times:
                number = _product(number, _summand(get_times(item)))
            if type(number) is int:
                whole += number
            else:
                rest = EXACT.add(rest, number)
        return whole if rest is _ZERO else EXACT.add(rest, whole)

    return apply


_ZERO = Decimal(0)
#: Integers of 64 bits, as JSON has them, are summed as they are; greater ones go through the bounds of `to_number`.
_SMALL = 2**64


def _summand(value: object) -> int | Decimal:
    if type(value) is int and -_SMALL < value < _SMALL:
        return value
    return 0 if is_empty(value) else to_number(value)


def _product(one: int | Decimal, other: int | Decimal) -> int | Decimal:
    return one * other if type(one) is type(other) is int else EXACT.multiply(one, other)


def _numbers(get: Callable[[object], object], value: object) -> Iterator[Decimal]:
    return (to_number(number) for item in as_list(value) if not is_empty(number := get(item)))


@function(
    "array.min",
    title="Minimum",
    group="array",
    summary="The smallest number of a field of the elements, or null if there is none.",
    takes=LIST,
    gives="number",
    params=[_PATH],
    examples=[
        Example(input=_LINES, args={"path": "price"}, output=Decimal("5.00")),
        Example(input=[None, ""], output=None),
    ],
)
def min_(path: str) -> Apply:
    get = element(path)
    return lambda value: min(_numbers(get, value), default=None)


@function(
    "array.max",
    title="Maximum",
    group="array",
    summary="The greatest number of a field of the elements, or null if there is none.",
    takes=LIST,
    gives="number",
    params=[_PATH],
    examples=[
        Example(input=_LINES, args={"path": "price"}, output=Decimal("9.99")),
        Example(input=["10", "9"], output=Decimal(10)),
    ],
)
def max_(path: str) -> Apply:
    get = element(path)
    return lambda value: max(_numbers(get, value), default=None)


@function(
    "array.average",
    title="Average",
    group="array",
    summary="The mean of a field of the elements, to 28 digits; empty fields do not count. Null if there is none.",
    takes=LIST,
    gives="number",
    params=[_PATH],
    examples=[
        Example(input=_LINES, args={"path": "qty"}, output=Decimal("1.5")),
        Example(input=[4, None], output=Decimal(4)),
        Example(input=[], output=None),
    ],
)
def average(path: str) -> Apply:
    get = element(path)

    def apply(value: object) -> object:
        numbers = list(_numbers(get, value))
        total = _ZERO
        for number in numbers:
            total = EXACT.add(total, number)
        return QUOTIENT.divide(total, len(numbers)) if numbers else None

    return apply


@function(
    "array.pluck",
    title="Pluck",
    group="array",
    summary="A list of one field of each element; null where it is missing.",
    takes=LIST,
    gives="list",
    params=[Param("path", "Path within an element", str, offer="path")],
    examples=[
        Example(input=_LINES, args={"path": "sku"}, output=["A", "B"]),
        Example(input=[{"sku": "A"}, {}, "x"], args={"path": "sku"}, output=["A", None, None]),
    ],
)
def pluck(path: str) -> Apply:
    get = element(path)
    return lambda value: [get(item) for item in as_list(value)]


@function(
    "array.unique",
    title="Unique",
    group="array",
    summary="Without repetitions, in the first order. With a path, elements are the same if that field is.",
    takes=LIST,
    gives="list",
    params=[_PATH],
    examples=[
        Example(input=["a", "b", "a"], output=["a", "b"]),
        Example(
            input=[{"sku": "A", "n": 1}, {"sku": "A", "n": 2}], args={"path": "sku"}, output=[{"sku": "A", "n": 1}]
        ),
        Example(input=[1, "1", True], output=[1, "1", True]),
    ],
)
def unique(path: str) -> Apply:
    get = element(path)

    def apply(value: object) -> object:
        kept: dict[object, object] = {}
        for item in as_list(value):
            kept.setdefault(identity(get(item)), item)
        return list(kept.values())

    return apply


@function(
    "array.reverse",
    title="Reverse",
    group="array",
    summary="The elements in the opposite order.",
    takes=LIST,
    gives="list",
    examples=[Example(input=["a", "b", "c"], output=["c", "b", "a"]), Example(input=[], output=[])],
)
def reverse() -> Apply:
    return lambda value: as_list(value)[::-1]


@function(
    "array.flatten",
    title="Flatten",
    group="array",
    summary="Lists within the list become one list, however deep.",
    takes=LIST,
    gives="list",
    examples=[
        Example(input=[["a"], ["b", ["c"]], "d"], output=["a", "b", "c", "d"]),
        Example(input=[[], [[]]], output=[]),
    ],
)
def flatten() -> Apply:
    def apply(value: object) -> object:
        flat: list[object] = []
        waiting = [iter(as_list(value))]
        while waiting:
            for item in waiting[-1]:
                if isinstance(item, list):
                    waiting.append(iter(item))
                    break
                flat.append(item)
            else:
                waiting.pop()
        return flat

    return apply


@function(
    "array.slice",
    title="Slice",
    group="array",
    summary="Some elements in a row (0 is the first; a negative start counts from the end).",
    takes=LIST,
    gives="list",
    params=[
        Param("start", "Start", int),
        Param("length", "Length (empty: to the end)", int, default=None, minimum=0),
    ],
    examples=[
        Example(input=["a", "b", "c", "d"], args={"start": 1, "length": 2}, output=["b", "c"]),
        Example(input=["a", "b", "c"], args={"start": -2}, output=["b", "c"]),
        Example(input=["a"], args={"start": 5}, output=[]),
    ],
)
def slice_(start: int, length: int | None) -> Apply:
    def apply(value: object) -> object:
        items = as_list(value)
        begin = max(len(items) + start, 0) if start < 0 else start
        return items[begin:] if length is None else items[begin : begin + length]

    return apply


@function(
    "array.split",
    title="Split to list",
    group="array",
    summary="Splits text at a delimiter into a list.",
    takes=VALUE,
    gives="list",
    params=[
        Param("delimiter", "Delimiter", str, default=",", minimum=1),
        Param("trim", "Trim each element", bool, default=True),
        Param("skip_empty", "Leave out empty elements", bool, default=True),
    ],
    examples=[
        Example(input="red, blue,,green", output=["red", "blue", "green"]),
        Example(input="a||b", args={"delimiter": "|", "skip_empty": False}, output=["a", "", "b"]),
        Example(input=None, output=None),
    ],
)
def split(delimiter: str, trim: bool, skip_empty: bool) -> Apply:
    def apply(text: str) -> list[str]:
        parts = text.split(delimiter)
        if trim:
            parts = [part.strip() for part in parts]
        return [part for part in parts if part] if skip_empty else parts

    return on_text(apply)
