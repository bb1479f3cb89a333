"""Asking for runs and following them, from the command line: with the workers there are, or with one of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import close_old_connections

from topstitch.runtime import workers
from topstitch.store.database import patiently
from topstitch.store.models import Run

POLL = 0.2
#: Seconds that a database which starts again is waited for.
DATABASE_PATIENCE = 60.0


@contextmanager
def run_here_unless_worked() -> Iterator[None]:
    """Where no worker lives, be one for as long as the block lasts."""
    if workers.alive_count():
        yield
        return
    from topstitch.runtime.worker import WorkerProcess

    worker = WorkerProcess()
    worker.start()
    try:
        yield
    finally:
        worker.rest()


def follow(run: Run, *, tell: Callable[[Run], None] | None = None) -> Run:
    """Wait until a run is over; `tell` is shown its state as it changes."""
    shown = None
    while True:
        current = patiently(lambda: _now(run), DATABASE_PATIENCE)
        state = (current.status, current.pulled, current.pushed, current.failed, current.reason)
        if tell and state != shown:
            tell(current)
            shown = state
        if current.is_over:
            return current
        time.sleep(POLL)


def _now(run: Run) -> Run:
    close_old_connections()
    return Run.objects.select_related("service", "revision").get(pk=run.pk)
