"""How far relative filters look back, and how much time a schedule leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from topstitch.engine.rhythm import longest_gap, shortest_window
from topstitch.engine.spec import FilterRow, Schedule

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("crons", "gap"),
    [
        (["*/10 * * * *"], timedelta(minutes=10)),
        (["*/45 * * * *"], timedelta(minutes=45)),
        (["0 6-22 * * *"], timedelta(hours=8)),
        (["0 2 * * *"], timedelta(days=1)),
        (["0 9 * * 1-5"], timedelta(days=3)),
        (["0 * * * *", "30 * * * *"], timedelta(minutes=30)),
    ],
)
def test_the_longest_time_between_two_runs(crons, gap):
    assert longest_gap([Schedule(cron=cron) for cron in crons], NOW) == gap


def test_a_schedule_without_two_times_has_no_gap():
    assert longest_gap([], NOW) is None


def test_the_row_that_looks_back_least_decides():
    rows = [
        FilterRow(field="a", op="in_the_last", value={"amount": 2, "unit": "day"}),
        FilterRow(field="b", op="in_the_last", value={"amount": 10, "unit": "minute"}),
        FilterRow(field="c", op="more_than_ago", value={"amount": 1, "unit": "minute"}),
        FilterRow(field="d", op="equals", value="x"),
    ]
    row, span = shortest_window(rows, NOW)
    assert (row.field, span) == ("b", timedelta(minutes=10))
    assert shortest_window(rows[2:], NOW) is None
