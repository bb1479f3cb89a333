"""Dates to text by the date letters of PHP (its manual, `DateTimeInterface::format`), compiled once per format.

All names are English whatever the locale of the machine. Unknown letters stand for themselves; a backslash takes the
meaning from the letter after it.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from operator import attrgetter
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

Formatter = Callable[[datetime], str]

#: Letters that are an attribute of a datetime in a fixed shape: these are the fast ones.
_PLAIN = {
    "d": ("%02d", "day"),
    "j": ("%d", "day"),
    "m": ("%02d", "month"),
    "n": ("%d", "month"),
    "Y": ("%04d", "year"),
    "x": ("%04d", "year"),
    "X": ("+%04d", "year"),
    "H": ("%02d", "hour"),
    "G": ("%d", "hour"),
    "i": ("%02d", "minute"),
    "s": ("%02d", "second"),
    "u": ("%06d", "microsecond"),
}


def offset_seconds(moment: datetime) -> int:
    """Seconds east of Greenwich."""
    offset = moment.utcoffset()
    return 0 if offset is None else offset // _SECOND


def _offset(moment: datetime, colon: str) -> str:
    seconds = offset_seconds(moment)
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}{colon}{minutes % 60:02}"


def _colon_offset(moment: datetime) -> str:
    return _offset(moment, ":")


def _offset_or_z(moment: datetime) -> str:
    return _offset(moment, ":") if offset_seconds(moment) else "Z"


def _abbreviation(moment: datetime) -> str:
    zone = moment.tzinfo
    if zone is UTC or zone is None:
        return "UTC"
    return _offset(moment, ":") if isinstance(zone, timezone) else str(moment.tzname())


def zone_name(moment: datetime) -> str:
    """`Europe/Berlin`, `UTC`, or `+02:00` for a moment that only knows its offset."""
    zone: tzinfo | None = moment.tzinfo
    if isinstance(zone, ZoneInfo):
        return str(zone.key)
    return "UTC" if zone is UTC or zone is None else _offset(moment, ":")


def unix_seconds(moment: datetime) -> int:
    """Whole seconds since 1970 UTC, rounded down."""
    return (moment - EPOCH) // _SECOND


def unix_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 UTC, rounded down."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _ordinal(moment: datetime) -> str:
    day = moment.day
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _swatch_beat(moment: datetime) -> str:
    return f"{(unix_seconds(moment) + 3600) % 86400 * 10 // 864:03}"


_COMPUTED: dict[str, Formatter] = {
    "D": lambda m: DAYS[m.weekday()][:3],
    "l": lambda m: DAYS[m.weekday()],
    "N": lambda m: str(m.isoweekday()),
    "w": lambda m: str(m.isoweekday() % 7),
    "S": _ordinal,
    "z": lambda m: str(m.timetuple().tm_yday - 1),
    "W": lambda m: f"{m.isocalendar()[1]:02}",
    "o": lambda m: f"{m.isocalendar()[0]:04}",
    "F": lambda m: MONTHS[m.month - 1],
    "M": lambda m: MONTHS[m.month - 1][:3],
    "t": lambda m: str(monthrange(m.year, m.month)[1]),
    "L": lambda m: "1" if isleap(m.year) else "0",
    "y": lambda m: f"{m.year % 100:02}",
    "a": lambda m: "am" if m.hour < 12 else "pm",
    "A": lambda m: "AM" if m.hour < 12 else "PM",
    "g": lambda m: str(m.hour % 12 or 12),
    "h": lambda m: f"{m.hour % 12 or 12:02}",
    "v": lambda m: f"{m.microsecond // 1000:03}",
    "B": _swatch_beat,
    "e": zone_name,
    "I": lambda m: "1" if m.dst() else "0",
    "O": lambda m: _offset(m, ""),
    "P": _colon_offset,
    "p": _offset_or_z,
    "T": _abbreviation,
    "Z": lambda m: str(offset_seconds(m)),
    "U": lambda m: str(unix_seconds(m)),
}
#: Letters that are a whole format.
WHOLE = {"c": r"Y-m-d\TH:i:sP", "r": "D, d M Y H:i:s O"}


def split_letters(letters: str) -> list[tuple[str, bool]]:
    """The characters of a format, each with whether it is a letter with a meaning; escapes are resolved."""
    parts: list[tuple[str, bool]] = []
    characters = iter(letters)
    for character in characters:
        if character == "\\":
            parts.append((next(characters, "\\"), False))
        elif character in WHOLE:
            parts.extend(split_letters(WHOLE[character]))
        else:
            parts.append((character, character in _PLAIN or character in _COMPUTED))
    return parts


def compile_format(letters: str) -> Formatter:
    """A function from an aware datetime to its text, e.g. for `j.m.Y`, `D, d M Y H:i:s O` or `Y-m-d\\TH:i:sP`."""
    pieces: list[Formatter] = []
    template = ""
    names: list[str] = []
    for character, has_meaning in split_letters(letters):
        if has_meaning and character in _COMPUTED:
            if template:
                pieces.append(_template(template, names))
                template, names = "", []
            pieces.append(_COMPUTED[character])
        elif has_meaning:
            shape, name = _PLAIN[character]
            template += shape
            names.append(name)
        else:
            template += character.replace("%", "%%")
    if template or not pieces:
        pieces.append(_template(template, names))
    return pieces[0] if len(pieces) == 1 else _joined(pieces)


def _template(template: str, names: list[str]) -> Formatter:
    if not names:
        literal = template.replace("%%", "%")
        return lambda moment: literal
    pick = attrgetter(*names)
    if names == ["year", "month", "day"] and template == "%04d-%02d-%02d":
        # Half the time, by code in C.
        return lambda moment: moment.date().isoformat()
    return lambda moment: template % pick(moment)


def _joined(pieces: list[Formatter]) -> Formatter:
    if len(pieces) == 2:
        first, second = pieces
        return lambda moment: first(moment) + second(moment)
    return lambda moment: "".join([piece(moment) for piece in pieces])
