"""What the first screen shows: services whose last run ended badly, records still on hold, and what runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from topstitch.store.models import Run, Service
from topstitch.store.queries.scope import Scope

SHOWN = 20

LAST_BAD = """
SELECT r.id
FROM store_service s JOIN store_companygroup g ON g.id = s.group_id
CROSS JOIN LATERAL (
    SELECT id, status, created_at FROM store_run
    WHERE service_id = s.id AND status NOT IN ('queued', 'running') ORDER BY created_at DESC LIMIT 1
) AS r
WHERE g.company_id = ANY(%s) AND s.active AND r.status NOT IN ('completed', 'stopped')
ORDER BY r.created_at DESC
LIMIT %s
"""

#: Counted so far and no further: beyond it the number tells nobody anything new.
MOST_COUNTED = 100
#: What is not ok or sent is said first as the index `item_open` says it, which is used for no other words.
LEFT_OVER = """
SELECT s.id, s.name, o.records, o.since
FROM store_service s JOIN store_companygroup g ON g.id = s.group_id
CROSS JOIN LATERAL (
    SELECT count(*) AS records, min(at) AS since FROM (
        SELECT at FROM item WHERE service_id = s.id AND status NOT IN ('ok', 'sent')
        AND status IN ('failed', 'pending', 'uncertain') LIMIT %s
    ) AS first
) AS o
WHERE g.company_id = ANY(%s) AND s.active AND o.records > 0
ORDER BY o.since, s.id
LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Records of a service that have not gone through, whatever its runs did since. `records` is at most MOST_COUNTED."""

    service_id: int
    name: str
    records: int
    since: datetime


def left_over(scope: Scope, limit: int = SHOWN) -> list[LeftOver]:
    """The active services with such records, those that wait longest first."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OVER, (MOST_COUNTED, list(scope.companies), limit))
        return [LeftOver(*row) for row in cursor.fetchall()]


def troubled_runs(scope: Scope, limit: int = SHOWN) -> list[Run]:
    """The last run of each active service where that one failed, left failures or waits for a system; newest first."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_BAD, (list(scope.companies), limit))
        ids = [row[0] for row in cursor.fetchall()]
    runs = Run.objects.filter(pk__in=ids).select_related("service__source", "service__destination")
    return list(runs.order_by("-created_at"))


def next_services(scope: Scope, limit: int = 8) -> list[Service]:
    """The services that run next."""
    coming = scope.services().filter(active=True, next_due__isnull=False).select_related("source", "destination")
    return list(coming.defer("reader_state").order_by("next_due")[:limit])
