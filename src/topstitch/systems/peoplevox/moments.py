"""Dates: read as Peoplevox writes them (day first, local time, in single quotes), asked for as wall time of the tenant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from topstitch.sdk import ConfigError, Connection

#: How Peoplevox marks a date in CSV: '03/07/2017 06:03', with or without seconds.
_QUOTED = re.compile(r"'\s*(\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?)?)\s*'")
_FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
#: PHP date letters, the project's own notation, in the terms of strptime.
_LETTERS = {"d": "%d", "j": "%d", "m": "%m", "n": "%m", "Y": "%Y", "y": "%y", "H": "%H", "G": "%H", "h": "%I"}
_LETTERS |= {"g": "%I", "i": "%M", "s": "%S", "A": "%p", "a": "%p", "M": "%b", "F": "%B"}
#: The longest an hour is repeated when clocks go back.
_FOLD, _STEP = timedelta(hours=2), timedelta(minutes=15)
WRITTEN = "%Y-%m-%d %H:%M:%S"


def zone_of(conn: Connection) -> ZoneInfo:
    """The tenant's time zone: the setting, else the connector's own. Raises ConfigError for an unknown name."""
    name = str(conn["zone"] or conn.zone or "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"there is no time zone {name!r}", place="Peoplevox", key="zone") from error


def date_formats(conn: Connection) -> tuple[str, ...]:
    """The formats to try, the connector's own first."""
    own = "".join(_LETTERS.get(letter, letter) for letter in conn.date_format)
    return (own, *_FORMATS) if own else _FORMATS


def unquoted(text: str) -> str | None:
    """The date inside the single quotes, None when the text is no quoted date."""
    found = _QUOTED.fullmatch(text.strip())
    return found[1] if found else None


def as_iso(text: str, zone: ZoneInfo, formats: tuple[str, ...]) -> str | None:
    """A local date-time as ISO 8601 with its offset, None when it has none of the formats."""
    for layout in formats:
        try:
            local = datetime.strptime(text, layout)  # noqa: DTZ007 - the zone is put on in the next line
        except ValueError:
            continue
        return local.replace(tzinfo=zone).isoformat()
    return None


def earliest_wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The lowest wall time shown at or just after `moment`: when clocks go back, later records carry earlier times."""
    steps = range(int(_FOLD / _STEP) + 1)
    return min(_wall(moment + _STEP * step, zone) for step in steps)


def latest_wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The highest wall time shown at or just before `moment`."""
    steps = range(int(_FOLD / _STEP) + 1)
    return max(_wall(moment - _STEP * step, zone) for step in steps) + timedelta(seconds=1)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None, microsecond=0)


def written(value: object, zone: ZoneInfo) -> object:
    """A date-time as Peoplevox takes it (`2024-05-01 10:00:00`, local). What carries no offset is local already, and
    what is no ISO 8601 date is left as it is.
    """
    moment = value
    if not isinstance(value, datetime):
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return value
    assert isinstance(moment, datetime)
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime(WRITTEN)


def local_dates(
    cells: Mapping[str, str], dates: frozenset[str], zone: ZoneInfo, formats: tuple[str, ...]
) -> dict[str, str]:
    """The cells with every date as ISO 8601: the quoted ones wherever they stand, the others in the columns `dates`."""
    return {name: _dated(name, cell, dates, zone, formats) for name, cell in cells.items()}


def _dated(name: str, cell: str, dates: frozenset[str], zone: ZoneInfo, formats: tuple[str, ...]) -> str:
    if not cell or not (cell[0] == "'" or name in dates):
        return cell
    inner = unquoted(cell)
    if inner is None and name not in dates:
        return cell
    return as_iso(inner or cell.strip(), zone, formats) or inner or cell
