"""Connectors: which there are, who uses them, how their checks went, and how much of their rate budgets is used."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.settings import checked_settings
from topstitch.store.models import CompanyGroup, Connector, ConnectorBudget, ConnectorCheck, Service
from topstitch.store.models.connector import ConnectorStatus
from topstitch.store.queries.scope import Scope

CHECKS_SHOWN = 50
#: Days of a connector's history that are drawn, and that its totals are of.
HISTORY_DAYS = 30


class Entry(NamedTuple):
    """What is needed of every connector to search, count and order them."""

    id: int
    name: str
    system: str
    environment: str
    group: int
    status: str

    @property
    def troubled(self) -> bool:
        """Whether its last check failed."""
        return self.status not in (ConnectorStatus.OPERATIONAL, ConnectorStatus.UNKNOWN)


def connector_index(scope: Scope) -> list[Entry]:
    """Every connector, those in trouble first, then by name."""
    rows = connectors(scope).values_list("pk", "name", "system", "environment", "group_id", "status")
    return sorted((Entry(*row) for row in rows), key=lambda e: (not e.troubled, e.name.casefold(), e.id))


def connectors(scope: Scope) -> QuerySet[Connector]:
    """The connectors of these companies."""
    return Connector.objects.filter(group__company_id__in=scope.companies)


def connector_rows(scope: Scope, ids: Collection[int]) -> dict[int, Connector]:
    """Connectors by their ids, without their secrets."""
    return connectors(scope).filter(pk__in=ids).select_related("group", "budget").defer("sealed").in_bulk()


def find_connector(scope: Scope, connector_id: int) -> Connector | None:
    """A connector; None when it is not there, or not theirs."""
    return connectors(scope).select_related("group__company").filter(pk=connector_id).first()


# -- who uses it ----------------------------------------------------------------------------------------------------------

_USES = """
SELECT connector, count(*) FROM (
    SELECT source_id AS connector, id FROM store_service WHERE removed_at IS NULL AND source_id = ANY(%(ids)s)
    UNION SELECT destination_id, id FROM store_service WHERE removed_at IS NULL AND destination_id = ANY(%(ids)s)
) AS used GROUP BY 1
"""


def use_counts(connector_ids: Sequence[int]) -> dict[int, int]:
    """At how many services' ends each of them is; one that is at none is not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_USES, {"ids": list(connector_ids)})
        return dict(cursor.fetchall())


def users_of(connector: Connector) -> QuerySet[Service]:
    """The services that it is an end of, by name."""
    ends = Service.objects.filter(Q(source=connector) | Q(destination=connector))
    return ends.order_by("name", "pk").defer("reader_state")


# By the two places where a row has functions: walking through whole configurations takes twice as long.
_ASKS = """
SELECT s.id FROM store_service s JOIN store_revision r ON r.id = s.revision_id
CROSS JOIN (SELECT jsonb_build_object('name', %(name)s::text) AS given) AS n
WHERE s.group_id = %(group)s AND (
    jsonb_path_exists(r.spec, '$.mapping[*].do[*] ? (@.function == "other.find" && @.args.connector == $name)', n.given)
    OR jsonb_path_exists(
        r.spec, '$.mapping[*].from[*].do[*] ? (@.function == "other.find" && @.args.connector == $name)', n.given))
"""


def askers_of(connector: Connector) -> list[Service]:
    """The services of its group whose mapping looks records up in it, by name: they know it by its name."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKS, {"group": connector.group_id, "name": connector.name})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Service.objects.filter(pk__in=ids).order_by("name", "pk").defer("reader_state"))


@dataclass(frozen=True, slots=True)
class Totals:
    """What the services of a connector did lately: runs, and records that went through or did not."""

    runs: int
    bad_runs: int
    ok: int
    failed: int


_TOTALS = """
SELECT COALESCE(sum(runs), 0)::bigint, COALESCE(sum(bad_runs), 0)::bigint, COALESCE(sum(ok + sent), 0)::bigint,
       COALESCE(sum(failed + pending + uncertain), 0)::bigint
