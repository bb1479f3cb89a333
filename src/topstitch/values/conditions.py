"""Operators as tests of one value: those of filter rows, of lists that are filtered, of conditions in a mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from topstitch.errors import ConfigError, MappingError
from topstitch.values.dates import as_datetime, compile_date_reader
from topstitch.values.numbers import to_number
from topstitch.values.text import as_text, show
from topstitch.values.zones import find_zone

Test = Callable[[Any], bool]
_CONTAINERS = (list, tuple, dict)


def compile_test(op: str, value: Any, zone: str = "UTC") -> Test:
    """An operator and its value as a test of one value. Raises ConfigError for an operator or a zone that does not exist,
    and for a value that is missing.
    """
    make = _TESTS.get(op)
    if make is None:
        raise ConfigError(f"unknown operator {op!r}; there are {', '.join(_TESTS)}", key="filter")
    if _empty(value) and op not in _WITHOUT_VALUE:
        raise ConfigError(f"`{op}` needs a value", key="filter")
    return make(value, find_zone(zone))


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _text(value: Any) -> str:
    """A value as text is compared; a list or an object has none, and what cannot be written is as messages show it."""
    if isinstance(value, _CONTAINERS):
        return ""
    try:
        return as_text(value)
    except MappingError:
        return show(value)


def _same(expected: Any) -> Test:
    """Equality as people mean it: 1, "1" and 1.0 are the same, and so are true and "true"."""
    wanted = _text(expected)
    number = _number(expected)

    def same(value: Any) -> bool:
        if isinstance(value, _CONTAINERS) or isinstance(expected, _CONTAINERS):
            return _equal(value, expected)
        if _text(value) == wanted:
            return True
        return number is not None and _number(value) == number

    return same


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except RecursionError:
        return False


def _number(value: Any) -> Decimal | None:
    """A number, or text that is one; None for all else, and for numbers that no record can mean."""
    if value is None or isinstance(value, (bool, *_CONTAINERS)):
        return None
    try:
        return to_number(value)
    except MappingError:
        return None


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """A filter's value as an aware date-time, or None when it is none. Without an offset it is in `zone`."""
    dated = isinstance(value, str) and len(value) >= 10 and value[4:5] == "-"
    if not dated and not isinstance(value, date):
        return None
    try:
        return as_datetime(value, zone)
    except MappingError:
        return None


def _compare(expected: Any, zone: tzinfo, holds: Callable[[Any, Any], bool]) -> Test:
    """Order of dates, else of numbers, else of text. An empty value is never in order, nor is one that is no date when
    dates are compared: ISO 8601 or seconds since 1970.
    """
    when, number = moment(expected, zone), _number(expected)
    if when is not None:
        return _compare_dates(when, zone, holds)

    def test(value: Any) -> bool:
        if _empty(value) or isinstance(value, _CONTAINERS):
            return False
        if number is not None and (amount := _number(value)) is not None:
            return holds(amount, number)
        return holds(_text(value), _text(expected))

    return test


def _compare_dates(when: datetime, zone: tzinfo, holds: Callable[[Any, Any], bool]) -> Test:
    read = compile_date_reader((), zone)

    def test(value: Any) -> bool:
        if _empty(value):
            return False
        try:
            return holds(read(value), when)
        except MappingError:
            return False

    return test


def _many(value: Any) -> list[Test]:
    items = value if isinstance(value, list | tuple) else [part.strip() for part in str(value).split(",")]
    return [_same(item) for item in items]


def _between(value: Any, zone: tzinfo) -> Test:
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (None, None)
    if low is None or high is None:
        raise ConfigError("a filter with `between` needs two values", key="filter")
    least, most = _compare(low, zone, lambda a, b: bool(a >= b)), _compare(high, zone, lambda a, b: bool(a <= b))
    return lambda v: least(v) and most(v)


def _not(test: Test) -> Test:
    return lambda value: not test(value)


def _any(tests: list[Test]) -> Test:
    return lambda value: any(test(value) for test in tests)


def _contains(expected: Any, _zone: tzinfo) -> Test:
    wanted, same = _text(expected).lower(), _same(expected)
    return lambda v: any(same(item) for item in v) if isinstance(v, list) else wanted in _text(v).lower()


#: Operators that mean something without a value.
_WITHOUT_VALUE = ("equals", "not_equals", "is_empty", "is_not_empty")
_TESTS: Mapping[str, Callable[[Any, tzinfo], Test]] = {
    "equals": lambda v, _: _same(v),
    "not_equals": lambda v, _: _not(_same(v)),
    "in": lambda v, _: _any(_many(v)),
    "not_in": lambda v, _: _not(_any(_many(v))),
    "greater": lambda v, z: _compare(v, z, lambda a, b: bool(a > b)),
    "greater_or_equal": lambda v, z: _compare(v, z, lambda a, b: bool(a >= b)),
    "less": lambda v, z: _compare(v, z, lambda a, b: bool(a < b)),
    "less_or_equal": lambda v, z: _compare(v, z, lambda a, b: bool(a <= b)),
    "after": lambda v, z: _compare(v, z, lambda a, b: bool(a > b)),
    "before": lambda v, z: _compare(v, z, lambda a, b: bool(a < b)),
    "contains": _contains,
    "starts_with": lambda v, _: lambda value: _text(value).lower().startswith(_text(v).lower()),
    "ends_with": lambda v, _: lambda value: _text(value).lower().endswith(_text(v).lower()),
    "is_empty": lambda v, _: _empty,
    "is_not_empty": lambda v, _: _not(_empty),
    "between": _between,
}
#: All operators that compare with a value as it stands; filter rows have two more, relative to the time of the run.
OPERATORS = tuple(_TESTS)
