"""The one clock of a worker: due services, requested runs, stop requests, dead workers' runs, the heartbeat."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from django.db import close_old_connections
from django.utils import timezone

from topstitch.errors import ConfigError, TopstitchError
from topstitch.runtime import workers
from topstitch.runtime.django import revive_database
from topstitch.runtime.recovery import Recovery
from topstitch.runtime.session import Sessions
from topstitch.runtime.workflows import QUEUE, run_service
from topstitch.store import desk
from topstitch.store.actions.runs import mark_enqueued, run_slot
from topstitch.store.actions.services import switch_service
from topstitch.store.database import GONE
from topstitch.store.models import Run, Service
from topstitch.store.models.run import RunStatus

logger = structlog.get_logger()
PERIOD = 0.25
#: Every so many ticks.
SELDOM = 40
#: One cheap question a tick, for the sake of the many in which there is nothing to do.
LOOK = """
SELECT EXISTS (SELECT FROM store_service WHERE active AND removed_at IS NULL AND next_due <= now()),
       EXISTS (SELECT FROM store_run WHERE status = 'queued' AND enqueued_at IS NULL),
       EXISTS (SELECT FROM store_run WHERE status IN ('queued', 'running', 'paused') AND stop_requested)
"""


class Tick:
    """Ticks until stopped. Each part is safe to be done by several workers at once."""

    def __init__(self, worker: workers.Me, sessions: Sessions, lost: Callable[[str], None]) -> None:
        self._worker, self._sessions, self._lost = worker, sessions, lost
        self._recovery = Recovery(worker, sessions)
        self._count = 0
        self._thread = threading.Thread(target=self._run, name="tick", daemon=True)

    def start(self) -> None:
        """Begin ticking."""
        self._thread.start()

    def _run(self) -> None:
        while not self._sessions.stop.is_set():
            try:
                close_old_connections()
                self.once()
            except GONE as error:
                logger.warning("tick_without_database", error=str(error).splitlines()[0])
                self._bring_back()
            except Exception:
                logger.exception("tick_failed")
            self._sessions.stop.wait(PERIOD)

    def _bring_back(self) -> None:
        """The embedded server was killed, perhaps: whoever notices starts it again."""
        try:
            revive_database()
        except TopstitchError as error:
            logger.error("database_does_not_start", error=error.message, hint=error.hint)

    def once(self) -> None:
        """One tick."""
        due, requested, stopping = self._look()
        if due:
            start_due()
        if due or requested:
            enqueue_requested()
        if stopping:
            self._stop_requested()
        self._sessions.notice_changes()
        if self._count % SELDOM == 0:
            self._worker.beat()
            self._recovery.once()
            desk.refresh()
            self._sessions.tidy()
        self._count += 1

    def _look(self) -> tuple[Any, ...]:
        """What there is to do."""
        try:
            return self._worker.ask(LOOK)
        except GONE:
            if not self._worker.revive():
                self._lost("it was taken for dead while the database was away")
            return self._worker.ask(LOOK)

    def _stop_requested(self) -> None:
        for run_id in Run.objects.filter(stop_requested=True, status__in=_GOING).values_list("pk", flat=True):
            self._sessions.stop_requested(str(run_id))


_GOING = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)


def start_due() -> None:
    """Make the runs of services whose time has come."""
    for service in Service.objects.filter(next_due__lte=timezone.now(), active=True).select_related(
        "revision", "group__company"
    ):
        assert service.next_due is not None
        try:
            run_slot(service, service.next_due)
        except ConfigError as error:
            logger.error("service_switched_off", service=service.pk, error=str(error))
            switch_service(service, active=False)


def enqueue_requested() -> None:
    """Hand requested runs to the durable engine. Its workflow id is the run's, so twice is once."""
    for run in Run.objects.filter(status=RunStatus.QUEUED, enqueued_at=None).order_by("created_at")[:100]:
        with SetWorkflowID(str(run.pk)), SetEnqueueOptions(queue_partition_key=str(run.service_id)):
            DBOS.enqueue_workflow(QUEUE, run_service, str(run.pk))
        mark_enqueued(run)
