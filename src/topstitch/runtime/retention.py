"""What is kept how long: days of the report, the log and the payloads are dropped whole, all else goes in small parts.

One worker at a time does it. When its process dies, the part that it was at is still there, and the next one begins with that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from dbos import DBOS
from django.conf import settings
from django.utils import timezone

from topstitch.runtime.periodic import Job
from topstitch.store import desk
from topstitch.store.actions.removal import forget_removed
from topstitch.store.database import connect
from topstitch.store.housekeeping import alone, delete_some
from topstitch.store.models import RunPage
from topstitch.store.partitions import drop_partitions, make_partitions
from topstitch.store.retention import forget_early

logger = structlog.get_logger()
#: Held by the worker that cleans.
CLEANING = 0x7057_0020
#: Days that the durable engine's rows of finished runs are kept: it needs them only to not start a run twice.
KEEP_WORKFLOWS = 3
BATCH = 500


def clean() -> bool:
    """Some of what is over goes; whether there may be more."""
    return any(_alone(part) for part in PARTS)


def _alone(part: Callable[[], bool]) -> bool:
    with alone(CLEANING) as free:
        return free and part()


def turn_days() -> bool:
    """Make the partitions of the days ahead, drop those that are over."""
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
    return False


def forget_pages() -> bool:
    """Page rows are of no use once their payloads are gone."""
    over = timezone.now() - timedelta(days=settings.KEEP_PAYLOAD_DAYS)
    return delete_some(RunPage.objects.filter(stored_at__lt=over, complete=True))


def forget_workflows() -> bool:
    """Delete the durable engine's rows of runs that ended some days ago."""
    before = (timezone.now() - timedelta(days=KEEP_WORKFLOWS)).isoformat()
    old = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"], end_time=before, limit=BATCH, load_input=False, load_output=False
    )
    if old:
        DBOS.delete_workflows([workflow.workflow_id for workflow in old])
    return len(old) == BATCH


#: Each takes little at a time and says whether there may be more; the next one begins when there is not.
PARTS = (turn_days, desk.forget, forget_pages, forget_workflows, lambda: forget_removed(settings.KEEP_REPORT_DAYS))
JOBS = (
    Job("clean-up", 3600.0, clean),
    # What companies keep shorter than the server does.
    Job("shorter retention", 3600.0, forget_early),
)
