"""Rows of files as records: where they came from, and what identifies them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from topstitch.sdk import Record
from topstitch.systems.sftp.connect import options_text
from topstitch.systems.sftp.dialect import FILE, PLACE, names
from topstitch.systems.sftp.kinds import Kind

Key = Callable[[Record, Mapping[str, Any]], object]


def key_of(kind: Kind) -> Key:
    """What identifies a record: the columns chosen, else the usual ones, else where it stood and what it said.

    The contents belong to the last one: a file that comes daily under one name brings new records, and a corrected one
    that is sent again brings only what was corrected.
    """

    def key(record: Record, options: Mapping[str, Any]) -> object:
        chosen = names(options_text(options, "record_id"))
        values = [value_at(record, path) for path in chosen or kind.ids]
        if chosen:
            return " / ".join(map(str, values)) if all(map(_there, values)) else None
        if values and _there(values[0]):
            return " / ".join(str(value) for value in values if _there(value))
        return _by_place(record)

    return key


def _by_place(record: Record) -> str:
    content = {name: value for name, value in record.items() if name not in (FILE, PLACE)}
    digest = blake2b(json.dumps(content, sort_keys=True, default=str).encode(), digest_size=6).hexdigest()
    return f"{record.get(FILE, '')} {record.get(PLACE, '')} {digest}".strip()


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """The value at a path of names with dots; a column whose own name has dots comes first. None when missing."""
    if path in record:
        return record[path]
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _there(value: object) -> bool:
    return value not in (None, "")
