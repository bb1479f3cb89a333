"""Questions about field lists: they agree with the entity, the taxonomy, the samples and what is really read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from topstitch.errors import MappingError, TopstitchError
from topstitch.sdk.conformance.questions import Troubles, question
from topstitch.sdk.conformance.records import everything, readers
from topstitch.sdk.conformance.stage import Stage
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity, Record
from topstitch.sdk.taxonomy import entities as neutral_entities
from topstitch.sdk.taxonomy import taxonomy
from topstitch.values.dates import compile_date_reader
from topstitch.values.numbers import to_number
from topstitch.values.paths import canonical, compile_get, occurring
from topstitch.values.truth import as_boolean

#: Fields of these types speak for all that is below them.
_INDEX = re.compile(r"\[-?\d+\]")
WHOLE = frozenset(["array", "object", "any"])


@question("fields.listed", "Every entity's list holds its key, reference, modified stamp and filters", needs="system")
def listed(stage: Stage) -> Troubles:
    """Paths named in system.py are paths of the field list."""
    for entity in stage.entities:
        paths = {field.path for field in stage.entry.fields(entity.name)}
        if not paths:
            yield entity.name, "it has no field list"
            continue
        for what, path in _named_paths(entity):
            if canonical(path) not in paths:
                yield entity.name, f"its {what} {path} is not in its field list"


def _named_paths(entity: Entity) -> Iterator[tuple[str, str]]:
    if isinstance(entity.key, str):
        yield "key", entity.key
    if entity.reference:
        yield "reference", entity.reference
    if entity.modified:
        yield "modified stamp", entity.modified.path
    for path in entity.read.filters if entity.read else ():
        yield "filter", path


@question("fields.tags", "Tags are those of the taxonomy, and there are some", needs="system")
def tags(stage: Stage) -> Troubles:
    """For entities that the taxonomy knows."""
    for entity in stage.entities:
        if entity.taxonomy not in neutral_entities():
            continue
        terms = taxonomy(entity.taxonomy).terms
        given = {field.tag for field in stage.entry.fields(entity.name) if field.tag}
        if not given:
            yield entity.name, "no field has a tag, so there are no default mappings"
        for tag in sorted(given - set(terms)):
            yield entity.name, f"{tag!r} is no tag of {entity.taxonomy}"


@question("fields.samples", "Samples exist, and the field list covers everything in them", needs="system")
def samples(stage: Stage) -> Troubles:
    """Every leaf is a field, or lies below one of type array, object or any."""
    for entity in stage.entities:
        records = stage.entry.samples(entity.name)
        if not records:
            yield entity.name, "there are no samples"
        covers = _cover(stage, entity)
        for path in sorted({path for record in records for path, _ in occurring(record) if path and not covers(path)}):
            yield entity.name, f"{path} is in a sample and not in the field list"


def _cover(stage: Stage, entity: Entity) -> Callable[[str], bool]:
    fields = stage.entry.fields(entity.name)
    exact = {_any_index(field.path) for field in fields}
    above = [_any_index(field.path) for field in fields if field.type in WHOLE]
    above += list(stage.unlisted.get(entity.name, ()))

    def covers(path: str) -> bool:
        if path in exact or any(_below(path, top) for top in above):
            return True
        # An empty list or object of a sample stands for what the list says of its inside.
        return any(_below(other, path) for other in exact)

    return covers


def _any_index(path: str) -> str:
    """`lines[0].sku` as `lines[*].sku`, as samples are walked."""
    return _INDEX.sub("[*]", path)


def _below(path: str, top: str) -> bool:
    return path == top or path.startswith((f"{top}.", f"{top}["))


@question("fields.types", "Values in the samples are what the field list says they are", needs="system")
def types(stage: Stage) -> Troubles:
    """Numbers, dates, words of a boolean, lists and objects."""
    for entity in stage.entities:
        for field in stage.entry.fields(entity.name):
            fits, get = fit(field), compile_get(field.path)
            for value in values(stage.entry.samples(entity.name), get, "[*]" in field.path):
                if value not in (None, "") and not fits(value):
                    yield entity.name, f"{field.path} is {kind(field)}, and a sample has {value!r:.60}"
                    break


def values(records: list[Record], get: Callable[[Any], Any], many: bool) -> Iterator[Any]:
    for record in records:
        value = get(record)
        yield from _flat(value) if many else [value]


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def kind(field: Field) -> str:
    return f"{field.type} ({field.format})" if field.format else field.type


def fit(field: Field) -> Callable[[Any], bool]:
    """A test of values by the field's type and format."""
    if field.type in ("integer", "decimal", "money", "weight", "length"):
        return _raises_not(to_number)
    if field.type in ("datetime", "date"):
        return _raises_not(compile_date_reader([field.format] if field.format else [], ZoneInfo("UTC")))
    if field.type == "boolean":
        words = field.format.lower().split("/") if "/" in field.format else []
        return lambda value: str(value).lower() in words if words else _raises_not(as_boolean)(value)
    if field.type == "object":
        return lambda value: isinstance(value, dict)
    if field.type == "country" and field.format in ("", "iso2", "iso3"):
        return lambda value: len(str(value)) == (3 if field.format == "iso3" else 2)
    return lambda value: not isinstance(value, dict) or field.type in WHOLE


def _raises_not(read: Callable[[Any], object]) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        try:
            read(value)
        except MappingError:
            return False
        return True

    return fits


@question("fields.occur", "Every readable field occurs in a sample or in a practice record", tier="gold")
def occur(stage: Stage) -> Troubles:
    """A field that is never there is a field misspelt."""
    readable = {entity.name for entity, _ in readers(stage)}
    for entity in stage.entities:
        records = list(stage.entry.samples(entity.name))
        if entity.name in readable:
            with suppress(TopstitchError):
                records += everything(stage, entity)
        there = _all_paths(records)
        for field in stage.entry.fields(entity.name):
            if field.readable and _any_index(field.path) not in there:
                yield entity.name, f"{field.path} never occurs"


def _all_paths(records: list[Record]) -> set[str]:
    """Every path that occurs, leaves and what is above them."""
    found: set[str] = set()
    for path in {path for record in records for path, _ in occurring(record)}:
        found.add(path)
        found.update(path[:at] for at, letter in enumerate(path) if letter in ".[")
        if path.endswith("[*]"):
            found.add(path.removesuffix("[*]"))
    return found | {f"{path}[*]" for path in found if any(other.startswith(f"{path}[*]") for other in found)}
