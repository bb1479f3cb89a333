"""Throttling as vendors do it: so many requests in a window, the rest refused."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class Throttle:
    """At most `requests` in any `per` seconds. `refuse()` gives None, or the seconds until one is free again."""

    #: How many times as fast the clock of every throttle of this process runs; see `at_speed`.
    speed: ClassVar[float] = 1.0
    #: How many requests all throttles of this process have refused.
    refusals: ClassVar[int] = 0
    #: When the speed was last changed; what was counted before is forgotten.
    _changed: ClassVar[float] = 0.0
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, requests: int, per: float) -> None:
        self.requests, self.per = requests, per
        self._times: deque[float] = deque()

    def refuse(self) -> float | None:
        """Count this request, or say how long to wait."""
        now, per = time.monotonic(), self.per / Throttle.speed
        with self._lock:
            while self._times and (now - self._times[0] >= per or self._times[0] < Throttle._changed):
                self._times.popleft()
            if len(self._times) >= self.requests:
                Throttle.refusals += 1
                return per - (now - self._times[0])
            self._times.append(now)
        return None

    @classmethod
    @contextmanager
    def at_speed(cls, speed: float) -> Iterator[None]:
        """Let every throttle's time run faster meanwhile, for tests; infinitely fast, it refuses nothing."""
        before, Throttle.speed, Throttle._changed = Throttle.speed, speed, time.monotonic()
        try:
            yield
        finally:
            Throttle.speed, Throttle._changed = before, time.monotonic()
