"""Date columns: in files they have the connector's time zone and date format, in records they are ISO 8601 with offset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from typing import Any

from topstitch.sdk import Connection, MappingError, Record, RemoteRejected
from topstitch.sdk.files import NAMED_FORMATS, compile_date_reader, compile_format, find_zone
from topstitch.systems.sftp.connect import options_text
from topstitch.systems.sftp.dialect import detect, grouped, names
from topstitch.systems.sftp.kinds import Kind

#: Stand for the zone of a text that names none: of a date with a time, and of a mere day.
_NONE, _DAY = timezone(timedelta(0), "none"), timezone(timedelta(0), "day")


class Dates:
    """What becomes of date columns. Nothing at all where the connector has no date format and its zone is UTC."""

    def __init__(self, kind: Kind, conn: Connection, options: Mapping[str, Any]) -> None:
        self._zone: tzinfo = find_zone(conn.zone or "UTC")
        self._letters = conn.date_format
        self._columns: tuple[str, ...] = ()
        if self._letters or self._zone is not UTC:
            self._columns = _columns(kind, conn, options)
            # An unreadable format is a setting to correct, whether there are dates or not.
            self._reader = compile_date_reader((self._letters,) if self._letters else (), _NONE, _DAY)
            self._writer = compile_format({**NAMED_FORMATS, "unix_ms": "Uv"}.get(self._letters, self._letters))

    def read(self, record: Record) -> Record:
        """A record of a file with its dates in ISO 8601. What is no date stays as it is: the mapping says if that matters."""
        return self._each(record, self._as_iso)

    def write(self, record: Mapping[str, Any]) -> Record:
        """A record with its dates as they stand in files. Raises RemoteRejected naming the field that holds no date."""
        return self._each(record, self._as_text)

    def _each(self, record: Mapping[str, Any], change: Callable[[str, Any], object]) -> Record:
        found = dict(record)
        for path in self._columns:
            steps = [path] if path in found else path.split(".")
            found = _changed(found, steps, partial(change, path))
        return found

    def _as_iso(self, path: str, value: Any) -> object:
        if not isinstance(value, str):
            return value
        try:
            moment = self._reader(value)
        except MappingError:
            return value
        return moment.date().isoformat() if moment.tzinfo is _DAY else _placed(moment, self._zone).isoformat()

    def _as_text(self, path: str, value: Any) -> object:
        try:
            moment = self._reader(value)
        except MappingError as error:
            raise RemoteRejected(
                f"{path} is a date column, and {error.message}.",
                field=path,
                key="date",
                hint="Map a date to it, in ISO 8601 or in the date format of the connector.",
            ) from error
        if not self._letters:
            return value if moment.tzinfo is _DAY else _placed(moment, UTC).astimezone(self._zone).isoformat()
        if moment.tzinfo is _NONE and self._writer(_placed(moment, self._zone)) != value:
            # What the mapping has not written in the connector's own format is UTC, as everywhere without a zone.
            moment = _placed(moment, UTC)
        return self._writer(_placed(moment, self._zone).astimezone(self._zone))


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    """The moment, in `zone` if it names none. Zones of the same offset are equal, so only identity tells."""
    return moment.replace(tzinfo=zone) if moment.tzinfo is _NONE or moment.tzinfo is _DAY else moment


def _columns(kind: Kind, conn: Connection, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The usual date columns, those of the sample, and those that the service names."""
    inner = names(options_text(options, "line_columns")) if grouped(options) else ()
    named = [f"lines[*].{name}" if name in inner else name for name in names(options_text(options, "date_columns"))]
    fields = [*conn.entry.fields(kind.name), *detect(kind, options)]
    return tuple(dict.fromkeys([*named, *(field.path for field in fields if field.type in ("date", "datetime"))]))


def _changed(record: Any, steps: Sequence[str], change: Callable[[Any], object]) -> Any:
    """A copy with the value at a path changed, `lines[*]` for each in a list; empty and missing ones are left."""
    name = steps[0].removesuffix("[*]")
    inner = record.get(name) if isinstance(record, Mapping) else None
    if inner is None or inner == "":
        return record
    if len(steps) == 1:
        return {**record, name: change(inner)}
    if isinstance(inner, list):
        return {**record, name: [_changed(each, steps[1:], change) for each in inner]}
    return {**record, name: _changed(inner, steps[1:], change)}
