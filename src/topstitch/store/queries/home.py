"""What the first screen says: what needs somebody, what runs next, what moves, who changed what. One question each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import AuditEvent, Connector, ConnectorToken, Run, Service
from topstitch.store.models.connector import ConnectorStatus
from topstitch.store.models.run import RunStatus
from topstitch.store.queries.scope import Scope

SHOWN = 20
#: A due run is taken up within a second; so much later something is wrong.
OVERDUE = timedelta(minutes=2)
#: A service is silent after so many times without a success, and never before an hour has passed.
TIMES, LEAST_SILENCE = 3, timedelta(hours=1)
#: So many runs with records make a pause worth a word, if it is twice as long as any before and has at least so many runs.
FULL_RUNS, LEAST_EMPTY = 20, 3
#: Credentials are told of so long before they expire, a version of an API before it is switched off.
SOON, SUNSET = timedelta(days=14), timedelta(days=90)
#: What lives shorter renews itself.
LASTING = timedelta(days=3)
#: Nobody changed anything by these.
NO_CHANGES = ("run", "resync", "export", "stop", "test", "sign_in", "sign_in_failed", "sign_out")
#: What a lost answer is called as a cause.
LOST = ("answer_lost", "uncertain")
#: Events looked through for changes.
LOOKED_THROUGH = 200


def _ask(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# -- needs somebody -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failing:
    """A service whose last runs failed or left failures."""

    service_id: int
    name: str
    status: str
    #: In a row, and since when.
    runs: int
    since: datetime
    run_id: UUID
    reason: str
    failed: int


_FAILING = """
SELECT v.id, v.name, s.last_status, s.bad_runs, s.bad_since, s.last_run, COALESCE(r.reason, ''),
       COALESCE(r.failed + r.pending + r.uncertain, 0)
FROM store_servicestate s
JOIN store_service v ON v.id = s.service_id AND v.active
JOIN store_companygroup g ON g.id = v.group_id AND g.company_id = ANY(%(companies)s)
LEFT JOIN store_run r ON r.id = s.last_run
WHERE s.bad_runs > 0
ORDER BY s.last_status = 'failed' DESC, s.bad_runs DESC, s.bad_since LIMIT %(limit)s
"""


def failing_services(scope: Scope, limit: int = SHOWN) -> list[Failing]:
    """Those that could not run at all first, then the longest row of bad runs."""
    return [Failing(*row) for row in _ask(_FAILING, {"companies": list(scope.companies), "limit": limit})]


@dataclass(frozen=True, slots=True)
class TopCause:
    """An open cause in short."""

    kin: int
    error_class: str
    error_key: str
    #: Words of the newest failure.
    said: str
    services: int
    records: int
    last_at: datetime
    #: Somebody has it in every service.
    assigned: bool


@dataclass(frozen=True, slots=True)
class OpenCauses:
    """The largest open causes, and how much there is in all."""

    causes: int
    records: int
    unassigned: int
    top: list[TopCause]


_CAUSES = """
SELECT e.kin, min(e.error_class), min(e.error_key),
       (array_agg(CASE WHEN e.message = '' THEN e.sentence ELSE e.message END ORDER BY e.last_at DESC))[1],
       count(*)::int, sum(e.affected)::bigint AS records, max(e.last_at), bool_and(e.assignee_id IS NOT NULL),
       count(*) OVER ()::int, (sum(sum(e.affected)) OVER ())::bigint,
       (sum(CASE WHEN bool_and(e.assignee_id IS NULL) THEN 1 ELSE 0 END) OVER ())::int
FROM store_errorgroup e
JOIN store_service v ON v.id = e.service_id AND v.removed_at IS NULL
JOIN store_companygroup g ON g.id = v.group_id AND g.company_id = ANY(%(companies)s)
WHERE e.state = 'open'
GROUP BY e.kin ORDER BY records DESC, e.kin LIMIT %(limit)s
"""


def open_causes(scope: Scope, limit: int = 5) -> OpenCauses:
    """The open causes with most records."""
    rows = _ask(_CAUSES, {"companies": list(scope.companies), "limit": limit})
    if not rows:
        return OpenCauses(0, 0, 0, [])
    causes, records, unassigned = rows[0][8:]
    return OpenCauses(causes, records, unassigned, [TopCause(*row[:8]) for row in rows])


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Records of a service that may or may not have arrived."""

    service_id: int
    name: str
    records: int
    last_at: datetime


