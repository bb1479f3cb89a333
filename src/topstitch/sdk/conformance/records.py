"""What questions do with records all the time: reading pages, telling records apart, making ones to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from topstitch.errors import MappingError
from topstitch.sdk.conformance.stage import Stage
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Condition, Entity, Page, Query, Read, Record, Stamp
from topstitch.sdk.settings import checked_settings
from topstitch.values.dates import compile_date_reader
from topstitch.values.paths import compile_get

#: No practice server holds more: a read that goes on longer does not end.
MOST_PAGES = 500


class Endless(Exception):
    """A read that gives page after page."""


def readers(stage: Stage) -> Iterator[tuple[Entity, Read]]:
    """Entities that can be read."""
    return ((entity, entity.read) for entity in stage.entities if entity.read)


def pull_options(stage: Stage, entity: Entity) -> dict[str, Any]:
    """The options of a read, defaults filled in."""
    declared = entity.read.options if entity.read else ()
    given = {o.name: v for o in declared if (v := stage.options(entity).get(o.name)) is not None}
    return checked_settings(declared, given, place=entity.name)


def iterate(
    stage: Stage,
    conn: Connection,
    entity: Entity,
    *,
    size: int,
    at: Any = None,
    since: datetime | None = None,
    conditions: Sequence[Condition] = (),
) -> Iterator[Page]:
    """Pages from `at` on; raises Endless."""
    assert entity.read is not None
    query = Query(
        page_size=min(size, entity.read.max_page_size),
        since=since,
        conditions=conditions,
        options=pull_options(stage, entity),
    )
    for number, page in enumerate(entity.read.pages(conn, query, at)):
        if number == MOST_PAGES:
            raise Endless(f"there is no end after {MOST_PAGES} pages")
        yield page


def read_pages(stage: Stage, conn: Connection, entity: Entity, *, size: int, most: int = 0, **query: Any) -> list[Page]:
    """All pages, or the first `most`."""
    pages: list[Page] = []
    for page in iterate(stage, conn, entity, size=size, **query):
        pages.append(page)
        if len(pages) == most:
            break
    return pages


def records_of(pages: Sequence[Page]) -> list[Record]:
    """Their records in order."""
    return [record for page in pages for record in page.records]


def everything(stage: Stage, entity: Entity) -> list[Record]:
    """All that the far end was seeded with, in the largest pages; read once."""
    assert entity.read is not None
    kept = stage.notes.setdefault("everything", {})
    if entity.name not in kept:
        conn = stage.connect()
        kept[entity.name] = records_of(read_pages(stage, conn, entity, size=entity.read.max_page_size))
    found: list[Record] = kept[entity.name]
    return found


def key_of(stage: Stage, entity: Entity) -> Callable[[Record], str]:
    """A record's key at the source, as the engine makes it."""
    options = pull_options(stage, entity)
    get = (lambda record: entity.key(record, options)) if callable(entity.key) else compile_get(entity.key)

    def key(record: Record) -> str:
        value = get(record)
        return "" if value is None else str(value)

    return key


def stamp_of(stamp: Stamp) -> Callable[[Record], datetime | None]:
    """A record's time of last change; raises MappingError when it cannot be read, None where it is empty."""
    get, zone = compile_get(stamp.path), ZoneInfo(stamp.zone)
    read = compile_date_reader([stamp.format] if stamp.format else [], zone)

    def when(record: Record) -> datetime | None:
        value = get(record)
        return None if value in (None, "") else read(value)

    return when


def stamp_or_none(stamp: Stamp | None) -> Callable[[Record], datetime | None]:
    """The same, with None for what cannot be read."""
    if stamp is None:
        return lambda record: None
    read = stamp_of(stamp)

    def when(record: Record) -> datetime | None:
        try:
            return read(record)
        except MappingError:
            return None

    return when


def through_json(cursor: Any) -> Any:
    """A cursor as it comes back from where it was stored."""
    return orjson.loads(orjson.dumps(cursor))
