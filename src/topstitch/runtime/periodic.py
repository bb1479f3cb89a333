"""What a worker does now and then beside running services, handed to it when it starts by what lies above the runtime."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from django.db import close_old_connections

from topstitch.store.database import GONE

logger = structlog.get_logger()
#: Seconds until the first time: a worker that is never up for an hour does what is done hourly too.
FIRST = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is safe to be done by several workers at once. It says whether there is more to do right away."""

    name: str
    #: Between one time and the next.
    seconds: float
    work: Callable[[], bool]


class Periodic:
    """Does each job in a thread of its own until stopped: one that waits for somebody else's server holds up no other."""

    def __init__(self, jobs: Sequence[Job], stop: threading.Event) -> None:
        self._stop = stop
        self._threads = [threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True) for job in jobs]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def _run(self, job: Job) -> None:
        wait = min(job.seconds, FIRST)
        while not self._stop.wait(wait):
            while self._once(job) and not self._stop.is_set():
                pass
            wait = job.seconds

    def _once(self, job: Job) -> bool:
        """One time; what goes wrong is told and tried again at the next."""
        try:
            close_old_connections()
            return job.work()
        except GONE as error:
            logger.warning("job_without_database", job=job.name, error=str(error).splitlines()[0])
        except Exception:
            logger.exception("job_failed", job=job.name)
        return False
