"""The error desk's figures: how many records a cause has now, which causes are over, and all of it made anew from the report.

The ledger counts failures as it records them. What became of the records since is counted here, from the items that name
the cause: seldom while their service runs, once when it has ended, and after what people do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from topstitch.engine.cause import cause_of
from topstitch.engine.ports import Problem
from topstitch.store.housekeeping import delete_some
from topstitch.store.models import ErrorDay

#: Groups counted at a time.
MOST_COUNTED = 500
BATCH = 2000
#: Days that failures a day are kept of each cause.
KEEP_DAYS = 90

# Groups whose figures may have changed since: something failed, or their service works or worked.
STALE = """
SELECT g.id FROM store_errorgroup g
LEFT JOIN store_servicestate s ON s.service_id = g.service_id
WHERE g.counted_at IS NULL OR g.last_at > g.counted_at
   OR (g.affected > 0 AND (s.last_ended_at > g.counted_at
                           OR g.service_id IN (SELECT service_id FROM store_run WHERE status IN ('running', 'paused'))))
ORDER BY g.counted_at NULLS FIRST LIMIT %s
"""

COUNT = """
SELECT g.id, g.last_at, i.affected, i.recovered
FROM store_errorgroup g
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status NOT IN ('ok', 'sent', 'closed')) AS affected,
           count(*) FILTER (WHERE status IN ('ok', 'sent')) AS recovered
    FROM item WHERE cause = g.id
) i
WHERE g.id = ANY(%s)
"""

# Those that failed again meanwhile are counted the next time; locked in the order in which the ledger locks them.
LOCK = "SELECT id FROM store_errorgroup WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED"
KEEP = """
UPDATE store_errorgroup g
SET affected = c.affected, recovered = c.recovered, counted_at = now(),
    state = CASE WHEN g.state = 'open' AND c.affected = 0 THEN 'resolved' ELSE g.state END,
    resolved_at = CASE WHEN g.state = 'open' AND c.affected = 0 THEN now() ELSE g.resolved_at END,
    resolved_by_id = CASE WHEN g.state = 'open' AND c.affected = 0 THEN %(person)s ELSE g.resolved_by_id END
FROM unnest(%(ids)s::bigint[], %(lasts)s::timestamptz[], %(affected)s::int[], %(recovered)s::int[])
     AS c (id, last_at, affected, recovered)
WHERE g.id = c.id AND g.last_at = c.last_at
"""


LAPSED = """
UPDATE store_errorgroup SET state = 'open', ignored_until = NULL WHERE state = 'ignored' AND ignored_until <= now()
"""


def refresh() -> int:
    """Count the groups whose figures may have changed; how many there were. Those ignored until now are open again."""
    with connection.cursor() as cursor:
        cursor.execute(LAPSED)
        cursor.execute(STALE, (MOST_COUNTED,))
        ids = [id for (id,) in cursor.fetchall()]
    return recount(ids)


def recount(ids: Iterable[int], *, person_id: int | None = None) -> int:
    """Count these groups; an open one that has no record left is resolved, by this person or by itself. How many were."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, (sorted(ids),))
        counted = {row[0]: row for row in cursor.fetchall()}
        if not counted:
            return 0
        with transaction.atomic():
            cursor.execute(LOCK, (sorted(counted),))
            mine = [counted[id] for (id,) in cursor.fetchall()]
            columns: Sequence[Any] = list(zip(*mine, strict=True)) or [(), (), (), ()]
            named = dict(zip(("ids", "lasts", "affected", "recovered"), map(list, columns), strict=True))
            cursor.execute(KEEP, {**named, "person": person_id})
            return int(cursor.rowcount)


def forget() -> bool:
    """Drop some days of long ago from the figures a day; whether there may be more."""
    return delete_some(ErrorDay.objects.filter(day__lt=timezone.now().date() - timedelta(days=KEEP_DAYS)))


# -- all anew -------------------------------------------------------------------------------------------------------

