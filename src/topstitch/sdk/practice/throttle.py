"""Throttling as vendors do it: so many requests in a window, the rest refused."""

from __future__ import annotations

import threading
import time
from collections import deque


class Throttle:
    """At most `requests` in any `per` seconds. `refuse()` gives None, or the seconds until one is free again."""

    def __init__(self, requests: int, per: float) -> None:
        self.requests, self.per = requests, per
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    def refuse(self) -> float | None:
        """Count this request, or say how long to wait."""
        now = time.monotonic()
        with self._lock:
            while self._times and now - self._times[0] >= self.per:
                self._times.popleft()
            if len(self._times) >= self.requests:
                return self.per - (now - self._times[0])
            self._times.append(now)
        return None
