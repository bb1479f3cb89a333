"""What is kept how long: days of the report, the log and the payloads are dropped whole; finished workflow rows are deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from dbos import DBOS
from django.utils import timezone

from topstitch.runtime.periodic import Job
from topstitch.store import desk
from topstitch.store.actions.removal import forget_removed
from topstitch.store.database import connect
from topstitch.store.models import RunPage
from topstitch.store.partitions import drop_partitions, make_partitions
from topstitch.store.retention import forget_early

logger = structlog.get_logger()
#: Days that the durable engine's rows of finished runs are kept: it needs them only to not start a run twice.
KEEP_WORKFLOWS = 3
BATCH = 500


def clean(settings: Any) -> None:
    """Make the partitions of the days ahead, drop what is over."""
    keep = {
        "attempt": settings.KEEP_REPORT_DAYS,
        "log_line": settings.KEEP_LOG_DAYS,
        "stored_payload": settings.KEEP_PAYLOAD_DAYS,
    }
    with connect("topstitch retention") as connection:
        make_partitions(connection)
        dropped = drop_partitions(connection, keep)
    if dropped:
        logger.info("days_dropped", tables=dropped)
    desk.forget()
    forget_pages(settings.KEEP_PAYLOAD_DAYS)
    forget_removed(settings.KEEP_REPORT_DAYS)
    forget_workflows()


def forget_pages(days: int) -> None:
    """Page rows are of no use once their payloads are gone."""
    RunPage.objects.filter(stored_at__lt=timezone.now() - timedelta(days=days), complete=True).delete()


def forget_workflows() -> None:
    """Delete the durable engine's rows of runs that ended some days ago."""
    before = (timezone.now() - timedelta(days=KEEP_WORKFLOWS)).isoformat()
    while True:
        old = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"], end_time=before, limit=BATCH, load_input=False, load_output=False
        )
        if not old:
            return
        DBOS.delete_workflows([workflow.workflow_id for workflow in old])


#: What companies keep shorter than the server does goes in small parts, beside everything else.
JOBS = (Job("shorter retention", 3600.0, forget_early),)
