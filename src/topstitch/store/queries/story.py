"""One record's story: everything that all services of a company did with an order number, a SKU, an id of any system.

Records belong together when they are of one kind and have the same reference, or when one system's id of the first is what
the second is called there: an order that became SO-9001 in the warehouse, and the despatch that the warehouse has for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from topstitch.store.queries.gaps import Gap, gaps_of
from topstitch.store.queries.kinds import Way, family, ways
from topstitch.store.queries.report import spellings
from topstitch.store.queries.scope import Scope

#: Things of one story, attempts of one thing, and steps from what was asked for to what is linked with it.
MOST_THINGS, ATTEMPTS_SHOWN, STEPS = 100, 20, 3


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt."""

    id: int
    at: datetime
    run_id: UUID
    status: str
    outcome: str
    remote_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Thing:
    """What one service did with the record: it pulled `key` at its source, which became `remote_id` at its destination."""

    item_id: int
    way: Way
    key: str
    reference: str
    status: str
    remote_id: str
    first_at: datetime
    at: datetime
    #: Why it is in the story.
    link: str
    #: Newest first; those that the report still keeps.
    tries: Sequence[Try] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A point of the timeline: seen for the first time (without a try), or tried."""

    at: datetime
    thing: Thing
    attempt: Try | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All of it. `more`: there are more things than are shown."""

    asked: str
    things: Sequence[Thing]
    gaps: Sequence[Gap]
    more: bool = False
    #: Oldest first.
    events: Sequence[Event] = field(default=())


def find_story(scope: Scope, text: str) -> Story | None:
    """The story of what is called so: reference, source id or id at a destination; None when nothing is."""
    asked = text.strip()
    if not asked:
        return None
    all_ways = ways(scope)
    found = _Found(all_ways)
    found.add(
        _items(all_ways, references=spellings(asked), keys=[asked], remotes=[asked]), lambda row: _named(row, asked)
    )
    for _ in range(STEPS):
        if not found.grow():
            break
    if not found.things:
        return None
    things = _with_tries(sorted(found.things.values(), key=lambda t: (t.first_at, t.item_id)))
    return Story(asked, things, gaps_of(scope, all_ways, things), found.more, _events(things))


def _named(row: _Row, asked: str) -> str:
    if row.reference in spellings(asked):
        return "its reference"
    return "its source id" if row.key == asked else "its id at the destination"


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    service_id: int
    key: str
    reference: str
    status: str
    remote_id: str
    first_at: datetime
    at: datetime


# Each part walks an index of its own; a reference that half of all records share must not be gone through.
_ITEMS = """
SELECT i.id, i.service_id, i.key, i.reference, i.status, i.remote_id, i.first_at, i.at FROM (
    (SELECT * FROM item WHERE reference = ANY(%(references)s) AND service_id = ANY(%(services)s) LIMIT %(limit)s)
    UNION (SELECT * FROM item WHERE service_id = ANY(%(services)s) AND key = ANY(%(keys)s) LIMIT %(limit)s)
    UNION (SELECT i.* FROM unnest(%(remotes)s::text[]) AS r (id) CROSS JOIN LATERAL (
        SELECT * FROM item WHERE remote_id = r.id AND remote_id <> '' LIMIT %(limit)s) i WHERE service_id = ANY(%(services)s))
) i LIMIT %(limit)s
"""


def _items(
    all_ways: Mapping[int, Way], *, references: Collection[str], keys: Collection[str], remotes: Collection[str]
) -> list[_Row]:
    values: dict[str, Any] = {"services": list(all_ways), "limit": MOST_THINGS + 1}
    values |= {"references": _given(references), "keys": _given(keys), "remotes": _given(remotes)}
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, values)
        return [_Row(*row) for row in cursor.fetchall()]


def _given(names: Collection[str]) -> list[str]:
    return sorted({name for name in names if name})


