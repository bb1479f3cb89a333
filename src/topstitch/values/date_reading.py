"""Text to dates by the same letters that `date_letters` writes: one regular expression per format, nothing guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from topstitch.errors import ConfigError
from topstitch.values.date_letters import DAYS, EPOCH, MONTHS, split_letters
from topstitch.values.zones import find_zone

_MONTHS3 = tuple(month[:3] for month in MONTHS)
_ZONE = r"Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}"
#: Letter -> (what it gives, its pattern).
_READS = {
    "d": ("day", "[0-9]{2}"),
    "j": ("day", "[0-9]{1,2}"),
    "m": ("month", "[0-9]{2}"),
    "n": ("month", "[0-9]{1,2}"),
    "M": ("month_name", "|".join(_MONTHS3)),
    "F": ("month_name", "|".join(MONTHS)),
    "Y": ("year", "[0-9]{4}"),
    "y": ("short_year", "[0-9]{2}"),
    "H": ("hour", "[0-9]{2}"),
    "G": ("hour", "[0-9]{1,2}"),
    "h": ("hour12", "[0-9]{2}"),
    "g": ("hour12", "[0-9]{1,2}"),
    "i": ("minute", "[0-9]{2}"),
    "s": ("second", "[0-9]{2}"),
    "v": ("fraction", "[0-9]{3}"),
    "u": ("fraction", "[0-9]{1,9}"),
    "A": ("half", "am|pm"),
    "a": ("half", "am|pm"),
    "P": ("zone", _ZONE),
    "p": ("zone", _ZONE),
    "O": ("zone", _ZONE),
    "T": ("zone", _ZONE),
    "e": ("zone", _ZONE + r"|[A-Za-z]+(?:/[A-Za-z0-9_+\-]+){1,2}"),
    "U": ("unix", "-?[0-9]{1,12}"),
    "D": ("", "|".join(day[:3] for day in DAYS)),
    "l": ("", "|".join(DAYS)),
    "S": ("", "st|nd|rd|th"),
}
_TIME = {"hour", "hour12", "unix"}


@dataclass(frozen=True, slots=True)
class LettersReader:
    """Reads text in one format. `has_time` is False for a format that names a day only."""

    letters: str
    pattern: re.Pattern[str]
    has_time: bool

    def read(self, text: str) -> datetime | None:
        """The date-time in the text (naive when the text names no zone), None when the text has another format.

        Raises ValueError for a day or time that does not exist, such as 30 February.
        """
        found = self.pattern.fullmatch(text.strip())
        return _build(found.groupdict()) if found else None


def compile_reader(letters: str) -> LettersReader:
    """A reader for a format. Raises ConfigError when the format cannot say which day it is, or says a thing twice."""
    given: list[str] = []
    pattern = ""
    for character, has_meaning in split_letters(letters):
        if not has_meaning:
            pattern += re.escape(character)
            continue
        if character not in _READS:
            raise ConfigError(f"the date letter {character!r} in {letters!r} can be written but not read")
        name, shape = _READS[character]
        if name and name in given:
            raise ConfigError(f"the date format {letters!r} says the {name.replace('_', ' ')} twice")
        given.append(name)
        pattern += f"(?P<{name}>{shape})" if name else f"(?:{shape})"
    _demand_a_day(letters, set(given))
    return LettersReader(letters, re.compile(pattern, re.IGNORECASE), bool(_TIME & set(given)))


def _demand_a_day(letters: str, given: set[str]) -> None:
    if "unix" in given:
        if given - {"unix", "fraction"}:
            raise ConfigError(f"the date format {letters!r} mixes Unix seconds with other letters")
        return
    for names, what in (
        ({"year", "short_year"}, "one year (Y or y)"),
        ({"month", "month_name"}, "one month (m, n, M or F)"),
        ({"day"}, "a day (d or j)"),
    ):
        if len(names & given) != 1:
            raise ConfigError(f"the date format {letters!r} needs {what}")
    if ("hour12" in given) != ("half" in given):
        raise ConfigError(f"the date format {letters!r} needs both a 12-hour clock (h or g) and A, or neither")


def _build(given: dict[str, str]) -> datetime:
    micro = int((given.get("fraction") or "0")[:6].ljust(6, "0"))
    if "unix" in given:
        return EPOCH + timedelta(seconds=int(given["unix"]), microseconds=micro)
    return datetime(
        _year(given),
        _month(given),
        int(given["day"]),
        _hour(given),
        int(given.get("minute", 0)),
        int(given.get("second", 0)),
        micro,
        tzinfo=_zone(given.get("zone")),
    )


def _year(given: dict[str, str]) -> int:
    if "year" in given:
        return int(given["year"])
    short = int(given["short_year"])
    # The century rule of POSIX and PHP.
    return short + (2000 if short < 70 else 1900)


def _month(given: dict[str, str]) -> int:
    name = given.get("month_name")
    return int(given["month"]) if name is None else _MONTHS3.index(name[:3].capitalize()) + 1


def _hour(given: dict[str, str]) -> int:
    if "hour12" not in given:
        return int(given.get("hour", 0))
    hour = int(given["hour12"])
    if not 1 <= hour <= 12:
        raise ValueError("hour must be in 1..12 on a 12-hour clock")
    return hour % 12 + (12 if given["half"].lower() == "pm" else 0)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    return UTC if text.upper() == "GMT" else find_zone(text)
