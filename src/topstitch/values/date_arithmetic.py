"""Shifting dates and rounding them to the start or end of a unit, in the date's own zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from topstitch.errors import ConfigError, MappingError

Change = Callable[[datetime], datetime]

UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
EDGES = ("start", "end")
_CLOCK = {"second": 1, "minute": 60, "hour": 3600}
_CALENDAR_DAYS = {"day": 1, "week": 7}
#: Well beyond the years 1 to 9999 in seconds.
MAX_AMOUNT = 10**12


def compile_shift(amount: int, unit: str) -> Change:
    """A function that moves a date by `amount` units.

    Seconds, minutes and hours are exact durations. Days and longer keep the time on the clock across a change to
    summer time; months and years end on the last day of a shorter month (31 January + 1 month is 28 or 29 February).
    The function raises MappingError beyond the years 1 to 9999.
    """
    if unit not in UNITS:
        raise ConfigError(f"{unit!r} is not a unit of time; use one of {', '.join(UNITS)}")
    if abs(amount) > MAX_AMOUNT:
        raise ConfigError(f"an adjustment of {amount} is beyond any date")
    if not amount:
        return _same
    try:
        move = _mover(amount, unit)
    except OverflowError as error:
        raise ConfigError(f"an adjustment of {amount} {unit}s is beyond any date") from error

    def shift(moment: datetime) -> datetime:
        try:
            return move(moment)
        except (OverflowError, ValueError) as error:
            raise MappingError(
                f"{moment.isoformat()} shifted by {amount} {unit}s is outside the years 1 to 9999", value=moment
            ) from error

    return shift


def _same(moment: datetime) -> datetime:
    return moment


def _mover(amount: int, unit: str) -> Change:
    if unit in _CLOCK:
        duration = timedelta(seconds=amount * _CLOCK[unit])
        return lambda moment: (moment.astimezone(UTC) + duration).astimezone(moment.tzinfo)
    if unit in _CALENDAR_DAYS:
        days = timedelta(days=amount * _CALENDAR_DAYS[unit])
        return lambda moment: _existing(moment + days)
    months = amount * 12 if unit == "year" else amount
    return lambda moment: _existing(_add_months(moment, months))


def _add_months(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _existing(moment: datetime) -> datetime:
    """The same moment, with a time on the clock that exists: 02:30 in the skipped hour of spring becomes 03:30."""
    return moment.replace(fold=0).astimezone(UTC).astimezone(moment.tzinfo)


def whole_units(start: datetime, end: datetime, unit: str) -> int:
    """How many whole units lie between two dates, negative when `end` is the earlier one.

    As in shifting, seconds, minutes and hours are exact durations, and longer units go by the clock of the zone of
    `start`: from noon to noon is a day, whatever summer time does; from 31 January to 28 February no month has passed.
    """
    # In UTC, as dates of one zone are compared by their clocks, which repeat an hour in autumn.
    if end.astimezone(UTC) < start.astimezone(UTC):
        return -_passed(end.astimezone(start.tzinfo), start, unit)
    return _passed(start, end.astimezone(start.tzinfo), unit)


def _passed(start: datetime, end: datetime, unit: str) -> int:
    if unit in _CLOCK:
        return (end - start.astimezone(UTC)) // timedelta(seconds=_CLOCK[unit])
    on_clock, until = start.replace(tzinfo=None), end.replace(tzinfo=None)
    if unit in _CALENDAR_DAYS:
        return max((until - on_clock) // timedelta(days=_CALENDAR_DAYS[unit]), 0)
    months = (until.year - on_clock.year) * 12 + until.month - on_clock.month
    months -= (until.day, until.time()) < (on_clock.day, on_clock.time())
    return max(months // 12 if unit == "year" else months, 0)


def compile_round(edge: str, unit: str) -> Change:
    """A function that moves a date to the first or last second of its minute, hour, day, week, month or year.

    Weeks begin on Monday. The end of a day is 23:59:59. It raises MappingError where no such date exists (year 9999).
    """
    if unit not in UNITS or edge not in EDGES:
        raise ConfigError(f"cannot round a date to the {edge} of a {unit}; use one of {', '.join(UNITS)}")
    to_start = _STARTS[unit]
    if unit in _CLOCK:
        # These never cross a change of the clock, and must stay in their half of a repeated hour.
        return to_start if edge == "start" else _CLOCK_ENDS[unit]
    if edge == "start":
        return _guarded(lambda moment: _existing(to_start(moment)))
    return _guarded(lambda moment: _existing(_last_day(to_start(moment), unit).replace(hour=23, minute=59, second=59)))


def _guarded(change: Change) -> Change:
    def apply(moment: datetime) -> datetime:
        try:
            return change(moment)
        except OverflowError as error:
            raise MappingError(f"{moment.isoformat()} rounded is outside the years 1 to 9999", value=moment) from error

    return apply


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


_STARTS: dict[str, Change] = {
    "second": lambda moment: moment.replace(microsecond=0),
    "minute": lambda moment: moment.replace(second=0, microsecond=0),
    "hour": lambda moment: moment.replace(minute=0, second=0, microsecond=0),
    "day": _midnight,
    "week": lambda moment: _midnight(moment) - timedelta(days=moment.weekday()),
    "month": lambda moment: _midnight(moment).replace(day=1),
    "year": lambda moment: _midnight(moment).replace(month=1, day=1),
}


_CLOCK_ENDS: dict[str, Change] = {
    "second": _STARTS["second"],
    "minute": lambda moment: moment.replace(second=59, microsecond=0),
    "hour": lambda moment: moment.replace(minute=59, second=59, microsecond=0),
}


def _last_day(start: datetime, unit: str) -> datetime:
    if unit == "week":
        return start + timedelta(days=6)
    if unit == "month":
        return start.replace(day=monthrange(start.year, start.month)[1])
    return start.replace(month=12, day=31) if unit == "year" else start
