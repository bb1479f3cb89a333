"""One after the other: whoever asks for runs of a service, gives it other ends or removes it waits for the others."""

from __future__ import annotations

from django.db import connection

#: First half of the advisory lock of a turn; the second is the service.
TURN_LOCK = 0x7058


def take_turn(*services: int) -> None:
    """Be the only one with these services until the transaction ends. What is read after this is as the last one left it.

    The lock is none of the rows': the ledger writes those in an order of its own while a run is under way.
    """
    with connection.cursor() as cursor:
        for service in sorted(services):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN_LOCK, service])


def turn_is_free(service: int) -> bool:
    """Take the turn if nobody has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [TURN_LOCK, service])
        row = cursor.fetchone()
    return bool(row and row[0])
