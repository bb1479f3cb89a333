"""Checking the lookups in other systems that a service makes: connector, entity, options and fields must exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from topstitch.engine.spec import MappingRow, Service, Step
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.model import Entity
from topstitch.sdk.settings import checked_settings
from topstitch.values.paths import Where, occurring, parse, render

FIND = "other.find"
(_EACH,) = parse("[*]")
#: Fields with anything below them, where the list goes no further.
_OPEN = ("object", "array", "any")
#: Where a row of the mapping stands, by its number from 0: "orders.yaml:12".
Place = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Find:
    """One lookup of a service: the number of its row, and what it is given."""

    row: int
    args: Mapping[str, Any]

    @property
    def connector(self) -> str:
        """The name of the connector asked."""
        return str(self.args.get("connector", ""))


def finds(spec: Service) -> Iterator[Find]:
    """All lookups in other systems that the enabled rows of a service make."""
    for number, row in enumerate(spec.mapping):
        if row.enabled:
            yield from (Find(number, step.args) for step in _steps(row) if step.function == FIND)


def _steps(row: MappingRow) -> Iterator[Step]:
    for source in row.sources:
        yield from source.do
    yield from row.do


def check_finds(
    spec: Service,
    connector_system: Callable[[str], Entry],
    *,
    place: Place = lambda number: f"mapping row {number + 1}",
) -> None:
    """Raises ConfigError, placed, for the first lookup that names what does not exist.

    `connector_system` gives the system of a connector by its name, and raises ConfigError with those there are.
    """
    for find in finds(spec):
        try:
            _check(find, connector_system(find.connector))
        except ConfigError as error:
            label = spec.mapping[find.row].label
            message = f"the lookup in {find.connector!r} for {label!r}: {error}"
            raise ConfigError(message, place=place(find.row), key=error.key, hint=error.hint) from error


def _check(find: Find, entry: Entry) -> None:
    entity = entry.entity(str(find.args.get("entity", "")))
    if entity.read is None:
        raise ConfigError(f"{entry.name} does not let {entity.label.lower()} be read", key="direction")
    options = find.args.get("options") or {}
    if not isinstance(options, Mapping):
        raise ConfigError("its options must be an object of names and values", key="setting")
    checked_settings(entity.read.options, options, place="options")
    for name in ("match", "give"):
        if path := str(find.args.get(name) or ""):
            _check_path(path, name, entry, entity, options)


def _check_path(path: str, name: str, entry: Entry, entity: Entity, options: Mapping[str, Any]) -> None:
    """A path must be, lead to or lie inside a listed or sampled field, where tenants have none of their own."""
    wanted, known = _anywhere(path), dict(_known(entry, entity))
    own = any(side is not None and side.live_fields is not None for side in (entity.read, entity.write))
    if own or not known or _named(wanted, options):
        return
    free = [field for field, kind in known.items() if kind in _OPEN and not any(_below(each, field) for each in known)]
    if not any(wanted == field or _below(field, wanted) for field in known) and not _below(wanted, *free):
        close = get_close_matches(wanted, known, n=3)
        # A plug-in may have added a field that no list knows, unless a system gives only those it is asked for.
        if not close and not _gives_what_is_named(entity):
            return
        meant = f", did you mean {' or '.join(close)}?" if close else f"; there are {', '.join(list(known)[:40])}"
        raise ConfigError(f"{entity.name} of {entry.name} have no field {path!r} to {name}{meant}", key="path")


def _known(entry: Entry, entity: Entity) -> Iterator[tuple[str, str]]:
    """Readable fields with their types."""
    for sample in entry.samples(entity.name):
        for path, value in occurring(sample):
            yield path, "any" if value in ({}, [], None) else "text"
    for field in entry.fields(entity.name):
        if field.readable:
            yield _anywhere(field.path), field.type


def _gives_what_is_named(entity: Entity) -> bool:
    """Whether an option says which further fields are read."""
    return entity.read is not None and any(option.name.endswith("fields") for option in entity.read.options)


def _anywhere(path: str) -> str:
    """A path with every element of a list in place of one of them."""
    return render(_EACH if isinstance(step, int | Where) else step for step in parse(path))


def _below(inner: str, *outer: str) -> bool:
    """Whether a path leads into one of these."""
    return inner.startswith(tuple(f"{each}{sign}" for each in outer for sign in ".["))


def _named(wanted: str, options: Mapping[str, Any]) -> bool:
    """Whether an option of the service names the field, as those for further fields or columns do."""
    first = re.split(r"[.\[]", wanted)[0]
    return any(first in re.split(r"[\s,;]+", value) for value in options.values() if isinstance(value, str))