class _Found:
    """The things found so far, and how they are linked with what comes next."""

    def __init__(self, all_ways: Mapping[int, Way]) -> None:
        self._ways = all_ways
        self.things: dict[int, Thing] = {}
        self.more = False
        self._asked: set[str] = set()

    def add(self, rows: Iterable[_Row], why: Any) -> bool:
        """Take what belongs to the story; whether anything was new."""
        before = len(self.things)
        for row in rows:
            link = "" if row.id in self.things else why(row)
            if not link:
                continue
            if len(self.things) == MOST_THINGS:
                self.more = True
                break
            way = self._ways[row.service_id]
            parts = (row.key, row.reference, row.status, row.remote_id, row.first_at, row.at)
            self.things[row.id] = Thing(row.id, way, *parts, link)
        return len(self.things) > before

    def grow(self) -> bool:
        """Look for what is linked with what is there; whether anything was new."""
        known = list(self.things.values())
        names = {name for thing in known for name in (thing.key, thing.remote_id, thing.reference)} - self._asked
        if not names or self.more:
            return False
        self._asked |= names
        references = {form for name in names if name for form in spellings(name)}
        rows = _items(self._ways, references=references, keys=names, remotes=names)
        return self.add(rows, lambda row: self._link(row, known))

    def _link(self, row: _Row, known: Sequence[Thing]) -> str:
        """Why a record belongs to one of those that are known; "" when it only happens to be called alike."""
        way = self._ways[row.service_id]
        for thing in known:
            if link := _linked(row, way, thing):
                return link
        return ""


def _linked(row: _Row, way: Way, thing: Thing) -> str:
    """Ids are compared where both are of one kind of one system; references within a family of kinds."""
    other = thing.way
    if family(way.kind) != family(other.kind):
        return ""
    if thing.reference and row.reference in spellings(thing.reference):
        return f"the same reference as in {other.name}"
    if _continues(thing.remote_id, other, row.key, row.reference, way):
        return f"what {other.name} made at {other.destination}"
    if _continues(row.remote_id, way, thing.key, thing.reference, other):
        return f"what became the source of {other.name}"
    made = (way.destination_id, way.made_kind) == (other.destination_id, other.made_kind)
    if made and row.remote_id and row.remote_id == thing.remote_id:
        return f"the same record at {other.destination} as of {other.name}"
    if row.key == thing.key and (way.source_id, way.kind) == (other.source_id, other.kind):
        return f"the same record of {other.source} as in {other.name}"
    return ""


def _continues(remote_id: str, first: Way, key: str, reference: str, second: Way) -> bool:
    """Whether what the first service made is what the second one pulls, or what that refers to."""
    if not remote_id or first.destination_id != second.source_id:
        return False
    return remote_id == reference or (remote_id == key and first.made_kind == second.kind)


# By reference, which is indexed in the report; keys tell apart what is called alike. The last one also by its run: it may be
# called otherwise than before, and what has no reference must not be looked for among all that have none.
_TRIES = """
SELECT i.id, a.id, a.at, a.run_id, a.status, a.outcome, a.remote_id, a.message
FROM item i
CROSS JOIN LATERAL (
    (SELECT id, at, run_id, status, outcome, remote_id, message FROM attempt
     WHERE i.reference <> '' AND reference = i.reference AND service_id = i.service_id AND key = i.key
     AND at >= i.first_at - interval '1 hour' ORDER BY id DESC LIMIT %s)
    UNION
    (SELECT id, at, run_id, status, outcome, remote_id, message FROM attempt
     WHERE run_id = i.run_id AND page = i.page AND key = i.key AND at = i.at)
) a
WHERE i.id = ANY(%s) ORDER BY a.id DESC
"""


def _with_tries(things: Sequence[Thing]) -> list[Thing]:
    tries: dict[int, list[Try]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TRIES, (ATTEMPTS_SHOWN, [thing.item_id for thing in things]))
        for item, *parts in cursor.fetchall():
            tries.setdefault(item, []).append(Try(*parts))
    return [replace(thing, tries=tries.get(thing.item_id, ())) for thing in things]


def _events(things: Sequence[Thing]) -> list[Event]:
    events = [Event(attempt.at, thing, attempt) for thing in things for attempt in thing.tries]
    # What came before the report begins is only remembered.
    silent = [thing for thing in things if not thing.tries or len(thing.tries) >= ATTEMPTS_SHOWN]
    events += [Event(thing.first_at, thing) for thing in silent]
    return sorted(events, key=lambda event: (event.at, event.thing.item_id))
