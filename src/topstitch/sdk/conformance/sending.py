"""Records to write, good and bad ones, and pushing them as the engine does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topstitch.errors import TopstitchError
from topstitch.net.message import CapturedRequest
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.conformance.stage import Stage, copied
from topstitch.sdk.connection import Connection
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity, Outgoing, Record, Verdict, Write
from topstitch.sdk.settings import checked_settings
from topstitch.sdk.taxonomy import entities as neutral_entities
from topstitch.sdk.taxonomy import taxonomy
from topstitch.values.paths import EACH, compile_get, parse


def writers(stage: Stage) -> Iterator[tuple[Entity, Write]]:
    """Entities that can be written."""
    return ((entity, entity.write) for entity in stage.entities if entity.write)


def push_options(stage: Stage, entity: Entity) -> dict[str, Any]:
    """The options of a write, defaults filled in."""
    declared = entity.write.options if entity.write else ()
    given = {o.name: v for o in declared if (v := stage.options(entity).get(o.name)) is not None}
    return checked_settings(declared, given, place=entity.name)


def good_records(stage: Stage, entity: Entity) -> list[Record]:
    """Records that the destination should take: GOOD_RECORDS, else the samples without what only it may set."""
    given: Mapping[str, Sequence[Record]] = stage.hint("GOOD_RECORDS", {})
    if entity.name in given:
        return [copied(record) for record in given[entity.name]]
    fields = stage.entry.fields(entity.name)
    return [writable_part(record, fields) for record in stage.entry.samples(entity.name)]


def writable_part(record: Record, fields: Sequence[Field]) -> Record:
    """The record without the fields marked readonly."""
    part = copied(record)
    for field in fields:
        if not field.writable:
            _drop(part, parse(field.path))
    return part


def _drop(value: Any, steps: Sequence[Any]) -> None:
    step, rest = steps[0], steps[1:]
    if isinstance(value, list) and step == EACH:
        for item in value if rest else ():
            _drop(item, rest)
    elif isinstance(value, dict) and step in value:
        if rest:
            _drop(value[step], rest)
        else:
            del value[step]


def bad_records(stage: Stage, entity: Entity) -> Iterator[Record]:
    """Records that the destination should refuse: BAD_RECORDS, else a good one with one field spoilt after another."""
    given: Mapping[str, Sequence[Record]] = stage.hint("BAD_RECORDS", {})
    if entity.name in given:
        yield from (copied(record) for record in given[entity.name])
        return
    good = good_records(stage, entity)[-1]
    fields = [f for f in stage.entry.fields(entity.name) if f.writable]
    for field in [f for f in fields if f.required]:
        yield _with(good, field, None)
    for field in fields:
        if field.type in _NONSENSE and compile_get(field.path)(good) not in (None, []):
            yield _with(good, field, _NONSENSE[field.type])


_NONSENSE = {
    "integer": "many",
    "decimal": "much",
    "money": "dear",
    "datetime": "yesterday?",
    "date": "yesterday?",
    "country": "Nowhere",
    "email": "nobody at home",
    "id": "no such thing",
}


def _with(record: Record, field: Field, value: Any) -> Record:
    made = copied(record)
    _replace(made, parse(field.path), value)
    return made


def _replace(value: Any, steps: Sequence[Any], new: Any) -> None:
    step, rest = steps[0], steps[1:]
    if isinstance(value, list) and step == EACH:
        for item in value if rest else ():
            _replace(item, rest, new)
    elif isinstance(value, dict):
        if rest and step in value:
            _replace(value[step], rest, new)
        elif not rest:
            value[step] = new


def outgoing(entity: Entity, records: Sequence[Record], *, start: int = 1) -> list[Outgoing]:
    """Records on their way, with keys of their own."""
    reference = compile_get(entity.reference) if entity.reference else None
    return [
        Outgoing(
            key=f"conformance-{number}",
            record=record,
            reference=str(reference(record) or "") if reference else "",
            idempotency_key=f"conformance-{entity.name}-{number}",
        )
        for number, record in enumerate(records, start)
    ]


def batches(write: Write, records: Sequence[Outgoing]) -> list[list[Outgoing]]:
    """As many in each as the entity takes."""
    return [list(records[at : at + write.batch]) for at in range(0, len(records), write.batch)]


def push(stage: Stage, conn: Connection, entity: Entity, records: Sequence[Outgoing]) -> list[Verdict]:
    """One verdict a record; an exception is the verdict of its whole batch, as it is for the engine."""
    assert entity.write is not None
    options, verdicts = push_options(stage, entity), []
    for batch in batches(entity.write, records):
        try:
            given = list(entity.write.push(conn, batch, options))
        except TopstitchError as error:
            given = [Verdict.of(error)] * len(batch)
        verdicts += given
    return verdicts


def capture(
    stage: Stage, conn: Connection, entity: Entity, batch: Sequence[Outgoing]
) -> tuple[CapturedRequest | None, list[Verdict]]:
    """The first writing request of a dry push; where there was none, the verdicts."""
    try:
        return None, push(stage, conn, entity, batch)
    except CapturedRequest as captured:
        return captured, []


def updates(entry: Entry, entity: Entity) -> bool:
    """Whether services send a changed record again."""
    if entity.mode or entity.taxonomy not in neutral_entities():
        return entity.mode == "create_and_update"
    return taxonomy(entity.taxonomy).mode == "create_and_update"
