"""Noticing is done by one worker at a time: the open troubles are read, compared and written in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

#: Held until the transaction ends, and so free at once when its process is killed.
NOTICING = 0x7057_0010
BUNDLING = 0x7057_0011


@contextmanager
def alone(lock: int = NOTICING) -> Iterator[bool]:
    """A transaction; False when another worker is at it, who will find what there is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        row = cursor.fetchone()
        yield bool(row and row[0])
