"""The SQL of a change: rows are staged, compared with the table, given their places, and taken over, all in bulk.

A pair is a row that says from which version on it is there and until when. So a version costs no more than what changed,
any version can be read, and a reader of one is not disturbed by the next.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from topstitch.store.lookups.order import NoRoomError, places
from topstitch.store.lookups.rows import Pair

#: Versions of a table that can be restored.
KEPT = 100

_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS lookup_incoming (
    n integer, "left" text, "right" text, match text, field text, pair bigint, was bigint, same boolean
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS lookup_places (n integer, goes bigint) ON COMMIT DROP;
TRUNCATE lookup_incoming, lookup_places;
SET LOCAL enable_nestloop = off
"""
_COPY = 'COPY lookup_incoming (n, "left", "right", match, field) FROM STDIN'
_COPY_EDITED = 'COPY lookup_incoming (n, "left", "right", match, field, pair) FROM STDIN'
_EDITED = """
UPDATE lookup_incoming i SET was = p.position,
    same = p."left" = i."left" AND p."right" = i."right" AND p.match = i.match AND p.field = i.field
FROM store_lookuppair p
WHERE p.id = i.pair AND p.id = ANY(%(ids)s) AND p.table_id = %(table)s AND p.until IS NULL
"""
_GONE = "UPDATE store_lookuppair SET until = %s WHERE table_id = %s AND until IS NULL AND id = ANY(%s)"
_TWICE = """
SELECT i.n FROM lookup_incoming i JOIN store_lookuppair p
  ON p."left" = i."left" AND p."right" = i."right" AND p.match = i.match AND p.field = i.field
WHERE p.table_id = %(table)s AND p.until IS NULL AND p.id <> ALL(%(ids)s)
ORDER BY i.n LIMIT 1
"""
_OLD = """
INSERT INTO lookup_incoming (n, "left", "right", match, field)
SELECT row_number() OVER (ORDER BY position, id) - 1, "left", "right", match, field FROM store_lookuppair
WHERE table_id = %s AND since <= %s AND (until IS NULL OR until > %s)
"""
_SAME = """
UPDATE lookup_incoming i SET pair = p.id, was = p.position, same = true FROM store_lookuppair p
WHERE p.table_id = %s AND p.until IS NULL
  AND p."left" = i."left" AND p."right" = i."right" AND p.match = i.match AND p.field = i.field
"""
# What is left on both sides with the same two values is the same pair with another match type or field name.
_LIKE = """
WITH open AS (
    SELECT n, "left", "right", row_number() OVER (PARTITION BY "left", "right" ORDER BY n) AS k
    FROM lookup_incoming WHERE pair IS NULL
), free AS (
    SELECT p.id, p.position, p."left", p."right",
           row_number() OVER (PARTITION BY p."left", p."right" ORDER BY p.position, p.id) AS k
    FROM store_lookuppair p JOIN (SELECT DISTINCT "left", "right" FROM open) o USING ("left", "right")
    WHERE p.table_id = %s AND p.until IS NULL
      AND NOT EXISTS (SELECT 1 FROM lookup_incoming i WHERE i.pair = p.id)
)
UPDATE lookup_incoming i SET pair = f.id, was = f.position, same = false
FROM open o JOIN free f USING ("left", "right", k) WHERE i.n = o.n
"""
_WAS = "SELECT was FROM lookup_incoming ORDER BY n"
_STANDING = "SELECT position FROM store_lookuppair WHERE table_id = %s AND until IS NULL ORDER BY position, id"
_LAST = "SELECT position FROM store_lookuppair WHERE table_id = %s AND until IS NULL ORDER BY position DESC LIMIT 1"
_SPREAD = """
UPDATE store_lookuppair p SET position = r.place << 32
FROM (SELECT id, row_number() OVER (ORDER BY position, id) AS place FROM store_lookuppair WHERE table_id = %s) r
WHERE r.id = p.id
"""
_WAS_ANEW = "UPDATE lookup_incoming i SET was = p.position FROM store_lookuppair p WHERE p.id = i.pair"
_REMOVE = """
UPDATE store_lookuppair p SET until = %s WHERE p.table_id = %s AND p.until IS NULL
  AND NOT EXISTS (SELECT 1 FROM lookup_incoming i WHERE i.pair = p.id)
"""
_REMOVE_THESE = "UPDATE store_lookuppair p SET until = %s FROM lookup_incoming i WHERE p.id = i.pair"
_CLOSE = """
UPDATE store_lookuppair p SET until = %s FROM lookup_incoming i LEFT JOIN lookup_places g USING (n)
WHERE p.id = i.pair AND (NOT i.same OR g.goes IS NOT NULL)
"""
_OPEN = """
INSERT INTO store_lookuppair (table_id, since, position, "left", "right", match, field)
SELECT %s, %s, COALESCE(g.goes, i.was), i."left", i."right", i.match, i.field
FROM lookup_incoming i LEFT JOIN lookup_places g USING (n)
WHERE i.pair IS NULL OR NOT i.same OR g.goes IS NOT NULL ORDER BY i.n
"""
_COUNT = """
SELECT count(*) FILTER (WHERE pair IS NULL), count(*) FILTER (WHERE NOT same),
       count(*) FILTER (WHERE same AND goes IS NOT NULL)
FROM lookup_incoming LEFT JOIN lookup_places USING (n)
"""
_FORGET = """
DELETE FROM store_lookuppair WHERE table_id = %(table)s AND until <= %(oldest)s;
DELETE FROM store_lookupversion WHERE table_id = %(table)s AND number < %(oldest)s
"""


