"""A run's session in this process: its threads, connections and the service's lock, kept between durable steps.

The session is only ever a cache of what the ledger knows. After a crash, or when the database was away, a new one is
opened from the ledger and goes on from there.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.db import close_old_connections

from topstitch.engine.ports import LedgerLost
from topstitch.engine.run import ServiceRun
from topstitch.errors import ConfigError, TopstitchError
from topstitch.net.retry import Stopped
from topstitch.runtime.assemble import assemble
from topstitch.runtime.django import revive_database
from topstitch.runtime.dry import DryRun
from topstitch.store.actions.runs import begin_run
from topstitch.store.database import GONE, connect
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Connector, Run
from topstitch.store.runlog import PgRunLog

T = TypeVar("T")
logger = structlog.get_logger()
LOCK_POLL = 0.5
DATABASE_POLL = 0.2


class RunIsOver(Exception):
    """The run has its end already: only the durable engine had not heard of it when the worker died."""


class ConnectorChanged(Exception):
    """A person changed a connector whose system is away or refuses it: the run is to go on with what it is now."""


@dataclass
class Session:
    """An open run."""

    run: Run
    ledger: PgLedger
    log: PgRunLog
    engine: ServiceRun | DryRun

    def close(self) -> None:
        """End threads, give the lock back."""
        with ExitStack() as stack:
            for part in (self.ledger, self.log, self.engine):
                stack.callback(part.close)


class Sessions:
    """The sessions of this worker, by run."""

    def __init__(self, stop: threading.Event) -> None:
        #: Set when the worker is to end.
        self.stop = stop
        self._open: dict[str, Session] = {}
        self._stops: dict[str, threading.Event] = {}
        #: Runs whose workflow has a thread in this process.
        self.working: set[str] = set()
        self._untidy = False

    def get(self, run_id: str) -> Session:
        """The run's session, opened if need be; waits for the service's lock.

        Raises Stopped, RunIsOver, ConfigError, LedgerLost.
        """
        if run_id not in self._open:
            self._open[run_id] = self._opened(run_id)
        return self._open[run_id]

    def busy(self) -> bool:
        """Whether a session is open."""
        return bool(self._open)

    @contextmanager
    def at_work(self, run_id: str) -> Iterator[None]:
        """A thread of the durable engine works on this run."""
        self.working.add(run_id)
        try:
            yield
        finally:
            self.working.discard(run_id)

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
            run = begin_run(run_id)
            if run.is_over:
                raise RunIsOver()
            if run.service.removed_at and not run.stop_requested:
                raise ConfigError("its service was removed before it began", key="removed", place=run.service.name)
            begin = DryRun if run.is_dry else assemble
            return Session(run, ledger, log, begin(run, ledger, log, stop))
        except BaseException:
            ledger.close()
            log.close()
            raise

    def drop(self, run_id: str) -> None:
        """Close the session; the next `get` opens a new one from the ledger."""
        session = self._open.get(run_id)
        if session is None:
            return
        try:
            session.close()
        except GONE:
            logger.warning("session_closed_without_database", run=run_id)
        finally:
            # Only now: a worker that ends waits for the answers that are on their way.
            del self._open[run_id]
            self._untidy = True

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

    def notice_changes(self) -> None:
        """Runs that wait for a system whose connector was changed, its credentials for instance, go on with the new one."""
        for session in [session for session in list(self._open.values()) if session.engine.waits]:
            ends = (session.run.service.source, session.run.service.destination)
            present = Connector.objects.in_bulk([end.pk for end in ends])
            if any(end.pk not in present or connector_state(end) != connector_state(present[end.pk]) for end in ends):
                session.engine.interrupt(ConnectorChanged())

    def tidy(self) -> None:
        """Free what closed sessions left behind: their parts know each other, so reference counting does not do it."""
        if self._untidy:
            self._untidy = False
            gc.collect()

    def step(self, run_id: str) -> bool:
        """One page; True while there may be another."""
        return self.work(run_id, lambda session: session.engine.step())

    def finish(self, run_id: str) -> Session:
        """Wait for the last answers."""
        self.work(run_id, lambda session: session.engine.finish())
        return self._open[run_id]

    def work(self, run_id: str, work: Callable[[Session], T]) -> T:
        """Work on a run whatever becomes of the database meanwhile: a lost session is opened again from the ledger."""
        while True:
            try:
                session = self.get(run_id)
                result = work(session)
                session.log.flush()
                return result
            except ConnectorChanged:
                self.drop(run_id)
            except (LedgerLost, *GONE) as error:
                logger.warning("session_lost", run=run_id, error=str(error))
                self.drop(run_id)
                self._wait_for_database()

    def insist(self, write: Callable[[], None]) -> None:
        """Write something that must be written, as soon as there is a database."""
        while True:
            try:
                write()
                return
            except GONE:
                self._wait_for_database()

    def _wait_for_database(self) -> None:
        """As long as it takes. Raises Stopped when the worker is to end."""
        while not self.stop.wait(DATABASE_POLL):
            close_old_connections()
            try:
                revive_database()
                connect().close()
            except GONE:
                continue
            except TopstitchError as error:
                logger.error("database_does_not_start", error=error.message, hint=error.hint)
                continue
            return
        raise Stopped()


def connector_state(connector: Connector) -> tuple[object, ...]:
    """What a connection is made of."""
    return (
        connector.settings,
        bytes(connector.sealed),
        connector.base_url,
        connector.zone,
        connector.date_format,
    )
