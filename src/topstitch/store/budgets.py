"""A connector's budget, shared by all its services in all workers: requests in a window, requests at a time, pauses.

Within a process requests take their turn in a LocalBudget. Across processes the window and the pauses are one row, and
each place of the concurrency is an advisory lock, which a killed process gives back at once. Without the database a
process goes on within its own limits: it cannot send records for long then anyway.
"""

from __future__ import annotations

import atexit
import threading
import time
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from topstitch.errors import RateLimited
from topstitch.net.limits import Limits, LocalBudget
from topstitch.net.retry import Stop, stopped
from topstitch.store.database import GONE, connect

#: First half of the advisory lock of a place; the second is made of connector and place.
PLACE_LOCK = 0x7056
#: Most places of one connector; the numbers of two connectors' places never meet.
MOST_PLACES = 1000
GLANCE = 0.05
#: How often pauses that other processes were told are looked up by a connector without a window, in seconds.
PAUSE_GLANCE = 1.0
SLACK = 0.02

TAKE = """
WITH b AS (
    SELECT connector_id, starts, extract(epoch FROM clock_timestamp())::float8 AS now,
           closed_until, %(requests)s::int AS n, %(per)s::float8 AS per
    FROM store_connectorbudget WHERE connector_id = %(connector)s FOR UPDATE
), w AS (
    SELECT *, greatest(closed_until - now, CASE WHEN n > 0 AND cardinality(starts) >= n THEN starts[1] + per - now END, 0) AS wait
    FROM b
)
UPDATE store_connectorbudget t
SET starts = CASE WHEN w.wait > 0 OR w.n = 0 THEN t.starts
                  WHEN cardinality(w.starts) >= w.n THEN w.starts[2:] || w.now
                  ELSE w.starts || w.now END
FROM w WHERE t.connector_id = w.connector_id
RETURNING w.wait, greatest(w.closed_until - w.now, 0)
"""
PENALISE = """
UPDATE store_connectorbudget
SET closed_until = greatest(closed_until, extract(epoch FROM clock_timestamp())::float8 + %s) WHERE connector_id = %s
"""
PLACE = """
SELECT s FROM generate_series(0, %s - 1) AS s
WHERE CASE WHEN s = ANY(%s) THEN false ELSE pg_try_advisory_lock(%s, %s + s) END LIMIT 1
"""

_budgets: dict[tuple[int, Limits], SharedBudget] = {}
_registry = threading.Lock()


def budget_of(connector_id: int, limits: Limits) -> SharedBudget:
    """The one budget of a connector in this process."""
    with _registry:
        key = (connector_id, limits)
        if key not in _budgets:
            _budgets[key] = SharedBudget(connector_id, limits)
        return _budgets[key]


@atexit.register
def close_budgets() -> None:
    """Close the connections that budgets hold; they open anew when they are used again."""
    for budget in _budgets.values():
        budget.close()


class SharedBudget:
    """Implements topstitch.net.limits.Budget."""

    def __init__(self, connector_id: int, limits: Limits) -> None:
        self._connector_id, self._limits = connector_id, limits
        self._local = LocalBudget(limits)
        self._guard = threading.Lock()
        self._connection: Connection | None = None
        self._held: list[int] = []
        self._looked = 0.0

    def acquire(self, *, stop: Stop | None = None, patience: float | None = None) -> None:
        """Wait for a turn here, then for one among all processes."""
        self._local.acquire(stop=stop, patience=patience)
        try:
            while (wait := self._take(patience)) > 0:
                _pause(min(wait, 1.0), stop)
            while not self._place():
                _pause(GLANCE, stop)
        except BaseException:
            self._local.release()
            raise

    def release(self) -> None:
        """Give the place back."""
        if self._limits.concurrency:
            with self._guard:
                self._give_place()
        self._local.release()

    def penalise(self, seconds: float) -> None:
        """Nobody of this connector sends for so many seconds, in no process."""
        self._local.penalise(seconds)
        with self._guard:
            self._ask(PENALISE, (seconds, self._connector_id))

    def _take(self, patience: float | None) -> float:
        """0 when the request may start, else how long to wait."""
        now = time.monotonic()
        if not self._limits.requests and now - self._looked < PAUSE_GLANCE:
            return 0.0
        with self._guard:
            self._looked = now
            requests = self._limits.requests or 0
            values = {"connector": self._connector_id, "requests": requests, "per": self._limits.per + SLACK}
            row = self._ask(TAKE, values)
        if row is None:
            return 0.0
        wait, penalty = float(row[0]), float(row[1])
        if wait > 0 and not self._limits.requests:
            self._looked = 0.0
        if patience is not None and penalty > patience:
            message = f"The system asked for a pause; {penalty:.0f} s of it are left."
            raise RateLimited(message, retry_after=penalty, key="paused")
        return wait

    def _place(self) -> bool:
        if not self._limits.concurrency:
            return True
        places = min(self._limits.concurrency, MOST_PLACES)
        with self._guard:
            base = self._connector_id * MOST_PLACES % 2**31
            row = self._ask(PLACE, (places, self._held, PLACE_LOCK, base))
            if row is None and self._connection is not None:
                return False
            # Without the database there are only our own threads, which the local budget counts.
            self._held.append(int(row[0]) if row is not None else -1)
        return True

    def _give_place(self) -> None:
        place = self._held.pop(0)
        if place >= 0 and self._connection is not None:
            base = self._connector_id * MOST_PLACES % 2**31
            self._ask("SELECT pg_advisory_unlock(%s, %s)", (PLACE_LOCK, base + place))

    def close(self) -> None:
        """Let go of the connection, and with it of the places."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _ask(self, statement: LiteralString, values: Any) -> tuple[Any, ...] | None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect("topstitch budget")
                # A lost connection gave its places back; what is under way here is counted by the local budget.
                self._held = [-1] * len(self._held)
                self._connection.execute(
                    "INSERT INTO store_connectorbudget (connector_id, starts, closed_until) VALUES (%s, '{}', 0)"
                    " ON CONFLICT DO NOTHING",
                    (self._connector_id,),
                )
            cursor = self._connection.execute(statement, values)
            return cursor.fetchone() if cursor.description else None
        except (*GONE, psycopg.DatabaseError):
            # Lost, or good no more: such as for a connector that was removed meanwhile.
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return None


def _pause(seconds: float, stop: Stop | None) -> None:
    if stop is None:
        time.sleep(seconds)
    elif stop.wait(seconds):
        raise stopped(stop)
