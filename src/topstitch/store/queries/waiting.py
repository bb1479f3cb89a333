"""Whether records of earlier runs wait to be tried again."""

from __future__ import annotations

from django.db import connection

from topstitch.store.ledger_sql import WAITS
from topstitch.store.models import Service
from topstitch.store.queries.resyncable import ends_of


def any_waits(service: Service, max_attempts: int) -> bool:
    """Whether the service's next run would begin with records of earlier ones."""
    values = {"service": service.pk, "attempts": max_attempts, "settles": ends_of(service).settles}
    with connection.cursor() as cursor:
        cursor.execute(WAITS, values)
        row = cursor.fetchone()
    return bool(row and row[0])
