"""Schedules: five-field cron expressions in a zone, read by cronsim, which is right over clock changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from cronsim import CronSim, CronSimError

from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError
from topstitch.values.zones import find_zone


def slots(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """The times of a schedule after a moment, in UTC. Raises ConfigError for what is no five-field cron expression."""
    if len(schedule.cron.split()) != 5:
        raise ConfigError(
            f"the schedule {schedule.cron!r} needs five fields: minute, hour, day of month, month, day of week",
            key="schedule",
        )
    try:
        simulation = CronSim(schedule.cron, after.astimezone(find_zone(schedule.zone)))
    except (CronSimError, ConfigError) as error:
        raise ConfigError(
            f"the schedule {schedule.cron!r} in {schedule.zone} cannot be read: {error}", key="schedule"
        ) from error
    return (slot.astimezone(UTC) for slot in simulation)


def next_slot(schedules: Sequence[Schedule], after: datetime) -> datetime | None:
    """The first time of any of the schedules after a moment."""
    firsts = [first for schedule in schedules if (first := next(slots(schedule, after), None)) is not None]
    return min(firsts, default=None)


def upcoming(schedules: Sequence[Schedule], after: datetime, count: int = 5) -> list[datetime]:
    """The next times, for people to see."""
    merged = {slot for schedule in schedules for slot in islice(slots(schedule, after), count)}
    return sorted(merged)[:count]


def in_words(schedule: Schedule) -> str:
    """The schedule in English."""
    try:
        words = CronSim(schedule.cron, datetime.now(UTC)).explain()
    except CronSimError:
        return schedule.cron
    return f"{words} ({schedule.zone})" if schedule.zone != "UTC" else words