class StaleError(Exception):
    """A pair was changed or removed by somebody else meanwhile."""


class RepeatedError(Exception):
    """The table has this row (by its number from 0) already."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pairs a change added, removed, gave another match type or field name (by hand: another value), and moved."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    moved: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved)


def stage(cursor: CursorWrapper, pairs: Iterable[Pair]) -> None:
    """Lay the rows of a change ready."""
    cursor.execute(_STAGE)
    with cursor.copy(_COPY) as copy:
        for number, pair in enumerate(pairs):
            copy.write_row((number, *pair))


def stage_version(cursor: CursorWrapper, table: int, number: int) -> None:
    """Lay the rows of an earlier version ready."""
    cursor.execute(_STAGE)
    cursor.execute(_OLD, (table, number, number))


def replace(cursor: CursorWrapper, table: int, version: int) -> Counts:
    """The table has exactly the staged rows, in their order."""
    _compare(cursor, table)
    cursor.execute(_REMOVE, (version, table))
    removed = cursor.rowcount
    _place(cursor, table)
    return _take_over(cursor, table, version, removed)


def merge(cursor: CursorWrapper, table: int, version: int) -> Counts:
    """The staged rows are in the table; nothing is removed."""
    _compare(cursor, table)
    _place(cursor, table)
    return _take_over(cursor, table, version, 0)


def remove(cursor: CursorWrapper, table: int, version: int) -> Counts:
    """The staged rows are no longer in the table."""
    _compare(cursor, table)
    cursor.execute(_REMOVE_THESE, (version,))
    return Counts(removed=cursor.rowcount)


def stage_edited(cursor: CursorWrapper, rows: Iterable[tuple[int | None, Pair]]) -> None:
    """Lay rows ready that say which pair of the table they are, or None for a new one."""
    cursor.execute(_STAGE)
    # A page of rows: finding each by its id is the quick way here.
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    with cursor.copy(_COPY_EDITED) as copy:
        for number, (pair, cells) in enumerate(rows):
            copy.write_row((number, *cells, pair))
    cursor.execute("ANALYZE lookup_incoming")


def edit(cursor: CursorWrapper, table: int, version: int, removed: Collection[int]) -> Counts:
    """The staged rows, in their order among themselves, with what they say now; `removed` are gone.

    Raises StaleError when a pair is not in the newest version any more, RepeatedError for a row that the table has already.
    """
    cursor.execute("SELECT pair FROM lookup_incoming WHERE pair IS NOT NULL")
    known = [row[0] for row in cursor]
    cursor.execute(_EDITED, {"table": table, "ids": known})
    found = cursor.rowcount
    cursor.execute(_GONE, (version, table, list(removed)))
    if found < len(known) or cursor.rowcount < len(removed):
        raise StaleError
    cursor.execute(_TWICE, {"table": table, "ids": known})
    if twice := cursor.fetchone():
        raise RepeatedError(twice[0])
    _place(cursor, table)
    return _take_over(cursor, table, version, len(removed))


def finish(cursor: CursorWrapper, table: int, version: int) -> None:
    """Drop versions older than the newest so many, and leave the transaction as it was."""
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    cursor.execute(_FORGET, {"table": table, "oldest": version - KEPT + 1})


def _compare(cursor: CursorWrapper, table: int) -> None:
    # Whatever the server last knew about these tables, row by row is never the way: 150,000 pairs took minutes so.
    for query in (_SAME, _LIKE):
        cursor.execute("ANALYZE lookup_incoming")
        cursor.execute(query, (table,))
    cursor.execute("ANALYZE lookup_incoming")


def _place(cursor: CursorWrapper, table: int) -> None:
    """Give new and moved rows their positions."""
    try:
        goes = places(_column(cursor, _WAS), _standing(cursor, table))
    except NoRoomError:
        cursor.execute(_SPREAD, (table,))
        cursor.execute(_WAS_ANEW)
        goes = places(_column(cursor, _WAS), _standing(cursor, table))
    with cursor.copy("COPY lookup_places FROM STDIN") as copy:
        for number, position in enumerate(goes):
            if position is not None:
                copy.write_row((number, position))
    cursor.execute("ANALYZE lookup_places")


def _column(cursor: CursorWrapper, query: str) -> list[int | None]:
    cursor.execute(query)
    return [row[0] for row in cursor]


def _standing(cursor: CursorWrapper, table: int) -> Sequence[int]:
    """All positions; only the last where everything is new, which is then all that matters."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM lookup_incoming WHERE pair IS NOT NULL)")
    [known] = cursor.fetchone()
    cursor.execute(_STANDING if known else _LAST, (table,))
    return array("q", (row[0] for row in cursor))


def _take_over(cursor: CursorWrapper, table: int, version: int, removed: int) -> Counts:
    cursor.execute(_COUNT)
    added, changed, moved = cursor.fetchone()
    cursor.execute(_CLOSE, (version,))
    cursor.execute(_OPEN, (table, version))
    return Counts(added, removed, changed, moved)