# Of the causes with most records: counting all of them would take longer than all else on the screen.
_UNCERTAIN = """
WITH largest AS (
    SELECT e.id, e.service_id, e.last_at, v.name
    FROM store_errorgroup e
    JOIN store_service v ON v.id = e.service_id AND v.removed_at IS NULL
    JOIN store_companygroup g ON g.id = v.group_id AND g.company_id = ANY(%(companies)s)
    WHERE e.state = 'open' AND e.error_key = ANY(%(lost)s)
    ORDER BY CASE WHEN e.counted_at IS NULL THEN e.seen ELSE e.affected END DESC, e.id LIMIT %(limit)s
)
SELECT l.service_id, l.name, sum(i.records)::bigint AS records, max(l.last_at)
FROM largest l
CROSS JOIN LATERAL (SELECT count(*) AS records FROM item WHERE cause = l.id AND status = 'uncertain') i
WHERE i.records > 0
GROUP BY l.service_id, l.name ORDER BY records DESC, l.service_id
"""


def uncertain_records(scope: Scope, limit: int = SHOWN) -> list[Uncertain]:
    """Where answers were lost and nobody has found out what became of the records, most first."""
    values = {"companies": list(scope.companies), "lost": list(LOST), "limit": limit}
    return [Uncertain(*row) for row in _ask(_UNCERTAIN, values)]


def paused_runs(scope: Scope, limit: int = SHOWN) -> list[Run]:
    """Runs that wait for a system, those that wait longest first."""
    waiting = scope.runs().filter(status=RunStatus.PAUSED).select_related("service__source", "service__destination")
    return list(waiting.order_by("created_at")[:limit])


@dataclass(frozen=True, slots=True)
class Away:
    """A connector whose last check failed, and the active services that need it."""

    connector_id: int
    name: str
    system: str
    #: unreachable, refused
    status: str
    detail: str
    checked_at: datetime
    services: Sequence[int]


_AWAY = """
SELECT c.id, c.name, c.system, c.status, c.status_detail, COALESCE(c.checked_at, c.created_at),
       array_agg(v.id ORDER BY v.id)
FROM store_connector c
JOIN store_companygroup g ON g.id = c.group_id AND g.company_id = ANY(%(companies)s)
JOIN store_service v ON v.active AND c.id IN (v.source_id, v.destination_id)
WHERE c.status = ANY(%(down)s)
GROUP BY c.id ORDER BY count(*) DESC, c.id LIMIT %(limit)s
"""


def connectors_down(scope: Scope, limit: int = SHOWN) -> list[Away]:
    """Those that active services need, most services first."""
    down = [str(ConnectorStatus.UNREACHABLE), str(ConnectorStatus.REFUSED)]
    return [Away(*row) for row in _ask(_AWAY, {"companies": list(scope.companies), "down": down, "limit": limit})]


@dataclass(frozen=True, slots=True)
class Missing:
    """A service that should have done something. `kind`: overdue, silent (no run came to its end), empty (no record)."""

    kind: str
    service_id: int
    name: str
    #: When it should have run, its last success, or its last run.
    since: datetime | None
    #: Of an empty one: runs in a row, and the longest such row before.
    runs: int = 0
    usual: int = 0


_MISSING = """
SELECT * FROM (
    SELECT CASE WHEN v.next_due < %(now)s - %(overdue)s::interval THEN 'overdue'
                WHEN s.gap IS NOT NULL AND COALESCE(s.last_success_at, v.created_at)
                     < %(now)s - GREATEST(make_interval(secs => %(times)s * s.gap), %(silence)s::interval) THEN 'silent'
                WHEN s.full_runs >= %(full)s AND s.empty_runs >= GREATEST(%(least)s, 2 * s.longest_empty) THEN 'empty' END AS kind,
           v.id, v.name,
           CASE WHEN v.next_due < %(now)s - %(overdue)s::interval THEN v.next_due
                ELSE COALESCE(s.last_success_at, v.created_at) END AS since,
           COALESCE(s.empty_runs, 0), COALESCE(s.longest_empty, 0)
    FROM store_service v
    JOIN store_companygroup g ON g.id = v.group_id AND g.company_id = ANY(%(companies)s)
    LEFT JOIN store_servicestate s ON s.service_id = v.id
    WHERE v.active
) AS found WHERE kind IS NOT NULL
ORDER BY CASE kind WHEN 'overdue' THEN 0 WHEN 'silent' THEN 1 ELSE 2 END, since LIMIT %(limit)s
"""


def missing_runs(scope: Scope, limit: int = SHOWN) -> list[Missing]:
    """What did not happen: nothing started, nothing came to its end, or nothing was found where there always is something."""
    values = {
        "companies": list(scope.companies),
        "limit": limit,
        "now": timezone.now(),
        "overdue": OVERDUE,
        "times": TIMES,
        "silence": LEAST_SILENCE,
        "full": FULL_RUNS,
        "least": LEAST_EMPTY,
    }
    return [Missing(*row) for row in _ask(_MISSING, values)]


@dataclass(frozen=True, slots=True)
class Expiring:
    """What ends soon. `kind`: token of a connector, or version of a system's API."""

    kind: str
    connector_id: int
    connector: str
    what: str
    at: datetime


