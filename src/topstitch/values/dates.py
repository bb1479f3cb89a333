"""Dates out of values: given formats first, then ISO 8601; day and month are never guessed. Every result has a zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from topstitch.errors import ConfigError, MappingError
from topstitch.values.date_letters import EPOCH
from topstitch.values.date_reading import LettersReader, compile_reader
from topstitch.values.numbers import to_number
from topstitch.values.text import show

#: Named formats. `unix_ms` has no letters of its own and is handled by name; `iso8601_utc` is written in UTC.
NAMED_FORMATS = {
    "iso8601": "c",
    "iso8601_utc": r"Y-m-d\TH:i:sp",
    "iso8601_ms": r"Y-m-d\TH:i:s.vP",
    "unix": "U",
    "unix_ms": "",
    "date": "Y-m-d",
    "datetime": "Y-m-d H:i:s",
    "time": "H:i:s",
    "compact_date": "Ymd",
    "compact_datetime": "YmdHis",
    "rfc2822": "r",
    "uk_date": "d/m/Y",
    "us_date": "m/d/Y",
    "german_date": "d.m.Y",
}
#: The last second of the year 9999: a greater number is not Unix seconds.
_LAST_SECOND = 253402300799
_BASIC = re.compile(r"[0-9]{8}(?:T[0-9]{2,6}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?")
_EXTENDED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+ ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?")
_MIDNIGHT = time()

DateReader = Callable[[object], datetime]
_from_iso = datetime.fromisoformat


def compile_date_reader(formats: Sequence[str], zone: tzinfo, day_zone: tzinfo | None = None) -> DateReader:
    """A function from a value to an aware datetime; it raises MappingError for what is not a date.

    `formats` (date letters, or keys of NAMED_FORMATS) are tried in order, then ISO 8601. `zone` is assumed for
    text that names none. A day without a time is midnight in `day_zone`, by default `zone`: so a plain date can be
    shown in another zone without becoming the day before. Numbers are Unix seconds, or milliseconds with the format
    `unix_ms`.
    """
    by_day = day_zone or zone
    in_milliseconds = "unix_ms" in formats
    readers = [compile_reader(NAMED_FORMATS.get(letters, letters)) for letters in formats if letters != "unix_ms"]

    def settle(moment: datetime, has_time: bool) -> datetime:
        if moment.tzinfo is None:
            return moment.replace(tzinfo=zone if has_time else by_day)
        return moment

    def read_other(value: object) -> datetime:
        if isinstance(value, datetime):
            return settle(value, True)
        if isinstance(value, date):
            return datetime.combine(value, _MIDNIGHT, by_day)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return _from_unix(to_number(value), in_milliseconds, value)
        if not isinstance(value, str):
            raise MappingError(f"{show(value)} is not a date", value=value)
        if in_milliseconds and value.strip().lstrip("-").isdecimal():
            return _from_unix(to_number(value), True, value)
        return settle(*_read_text(value, readers))

    def read(value: object) -> datetime:
        if type(value) is str and value[4:5] == "-" and value[10:11] in "T ":
            try:
                moment = _from_iso(value)
            except ValueError:
                return read_other(value)
            if moment.tzinfo is None:
                return moment.replace(tzinfo=zone if len(value) > 10 else by_day)
            return moment
        return read_other(value)

    return read_other if readers else read


def _from_unix(number: Decimal, in_milliseconds: bool, value: object) -> datetime:
    seconds = number / 1000 if in_milliseconds else number
    if not -_LAST_SECOND <= seconds <= _LAST_SECOND:
        hint = "" if in_milliseconds else "If it is in milliseconds, give the input format `unix_ms`."
        raise MappingError(f"{show(value)} is not a number of Unix seconds", value=value, hint=hint)
    try:
        return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError as error:
        raise MappingError(f"{show(value)} is before the year 1", value=value) from error


def _read_text(text: str, readers: Sequence[LettersReader]) -> tuple[datetime, bool]:
    """(date-time, whether the text had a time) of text in one of the formats or in ISO 8601."""
    for reader in readers:
        try:
            moment = reader.read(text)
        except (ValueError, OverflowError, ConfigError) as error:
            raise MappingError(f"{show(text)} is not a date: {error}", value=text) from error
        if moment is not None:
            return moment, reader.has_time
    reason = ""
    iso = text.strip()[:40].upper()
    if _EXTENDED.fullmatch(iso) or _BASIC.fullmatch(iso):
        try:
            return _from_iso(iso.replace("UTC", "Z")), len(iso) > 10
        except ValueError as error:
            reason = f": {error}" if "isoformat" not in str(error) else ""
    expected = " or ".join([*(repr(reader.letters) for reader in readers), "ISO 8601"])
    raise MappingError(
        f"{show(text)} is not a date in the format {expected}{reason}",
        value=text,
        hint="Set the input format, for example d/m/Y or m/d/Y; it is never guessed.",
    )


def as_datetime(value: object, zone: tzinfo = UTC) -> datetime:
    """Cast to an aware datetime: ISO 8601 text, Unix seconds, a date or datetime. Raises MappingError."""
    return compile_date_reader((), zone)(value)
