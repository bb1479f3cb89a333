"""Filters: resolving relative times, splitting what the source applies from what is applied here, and applying it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from dateutil.relativedelta import relativedelta

from topstitch.engine.spec import Ago, FilterRow
from topstitch.errors import ConfigError, MappingError
from topstitch.sdk.model import Condition, Read
from topstitch.values.dates import as_datetime, compile_date_reader
from topstitch.values.paths import compile_get
from topstitch.values.zones import find_zone

Test = Callable[[dict[str, Any]], bool]
RELATIVE = ("in_the_last", "more_than_ago")
_SPANS = {
    "second": "seconds",
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "week": "weeks",
    "month": "months",
    "year": "years",
}


def resolve_all(rows: Sequence[FilterRow], now: datetime, *, reach_back: datetime | None = None) -> list[Condition]:
    """All rows as conditions with absolute values.

    `reach_back` is the time of the last complete run. Of a field of which only values of some age are wanted, that run saw
    as much less.
    """
    if reach_back is None:
        return [resolve(row, now) for row in rows]
    seen: dict[str, datetime] = {}
    for row in rows:
        if row.op == "more_than_ago":
            limit = resolve(row, reach_back).value
            seen[row.field] = min(limit, seen.get(row.field, limit))
    return [resolve(row, now, reach_back=seen.get(row.field, reach_back)) for row in rows]


def resolve(row: FilterRow, now: datetime, *, reach_back: datetime | None = None) -> Condition:
    """A row as a condition with absolute values. `reach_back` widens a relative window that would begin later."""
    if row.op not in RELATIVE:
        return Condition(row.field, row.op, row.value)
    try:
        ago = Ago.model_validate(row.value)
    except ValueError as error:
        raise ConfigError(
            f"the filter on {row.field} needs an amount and a unit, as in 10 minutes", key="filter"
        ) from error
    try:
        moment = now - relativedelta(**{_SPANS[ago.unit]: ago.amount})  # type: ignore[arg-type]  # names from the table above
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"the filter on {row.field} goes back {ago.amount} {ago.unit}s, which is before the year 1", key="filter"
        ) from error
    if row.op == "more_than_ago":
        return Condition(row.field, "less_or_equal", moment)
    if reach_back and reach_back < moment:
        moment = reach_back
    return Condition(row.field, "greater_or_equal", moment)


def split(conditions: Sequence[Condition], read: Read) -> tuple[list[Condition], list[Condition]]:
    """(those the source applies, those applied here)."""
    there = [c for c in conditions if c.op in read.filters.get(c.field, ())]
    return there, [c for c in conditions if c not in there]


def compile_filters(conditions: Sequence[Condition], zone: str = "UTC") -> Test:
    """One test over all conditions; a record passes when every one holds."""
    tests = [compile_condition(condition, zone) for condition in conditions]
    if not tests:
        return lambda record: True
    if len(tests) == 1:
        return tests[0]
    return lambda record: all(test(record) for test in tests)


def compile_condition(condition: Condition, zone: str = "UTC") -> Test:
    """One condition as a test of a record. Raises ConfigError naming the field."""
    get = compile_get(condition.field)
    try:
        test = compile_test(condition.op, condition.value, zone)
    except ConfigError as error:
        raise ConfigError(f"the filter on {condition.field}: {error.message}", key="filter", hint=error.hint) from error
    return lambda record: test(get(record))


def compile_test(op: str, value: Any, zone: str = "UTC") -> Callable[[Any], bool]:
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
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _same(expected: Any) -> Callable[[Any], bool]:
    """Equality as people mean it: 1, "1" and 1.0 are the same, and so are true and "true"."""
    wanted = _text(expected)
    number = _number(expected)

    def same(value: Any) -> bool:
        if _text(value) == wanted or (value == expected and not isinstance(value, bool)):
            return True
        return number is not None and not isinstance(value, bool) and _number(value) == number

    return same


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """A filter's value as an aware date-time, or None when it is none. Without an offset it is in `zone`."""
    dated = isinstance(value, str) and len(value) >= 10 and value[4:5] == "-"
    if not dated and not isinstance(value, date):
        return None
    try:
        return as_datetime(value, zone)
    except MappingError:
        return None


def _compare(expected: Any, zone: tzinfo, holds: Callable[[Any, Any], bool]) -> Callable[[Any], bool]:
    """Order of dates, else of numbers, else of text. An empty value is never in order, nor is one that is no date when
    dates are compared: ISO 8601 or seconds since 1970.
    """
    when, number = moment(expected, zone), _number(expected)
    if when is not None:
        return _compare_dates(when, zone, holds)

    def test(value: Any) -> bool:
        if _empty(value):
            return False
        if number is not None and (amount := _number(value)) is not None:
            return holds(amount, number)
        return holds(_text(value), _text(expected))

    return test


def _compare_dates(when: datetime, zone: tzinfo, holds: Callable[[Any, Any], bool]) -> Callable[[Any], bool]:
    read = compile_date_reader((), zone)

    def test(value: Any) -> bool:
        if _empty(value):
            return False
        try:
            return holds(read(value), when)
        except MappingError:
            return False

    return test


def _many(value: Any) -> list[Callable[[Any], bool]]:
    items = value if isinstance(value, list | tuple) else [part.strip() for part in str(value).split(",")]
    return [_same(item) for item in items]


def _between(value: Any, zone: tzinfo) -> Callable[[Any], bool]:
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (None, None)
    if low is None or high is None:
        raise ConfigError("a filter with `between` needs two values", key="filter")
    least, most = _compare(low, zone, lambda a, b: bool(a >= b)), _compare(high, zone, lambda a, b: bool(a <= b))
    return lambda v: least(v) and most(v)


def _not(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: not test(value)


def _any(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return lambda value: any(test(value) for test in tests)


def _contains(expected: Any, _zone: tzinfo) -> Callable[[Any], bool]:
    wanted, same = _text(expected).lower(), _same(expected)
    return lambda v: any(same(item) for item in v) if isinstance(v, list) else wanted in _text(v).lower()


#: Operators that mean something without a value.
_WITHOUT_VALUE = ("equals", "not_equals", "is_empty", "is_not_empty")
_TESTS: Mapping[str, Callable[[Any, tzinfo], Callable[[Any], bool]]] = {
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
