"""The life of the embedded cluster: initialise, start, attach, stop. The server outlives who started it."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import sql

from topstitch.errors import ConfigError, TemporaryError
from topstitch.runtime.home import make_home
from topstitch.runtime.postgres.config import ADMIN, ROLE
from topstitch.runtime.postgres.explain import explained, explaining
from topstitch.runtime.postgres.launch import START_TIMEOUT, launch
from topstitch.runtime.postgres.layout import Layout, locked
from topstitch.runtime.postgres.logs import prune, tail
from topstitch.runtime.postgres.processes import pids, postmaster, send, server_processes, settle_orphans, still_there

DATABASE = "topstitch"
#: Seconds that a server which lives, but cannot be reached, is given to start or to end.
SILENCE_TIMEOUT = 60.0
STOP_TIMEOUT = 60.0
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Cluster:
    """The embedded database server of one home, and how to connect to it."""

    home: Path
    data: Path
    logs: Path
    sockets: Path

    def dsn(self, database: str = DATABASE, *, driver: str = "", user: str = ROLE) -> str:
        """A URL for psycopg; with driver="psycopg" for SQLAlchemy.

        For Django, `psycopg.conninfo.conninfo_to_dict` takes it apart.
        """
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        return f"{scheme}://{user}@/{quote(database, safe='')}?host={quote(str(self.sockets), safe='')}&port=5432"


@dataclass(frozen=True, slots=True)
class Status:
    """What the cluster of a home does. `pid` is the postmaster's; `starting` includes recovery and shutting down."""

    state: Literal["absent", "stopped", "starting", "running"]
    cluster: Cluster
    pid: int | None


def cluster_of(home: Path) -> Cluster:
    """Where the cluster of `home` is, or will be; starts and creates nothing."""
    with explaining("The database could not be looked at", home):
        return _cluster(Layout.of(home))


def ensure_running(home: Path, *, settings: Mapping[str, str] | None = None) -> Cluster:
    """Start the cluster of `home`, or attach to it if it runs; create it, and its database, if missing.

    `settings` are PostgreSQL's, over ours, and only matter if it is started now. Raises ConfigError when a person must
    do something first (disk, permissions, version...), TemporaryError when it should be tried again.
    """
    with explaining("The database could not be started", home):
        layout = Layout.of(make_home(home))
        with locked(layout):
            problem = _bring_up(layout, settings or {})
        if problem is None:
            prune(layout.logs)
            return _cluster(layout)
    raise TemporaryError(
        f"The database of {home} runs, but takes no connection.",
        key="database.no_connection",
        hint=f"See the log in {layout.logs}.",
        detail=f"{problem}\n{tail(layout.logs)}",
    )


def stop(home: Path, *, timeout: float = STOP_TIMEOUT) -> bool:
    """Shut the cluster of `home` down: sessions are ended, what is committed is kept. False if nothing was running.

    Raises ConfigError if some of its processes are still there after `timeout` seconds.
    """
    with explaining("The database could not be stopped", home):
        layout = Layout.of(home)
        if not layout.home.exists():
            return False
        with locked(layout):
            if not server_processes(layout):
                return False
            main = postmaster(layout)
            if main is None:
                settle_orphans(layout)
                return True
            send(main, signal.SIGINT)  # asks PostgreSQL for a fast shutdown
            left = still_there(layout, timeout)
    if left:
        raise ConfigError(
            f"The database server did not end within {timeout:.0f} seconds; still there: {pids(left)}.",
            place=str(layout.data),
            key="config.database",
            hint="It may be writing a lot to a slow disk: wait, then stop it again.",
            detail=tail(layout.logs),
        )
    return True


def delete(home: Path) -> None:
    """Stop the cluster of `home` and delete all of it, data included, wherever it lies."""
    layout = Layout.of(home)
    stop(home)
    for folder in (layout.sockets, layout.state):
        if folder.exists():
            shutil.rmtree(folder)
    (layout.home / "postgres").unlink(missing_ok=True)


def status(home: Path) -> Status:
    """What the cluster of `home` does now; changes nothing."""
    with explaining("The database could not be looked at", home):
        layout = Layout.of(home)
        cluster = _cluster(layout)
        if not layout.data.exists():
            return Status("absent", cluster, None)
        main = postmaster(layout)
    if main is None:
        return Status("stopped", cluster, None)
    return Status("running" if _ping(cluster) is psycopg.pq.Ping.OK else "starting", cluster, main.pid)


def _cluster(layout: Layout) -> Cluster:
    layout.refuse_strange_sockets()
    return Cluster(layout.home, layout.data, layout.logs, layout.sockets)


def _ping(cluster: Cluster) -> psycopg.pq.Ping:
    conninfo = cluster.dsn(ADMIN, user=ADMIN) + "&connect_timeout=5"
    return psycopg.pq.Ping(psycopg.pq.PGconn.ping(conninfo.encode()))


def _bring_up(layout: Layout, settings: Mapping[str, str]) -> psycopg.OperationalError | None:
    """Start or attach until the database can be used; the last refusal if it never could. Call it under the lock."""
    problem = None
    for _ in range(ATTEMPTS):
        if not _answers(layout):
            launch(layout, settings)
        try:
            _ensure_database(_cluster(layout))
        except psycopg.errors.DiskFull as error:
            raise explained("The database could not be created", layout.data, str(error)) from error
        except psycopg.OperationalError as error:  # it died since it answered: killed, or just shutting down
            problem = error
            time.sleep(0.2)
        else:
            return None
    return problem


def _answers(layout: Layout) -> bool:
    """Does a server take connections? One that starts, recovers or shuts down is waited for. Raises ConfigError."""
    began = time.monotonic()
    while (answer := _ping(_cluster(layout))) is not psycopg.pq.Ping.OK:
        main = postmaster(layout)
        if main is None and answer is psycopg.pq.Ping.NO_RESPONSE:
            return False
        limit = START_TIMEOUT if answer is psycopg.pq.Ping.REJECT else SILENCE_TIMEOUT
        if time.monotonic() - began > limit:
            raise ConfigError(
                f"The database server (pid {main.pid if main else 'unknown'}) lives, but cannot be reached through its "
                f"socket in {layout.sockets}.",
                place=str(layout.data),
                key="config.database",
                hint="Was that folder removed, or has this service a /tmp of its own? Stop the server and start again.",
                detail=tail(layout.logs),
            )
        time.sleep(0.05)
    return True


def _ensure_database(cluster: Cluster) -> None:
    """The role that Topstitch connects as is no superuser: a hole in a query must not become a shell."""
    role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
    with psycopg.connect(cluster.dsn(ADMIN, user=ADMIN), autocommit=True, connect_timeout=10) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB IN ROLE pg_monitor").format(role))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
