"""How the engine is: workers that live, runs that wait. Figures only, so that they may be shown to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

#: A worker is seen every five to ten seconds.
ALIVE = timedelta(seconds=30)
PATIENCE = timedelta(minutes=1)

STATE = """
SELECT (SELECT count(*) FROM store_worker WHERE seen_at > now() - make_interval(secs => %s)),
       (SELECT min(created_at) FROM store_run WHERE status = 'queued' AND status IN ('queued', 'running', 'paused'))
"""


@dataclass(frozen=True, slots=True)
class EngineState:
    """Workers seen lately, and since when the oldest queued run has been waiting."""

    workers: int
    oldest_waiting: datetime | None

    @property
    def held_up(self) -> bool:
        """Whether a run has been waiting for longer than it takes a worker that is free."""
        return self.oldest_waiting is not None and timezone.now() - self.oldest_waiting > PATIENCE


def engine_state() -> EngineState:
    """How the engine is now."""
    with connection.cursor() as cursor:
        cursor.execute(STATE, (ALIVE.total_seconds(),))
        workers, waiting = cursor.fetchone()
    return EngineState(workers, waiting)
