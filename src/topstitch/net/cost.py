"""Budget for systems that price each call (GraphQL cost, leaky buckets): points flow back at a steady rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from topstitch.net.retry import Stop, pause


class CostBudget:
    """A bucket of points, corrected by what each answer says of it. Safe to share between threads.

    `spend` before a call waits until the bucket holds its price; `settle` after it gives the place back and tells what
    the answer said. Points of calls under way are held back, since the system may not have counted them yet.
    """

    def __init__(self, maximum: float, restore_rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._maximum = maximum
        self._rate = restore_rate
        self._clock = clock
        self._lock = threading.Lock()
        self._available = maximum
        self._as_of = clock()
        self._under_way = 0.0

    def wait_for(self, cost: float) -> float:
        """Say in how many seconds a call of this price may go out (0: now). A price above the bucket waits for all."""
        with self._lock:
            return self._wait_for(cost)

    def spend(self, cost: float, stop: Stop | None = None) -> None:
        """Wait until the bucket holds `cost` points and take them."""
        while True:
            with self._lock:
                wait = self._wait_for(cost)
                if wait <= 0:
                    self._refill()
                    self._available -= cost
                    self._under_way += cost
                    return
            pause(wait, stop)

    def settle(
        self,
        cost: float,
        *,
        available: float | None = None,
        maximum: float | None = None,
        restore_rate: float | None = None,
    ) -> None:
        """End a call begun by `spend(cost)`, with the numbers of its answer where it had any."""
        with self._lock:
            self._under_way = max(0.0, self._under_way - cost)
            self._refill()
            self._maximum = self._maximum if maximum is None else maximum
            self._rate = self._rate if restore_rate is None else restore_rate
            if available is not None:
                self._available = min(available, self._maximum) - self._under_way

    def _wait_for(self, cost: float) -> float:
        self._refill()
        missing = min(cost, self._maximum) - self._available
        return missing / self._rate if missing > 0 else 0.0

    def _refill(self) -> None:
        now = self._clock()
        self._available = min(self._maximum, self._available + (now - self._as_of) * self._rate)
        self._as_of = now
