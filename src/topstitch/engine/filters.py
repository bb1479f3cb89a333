"""Filters: resolving relative times, splitting what the source applies from what is applied here, and applying it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta

from topstitch.engine.spec import Ago, FilterRow
from topstitch.errors import ConfigError
from topstitch.sdk.model import Condition, Read
from topstitch.values.conditions import compile_test
from topstitch.values.paths import compile_get

__all__ = [
    "RELATIVE",
    "Test",
    "compile_condition",
    "compile_filters",
    "compile_test",
    "resolve",
    "resolve_all",
    "split",
]

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
