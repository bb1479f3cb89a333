"""A worker process: launches the durable engine, ticks, runs services, and comes to rest when told to."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy import Engine, event

from topstitch.errors import TopstitchError
from topstitch.runtime import workers
from topstitch.runtime.django import revive_database
from topstitch.runtime.periodic import Job, Periodic
from topstitch.runtime.postgres import database_url
from topstitch.runtime.session import Sessions
from topstitch.runtime.tick import Tick
from topstitch.runtime.workflows import PROTOCOL, QUEUE, use_sessions
from topstitch.store.database import connect
from topstitch.store.partitions import make_partitions
from topstitch.store.systems import load_user_systems

logger = structlog.get_logger()
#: Runs of different services at the same time in one worker.
RUNS_AT_ONCE = 16
REST_SECONDS = 20.0
#: Exit code of a worker that lost the database: its parent starts another.
LOST = 75
#: From malloc.h of glibc.
M_ARENA_MAX = -8


class WorkerProcess:
    """One worker. `start()`, then `wait()` until a signal, or `stop()`. `jobs`: what it does beside running services."""

    def __init__(self, jobs: Sequence[Job] = ()) -> None:
        self._jobs = jobs
        self.stop_event = threading.Event()
        self.sessions = Sessions(self.stop_event)
        self.me = workers.Me()

    def start(self) -> None:
        """Launch the durable engine and begin to tick."""
        _share_memory()
        with connect("topstitch partitions") as connection:
            make_partitions(connection)
        load_user_systems()
        use_sessions(self.sessions)
        DBOS(
            config={
                "name": "topstitch",
                "system_database_url": _engine_url(),
                "application_version": PROTOCOL,
                "executor_id": self.me.name,
                "serializer": DBOSPortableJSONSerializer(),
                "max_executor_threads": RUNS_AT_ONCE * 2 + 8,
                "sys_db_pool_size": 10,
                "log_level": "ERROR",
                # We send no notifications: no need to look a hundred times a second whether there are some.
                "notification_coalesce_sec": 10.0,
            }
        )
        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=RUNS_AT_ONCE,
            polling_interval_sec=1.0,
            on_conflict="always_update",
        )
        _tune_interpreter()
        Tick(self.me, self.sessions, self._lost).start()
        Periodic(self._jobs, self.stop_event).start()
        logger.info("worker_ready", worker=self.me.name)

    def _lost(self, why: str) -> None:
        """Without its lock this worker may be taken for dead, so it becomes so; what it did is in the ledger."""
        logger.error("worker_ends", why=why)
        os._exit(LOST)

    def wait(self) -> None:
        """Work until SIGTERM or SIGINT, then come to rest and leave."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop_event.set())
        while not self.stop_event.wait(0.5):
            pass
        self.rest()
        # Steps that were interrupted wait for ever, so that the durable engine takes them for unfinished.
        os._exit(0)

    def rest(self) -> None:
        """Let every run come to rest: what is on its way is recorded, nothing new leaves."""
        self.sessions.stop_all()
        deadline = time.monotonic() + REST_SECONDS
        while self.sessions.busy() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.me.leave()


def _share_memory() -> None:
    """Let threads share two heaps. By default glibc gives dozens of threads up to eight for each core, and what one run
    leaves free in them is of no use to the threads of the next: memory grew with every run. It costs no speed.

    Elsewhere than on glibc there is no such call, and no need.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _tune_interpreter() -> None:
    """Two measured settings for a process that maps in one thread and sends in many.

    Records are trees that reference counting frees: looking for cycles among them all the time costs a sixth, so what ended
    runs leave behind is looked for by `Sessions.tidy`. And dozens
    of threads that want to take the interpreter from another every 5 ms cost more than they gain: mapping makes way
    by itself, and all other work is short.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    sys.setswitchinterval(0.05)


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Any, _: object, arguments: Any, options: Any) -> Any:
    """The durable engine waits for a server whose connection "failed"; of a Unix socket libpq says that it "is bad"."""
    try:
        return dialect.connect(*arguments, **options)
    except psycopg.OperationalError as error:
        with suppress(TopstitchError):
            revive_database()
        raise psycopg.OperationalError(f"connection failed: {error}") from error


def _engine_url() -> str:
    """Our database as the durable engine wants its address."""
    return f"postgresql+psycopg://{database_url().partition('://')[2]}"


def run_worker(ready: Callable[[], None] = lambda: None, jobs: Sequence[Job] = ()) -> None:
    """The main function of a worker process."""
    # `kill -USR1` shows what every thread is doing, for the day when one hangs.
    faulthandler.register(signal.SIGUSR1)
    worker = WorkerProcess(jobs)
    worker.start()
    ready()
    worker.wait()
