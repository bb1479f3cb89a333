"""Checking connectors by the clock: those that active services use, every quarter of an hour, not all at once.

What a check finds is on the connector, as that of a check on demand; noticing reads the history that a trigger writes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from topstitch.alerts.models import ConnectorWatch
from topstitch.store.actions.connector_checks import check_connector
from topstitch.store.models import Connector
from topstitch.store.models.connector import ConnectorStatus

logger = structlog.get_logger()
AT_ONCE = 4
BATCH = 20
#: After the first check that fails, and after each further one.
AGAIN, STILL = timedelta(minutes=1), timedelta(minutes=5)
#: Should this process be killed in the middle of a check.
UNFINISHED = timedelta(minutes=5)

# A connector seen for the first time was tested by whoever made it; when all are seen together they are spread out.
PLAN = """
INSERT INTO alerts_connectorwatch (connector_id, next_check_at)
SELECT c.id, %(now)s + make_interval(secs => %(seconds)s * (0.3 + 0.7 * random()))
FROM store_connector c
WHERE EXISTS (SELECT FROM store_service s WHERE s.active AND c.id IN (s.source_id, s.destination_id))
  AND NOT EXISTS (SELECT FROM alerts_connectorwatch w WHERE w.connector_id = c.id AND w.next_check_at IS NOT NULL)
ON CONFLICT (connector_id) DO UPDATE SET next_check_at = excluded.next_check_at
"""
# One that a run waits for is looked at sooner.
CLAIM = """
UPDATE alerts_connectorwatch SET next_check_at = %(later)s
WHERE connector_id IN (
    SELECT w.connector_id FROM alerts_connectorwatch w JOIN store_connector c ON c.id = w.connector_id
    WHERE (w.next_check_at <= %(now)s OR (c.checked_at IS NULL OR c.checked_at < %(now)s - interval '2 minutes') AND EXISTS (
              SELECT FROM store_run r JOIN store_service s ON s.id = r.service_id
              WHERE r.status = 'paused' AND c.id IN (s.source_id, s.destination_id)))
      AND EXISTS (SELECT FROM store_service s WHERE s.active AND c.id IN (s.source_id, s.destination_id))
    ORDER BY w.next_check_at LIMIT %(limit)s FOR UPDATE OF w SKIP LOCKED)
RETURNING connector_id
"""


def check_due(now: datetime | None = None) -> int:
    """Check the connectors whose time has come; how many there were."""
    if not settings.CHECK_MINUTES:
        return 0
    ids = _claimed(now or timezone.now())
    if not ids:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(ids)), thread_name_prefix="check") as pool:
        list(pool.map(_check, ids))
    return len(ids)


def _claimed(now: datetime) -> Sequence[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN, {"now": now, "seconds": settings.CHECK_MINUTES * 60})
        cursor.execute(CLAIM, {"now": now, "later": now + UNFINISHED, "limit": BATCH})
        return [row[0] for row in cursor.fetchall()]


def _check(connector_id: int) -> None:
    """Check one, in a thread of its own, and plan the next check by what it found."""
    try:
        connector = Connector.objects.filter(pk=connector_id).first()
        if connector is not None:
            was_well = connector.status == ConnectorStatus.OPERATIONAL
            check_connector(connector)
            connector.refresh_from_db(fields=["status"])
            plan_next_check(connector, was_well=was_well)
    except Exception:
        logger.exception("check_failed", connector=connector_id)
    finally:
        connections.close_all()


def plan_next_check(connector: Connector, *, was_well: bool) -> None:
    """Sooner for one that fails; for the others some minutes more or less than the rule, so that they stay spread."""
    usual = timedelta(minutes=settings.CHECK_MINUTES) * random.uniform(0.85, 1.15)
    well = connector.status == ConnectorStatus.OPERATIONAL
    wait = usual if well else AGAIN if was_well else STILL
    ConnectorWatch.objects.filter(pk=connector.pk).update(next_check_at=timezone.now() + wait)
