"""A run's session in this process: its threads, connections and the service's lock, kept between durable steps.

The session is only ever a cache of what the ledger knows. After a crash, or when the database was away, a new one is
opened from the ledger and goes on from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import close_old_connections

from topstitch.engine.ports import LedgerLost
from topstitch.engine.run import ServiceRun
from topstitch.net.retry import Stopped
from topstitch.runtime.assemble import assemble
from topstitch.store.actions.runs import begin_run
from topstitch.store.database import GONE, connect, patiently
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Run
from topstitch.store.runlog import PgRunLog

logger = structlog.get_logger()
LOCK_POLL = 0.5
DATABASE_PATIENCE = 300.0


@dataclass
class Session:
    """An open run."""

    run: Run
    ledger: PgLedger
    log: PgRunLog
    engine: ServiceRun

    def close(self) -> None:
        """End threads, give the lock back."""
        try:
            self.engine.close()
        finally:
            self.log.close()
            self.ledger.close()


class Sessions:
    """The sessions of this worker, by run."""

    def __init__(self, stop: threading.Event) -> None:
        #: Set when the worker is to end.
        self.stop = stop
        self._open: dict[str, Session] = {}
        self._stops: dict[str, threading.Event] = {}

    def get(self, run_id: str) -> Session:
        """The run's session, opened if need be; waits for the service's lock. Raises Stopped, ConfigError, LedgerLost."""
        if run_id not in self._open:
            self._open[run_id] = self._opened(run_id)
        return self._open[run_id]

    def busy(self) -> bool:
        """Whether a session is open."""
        return bool(self._open)

    def peek(self, run_id: str) -> Session | None:
        """The run's session if it is open."""
        return self._open.get(run_id)

    def _opened(self, run_id: str) -> Session:
        run = begin_run(run_id)
        stop = self._stops.setdefault(run_id, threading.Event())
        if self.stop.is_set() or run.stop_requested:
            stop.set()
        log = PgRunLog(run_id)
        ledger = PgLedger(run.service_id, run_id)
        try:
            while not ledger.lock():
                if stop.wait(LOCK_POLL):
                    raise Stopped()
            return Session(run, ledger, log, assemble(begin_run(run_id), ledger, log, stop))
        except BaseException:
            ledger.close()
            log.close()
            raise

    def drop(self, run_id: str) -> None:
        """Close the session; the next `get` opens a new one from the ledger."""
        session = self._open.pop(run_id, None)
        if session is not None:
            try:
                session.close()
            except GONE:
                logger.warning("session_closed_without_database", run=run_id)

    def forget(self, run_id: str) -> None:
        """The run is over."""
        self.drop(run_id)
        self._stops.pop(run_id, None)

    def stop_requested(self, run_id: str) -> None:
        """A person stopped the run."""
        if run_id in self._stops:
            self._stops[run_id].set()

    def stop_all(self) -> None:
        """The worker ends: let every run come to rest."""
        self.stop.set()
        for stop in list(self._stops.values()):
            stop.set()

    def step(self, run_id: str) -> bool:
        """One page, whatever becomes of the database meanwhile: a lost session is opened again from the ledger."""
        return self._through(run_id, lambda session: session.engine.step())

    def finish(self, run_id: str) -> Session:
        """Wait for the last answers."""
        self._through(run_id, lambda session: session.engine.finish())
        return self._open[run_id]

    def _through(self, run_id: str, work: Callable[[Session], object]) -> bool:
        while True:
            try:
                session = self.get(run_id)
                result = bool(work(session))
                session.log.flush()
                return result
            except (LedgerLost, *GONE) as error:
                logger.warning("session_lost", run=run_id, error=str(error))
                self.drop(run_id)
                if self.stop.is_set():
                    raise Stopped() from error
                _wait_for_database()


def _wait_for_database() -> None:
    close_old_connections()
    time.sleep(0.2)
    patiently(lambda: connect().close(), DATABASE_PATIENCE)