def expiring(scope: Scope, limit: int = SHOWN) -> list[Expiring]:
    """Tokens that do not renew themselves, and versions of APIs that are switched off, soonest first."""
    now = timezone.now()
    mine = Connector.objects.filter(group__company_id__in=scope.companies)
    tokens = ConnectorToken.objects.filter(connector__in=mine, expires_at__lt=now + SOON).select_related("connector")
    found = [
        Expiring("token", token.connector_id, token.connector.name, token.name, token.expires_at)
        for token in tokens.defer("sealed", "connector__sealed")
        if token.expires_at and token.expires_at - token.updated_at > LASTING
    ]
    sunsets: dict[str, datetime | None] = {}
    for pk, name, system in mine.values_list("pk", "name", "system"):
        sunset = sunsets.setdefault(system, _sunset(system))
        if sunset is not None and sunset < now + SUNSET:
            found.append(Expiring("version", pk, name, system, sunset))
    return sorted(found, key=lambda each: (each.at, each.connector_id))[:limit]


def _sunset(system: str) -> datetime | None:
    """When the version of the API that we speak is switched off, as far as the vendor has said."""
    try:
        said = str(CATALOGUE.get(system).manifest.get("sunset") or "")
        return datetime.fromisoformat(f"{said}T00:00:00+00:00") if said else None
    except (TopstitchError, ValueError):
        return None


# -- first steps --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """How far a company has come."""

    connectors: int
    services: int
    #: Whether a run ever came to its end.
    ran: bool


_BEGUN = """
SELECT (SELECT count(*) FROM store_connector c JOIN store_companygroup g ON g.id = c.group_id
        WHERE g.company_id = ANY(%(companies)s)),
       (SELECT count(*) FROM store_service v JOIN store_companygroup g ON g.id = v.group_id
        WHERE g.company_id = ANY(%(companies)s)),
       EXISTS (SELECT FROM store_servicestate s JOIN store_service v ON v.id = s.service_id
               JOIN store_companygroup g ON g.id = v.group_id WHERE g.company_id = ANY(%(companies)s))
"""


def begun(scope: Scope) -> Begun:
    """How far the company has come: connectors, services, a first run."""
    return Begun(*_ask(_BEGUN, {"companies": list(scope.companies)})[0])


# -- moves --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Volume:
    """Records of a service, today and on the whole day before, UTC."""

    service_id: int
    name: str
    done: int
    bad: int
    yesterday: int


@dataclass(frozen=True, slots=True)
class Today:
    """What moves today: the services with most records, and all of them together."""

    services: list[Volume]
    done: int
    bad: int
    yesterday: int


_VOLUMES = """
SELECT v.id, v.name, d.done, d.bad, d.before, (sum(d.done) OVER ())::bigint, (sum(d.bad) OVER ())::bigint,
       (sum(d.before) OVER ())::bigint
FROM (
    SELECT service_id, COALESCE(sum(ok + sent) FILTER (WHERE day = %(today)s), 0)::bigint AS done,
           COALESCE(sum(failed + pending + uncertain) FILTER (WHERE day = %(today)s), 0)::bigint AS bad,
           COALESCE(sum(ok + sent + failed + pending + uncertain) FILTER (WHERE day < %(today)s), 0)::bigint AS before
    FROM store_dayvolume WHERE day BETWEEN %(today)s::date - 1 AND %(today)s GROUP BY service_id
) d
JOIN store_service v ON v.id = d.service_id AND v.removed_at IS NULL
JOIN store_companygroup g ON g.id = v.group_id AND g.company_id = ANY(%(companies)s)
WHERE d.done + d.bad + d.before > 0
ORDER BY d.done + d.bad DESC, d.before DESC, v.id LIMIT %(limit)s
"""


def volumes(scope: Scope, limit: int = SHOWN, *, today: date | None = None) -> Today:
    """Volume today per service, with yesterday's."""
    values = {"companies": list(scope.companies), "today": today or timezone.now().date(), "limit": limit}
    rows = _ask(_VOLUMES, values)
    if not rows:
        return Today([], 0, 0, 0)
    done, bad, yesterday = rows[0][5:]
    return Today([Volume(*row[:5]) for row in rows], done, bad, yesterday)


def next_services(scope: Scope, limit: int = 8) -> list[Service]:
    """The services that run next."""
    coming = scope.services().filter(active=True, next_due__isnull=False).select_related("source", "destination")
    return list(coming.defer("reader_state", "source__sealed", "destination__sealed").order_by("next_due")[:limit])


def changes(scope: Scope, limit: int = 8) -> list[AuditEvent]:
    """Who changed what, newest first; runs and exports change nothing."""
    newest = AuditEvent.objects.filter(company_id__in=scope.companies).order_by("-at")
    ids = [pk for pk, verb in newest.values_list("pk", "verb")[:LOOKED_THROUGH] if verb not in NO_CHANGES]
    found = AuditEvent.objects.filter(pk__in=ids[:limit]).select_related("person").defer("before", "after")
    return list(found.order_by("-at", "-pk"))
