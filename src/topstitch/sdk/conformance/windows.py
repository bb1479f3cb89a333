"""Questions about what of a list is asked for: since, order, filters. A filter may be wide; it may not lose anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from topstitch.errors import TopstitchError
from topstitch.sdk.conformance.questions import NotAsked, Troubles, question
from topstitch.sdk.conformance.reading import SMALL
from topstitch.sdk.conformance.records import (
    Endless,
    everything,
    key_of,
    read_pages,
    readers,
    records_of,
    stamp_or_none,
)
from topstitch.sdk.conformance.stage import Stage, named
from topstitch.sdk.model import Condition, Entity, Record
from topstitch.values.paths import compile_get

EQUALS = ("equals", "in")
#: Pages of a filtered read.
FEW = 25
_FAR = timedelta(days=400)


@question("read.since", "Reading since a moment gives everything changed then or later")
def since(stage: Stage) -> Troubles:
    """A stamp from the middle of the seeds; older records may come, but not all of them whatever the moment."""
    asked = False
    for entity, read in readers(stage):
        if not read.since or entity.modified is None:
            continue
        asked = True
        try:
            yield from ((entity.name, text) for text in _since(stage, entity))
        except (TopstitchError, Endless) as error:
            yield entity.name, named(error)
    if not asked:
        raise NotAsked("no entity is filtered by time")


def _since(stage: Stage, entity: Entity) -> Iterator[str]:
    when, key = stamp_or_none(entity.modified), key_of(stage, entity)
    stamps = {key(record): stamp for record in everything(stage, entity) if (stamp := when(record))}
    ordered = sorted(stamps.values())
    if len(set(ordered)) < 2:
        yield "the practice records all have the same time of last change"
        return
    middle = ordered[len(ordered) // 2]
    found = _keys(stage, entity, middle)
    wanted = {name for name, stamp in stamps.items() if stamp >= middle}
    if lost := wanted - found:
        yield f"since {middle.isoformat()} loses {len(lost)} of {len(wanted)} records, such as {sorted(lost)[0]!r}"
    if len(_keys(stage, entity, ordered[-1] + _FAR)) >= len(stamps):
        yield "since makes no difference: a moment after the last change gives every record"


def _keys(stage: Stage, entity: Entity, moment: datetime) -> set[str]:
    key = key_of(stage, entity)
    return {key(r) for r in records_of(read_pages(stage, stage.connect(), entity, size=SMALL, since=moment))}


@question("read.ordered", "Where pages are declared to be in order of change, they are")
def ordered(stage: Stage) -> Troubles:
    """Ascending over all pages."""
    asked = False
    for entity, read in readers(stage):
        if not read.ordered:
            continue
        asked, when = True, stamp_or_none(entity.modified)
        records = records_of(read_pages(stage, stage.connect(), entity, size=SMALL))
        stamps = [stamp for record in records if (stamp := when(record))]
        if any(later < earlier for earlier, later in pairwise(stamps)):
            yield entity.name, "a record changed earlier comes after one changed later"
    if not asked:
        raise NotAsked("no entity declares an order")


@question("read.filters", "Each declared filter lets through everything that fits it", tier="silver")
def filters(stage: Stage) -> Troubles:
    """Tried with a value that some records have, for the operators `equals` and `in`."""
    asked = False
    for entity, read in readers(stage):
        for path, operators in read.filters.items():
            for operator in [o for o in EQUALS if o in operators][:1]:
                asked = True
                if trouble := _filtered(stage, entity, path, operator):
                    yield entity.name, f"{path} {operator}: {trouble}"
    if not asked:
        raise NotAsked("no filter with equals or in is declared")


def _filtered(stage: Stage, entity: Entity, path: str, operator: str) -> str:
    records, get, key = everything(stage, entity), compile_get(path), key_of(stage, entity)
    value = _telling(records, path)
    if value is None:
        return ""
    condition = Condition(path, operator, [value] if operator == "in" else value)
    try:
        conn = stage.connect()
        found = {key(r) for r in records_of(read_pages(stage, conn, entity, size=FEW, conditions=[condition]))}
    except (TopstitchError, Endless) as error:
        return named(error)
    wanted = {key(record) for record in records if get(record) == value}
    if lost := wanted - found:
        return f"{value!r} loses {len(lost)} of {len(wanted)} records, such as {sorted(lost)[0]!r}"
    if len(found) == len(records) > len(wanted):
        return f"{value!r} makes no difference"
    return ""


def _telling(records: Sequence[Record], path: str) -> Any:
    """A plain value of the middle of the list that not all records have."""
    get = compile_get(path)
    for record in [*records[len(records) // 2 :], *records]:
        value = get(record)
        if isinstance(value, str | int) and value != "" and any(get(other) != value for other in records):
            return value
    return None
