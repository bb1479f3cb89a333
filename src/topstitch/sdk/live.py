"""The fields that a connected system really has, beside those that the catalogue lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from topstitch.errors import ConfigError
from topstitch.sdk.connection import Connection
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity, Read, Write
from topstitch.sdk.settings import checked_settings


@dataclass(frozen=True, slots=True)
class LiveField:
    """One field of an entity. `reads` and `writes`: whether the system has it there; None where it cannot be asked."""

    path: str
    #: Its line in the catalogue; None when only this tenant has it.
    listed: Field | None
    reads: bool | None
    writes: bool | None


def live_fields(conn: Connection, entity: Entity, options: Mapping[str, Any]) -> list[LiveField]:
    """The fields of the catalogue in their order, then those that only the connected system has.

    `options` are those of the entity, of either direction, as services have them. Raises ConfigError for one of neither,
    and whatever error the system answers with.
    """
    _refuse_unknown(entity, options)
    reads, writes = _ask(conn, entity.read, options), _ask(conn, entity.write, options)
    listed = {field.path: field for field in conn.entry.fields(entity.name)}
    return [
        LiveField(path, listed.get(path), _has(reads, path), _has(writes, path))
        for path in dict.fromkeys([*listed, *(reads or ()), *(writes or ())])
    ]


def _ask(conn: Connection, side: Read | Write | None, options: Mapping[str, Any]) -> tuple[str, ...] | None:
    if side is None or side.live_fields is None:
        return None
    own = {option.name for option in side.options}
    given = {name: value for name, value in options.items() if name in own}
    found = side.live_fields(conn, checked_settings(side.options, given, place=conn.entry.name))
    return None if found is None else tuple(found)


def _has(live: Iterable[str] | None, path: str) -> bool | None:
    """A list is there when something in it is."""
    return None if live is None else any(each == path or each.startswith(f"{path}.") for each in live)


def _refuse_unknown(entity: Entity, options: Mapping[str, Any]) -> None:
    known = {option.name for side in (entity.read, entity.write) if side for option in side.options}
    for name in options:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise ConfigError(f"{entity.name} has no option {name!r}; there are {there}", key="setting")
