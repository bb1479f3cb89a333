"""The breaker of one connector within a run: an outage pauses the work, a probe tries the system, work goes on in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from topstitch.errors import AuthError, TopstitchError

#: Temporary failures in a row, without one success between them, that count as an outage.
STORM = 8
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0


class Breaker:
    """Closed: work flows. Open: `wait()` holds everybody until a probe succeeds. Given up: `dead` says why."""

    def __init__(
        self,
        name: str,
        probe: Callable[[], None],
        *,
        stop: threading.Event,
        tell: Callable[[str], None],
        patience: float,
        first_wait: float = FIRST_WAIT,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self.name = name
        self._probe, self._stop, self._tell = probe, stop, tell
        self._patience, self._first, self._longest = patience, first_wait, longest_wait
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._failures = 0
        #: Why work was given up, once it was.
        self.dead: TopstitchError | None = None

    def success(self) -> None:
        """A record went through."""
        self._failures = 0

    def failure(self) -> bool:
        """A temporary failure; True when it makes a storm."""
        self._failures += 1
        return self._failures >= STORM

    def wait(self) -> bool:
        """Wait until work may flow; False when it must end instead."""
        while not self._flows.wait(0.1):
            if self._stop.is_set():
                return False
        return self.dead is None and not self._stop.is_set()

    def trip(self, error: TopstitchError, *, pause: float | None = None) -> None:
        """Stop the flow because of `error`, and probe until the system is back. `pause`: only wait so many seconds."""
        with self._lock:
            if not self._flows.is_set() or self.dead:
                return
            self._flows.clear()
        self._tell(f"{self.name}: {error.message}")
        threading.Thread(target=self._recover, args=(error, pause), name=f"probe {self.name}", daemon=True).start()

    def _recover(self, error: TopstitchError, pause: float | None) -> None:
        began, wait = time.monotonic(), pause if pause is not None else self._first
        while not self._stop.wait(wait):
            if pause is not None:
                break
            try:
                self._probe()
                break
            except TopstitchError as again:
                error = again
            if isinstance(error, AuthError):
                wait = self._longest
            if time.monotonic() - began > self._patience:
                self.dead = error
                break
            wait = min(wait * 2, self._longest)
        self._failures = 0
        if self.dead is None:
            self._tell("")
        self._flows.set()
