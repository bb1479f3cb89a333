"""How connectors are: their checks, and how much of their systems' rate budgets is used."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.settings import checked_settings
from topstitch.store.models import Connector, ConnectorBudget, ConnectorCheck

CHECKS_SHOWN = 50


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
    row = ConnectorBudget.objects.filter(connector=connector).first()
    now = time.time()
    started = [start for start in (row.starts if row else []) if start > now - limits.per]
    closed = row.closed_until if row and row.closed_until > now else None
    paused = datetime.fromtimestamp(closed, UTC) if closed else None
    return BudgetUse(len(started), limits.requests, limits.per, paused)
