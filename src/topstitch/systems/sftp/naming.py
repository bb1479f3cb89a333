"""Names of files made from records: `orders_{order_number}_{timestamp:%Y%m%d}.csv`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from topstitch.sdk import ConfigError, Outgoing, RemoteRejected
from topstitch.systems.sftp.connect import options_text
from topstitch.systems.sftp.dialect import FILE
from topstitch.systems.sftp.kinds import Kind
from topstitch.systems.sftp.records import value_at

_DOUBLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_PART = re.compile(r"\{(?P<name>\w[\w.]*)(?::(?P<form>[^{}]*))?\}")
_UNSAFE = re.compile(r"[^\w .@+,()=~-]")
_STAMP = "%Y%m%d%H%M%S"
MAX_VALUE, MAX_NAME = 120, 255


@dataclass(frozen=True, slots=True)
class Template:
    """A file name with gaps. Gaps that depend on the moment stay open until `at`."""

    text: str
    kind: str
    ending: str

    def of(self, outgoing: Outgoing) -> str:
        """The name for a record, times still open. Raises RemoteRejected when a value cannot stand in a file name."""

        def fill(found: re.Match[str]) -> str:
            if found["name"] == "timestamp":
                return found[0]
            return _safe(self._value(found["name"], outgoing), found["name"])

        return _checked(_PART.sub(fill, self.text))

    def _value(self, name: str, outgoing: Outgoing) -> object:
        record = outgoing.record
        fixed: dict[str, Callable[[], object]] = {
            "entity": lambda: self.kind,
            "format": lambda: self.ending,
            "key": lambda: outgoing.key,
            "reference": lambda: outgoing.reference or outgoing.key,
        }
        if name in fixed:
            return fixed[name]()
        value = value_at(record, name)
        return outgoing.key if name == "id" and value in (None, "") else value


def at(name: str, when: datetime) -> str:
    """The name with its times filled in."""
    return _checked(_PART.sub(lambda found: _time(found, when), name))


def any_time(name: str) -> re.Pattern[str] | None:
    """What the name looks like at any time, for finding a file again; None when there is no time in it."""
    if not _PART.search(name):
        return None
    parts, last = [], 0
    for found in _PART.finditer(name):
        parts += [re.escape(name[last : found.start()]), r"[\w-]+"]
        last = found.end()
    return re.compile("".join(parts) + re.escape(name[last:]))


def template(kind: Kind, options: Mapping[str, Any]) -> Template:
    """The template of a service. Raises ConfigError for one that cannot be read or leaves its folder."""
    text = options_text(options, "file_name") or _usual(kind, options)
    text = _DOUBLE.sub(r"{\1}", text).strip("/")
    rest = _PART.sub("", text)
    if "{" in rest or "}" in rest:
        raise ConfigError(f"The file name {text!r} has a brace that does not enclose a field.", key="file_name")
    if ".." in rest or any(ord(letter) < 32 for letter in rest):
        raise ConfigError(f"The file name {text!r} leaves its folder: '..' is not permitted.", key="file_name")
    return Template(text, kind.name, options_text(options, "format") or "csv")


def each_run(options: Mapping[str, Any]) -> bool:
    """Whether a run makes one file rather than a record."""
    return options.get("granularity") == "each run"


def _usual(kind: Kind, options: Mapping[str, Any]) -> str:
    return f"{kind.name}_{'{timestamp}' if each_run(options) else '{reference}'}.{{format}}"


def _time(found: re.Match[str], when: datetime) -> str:
    return _UNSAFE.sub("-", when.strftime(found["form"] or _STAMP)) if found["name"] == "timestamp" else found[0]


def _safe(value: object, name: str) -> str:
    """A value as part of a file name. What had to be changed gets a mark of its own, so that no two become the same."""
    text = "" if value is None else str(value).strip()
    if not text:
        hint = "Only records read from a file have one." if name == FILE else "Map it, or take another field."
        raise RemoteRejected(
            f"The file name needs {name}, which this record has not.", field=name, key="file_name", hint=hint
        )
    if ".." in text:
        raise RemoteRejected(
            f"{name} is {text[:80]!r}: '..' cannot be part of a file name.", field=name, key="file_name"
        )
    safe = _UNSAFE.sub("_", text)[:MAX_VALUE].strip(" .")
    if safe == text:
        return safe
    return f"{safe or '_'}-{blake2b(text.encode(), digest_size=3).hexdigest()}"


def _checked(name: str) -> str:
    last = name.rpartition("/")[2]
    if len(last.encode()) > MAX_NAME or not last.strip(" ."):
        raise RemoteRejected(f"{last[:80]!r} is no usable file name.", key="file_name", hint="Change the file name.")
    return name
