"""Runs: the last ones of many services at once, the list of one service, and one by its sync id."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from topstitch.store.models import Run, Service
from topstitch.store.models.run import ENDED
from topstitch.store.queries.keyset import Window, window
from topstitch.store.queries.scope import Scope

#: Runs in a strip.
STRIP = 20
RUNS_A_PAGE = 30

# One short walk of the index per service, however many runs it has. Dry runs say nothing of how a service does.
LAST_RUNS = """
SELECT s.id, r.id, r.status, r.created_at, r.pulled, r.ok + r.sent, r.failed + r.pending + r.uncertain
FROM store_service s JOIN store_companygroup g ON g.id = s.group_id
CROSS JOIN LATERAL (
    SELECT * FROM store_run WHERE service_id = s.id AND NOT options ? 'dry' ORDER BY created_at DESC LIMIT %s
) AS r
WHERE s.id = ANY(%s) AND g.company_id = ANY(%s)
"""


# What the last runs of a service did, together. One that is going stands alone: its figures move.
FIGURES = """
WITH last AS (
    SELECT *, status IN ('queued', 'running', 'paused') AS going FROM store_run
    WHERE service_id = %(service)s AND NOT options ? 'dry' ORDER BY created_at DESC LIMIT %(count)s
)
SELECT count(*), COALESCE(bool_or(going), false), COALESCE(sum(pulled), 0)::bigint, COALESCE(sum(filtered), 0)::bigint,
       COALESCE(sum(ok + sent), 0)::bigint, COALESCE(sum(unchanged + skipped), 0)::bigint,
       COALESCE(sum(failed), 0)::bigint, COALESCE(sum(pending + uncertain), 0)::bigint
FROM last WHERE going OR NOT EXISTS (SELECT FROM last WHERE going)
"""


# What the pages that are being worked on have come to: a run's own figures have them when they end.
OPEN_PAGES = """
WITH going AS (
    SELECT number, (counts->>'pulled')::bigint AS pulled FROM store_runpage WHERE run_id = %(run)s AND NOT complete
), last AS (
    SELECT DISTINCT ON (page, key) status FROM attempt
    WHERE run_id = %(run)s AND page IN (SELECT number FROM going) ORDER BY page, key, id DESC
)
SELECT 'pulled', COALESCE(sum(pulled), 0)::bigint FROM going UNION ALL SELECT status, count(*) FROM last GROUP BY status
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the records of some runs."""

    runs: int
    #: These are the figures of a run that has not ended.
    going: bool
    pulled: int
    filtered: int
    pushed: int
    #: Done before, or unchanged.
    left_alone: int
    failed: int
    waiting: int


def last_figures(service: Service, count: int = STRIP) -> Figures:
    """Of the run that is going, else of the last ones together."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"service": service.pk, "count": count})
        return Figures(*cursor.fetchone())


def so_far(run: Run) -> tuple[Run, int]:
    """A run with what its open pages have come to by now, not to be saved, and how many of their records are undecided."""
    if run.is_over:
        return run, 0
    with connection.cursor() as cursor:
        cursor.execute(OPEN_PAGES, {"run": run.pk})
        figures = dict(cursor.fetchall())
    now = copy(run)
    for name, count in figures.items():
        setattr(now, name, getattr(run, name) + count)
    pulled = figures.pop("pulled")
    return now, max(pulled - sum(figures.values()), 0)


@dataclass(frozen=True, slots=True)
class LastRun:
    """A run as a bar of a strip."""

    id: uuid.UUID
    status: str
    created_at: datetime
    pulled: int
    pushed: int
    troubled: int


def last_runs(scope: Scope, service_ids: Iterable[int], count: int = STRIP) -> dict[int, list[LastRun]]:
    """The last runs of each service, newest first. A service that never ran is not in it."""
    strips: dict[int, list[LastRun]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LAST_RUNS, (count, list(service_ids), list(scope.companies)))
        for service, *values in cursor.fetchall():
            strips.setdefault(service, []).append(LastRun(*values))
    for runs in strips.values():
        runs.sort(key=lambda run: run.created_at, reverse=True)
    return strips


def runs_of(
    service: Service,
    *,
    sync_id: str = "",
    status: str = "",
    since: datetime | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
) -> Window[Run]:
    """A service's runs, newest first. `sync_id` may be the beginning of one; what is no such thing finds nothing."""
    runs: QuerySet[Run] = Run.objects.filter(service=service)
    if since:
        runs = runs.filter(created_at__gte=since)
    if status:
        runs = runs.filter(status=status)
    if sync_id:
        bounds = sync_id_bounds(sync_id)
        runs = runs.filter(pk__range=bounds) if bounds else runs.none()
    return window(runs, by="created_at", size=RUNS_A_PAGE, after=after, before=before)


def going_runs(service: Service) -> int:
    """How many of a service's runs have not ended."""
    return Run.objects.filter(service=service).exclude(status__in=ENDED).count()


def sync_id_bounds(text: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """The lowest and highest sync id that begin with this text; None when none can."""
    digits = text.strip().replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{1,32}", digits):
        return None
    return uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))


def find_run(scope: Scope, run_id: uuid.UUID) -> Run | None:
    """A run with its service; None when it is not there, or not theirs."""
    related = ("service__source", "service__destination", "service__group__company", "revision", "person")
    return scope.runs().select_related(*related).filter(pk=run_id).first()
