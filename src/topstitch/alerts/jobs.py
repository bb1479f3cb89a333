"""What a worker does for alerts, now and then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from topstitch.alerts.checking import check_due
from topstitch.alerts.models import Message, Notice, Trouble
from topstitch.alerts.noticing.connectors import judge_checks
from topstitch.alerts.noticing.locks import CLEANING
from topstitch.alerts.noticing.runs import BATCH, judge_runs
from topstitch.alerts.noticing.silence import look
from topstitch.alerts.telling.bundle import bundle
from topstitch.alerts.telling.send import send_waiting
from topstitch.runtime.periodic import Job
from topstitch.store.housekeeping import alone, delete_some
from topstitch.store.models import ConnectorCheck

#: Days that is kept who was told what, and how connectors fared.
KEEP_TOLD, KEEP_CHECKS = 90, 30
# One cheap question each time, for the sake of the many in which there is nothing to do.
ANYTHING = """
SELECT EXISTS (SELECT FROM alerts_runend), EXISTS (SELECT FROM store_connectorcheck WHERE NOT judged),
       EXISTS (SELECT FROM alerts_delivery WHERE message_id IS NULL AND due_at <= now())
"""


def notice() -> bool:
    """Look at what happened and at what did not, and put what is to be told into messages."""
    runs, checks, deliveries = _anything()
    judged = judge_runs() if runs else 0
    if checks:
        judge_checks()
    looked = look()
    if deliveries or judged or checks or looked:
        bundle()
    return judged == BATCH


def _anything() -> tuple[bool, ...]:
    with connection.cursor() as cursor:
        cursor.execute(ANYTHING)
        return tuple(cursor.fetchone() or ())


def send() -> bool:
    """Send the messages whose time has come."""
    return send_waiting() > 0


def check() -> bool:
    """Check the connectors whose time has come."""
    check_due()
    return False


def clean() -> bool:
    """Forget some of what is old; whether there may be more."""
    with alone(CLEANING) as free:
        return free and _forget_some(timezone.now())


def _forget_some(now: datetime) -> bool:
    # Of what was removed nothing is wrong any more.
    gone = Q(service__removed_at__isnull=False) | Q(connector__removed_at__isnull=False)
    Trouble.objects.filter(gone, ended_at=None).update(ended_at=now)
    told = now - timedelta(days=KEEP_TOLD)
    old = (
        ConnectorCheck.objects.filter(at__lt=now - timedelta(days=KEEP_CHECKS)),
        Notice.objects.filter(at__lt=told),
        Message.objects.filter(created_at__lt=told),
        Trouble.objects.filter(ended_at__lt=told),
    )
    return any(delete_some(rows) for rows in old)


def once() -> int:
    """All of it one time, for those who have no worker; how many messages were sent."""
    while notice():
        pass
    return send_waiting()


JOBS = (
    Job("alerts", 2.0, notice),
    Job("alert messages", 2.0, send),
    Job("connector checks", 15.0, check),
    Job("alerts clean-up", 3600.0, clean),
)