FROM store_dayvolume WHERE service_id = ANY(%s) AND day > %s
"""


def totals_of(service_ids: Sequence[int], days: int = HISTORY_DAYS) -> Totals:
    """Of the last days, from the figures that are kept: nothing is counted."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, (list(service_ids), timezone.now().date() - timedelta(days=days)))
        return Totals(*cursor.fetchone())


# -- checks ---------------------------------------------------------------------------------------------------------------


def checks_of(connector: Connector, limit: int = CHECKS_SHOWN) -> list[ConnectorCheck]:
    """The last checks of a connector, newest first."""
    return list(connector.checks.order_by("-at", "-pk")[:limit])


@dataclass(frozen=True, slots=True)
class Health:
    """Checks of some days."""

    checks: int
    good: int

    @property
    def share(self) -> float | None:
        """Of the checks that found everything well; None without any."""
        return self.good / self.checks if self.checks else None


_HEALTH = """
SELECT connector_id, count(*), count(*) FILTER (WHERE ok) FROM store_connectorcheck
WHERE connector_id = ANY(%s) AND at > %s GROUP BY 1
"""


def health_of(connector_ids: list[int], days: int = 7) -> dict[int, Health]:
    """How the checks of the last days went; a connector without any is not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH, (connector_ids, timezone.now() - timedelta(days=days)))
        return {pk: Health(checks, good) for pk, checks, good in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class HealthDay:
    """The checks of one day, UTC; none when it was not checked."""

    day: date
    checks: int = 0
    good: int = 0


_DAYS = """
SELECT (at AT TIME ZONE 'UTC')::date, count(*), count(*) FILTER (WHERE ok) FROM store_connectorcheck
WHERE connector_id = %s AND at >= %s GROUP BY 1
"""


def health_days(connector: Connector, days: int = HISTORY_DAYS) -> list[HealthDay]:
    """One for each of the last days, oldest first."""
    last = timezone.now().date()
    shown = [last - timedelta(days=n) for n in range(days - 1, -1, -1)]
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, (connector.pk, datetime(shown[0].year, shown[0].month, shown[0].day, tzinfo=UTC)))
        found = {day: HealthDay(day, checks, good) for day, checks, good in cursor.fetchall()}
    return [found.get(day, HealthDay(day)) for day in shown]


def ends_of_tokens(connector: Connector, lasting: timedelta) -> datetime | None:
    """When the sign-in or token that lasts longest ends; None when nothing that lasts so long is kept."""
    known = connector.tokens.filter(expires_at__isnull=False, expires_at__gt=timezone.now() + lasting)
    return known.order_by("-expires_at").values_list("expires_at", flat=True).first()


# -- budgets --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Requests started lately, of those that the system allows."""

    used: int
    #: None: unlimited.
    allowed: int | None
    #: In so many seconds.
    per: float
    #: The system asked for a pause until then.
    paused_until: datetime | None = None

    @property
    def share(self) -> float | None:
        """From 0 to 1; None when nothing is limited."""
        return min(self.used / self.allowed, 1.0) if self.allowed else None


def budget_use(connector: Connector) -> BudgetUse | None:
    """How much of its rate budget a connector uses now; None when its system has none or is not installed."""
    try:
        http = CATALOGUE.get(connector.system).system.http
        if http is None:
            return None
        system = CATALOGUE.get(connector.system).system
        public = [setting for setting in system.settings if not setting.secret]
        limits = http.limits_for(checked_settings(public, connector.settings, place=connector.name))
    except TopstitchError:
        return None
    row = _budget(connector)
    now = time.time()
    started = [start for start in (row.starts if row else []) if start > now - limits.per]
    closed = row.closed_until if row and row.closed_until > now else None
    paused = datetime.fromtimestamp(closed, UTC) if closed else None
    return BudgetUse(len(started), limits.requests, limits.per, paused)


def _budget(connector: Connector) -> ConnectorBudget | None:
    """Its row, asked for at once with the connector where there are many."""
    try:
        return connector.budget
    except ConnectorBudget.DoesNotExist:
        return None


def is_taken(group: CompanyGroup, name: str, *, but: Connector | None = None) -> bool:
    """Whether another connector of the group has this name."""
    named = Connector.objects.filter(group=group, name=name)
    return (named.exclude(pk=but.pk) if but else named).exists()
