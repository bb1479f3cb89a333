"""How fast one connector may ask: limits as data, the budget all its threads share, kept exactly and in turn."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Protocol

from topstitch.errors import RateLimited
from topstitch.net.retry import Stop, stopped

#: How often a waiting thread looks whether it was told to stop, in seconds.
_GLANCE = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `requests` started in any `per` seconds, and at most `concurrency` under way at once. None: unlimited."""

    requests: int | None = None
    per: float = 1.0
    concurrency: int | None = None


class Budget(Protocol):
    """Permission to send, shared by everything that uses one connector.

    `acquire` waits for its turn. It raises Stopped when `stop` is set, and RateLimited (with `retry_after`) instead of
    waiting when a penalty lasts more than `patience` seconds. Each `acquire` that returned needs one `release`.
    `penalise` lets nobody of this connector send for so many seconds: the system asked for a pause.
    """

    def acquire(self, *, stop: Stop | None = None, patience: float | None = None) -> None: ...
    def release(self) -> None: ...
    def penalise(self, seconds: float) -> None: ...


class Window:
    """Sliding window, pure arithmetic on the times it is given: never more than `requests` in any `per` seconds."""

    __slots__ = ("_per", "_starts")

    def __init__(self, requests: int, per: float) -> None:
        self._per = per
        self._starts: deque[float] = deque(maxlen=requests)

    def delay(self, now: float) -> float:
        """Say in how many seconds the next request may start; 0 or less is now."""
        starts = self._starts
        return starts[0] + self._per - now if len(starts) == starts.maxlen else 0.0

    def take(self, now: float) -> None:
        self._starts.append(now)


class LocalBudget:
    """The budget of one process: exact, first come first served. Several limits hold together (`20/10 s`, `2000/h`).

    `slack` (seconds) lengthens each window: a request may take longer to arrive than the one that follows it.
    """

    def __init__(self, *limits: Limits, slack: float = 0.02, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = [Window(limit.requests, limit.per + slack) for limit in limits if limit.requests]
        self._places = min((limit.concurrency for limit in limits if limit.concurrency), default=inf)
        self._unlimited = not self._windows and self._places == inf
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._active = 0
        self._closed_until = 0.0

    def acquire(self, *, stop: Stop | None = None, patience: float | None = None) -> None:
        if self._unlimited and self._clock() >= self._closed_until:
            return
        with self._lock:
            if not self._queue and self._try_take():
                return
            self._refuse_long_penalty(patience)
            turn = threading.Event()
            self._queue.append(turn)
        self._wait(turn, stop, patience)

    def release(self) -> None:
        if self._unlimited:
            return
        with self._lock:
            self._active -= 1
            self._wake_first()

    def penalise(self, seconds: float) -> None:
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)
            for turn in self._queue:
                turn.set()

    def _wait(self, turn: threading.Event, stop: Stop | None, patience: float | None) -> None:
        try:
            while True:
                with self._lock:
                    turn.clear()
                    self._refuse_long_penalty(patience)
                    first = self._queue[0] is turn
                    if first and self._try_take():
                        return
                    delay = self._delay(self._clock()) if first else inf
                if stop is not None and stop.is_set():
                    raise stopped(stop)
                wait = min(delay, inf if stop is None else _GLANCE)
                turn.wait(None if wait == inf else wait)
        finally:
            with self._lock:
                self._queue.remove(turn)
                self._wake_first()

    def _try_take(self) -> bool:
        now = self._clock()
        if self._delay(now) > 0:
            return False
        for window in self._windows:
            window.take(now)
        if not self._unlimited:
            self._active += 1
        return True

    def _delay(self, now: float) -> float:
        if self._active >= self._places:
            return inf
        delay = self._closed_until - now
        for window in self._windows:
            delay = max(delay, window.delay(now))
        return delay

    def _wake_first(self) -> None:
        if self._queue:
            self._queue[0].set()

    def _refuse_long_penalty(self, patience: float | None) -> None:
        left = self._closed_until - self._clock()
        if patience is not None and left > patience:
            raise RateLimited(
                f"The system asked for a pause; {left:.0f} s of it are left.", retry_after=left, key="paused"
            )
