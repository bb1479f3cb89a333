"""What workers do beside running services: each thing by one of them at a time, and what is over goes in small parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

#: Rows deleted in one transaction, so that nobody waits for it long.
BATCH = 2_000


@contextmanager
def alone(lock: int) -> Iterator[bool]:
    """A transaction; False when another worker is at it, who will find what there is.

    The lock is held until the transaction ends, and so free at once when its process is killed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        row = cursor.fetchone()
        yield bool(row and row[0])


def delete_some(rows: QuerySet[Any]) -> bool:
    """Delete at most BATCH of these rows, with what hangs on them; whether there may be more."""
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    rows.model._base_manager.filter(pk__in=keys).delete()
    return len(keys) == BATCH
