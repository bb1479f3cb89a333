"""Filter rows: what each operator lets through, and what relative times mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.engine.filters import compile_filters, resolve, resolve_all, split
from topstitch.engine.spec import FilterRow
from topstitch.errors import ConfigError
from topstitch.sdk.model import Condition, Read

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def holds(op, expected, value, zone="UTC"):
    return compile_filters([Condition("field", op, expected)], zone)({"field": value})


@pytest.mark.parametrize(
    ("op", "expected", "value", "answer"),
    [
        ("equals", "paid", "paid", True),
        ("equals", "paid", "Paid", False),
        ("equals", 1, "1", True),
        ("equals", "1", 1.0, True),
        ("equals", "1.00", 1, True),
        ("equals", True, "true", True),
        ("equals", "false", False, True),
        ("equals", 1, True, False),
        ("equals", None, None, True),
        ("equals", "", None, True),
        ("equals", "0", None, False),
        ("equals", "x", ["x"], False),
        ("not_equals", "paid", "open", True),
        ("not_equals", "paid", "paid", False),
        ("not_equals", "paid", None, True),
        ("in", ["a", "b"], "b", True),
        ("in", "a, b", "b", True),
        ("in", "1,2", 2, True),
        ("in", ["a"], None, False),
        ("not_in", ["a", "b"], "c", True),
        ("not_in", ["a", "b"], "a", False),
        ("greater", 10, 11, True),
        ("greater", 10, "9", False),
        ("greater", "10", "9", False),
        ("greater", 10, 10, False),
        ("greater", 10, None, False),
        ("greater", 10, "", False),
        ("greater_or_equal", "10.00", 10, True),
        ("less", 10, 9.5, True),
        ("less", 10, None, False),
        ("less_or_equal", 10, 10, True),
        ("less", "b", "a", True),
        ("contains", "ell", "Hello", True),
        ("contains", "HELL", "hello", True),
        ("contains", "x", None, False),
        ("contains", "red", ["red", "blue"], True),
        ("contains", "re", ["red", "blue"], False),
        ("contains", "2", [1, 2], True),
        ("starts_with", "#10", "#1001", True),
        ("starts_with", "10", 1001, True),
        ("ends_with", "01", "#1001", True),
        ("ends_with", "01", None, False),
        ("is_empty", None, None, True),
        ("is_empty", None, "", True),
        ("is_empty", None, [], True),
        ("is_empty", None, {}, True),
        ("is_empty", None, 0, False),
        ("is_empty", None, False, False),
        ("is_not_empty", None, 0, True),
        ("is_not_empty", None, "", False),
        ("between", [1, 3], 2, True),
        ("between", [1, 3], 3, True),
        ("between", ["2026-01-01", "2026-01-31"], "2026-01-31T00:00:00Z", True),
        ("between", ["2026-01-01", "2026-01-31"], "2026-01-31T00:00:01Z", False),
        ("before", "2026-01-01", "2025-12-31T23:59:59Z", True),
        ("after", "2026-01-01", "2025-12-31T23:59:59-05:00", True),
        ("after", "2026-01-01", "not a date", False),
        ("before", "2026-01-01", "not a date", False),
    ],
)
def test_an_operator_means_this(op, expected, value, answer):
    assert holds(op, expected, value) is answer


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", float("nan"), {"a": 1}, ["1"], True, "1e999999999"])
@pytest.mark.parametrize("op", ["equals", "greater", "less", "greater_or_equal", "in", "contains"])
def test_no_value_of_a_record_breaks_a_filter(op, value):
    assert holds(op, 5, value) in (True, False)
    assert holds(op, "NaN", value) in (True, False)


def test_a_date_without_a_zone_is_in_the_zone_of_the_source():
    assert holds("after", "2026-07-01T00:30:00Z", "2026-07-01T01:00:00", "Europe/London") is False
    assert holds("after", "2026-07-01T00:30:00Z", "2026-07-01T01:00:00", "UTC") is True
    assert holds("after", "2026-07-01T00:00:00", "2026-06-30T23:30:00Z", "Europe/London") is True


def test_seconds_since_1970_are_compared_with_a_date_as_the_date_they_are():
    assert holds("after", "2026-01-01", 1_767_225_601) is True
    assert holds("after", "2026-01-01", "2026-01-01T00:00:01Z") is True
    assert holds("after", "2026-01-01", 1_767_225_599) is False


def test_a_path_into_lists_and_objects_is_followed():
    keep = compile_filters([Condition("customer.tags", "contains", "vip"), Condition("lines[0].qty", "greater", 1)])
    assert keep({"customer": {"tags": ["vip"]}, "lines": [{"qty": 2}]})
    assert not keep({"customer": {"tags": ["vip"]}, "lines": []})
    assert not keep({"customer": None, "lines": [{"qty": 2}]})


def test_all_rows_must_hold_and_no_rows_let_everything_through():
    rows = [Condition("a", "equals", 1), Condition("b", "equals", 2), Condition("c", "equals", 3)]
    assert compile_filters(rows)({"a": 1, "b": 2, "c": 3})
    assert not compile_filters(rows)({"a": 1, "b": 2, "c": 4})
    assert compile_filters([])({})


@pytest.mark.parametrize("op", ["in", "greater", "before", "contains", "starts_with", "between"])
@pytest.mark.parametrize("nothing", [None, "", []])
def test_an_operator_that_needs_a_value_says_so(op, nothing):
    with pytest.raises(ConfigError, match=f"the filter on total: `{op}` needs a value"):
        compile_filters([Condition("total", op, nothing)])


@pytest.mark.parametrize("value", ["2026-01-01", [1], [1, None], [1, 2, 3]])
def test_between_needs_two_values(value):
    with pytest.raises(ConfigError, match="two values"):
        compile_filters([Condition("total", "between", value)])


def test_an_unknown_operator_and_an_unknown_zone_are_told():
    with pytest.raises(ConfigError, match="unknown operator 'like'"):
        compile_filters([Condition("a", "like", 1)])
    with pytest.raises(ConfigError, match="Europe/Londn"):
        compile_filters([Condition("a", "equals", 1)], "Europe/Londn")


@pytest.mark.parametrize(
    ("amount", "unit", "begins"),
    [
        (90, "second", datetime(2026, 3, 31, 11, 58, 30, tzinfo=UTC)),
        (10, "minute", datetime(2026, 3, 31, 11, 50, tzinfo=UTC)),
        (2, "hour", datetime(2026, 3, 31, 10, 0, tzinfo=UTC)),
        (31, "day", datetime(2026, 2, 28, 12, 0, tzinfo=UTC)),
        (2, "week", datetime(2026, 3, 17, 12, 0, tzinfo=UTC)),
        (1, "month", datetime(2026, 2, 28, 12, 0, tzinfo=UTC)),
        (2, "year", datetime(2024, 3, 31, 12, 0, tzinfo=UTC)),
        (0, "day", NOW),
    ],
)
def test_a_relative_time_counts_back_from_the_time_of_the_run(amount, unit, begins):
    row = FilterRow(field="updated_at", op="in_the_last", value={"amount": amount, "unit": unit})
    assert resolve(row, NOW) == Condition("updated_at", "greater_or_equal", begins)
    older = FilterRow(field="updated_at", op="more_than_ago", value={"amount": amount, "unit": unit})
    assert resolve(older, NOW) == Condition("updated_at", "less_or_equal", begins)


@pytest.mark.parametrize(
    "value", [None, 10, "10 minutes", {"amount": 1}, {"amount": -1, "unit": "day"}, {"unit": "day"}]
)
def test_a_relative_time_that_cannot_be_read_is_told(value):
    with pytest.raises(ConfigError, match="updated_at needs an amount and a unit"):
        resolve(FilterRow(field="updated_at", op="in_the_last", value=value), NOW)


def test_a_relative_time_before_the_calendar_is_told():
    row = FilterRow(field="updated_at", op="in_the_last", value={"amount": 100_000, "unit": "year"})
    with pytest.raises(ConfigError, match="100000 years"):
        resolve(row, NOW)


def ago(op, amount, unit="hour", field="updated_at"):
    return FilterRow(field=field, op=op, value={"amount": amount, "unit": unit})


def test_a_late_run_reaches_back_to_the_last_complete_one():
    covered = datetime(2026, 3, 31, 7, 0, tzinfo=UTC)
    assert resolve(ago("in_the_last", 2), NOW, reach_back=covered).value == covered
    assert resolve(ago("in_the_last", 8), NOW, reach_back=covered).value == datetime(2026, 3, 31, 4, 0, tzinfo=UTC)
    assert resolve(ago("more_than_ago", 1), NOW, reach_back=covered).value == datetime(2026, 3, 31, 11, 0, tzinfo=UTC)


def test_between_one_and_two_hours_old_loses_nothing_after_an_outage():
    # The run at 07:00 saw what was changed until 06:00; so the one at 12:00 goes back to 06:00, not to 07:00.
    covered = datetime(2026, 3, 31, 7, 0, tzinfo=UTC)
    young, old = resolve_all([ago("in_the_last", 2), ago("more_than_ago", 1)], NOW, reach_back=covered)
    assert young.value == datetime(2026, 3, 31, 6, 0, tzinfo=UTC)
    assert old.value == datetime(2026, 3, 31, 11, 0, tzinfo=UTC)


def test_an_age_of_another_field_does_not_move_the_window():
    covered = datetime(2026, 3, 31, 7, 0, tzinfo=UTC)
    rows = [ago("in_the_last", 2), ago("more_than_ago", 1, field="created_at")]
    assert resolve_all(rows, NOW, reach_back=covered)[0].value == covered


def test_what_the_source_understands_is_left_to_it():
    read = Read(pages=lambda conn, query, cursor: iter(()), filters={"status": ("equals", "in")})
    rows = [Condition("status", "equals", "open"), Condition("status", "contains", "o"), Condition("x", "equals", 1)]
    there, here = split(rows, read)
    assert there == rows[:1]
    assert here == rows[1:]
