"""Who works: each worker process has a row and holds an advisory lock on it for as long as it lives.

A killed process loses its connection, and with it the lock, at once: no clock decides whether a worker is dead.
"""

from __future__ import annotations

import os
import socket
from uuid import uuid4

from django.utils import timezone
from psycopg import Connection

from topstitch.store.database import GONE, connect
from topstitch.store.models import Worker

#: First half of a worker's advisory lock; the second is its row.
WORKER_LOCK = 0x7055


class Me:
    """This process as a worker."""

    def __init__(self) -> None:
        host = socket.gethostname()
        name = f"{host}-{os.getpid()}-{uuid4().hex[:8]}"[:80]
        self.row = Worker.objects.create(name=name, host=host, pid=os.getpid(), seen_at=timezone.now())
        self._lock = connect("topstitch worker")
        taken = self._lock.execute("SELECT pg_try_advisory_lock(%s, %s)", (WORKER_LOCK, self.row.pk)).fetchone()
        assert taken == (True,)

    @property
    def name(self) -> str:
        """The executor id."""
        return self.row.name

    def alive(self) -> bool:
        """Whether the lock is still held: its connection answers."""
        try:
            self._lock.execute("SELECT 1")
        except GONE:
            return False
        return True

    def beat(self) -> None:
        """Be seen."""
        Worker.objects.filter(pk=self.row.pk).update(seen_at=timezone.now())

    def leave(self) -> None:
        """Let go of the lock. The row stays until another worker has looked for unfinished runs."""
        self._lock.close()


def dead(me: Me) -> list[Worker]:
    """Workers whose lock is free."""
    rows = Worker.objects.exclude(pk=me.row.pk)
    with connect("topstitch reaper") as connection:
        return [row for row in rows if _free(connection, row.pk)]


def _free(connection: Connection, pk: int) -> bool:
    taken = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (WORKER_LOCK, pk)).fetchone()
    free = taken == (True,)
    if free:
        connection.execute("SELECT pg_advisory_unlock(%s, %s)", (WORKER_LOCK, pk))
    return free


def bury(worker: Worker) -> None:
    """Forget a dead worker, once its runs have been taken up."""
    worker.delete()


def alive_count() -> int:
    """How many workers live."""
    with connect("topstitch count") as connection:
        return sum(not _free(connection, pk) for pk in Worker.objects.values_list("pk", flat=True))
