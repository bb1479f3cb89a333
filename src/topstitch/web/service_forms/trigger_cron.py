"""A cron expression as the fields of a form, and back; what is wrong with one, and what about one surprises people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from topstitch.engine.schedule import next_slot
from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Unit:
    """A field of an expression: its name, its numbers, and the steps that come round evenly."""

    name: str
    low: int
    high: int
    steps: tuple[int, ...] = ()

    @property
    def all(self) -> frozenset[int]:
        """Every number it can have."""
        return frozenset(range(self.low, self.high + 1))


MINUTE = Unit("minute", 0, 59, (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30))
HOUR = Unit("hour", 0, 23, (1, 2, 3, 4, 6, 8, 12))
MONTHDAY = Unit("day of the month", 1, 31)
MONTH = Unit("month", 1, 12)
WEEKDAY = Unit("day of the week", 0, 7)
UNITS = (MINUTE, HOUR, MONTHDAY, MONTH, WEEKDAY)

EVERY_DAY, ON_WEEKDAYS, ON_MONTHDAYS = "every", "week", "month"
SUNDAY = 7
SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What the form asks. `every_minutes` and `every_hours` are steps, 0: at those that are listed."""

    every_minutes: int = 0
    at_minutes: frozenset[int] = frozenset()
    every_hours: int = 0
    at_hours: frozenset[int] = frozenset()
    days: str = EVERY_DAY
    #: 1 is Monday, 7 Sunday.
    weekdays: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()


def to_cron(fields: Fields) -> str:
    """The expression that these fields say."""
    monthday = _listed(fields.monthdays) if fields.days == ON_MONTHDAYS else "*"
    weekday = _listed(day % SUNDAY for day in fields.weekdays) if fields.days == ON_WEEKDAYS else "*"
    minute = _part(fields.every_minutes, fields.at_minutes)
    return f"{minute} {_part(fields.every_hours, fields.at_hours)} {monthday} * {weekday}"


def from_cron(cron: str) -> Fields | None:
    """The fields that say the same; None where the expression says more than they can, or nothing."""
    if problem(cron):
        return None
    read = CronSim(cron, datetime.now(UTC))
    monthdays, weekdays = frozenset(read.days), _weekdays(read)
    if frozenset(read.months) != MONTH.all or weekdays is None or min(monthdays) < MONTHDAY.low:
        return None
    some_monthdays, some_weekdays = monthdays != MONTHDAY.all, len(weekdays) < SUNDAY
    # Both restricted, and neither beginning with a star, means either: the fields cannot say that, nor both.
    if cron.split()[2] != "*" and cron.split()[4] != "*":
        return None
    every_minutes, at_minutes = _step(frozenset(read.minutes), MINUTE)
    every_hours, at_hours = _step(frozenset(read.hours), HOUR)
    return Fields(
        every_minutes=every_minutes,
        at_minutes=at_minutes,
        every_hours=every_hours,
        at_hours=at_hours,
        days=ON_MONTHDAYS if some_monthdays else ON_WEEKDAYS if some_weekdays else EVERY_DAY,
        weekdays=weekdays if some_weekdays else frozenset(),
        monthdays=monthdays if some_monthdays else frozenset(),
    )


def _weekdays(read: CronSim) -> frozenset[int] | None:
    """1 to 7; None where it is the last or the second Friday of a month."""
    days = frozenset((day or SUNDAY) for day in read.weekdays if isinstance(day, int))
    return days if all(isinstance(day, int) for day in read.weekdays) else None


def _step(numbers: frozenset[int], unit: Unit) -> tuple[int, frozenset[int]]:
    for step in unit.steps:
        if numbers == frozenset(range(unit.low, unit.high + 1, step)):
            return step, frozenset()
    return 0, numbers


def _part(every: int, at: Iterable[int]) -> str:
    return _listed(at) if not every else "*" if every == 1 else f"*/{every}"


def _listed(numbers: Iterable[int]) -> str:
    return in_text(numbers).replace(" ", "")


# -- lists of numbers as people type them ---------------------------------------------------------------------------


