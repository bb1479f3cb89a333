"""Time zones as people choose them: by continent and place, with what a clock there says now."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo, available_timezones

from topstitch.values.zones import find_zone

Choice = tuple[str, str]


def zone_choices(utc: str = "", *, present: str = "") -> list[Choice | tuple[str, list[Choice]]]:
    """For a select: UTC (with the value `utc`), then the places of each continent.

    `present`: the zone that there is; one that is written otherwise, such as `+02:00`, may stay as it is.
    """
    now = datetime.now(UTC)
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    places = groupby(names, key=lambda name: name.partition("/")[0])
    own = [(present, present)] if present and present not in (utc, "UTC", *names) else []
    return [*own, (utc, "UTC"), *((part, [(name, _place(name, now)) for name in some]) for part, some in places)]


def _place(name: str, now: datetime) -> str:
    """`London, 14:07 now`."""
    place = name.partition("/")[2].replace("_", " ").replace("/", ", ")
    return f"{place}, {now.astimezone(ZoneInfo(name)):%H:%M} now"


def zone_words(name: str) -> str:
    """`London, Europe`; UTC and offsets as they are."""
    continent, _, place = name.replace("_", " ").partition("/")
    return f"{place}, {continent}" if place else name or "UTC"


def clock_there(name: str) -> str:
    """`Thursday 26 November, 14:07`: what a clock there says now. Raises ConfigError for what is no zone."""
    return f"{datetime.now(find_zone(name or 'UTC')):%A %-d %B, %H:%M}"
