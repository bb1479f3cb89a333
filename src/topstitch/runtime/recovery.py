"""Runs that nobody works on although they are not over: of workers that died, and of workflows that were lost.

The durable engine gives a run up when it cannot write down what became of a step, for instance because the database was
away in an unlucky moment. The ledger knows how far the run came, so a run may be begun again at any time.
"""

from __future__ import annotations

from collections.abc import Collection

import structlog
from dbos import DBOS
from dbos import WorkflowStatus as Workflow
from django.db import transaction

from topstitch.runtime import workers
from topstitch.runtime.session import Sessions
from topstitch.runtime.workflows import QUEUE
from topstitch.store.models import Run
from topstitch.store.models.run import ENDED, RunStatus

logger = structlog.get_logger()
#: States of a workflow that works no more.
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "GONE")


class Recovery:
    """What one worker does now and then for the runs of all. Safe to be done by several workers at once."""

    def __init__(self, me: workers.Me, sessions: Sessions) -> None:
        self._me, self._sessions = me, sessions
        self._idle: set[str] = set()

    def once(self) -> None:
        """Look for such runs and see to them."""
        workers.bury_dead(self._me)
        going = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        # Asked last: a worker has its row before it has a run.
        alive = workers.names()
        for workflow in going:
            if workflow.executor_id not in alive:
                self._resume(workflow)
        self._resume_idle([w for w in going if w.executor_id == self._me.name])
        begin_lost_again()

    def _resume_idle(self, mine: Collection[Workflow]) -> None:
        """Ours, but no thread works on them: now, and the last time that was looked, so it is not just beginning."""
        idle = {w.workflow_id: w for w in mine if w.workflow_id not in self._sessions.working}
        for run_id in self._idle & idle.keys():
            self._resume(idle.pop(run_id))
        self._idle = set(idle)

    def _resume(self, workflow: Workflow) -> None:
        logger.info("resuming_run", run=workflow.workflow_id, of=workflow.executor_id)
        DBOS.resume_workflow(workflow.workflow_id, queue_name=QUEUE)


def begin_lost_again() -> None:
    """Queue the runs anew that are not over although their workflow is, or is not there."""
    unfinished = Run.objects.exclude(status__in=ENDED).exclude(enqueued_at=None)
    ids = [str(pk) for pk in unfinished.values_list("pk", flat=True)]
    found = DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False) if ids else []
    state = {workflow.workflow_id: workflow.status for workflow in found}
    for run_id in ids:
        if state.get(run_id, "GONE") not in OVER:
            continue
        with transaction.atomic():
            # A run ends before its workflow does, so this one was lost, unless another worker was quicker.
            if unfinished.select_for_update(skip_locked=True).filter(pk=run_id).exists():
                logger.warning("beginning_run_again", run=run_id, was=state.get(run_id))
                DBOS.delete_workflows([run_id])
                unfinished.filter(pk=run_id).update(status=RunStatus.QUEUED, enqueued_at=None)
