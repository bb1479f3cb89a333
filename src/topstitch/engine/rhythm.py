"""Whether relative filters reach as far back as the schedule leaves time between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from topstitch.engine.filters import resolve
from topstitch.engine.schedule import upcoming
from topstitch.engine.spec import FilterRow, Schedule

#: Times of a schedule that are looked at: a week of one that runs every quarter of an hour.
LOOKED_AT = 672


def longest_gap(schedules: Sequence[Schedule], after: datetime) -> timedelta | None:
    """The longest time between two scheduled runs; None where fewer than two are to come."""
    times = upcoming(schedules, after, LOOKED_AT)
    return max((later - sooner for sooner, later in pairwise(times)), default=None)


def shortest_window(filters: Sequence[FilterRow], now: datetime | None = None) -> tuple[FilterRow, timedelta] | None:
    """The row that looks back least, and how far; None where no row is about the last minutes, hours or days."""
    now = now or datetime.now(UTC)
    spans = [(row, now - resolve(row, now).value) for row in filters if row.op == "in_the_last"]
    return min(spans, key=lambda each: each[1], default=None)
