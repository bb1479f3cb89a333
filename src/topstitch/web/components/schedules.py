"""Schedules in words: the common ones as people say them, the others as the schedule reader explains them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from topstitch.engine.schedule import in_words
from topstitch.engine.spec import Schedule

_EVERY = re.compile(r"\*/(?P<minutes>\d+) (?P<hours>\*|\d+-\d+) \* \* \*")
_FROM = re.compile(r"(?P<first>\d+)-59/(?P<minutes>\d+) \* \* \* \*")
_HOURLY = re.compile(r"(?P<minute>\d+) (?:\*/(?P<hours>\d+)|\*) \* \* \*")


def schedule_words(schedules: Iterable[Schedule], *, webhook: bool = False) -> str:
    """All that starts a service: `Every 10 minutes, 06:00 to 22:59 (Europe/London); when it is called`."""
    said = [_words(one.cron, one.zone) for one in schedules]
    if webhook:
        said.append("when it is called" if said else "When it is called")
    return "; ".join(said) or "No schedule"


def schedules_in_json(text: str | None) -> list[Schedule]:
    """The schedules of a revision, from their JSON."""
    return [Schedule.model_validate(row) for row in json.loads(text or "[]")]


@lru_cache(maxsize=4096)
def _words(cron: str, zone: str) -> str:
    plain = _plain(" ".join(cron.split()))
    if not plain:
        return in_words(Schedule(cron=cron, zone=zone))
    return plain if zone == "UTC" else f"{plain} ({zone})"


def _plain(cron: str) -> str:
    """The words of an even rhythm, "" for any other: */45 is not every 45 minutes."""
    if (found := _EVERY.fullmatch(cron)) and _divides(found["minutes"], 60):
        first, _, last = found["hours"].partition("-")
        every = _every(int(found["minutes"]), "minute")
        return f"{every}, {int(first):02}:00 to {int(last):02}:59" if last else every
    if (
        (found := _FROM.fullmatch(cron))
        and _divides(found["minutes"], 60)
        and int(found["first"]) < int(found["minutes"])
    ):
        return f"{_every(int(found['minutes']), 'minute')}, from {int(found['first'])} past"
    if (found := _HOURLY.fullmatch(cron)) and _divides(found["hours"] or "1", 24):
        minute = int(found["minute"])
        every = _every(int(found["hours"] or 1), "hour")
        return f"{every}, at {minute} minutes past" if minute else every
    return ""


def _divides(part: str, whole: int) -> bool:
    return int(part) > 0 and whole % int(part) == 0


def _every(count: int, unit: str) -> str:
    return f"Every {unit}" if count == 1 else f"Every {count} {unit}s"
