"""What the first screen shows: services whose last run ended badly, and those that run next."""

from __future__ import annotations

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
