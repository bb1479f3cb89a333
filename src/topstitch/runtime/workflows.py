"""The durable part: a run is a workflow, a page is one of its steps. The only module that knows DBOS's decorators.

Steps return flags, never records. What a step did is in the ledger, so a step that runs again after a crash changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from dbos import DBOS
from django.db import close_old_connections

from topstitch.engine.ports import Counts
from topstitch.engine.run import ServiceRun
from topstitch.errors import Bug, TopstitchError
from topstitch.net.retry import Stopped
from topstitch.runtime.assemble import run_options
from topstitch.runtime.session import RunIsOver, Session, Sessions
from topstitch.store.actions.runs import complete_run, end_stopped, fail_run

logger = structlog.get_logger()
#: Raised when what a step means changes, so that runs of the older protocol are not taken up by newer workers.
PROTOCOL = "1"
QUEUE = "runs"
WORKFLOW = "run_service"
#: So long pages are taken in one durable step.
STEP_SECONDS = 0.5

MORE, LAST, OVER = "more", "last", "over"

_sessions: Sessions | None = None


def use_sessions(sessions: Sessions) -> None:
    """The worker's sessions, for the steps."""
    global _sessions  # DBOS registers functions once per process; this is their one link to the worker
    _sessions = sessions


def sessions() -> Sessions:
    """The worker's sessions."""
    assert _sessions is not None
    return _sessions


@DBOS.workflow(name=WORKFLOW)
def run_service(run_id: str) -> str:
    """One run: pages until there are no more, then the end."""
    number = 0
    with sessions().at_work(run_id):
        while (word := page_step(run_id, number)) == MORE:
            number += 1
        return finish_step(run_id) if word == LAST else word


@DBOS.step(name="page")
def page_step(run_id: str, number: int) -> str:
    """The pages of half a second; `number` only makes the step's record readable."""
    return _guarded(run_id, lambda: _pages(run_id))


def _pages(run_id: str) -> str:
    """Where each page stands the ledger knows; the step only says that there is more, so it need not be told of each."""
    over = time.monotonic() + STEP_SECONDS
    while sessions().step(run_id):
        if time.monotonic() > over:
            return MORE
    return LAST


@DBOS.step(name="finish")
def finish_step(run_id: str) -> str:
    """The last answers, then the run's and the service's new state."""
    return _guarded(run_id, lambda: _finish(run_id))


def _finish(run_id: str) -> str:
    sessions().work(run_id, _complete)
    sessions().forget(run_id)
    return OVER


def _complete(session: Session) -> None:
    counts = session.engine.finish()
    session.log("info", "run", _farewell(counts))
    moves = run_options(session.run.options).moves_cursor
    complete_run(session.run, counts, watermark=_watermark(session), moves_cursor=moves)


def _watermark(session: Session) -> datetime | None:
    """How far the managed cursor may go: the last change seen, but for a source that is not read in the order of its
    changes never past the beginning of the run: what changed behind our back while we read was not seen.
    """
    high, began = session.ledger.position().high, session.run.started_at
    engine = session.engine
    if high is None or began is None or (isinstance(engine, ServiceRun) and engine.read.ordered):
        return high
    return min(high, began)


def _guarded(run_id: str, work: Callable[[], str]) -> str:
    """What ends a run early: a person, the worker's end, a wrong configuration, our own fault."""
    close_old_connections()
    try:
        return work()
    except RunIsOver:
        sessions().forget(run_id)
    except Stopped:
        sessions().drop(run_id)
        if sessions().stop.is_set():
            _rest()
        _end(run_id, lambda: end_stopped(run_id))
    except TopstitchError as error:
        _fail(run_id, error)
    except Exception as error:
        logger.exception("run_failed", run=run_id)
        _fail(run_id, Bug(f"the run stopped at an error of ours: {type(error).__name__}: {error}", detail=repr(error)))
    return OVER


def _fail(run_id: str, error: TopstitchError) -> None:
    session: Session | None = sessions().peek(run_id)
    if session is not None:
        session.log("error", "run", f"{error.message} {error.hint}".strip())
    sessions().drop(run_id)
    _end(run_id, lambda: fail_run(run_id, error))


def _end(run_id: str, write: Callable[[], None]) -> None:
    """Write a run's early end. Where the worker ends before that is possible, the next one comes to the same end."""
    try:
        sessions().insist(write)
    except Stopped:
        _rest()
    sessions().forget(run_id)


def _rest() -> Any:
    """The worker is ending: leave the step unfinished, so that the next worker goes on with it. Never returns."""
    threading.Event().wait()


def _farewell(counts: Counts) -> str:
    parts = [f"{value} {name}" for name, value in counts.as_dict().items() if value]
    return f"Done: {', '.join(parts) or 'nothing new'}."
