"""Who works: each worker process has a row and holds an advisory lock on it for as long as it lives.

A killed process loses its connection, and with it the lock, at once: no clock decides whether a worker is dead.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone
from psycopg import Connection

from topstitch.store.database import connect
from topstitch.store.models import Worker

#: First half of a worker's advisory lock; the second is its row.
WORKER_LOCK = 0x7055
REVIVAL_TRIES = 10


class Me:
    """This process as a worker."""

    def __init__(self) -> None:
        host = socket.gethostname()
        name = f"{host}-{os.getpid()}-{uuid4().hex[:8]}"[:80]
        # Others see the row when it is locked already, or they would take this worker for dead before it lives.
        with transaction.atomic():
            self.row = Worker.objects.create(name=name, host=host, pid=os.getpid(), seen_at=timezone.now())
            self._lock = connect("topstitch worker")
            _taken(self._lock, self.row.pk)

    @property
    def name(self) -> str:
        """The executor id."""
        return self.row.name

    def ask(self, question: str) -> tuple[Any, ...]:
        """One row, over the connection that holds the lock; raises when it is not there any more, and with it the lock."""
        row = self._lock.execute(question).fetchone()
        assert row is not None
        return tuple(row)

    def revive(self) -> bool:
        """After the database was away: take the lock again. False when this worker was taken for dead meanwhile."""
        self._lock.close()
        self._lock = connect("topstitch worker")
        for _ in range(REVIVAL_TRIES):
            # The server may not have noticed yet that the old connection is gone.
            if taken := _taken(self._lock, self.row.pk):
                break
            time.sleep(0.1)
        return taken and Worker.objects.filter(pk=self.row.pk).exists()

    def beat(self) -> None:
        """Be seen."""
        Worker.objects.filter(pk=self.row.pk).update(seen_at=timezone.now())

    def leave(self) -> None:
        """Let go of the lock. The row stays until another worker has looked for unfinished runs."""
        self._lock.close()


def bury_dead(me: Me) -> None:
    """Forget the workers whose lock is free.

    The locks are held meanwhile: one of them that only lost the database cannot come back half way.
    """
    with connect("topstitch reaper") as connection:
        free = [
            pk for pk in Worker.objects.exclude(pk=me.row.pk).values_list("pk", flat=True) if _taken(connection, pk)
        ]
        Worker.objects.filter(pk__in=free).delete()


def names() -> set[str]:
    """The executor ids of all workers that are not buried."""
    return set(Worker.objects.values_list("name", flat=True))


def alive_count() -> int:
    """How many workers live."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM store_worker w JOIN pg_locks l ON l.locktype = 'advisory' AND l.classid = %s"
            " AND l.objid = w.id AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [WORKER_LOCK],
        )
        row = cursor.fetchone()
    return int(row[0])


def _taken(connection: Connection, pk: int) -> bool:
    taken = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (WORKER_LOCK, pk)).fetchone()
    return taken == (True,)
