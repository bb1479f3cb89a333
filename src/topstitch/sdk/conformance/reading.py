"""Questions about reading: pages to the end, resuming from any cursor, records by id, usable keys and stamps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from topstitch.errors import MappingError, TopstitchError
from topstitch.sdk.conformance.questions import Troubles, question
from topstitch.sdk.conformance.records import (
    Endless,
    everything,
    iterate,
    key_of,
    pull_options,
    read_pages,
    readers,
    records_of,
    stamp_of,
    through_json,
)
from topstitch.sdk.conformance.stage import Stage, named
from topstitch.sdk.model import Entity, Page, Read, Record

Key = Callable[[Record], str]
SMALL = 3
#: From how many places a read is taken up again.
RESUMED = 5
UNKNOWN = ("0", "999999999", "no-such-record")


@question("read.pages", "Small pages give the same records as large ones, to the end")
def pages(stage: Stage) -> Troubles:
    """Nothing is lost at a page border, and a record that comes twice is the same both times."""
    for entity, _ in readers(stage):
        try:
            large, small = everything(stage, entity), records_of(_small(stage, entity))
        except (TopstitchError, Endless) as error:
            yield entity.name, named(error)
            continue
        if len(large) < 2:
            yield entity.name, f"the practice server has {len(large)} of them, too few to turn a page"
        yield from ((entity.name, text) for text in _differences(large, small, key_of(stage, entity)))


@question("read.once", "Each record comes once in a read")
def once(stage: Stage) -> Troubles:
    """Repeated work, not wrong work: records made of rows on two pages may be exempt."""
    for entity, _ in readers(stage):
        key = key_of(stage, entity)
        for size, records in (("large", everything(stage, entity)), ("small", records_of(_small(stage, entity)))):
            if repeated := [name for name, n in Counter(map(key, records)).items() if n > 1]:
                yield (
                    entity.name,
                    f"in {size} pages {len(repeated)} records come more than once, such as {repeated[0]!r}",
                )


def _small(stage: Stage, entity: Entity) -> list[Page]:
    """All of an entity in small pages, read once."""
    kept = stage.notes.setdefault("small pages", {})
    if entity.name not in kept:
        size = _size(everything(stage, entity))
        kept[entity.name] = read_pages(stage, stage.connect(), entity, size=size)
    found: list[Page] = kept[entity.name]
    return found


def _size(records: Sequence[Record]) -> int:
    """A page size at which there is more than one page."""
    return SMALL if len(records) > SMALL else 1


def _differences(large: Sequence[Record], small: Sequence[Record], key: Key) -> Iterator[str]:
    wanted = {key(record): record for record in large}
    if "" in wanted:
        yield "a record has no key"
    found = {key(record) for record in small}
    if lost := set(wanted) - found:
        yield f"small pages lose {len(lost)} of {len(wanted)} records, such as {sorted(lost)[0]!r}"
    if more := found - set(wanted):
        yield f"small pages add {len(more)} records, such as {sorted(more)[0]!r}"
    if other := [name for record in small if wanted.get(name := key(record), record) != record]:
        yield f"in small pages {other[0]!r} is another record than in large ones"


@question("read.resume", "A read resumes from the cursor of any page, in another process")
def resume(stage: Stage) -> Troubles:
    """Fresh connections, cursors through JSON; the page that follows must be the one that followed."""
    for entity, _ in readers(stage):
        try:
            size, whole = _size(everything(stage, entity)), _small(stage, entity)
        except (TopstitchError, Endless) as error:
            yield entity.name, named(error)
            continue
        if whole and whole[-1].next is not None:
            yield entity.name, "the last page names a next one"
        step = max(1, (len(whole) - 1) // RESUMED)
        for at in range(0, len(whole) - 1, step):
            if trouble := _resumed(stage, entity, whole, at, size):
                yield entity.name, trouble
                break


def _resumed(stage: Stage, entity: Entity, whole: Sequence[Page], at: int, size: int) -> str:
    try:
        cursor = through_json(whole[at].next)
    except TypeError as error:
        return f"the cursor of page {at + 1} is no JSON: {error}"
    if cursor is None:
        return f"page {at + 1} of {len(whole)} names no next page"
    key = key_of(stage, entity)
    wanted = [key(record) for page in whole[at + 1 :] for record in page.records]
    found: list[str] = []
    for page in iterate(stage, stage.connect(), entity, size=size, at=cursor):
        found += [key(record) for record in page.records]
        if found:
            break
    if found != wanted[: len(found)] or (wanted and not found):
        return f"after page {at + 1} it resumes with {found[:3]}, where {wanted[:3]} came before"
    return ""


@question("read.by_ids", "Records are found by their keys, and unknown keys are simply absent")
def by_ids(stage: Stage) -> Troubles:
    """All that were read, and some that do not exist."""
    for entity, read in readers(stage):
        if read.by_ids is None:
            yield entity.name, "it cannot be read by id, so a record cannot be pulled again"
            continue
        try:
            yield from ((entity.name, text) for text in _found_by_ids(stage, entity, read))
        except TopstitchError as error:
            yield entity.name, named(error)


def _found_by_ids(stage: Stage, entity: Entity, read: Read) -> list[str]:
    assert read.by_ids is not None
    key, options = key_of(stage, entity), pull_options(stage, entity)
    wanted = [key(record) for record in everything(stage, entity)]
    found = [key(record) for record in read.by_ids(stage.connect(), wanted, options)]
    wrong = []
    if lost := set(wanted) - set(found):
        wrong.append(f"{len(lost)} of {len(wanted)} are not found by id, such as {sorted(lost)[0]!r}")
    if foreign := set(found) - set(wanted):
        wrong.append(f"records come that were not asked for, such as {sorted(foreign)[0]!r}")
    if len(found) != len(set(found)):
        wrong.append("a record asked for once comes twice")
    unknown = [id for id in UNKNOWN if id not in wanted]
    if there := read.by_ids(stage.connect(), [*wanted[:1], *unknown], options):
        extra = {key(record) for record in there} - set(wanted[:1])
        wrong += [f"an unknown id finds {sorted(extra)[0]!r}"] if extra else []
    elif wanted:
        wrong.append("a known id is not found beside unknown ones")
    return wrong


@question("read.modified", "The time of last change can be read in every record")
def modified(stage: Stage) -> Troubles:
    """By the path, format and zone that the entity declares."""
    for entity, read in readers(stage):
        if entity.modified is None:
            if read.since:
                yield entity.name, "it filters by time and names no time of last change"
            continue
        when = stamp_of(entity.modified)
        try:
            stamps = [when(record) for record in everything(stage, entity)]
        except MappingError as error:
            yield entity.name, f"{entity.modified.path}: {error.message}"
            continue
        if stamps and None in stamps and (read.since or read.ordered):
            yield entity.name, f"{stamps.count(None)} of {len(stamps)} records have no {entity.modified.path}"
