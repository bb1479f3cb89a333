"""Filters: resolving relative times, splitting what the source applies from what is applied here, and applying it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from topstitch.engine.spec import Ago, FilterRow
from topstitch.errors import ConfigError
from topstitch.sdk.model import Condition, Read
from topstitch.values.paths import compile_get

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
    moment = now - relativedelta(**{_SPANS[ago.unit]: ago.amount})  # type: ignore[arg-type]  # names from the table above
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
    """One condition as a test of a record. Raises ConfigError for an operator that does not exist."""
    get, test = compile_get(condition.field), compile_test(condition.op, condition.value, zone)
    return lambda record: test(get(record))


def compile_test(op: str, value: Any, zone: str = "UTC") -> Callable[[Any], bool]:
    """An operator and its value as a test of one value. Raises ConfigError for an operator that does not exist."""
    make = _TESTS.get(op)
    if make is None:
        raise ConfigError(f"unknown operator {op!r}; there are {', '.join(_TESTS)}", key="filter")
    return make(value, ZoneInfo(zone))


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
        if value == expected or _text(value) == wanted:
            return True
        return number is not None and not isinstance(value, bool) and _number(value) == number

    return same


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """A value as an aware date-time, or None when it is none. Without an offset it is in `zone`."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            return None
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
    return None


def _compare(expected: Any, zone: ZoneInfo, holds: Callable[[Any, Any], bool]) -> Callable[[Any], bool]:
    """Order of dates, else of numbers, else of text; an empty value is never in order."""
    when, number = moment(expected, zone), _number(expected)

    def test(value: Any) -> bool:
        if _empty(value):
            return False
        if when is not None and (then := moment(value, zone)) is not None:
            return holds(then, when)
        if number is not None and (amount := _number(value)) is not None:
            return holds(amount, number)
        return holds(_text(value), _text(expected))

    return test


def _many(value: Any) -> list[Callable[[Any], bool]]:
    items = value if isinstance(value, list | tuple) else [part.strip() for part in str(value).split(",")]
    return [_same(item) for item in items]


def _between(value: Any, zone: ZoneInfo) -> Callable[[Any], bool]:
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (None, None)
    if low is None or high is None:
        raise ConfigError("a filter with `between` needs two values", key="filter")
    least, most = _compare(low, zone, lambda a, b: bool(a >= b)), _compare(high, zone, lambda a, b: bool(a <= b))
    return lambda v: least(v) and most(v)


def _not(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: not test(value)


def _any(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return lambda value: any(test(value) for test in tests)


def _contains(expected: Any, _zone: ZoneInfo) -> Callable[[Any], bool]:
    wanted, same = _text(expected).lower(), _same(expected)
    return lambda v: any(same(item) for item in v) if isinstance(v, list) else wanted in _text(v).lower()


_TESTS: Mapping[str, Callable[[Any, ZoneInfo], Callable[[Any], bool]]] = {
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
