"""Whether a relative filter reaches back to the run before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice, pairwise

from topstitch.engine.filters import resolve
from topstitch.engine.schedule import slots
from topstitch.engine.spec import FilterRow, Schedule, Source

#: So many times to come are looked at: nights and week-ends of a schedule are among them.
TIMES = 800


def longest_wait(schedules: Sequence[Schedule]) -> timedelta | None:
    """The longest time between two runs; None without a schedule."""
    times = merge(*(slots(schedule, datetime.now(UTC)) for schedule in schedules))
    waits = [later - earlier for earlier, later in pairwise(islice(times, TIMES))]
    return max(waits, default=None)


def short_windows(rows: Sequence[FilterRow], source: Source, schedules: Sequence[Schedule]) -> list[FilterRow]:
    """The rows whose time is shorter than the time between two runs."""
    relative = [row for row in rows if row.op == "in_the_last"]
    wait = longest_wait(schedules) if relative else None
    if wait is None:
        return []
    now = datetime.now(UTC)
    return [row for row in relative if now - resolve(row, now).value < wait]