def in_text(numbers: Iterable[int]) -> str:
    """`0, 15, 30-35`."""
    return ", ".join(_runs(sorted(set(numbers))))


def _runs(numbers: list[int]) -> Iterator[str]:
    start = 0
    for at in range(1, len(numbers) + 1):
        if at < len(numbers) and numbers[at] == numbers[at - 1] + 1:
            continue
        run = numbers[start:at]
        if len(run) > 2:
            yield f"{run[0]}-{run[-1]}"
        else:
            yield from map(str, run)
        start = at


def from_text(text: str, unit: Unit) -> frozenset[int]:
    """The numbers of `0, 15, 30-35`. Raises ConfigError naming the part that is none."""
    numbers: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        low, dash, high = (each.strip() for each in part.partition("-"))
        first, last = _number(low, part, unit), _number(high, part, unit) if dash else None
        if last is not None and last < first:
            raise ConfigError(f"{part!r} runs backwards", key="schedule", hint=f"Write {high}-{low}.")
        numbers.update(range(first, (first if last is None else last) + 1))
    if not numbers:
        raise ConfigError(f"no {unit.name} is named", key="schedule", hint=f"Write one, as in {unit.low + 6}.")
    return frozenset(numbers)


def _number(text: str, part: str, unit: Unit) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
    if number not in unit.all:
        raise ConfigError(
            f"{part!r} is no {unit.name}",
            key="schedule",
            hint=f"Write numbers from {unit.low} to {unit.high} with commas, or a range as in {unit.low + 6}-{unit.low + 12}.",
        )
    return number


# -- what is wrong with an expression, and what surprises about it --------------------------------------------------


def problem(cron: str) -> tuple[str, str] | None:
    """What is wrong with an expression, with its place, and what to do; None for a good one."""
    parts = cron.split()
    if len(parts) in (6, 7):
        five = " ".join(parts[1:6])
        return (
            f"it has {len(parts)} fields, and {parts[0]!r} at its beginning is for seconds: schedules go by the minute",
            f"Leave the seconds out: {five}",
        )
    if len(parts) != len(UNITS):
        said = "field" if len(parts) == 1 else "fields"
        return (
            f"it has {len(parts)} {said} and needs five",
            "Write minute, hour, day of the month, month and day of the week, with * for any.",
        )
    for at, unit in enumerate(UNITS):
        alone = ["*"] * len(UNITS)
        alone[at] = parts[at]
        if not _readable(" ".join(alone)):
            return f"its {unit.name}, {parts[at]!r}, cannot be read", f"It is {unit.low} to {unit.high}, or * for any."
    if not _readable(cron) or next_slot([Schedule(cron=cron)], datetime.now(UTC)) is None:
        return "it never comes: no month of it has that day", "Name another day or month."
    return None


def _readable(cron: str) -> bool:
    try:
        CronSim(cron, datetime.now(UTC))
    except CronSimError:
        return False
    return True


def surprises(cron: str) -> list[str]:
    """What a good expression does that people do not expect of it, in sentences."""
    parts = cron.split()
    said = [_uneven(parts[0], MINUTE, "hour"), _uneven(parts[1], HOUR, "day"), _either(parts[2], parts[4])]
    fields = from_cron(cron)
    if fields and fields.monthdays and min(fields.monthdays) > SHORTEST_MONTH:
        said.append("Months that do not have the day are left out.")
    return [words for words in said if words]


def _uneven(part: str, unit: Unit, whole: str) -> str:
    step = part.removeprefix("*/")
    span = unit.high - unit.low + 1
    if step == part or not step.isdigit() or span % int(step) == 0:
        return ""
    *most, last = map(str, range(unit.low, unit.high + 1, int(step)))
    numbers = f"{unit.name}s {', '.join(most)} and {last}" if most else f"{unit.name} {last}"
    return f"{part} is not every {step} {unit.name}s: it begins anew each {whole}, so it runs at {numbers}."


def _either(monthday: str, weekday: str) -> str:
    if monthday.startswith("*") or weekday.startswith("*"):
        return ""
    return "A day of the month and a day of the week are both named: it runs on either, not only when both meet."
