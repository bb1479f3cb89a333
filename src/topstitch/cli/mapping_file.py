"""A mapping in a file of its own: rows, and the lookup tables and variables that they need. YAML or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError
from topstitch.functions.lookup import Table
from topstitch.functions.registry import Lookup
from topstitch.store.files import yaml_text

MAX_ROWS = 2000
KEYS = ("mapping", "rows", "lookups", "variables", "zone", "record")
#: Of a mapping that was exported: what it is from and to.
ENDS = ("source", "destination")
#: Of one, and of a recipe what it is about and comes to.
IGNORED = ("format", "version", "about", "expected")


@dataclass(frozen=True, slots=True)
class MappingFile:
    """What such a file holds."""

    rows: Sequence[MappingRow]
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    zone: str = "UTC"
    #: One to try it with.
    record: dict[str, Any] | None = None
    #: `system/entity` that the rows are from and to, where the file says so.
    source: str = ""
    destination: str = ""
    #: The line of each row.
    places: Sequence[str] = ()

    @property
    def tables(self) -> Callable[[str], Lookup]:
        """Gives a table by name. Raises ConfigError naming those that there are."""

        def table(name: str) -> Lookup:
            if name not in self.lookups:
                known = ", ".join(self.lookups) or "none"
                raise ConfigError(f"there is no lookup table {name!r} in the file; there are {known}", key="lookup")
            return self.lookups[name]

        return table


def read_mapping_file(path: Path) -> MappingFile:
    """A list of rows, or `mapping:` (or `rows:`) with rows beside `lookups:`, `variables:`, `zone:` and a `record:` to try.

    Raises ConfigError with file and line.
    """
    node, data = yaml_text.read(path)
    if isinstance(data, list):
        return MappingFile(_rows(data, _lines(node), path), places=_places(node, path))
    if not isinstance(data, dict):
        raise ConfigError("it has neither a list of rows nor a mapping", place=path.name)
    unknown = [str(key) for key in data if key not in (*KEYS, *ENDS, *IGNORED)]
    if unknown:
        raise ConfigError(f"there is no such key here: {unknown[0]}; there are {', '.join(KEYS)}", place=path.name)
    name = "mapping" if "mapping" in data else "rows"
    if not isinstance(data.get(name), list):
        raise ConfigError("`mapping` must be a list of rows", place=path.name)
    part = _part(node, name)
    return MappingFile(
        _rows(data[name], _lines(part), path),
        lookups=_tables(_named(data, "lookups", path), path),
        variables=dict(_named(data, "variables", path)),
        zone=str(data.get("zone") or "UTC"),
        record=dict(_named(data, "record", path)) or None,
        source=_end(data, "source", path),
        destination=_end(data, "destination", path),
        places=_places(part, path),
    )


def _end(data: Mapping[str, Any], side: str, path: Path) -> str:
    given = dict(_named(data, side, path))
    return f"{given['system']}/{given['entity']}" if {"system", "entity"} <= set(given) else ""


def _rows(given: list[Any], lines: Sequence[int], path: Path) -> list[MappingRow]:
    if len(given) > MAX_ROWS:
        raise ConfigError(f"{len(given):,} rows are more than {MAX_ROWS:,}", place=path.name)
    return [_row(row, number, lines, path) for number, row in enumerate(given, 1)]


def _row(row: Any, number: int, lines: Sequence[int], path: Path) -> MappingRow:
    try:
        return MappingRow.model_validate(row)
    except (ValidationError, RecursionError) as error:
        place = f"{path.name}:{lines[number - 1]}" if number <= len(lines) else path.name
        raise ConfigError(f"row {number}: {_said(error)}", place=place, key="mapping_rows") from error


def _said(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply, or contains itself"
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    where = ".".join(str(part) for part in first["loc"])
    said = "there is no such key here" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{where}: {said}" if where else said


def _named(data: Mapping[str, Any], name: str, path: Path) -> list[tuple[str, Any]]:
    found = data.get(name) or {}
    if not isinstance(found, dict):
        raise ConfigError(f"`{name}` must be names with their contents", place=path.name)
    return [(str(key), value) for key, value in found.items()]


def _tables(given: Sequence[tuple[str, Any]], path: Path) -> dict[str, Lookup]:
    """Tables as configuration files have them, or simply their pairs."""
    if not given:
        return {}
    # What reads them knows the database's tables by name; nothing is asked of a database.
    from topstitch.runtime.django import configure_without_database, is_set_up, setup

    if not is_set_up():
        configure_without_database()
        setup()
    return {name: _table(value, f"{path.name}: lookup {name!r}", path.parent) for name, value in given}


def _table(given: Any, place: str, folder: Path) -> Lookup:
    from topstitch.store.files.lookups import pairs_of
    from topstitch.store.files.read import LookupFile

    described = isinstance(given, dict) and len(given) == 1 and set(given) <= set(LookupFile.model_fields)
    try:
        wanted = LookupFile.model_validate(given if described else {"pairs": given})
    except ValidationError as error:
        raise ConfigError(_said(error), place=place, key="lookup") from error
    return Table(pairs_of(wanted, folder, place))


def _part(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    return None


def _places(node: yaml.Node | None, path: Path) -> list[str]:
    return [f"{path.name}:{line}" for line in _lines(node)]


def _lines(node: yaml.Node | None) -> list[int]:
    return [each.start_mark.line + 1 for each in node.value] if isinstance(node, yaml.SequenceNode) else []