FAILED = """
SELECT id, service_id, key, reference, status, error_class, error_key, message, field,
       COALESCE(evidence->>'row', '') FROM attempt
WHERE status NOT IN ('ok', 'sent') AND id > %s ORDER BY id LIMIT %s
"""
NAME_ATTEMPTS = """
UPDATE attempt a SET cause = n.cause FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, cause)
WHERE a.id = n.id AND a.cause IS DISTINCT FROM n.cause
"""
DESCRIBE = """
INSERT INTO store_errorgroup AS g (id, kin, service_id, error_class, error_key, sentence, place, message, hint, seen,
                                   first_at, last_at)
SELECT d.id, d.kin, d.service_id, d.error_class, d.error_key, d.sentence, d.place, '', '', 0, now(), now()
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS d (id, kin, service_id, error_class, error_key, sentence, place)
ON CONFLICT (id) DO UPDATE SET kin = excluded.kin, sentence = excluded.sentence, place = excluded.place
"""
# An item has the cause of its last failure.
NAME_ITEMS = """
UPDATE item i SET cause = a.cause
FROM (SELECT DISTINCT ON (service_id, key) service_id, key, cause FROM attempt WHERE cause IS NOT NULL
      ORDER BY service_id, key, id DESC) a
WHERE i.service_id = a.service_id AND i.key = a.key AND i.cause IS DISTINCT FROM a.cause
"""
FIGURES = """
UPDATE store_errorgroup g
SET seen = a.seen, first_at = LEAST(g.first_at, a.first_at), last_at = a.last_at, counted_at = NULL,
    message = last.message, hint = last.hint
FROM (SELECT cause, count(*) AS seen, min(at) AS first_at, max(at) AS last_at, max(id) AS last_id
      FROM attempt WHERE cause IS NOT NULL GROUP BY cause) a
JOIN attempt last ON last.id = a.last_id
WHERE g.id = a.cause
"""
DAYS = """
INSERT INTO store_errorday (group_id, day, count)
SELECT cause, (at AT TIME ZONE 'UTC')::date, count(*) FROM attempt WHERE cause IS NOT NULL GROUP BY 1, 2
ON CONFLICT (group_id, day) DO UPDATE SET count = excluded.count
"""
ORPHANS = """
DELETE FROM store_errorgroup g
WHERE NOT EXISTS (SELECT FROM attempt WHERE cause = g.id) AND NOT EXISTS (SELECT FROM item WHERE cause = g.id)
  AND NOT EXISTS (SELECT FROM store_errornote WHERE group_id = g.id)
"""


def rebuild() -> int:
    """Make all causes anew from the report, as after an update that makes them in another way; how many failures there are.

    What people decided stays with the causes that stay the same. Best done while no service runs.
    """
    last = total = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(FAILED, (last, BATCH))
            rows = cursor.fetchall()
            if not rows:
                break
            _name(cursor, rows)
            last, total = rows[-1][0], total + len(rows)
        with transaction.atomic():
            for statement in (NAME_ITEMS, FIGURES, DAYS, ORPHANS):
                cursor.execute(statement)
    while refresh() == MOST_COUNTED:
        pass
    return total


def _name(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """Give these failed attempts their causes, and the causes their groups."""
    named: list[tuple[int, int]] = []
    groups: dict[int, tuple[Any, ...]] = {}
    for id, service, key, reference, status, desk_class, error_key, message, field, row in rows:
        shown = Problem(error_key, desk_class, message, field) if message else Problem.of_status(status)
        found = cause_of(service, shown, row=row, values=(key, reference))
        named.append((id, found.id))
        groups[found.id] = (found.id, found.kin, service, desk_class, error_key, found.sentence, found.place)
    cursor.execute(NAME_ATTEMPTS, [list(column) for column in zip(*named, strict=True)])
    cursor.execute(DESCRIBE, [list(column) for column in zip(*groups.values(), strict=True)])
