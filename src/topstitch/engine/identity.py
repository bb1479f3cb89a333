"""Who a record is: its key at the source, the reference people use, and when it was last changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from topstitch.engine.spec import Source
from topstitch.errors import MappingError
from topstitch.sdk.model import Entity, Record, Stamp
from topstitch.values.dates import compile_date_reader
from topstitch.values.paths import compile_get

MAX_KEY = 512


@dataclass(frozen=True, slots=True)
class Identity:
    """Three functions of a record."""

    key: Callable[[Record], str]
    reference: Callable[[Record], str]
    modified: Callable[[Record], datetime | None]


def own_keys(source: Source, entity: Entity) -> bool:
    """Whether keys are the system's own ids, by which records can be asked for."""
    return not source.key and not callable(entity.key)


def identity(entity: Entity, source: Source, options: Mapping[str, Any]) -> Identity:
    """How records of this entity in this service are known."""
    key_path: Any = source.key or entity.key
    key_of: Callable[[Record], Any] = (
        compile_get(key_path) if isinstance(key_path, str) else partial(_call, key_path, options)
    )
    shown = str(key_path) if isinstance(key_path, str) else "its key"
    reference_path = source.reference or entity.reference
    reference_of = compile_get(reference_path) if reference_path else key_of

    def key(record: Record) -> str:
        value = key_of(record)
        text = "" if value is None else storable(str(value))
        if not text or len(text) > MAX_KEY:
            raise MappingError(f"the record has no usable id ({shown} is {value!r:.80})", path=shown, row="source id")
        return text

    def reference(record: Record) -> str:
        value = reference_of(record)
        return "" if value is None else storable(str(value))[:MAX_KEY]

    return Identity(key, reference, modified_reader(entity.modified))


def storable(text: str) -> str:
    """Text as a database takes it: a NUL, or half a character of a file name, is made visible instead."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode()


def _call(
    function: Callable[[Record, Mapping[str, Any]], object], options: Mapping[str, Any], record: Record
) -> object:
    """A system's own function; a record without what it looks for has no key."""
    try:
        return function(record, options)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def modified_reader(stamp: Stamp | None) -> Callable[[Record], datetime | None]:
    """A record's time of last change; None where it has none or it cannot be read."""
    if stamp is None:
        return lambda record: None
    get = compile_get(stamp.path)
    reader = compile_date_reader([stamp.format] if stamp.format else [], ZoneInfo(stamp.zone))

    def read(record: Record) -> datetime | None:
        value = get(record)
        if not value:
            return None
        try:
            return reader(value)
        except MappingError:
            return None

    return read
