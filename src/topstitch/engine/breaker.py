"""The breaker of one connector within a run: an outage pauses the work, a probe tries the system, work goes on in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from topstitch.errors import AuthError, Bug, TemporaryError, TopstitchError
from topstitch.net.retry import Stopped

T = TypeVar("T")

#: Temporary failures in a row, without one success between them, that count as an outage.
STORM = 8
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
#: How soon a stop is noticed, in seconds.
POLL = 0.1


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
        self._flows, self._ended = threading.Event(), threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._failures = 0
        #: When the outage began, and the next wait: both last until a record goes through, not only until a probe does.
        self._began, self._wait = 0.0, first_wait
        #: Why work was given up, once it was.
        self.dead: TopstitchError | None = None
        #: What broke the breaker itself: telling of the outage, or the probe.
        self.broken: BaseException | None = None

    def success(self) -> None:
        """A record went through."""
        self._failures = 0
        self._began, self._wait = 0.0, self._first

    def failure(self) -> bool:
        """A temporary failure; True when it makes a storm."""
        self._failures += 1
        return self._failures >= STORM

    def wait(self) -> bool:
        """Wait until work may flow; False when it must end instead. Raises what broke the breaker."""
        while not self._flows.is_set() and not self._flows.wait(POLL):
            if self._over():
                return False
        if self.broken is not None:
            raise self.broken
        return self.dead is None and not self._over()

    @property
    def waits(self) -> bool:
        """Whether the flow is stopped now."""
        return not self._flows.is_set()

    def interrupt(self, error: BaseException) -> None:
        """Raise `error` in the threads that wait; nothing happens while work flows."""
        if self.waits:
            self.broken = error
            self._flows.set()

    def ask(self, question: Callable[[], T]) -> T:
        """Ask the system; an outage is waited for, and the question asked again. Raises Stopped, or why it was given up."""
        while True:
            if not self.wait():
                raise self.dead or Stopped()
            try:
                answer = question()
            except Stopped:
                raise
            except (TemporaryError, AuthError) as error:
                if error.key == "forbidden":
                    raise
                self.trip(error, pause=getattr(error, "retry_after", None))
                continue
            self.success()
            return answer

    def close(self) -> None:
        """Let nobody wait any more: the work is over, whatever the system does."""
        self._ended.set()

    def trip(self, error: TopstitchError, *, pause: float | None = None) -> None:
        """Stop the flow because of `error`, and probe until the system is back. `pause`: only wait so many seconds."""
        with self._lock:
            if not self._flows.is_set() or self.dead:
                return
            self._flows.clear()
        threading.Thread(target=self._outage, args=(error, pause), name=f"probe {self.name}", daemon=True).start()

    def _over(self) -> bool:
        return self._stop.is_set() or self._ended.is_set()

    def _outage(self, error: TopstitchError, pause: float | None) -> None:
        """From the trip to the recovery. Whatever happens here, nobody is left waiting for ever."""
        try:
            self._tell(f"{self.name}: {error.message}")
            if (pause or 0) >= self._patience:
                self.dead = error
            elif pause is None:
                self._recover(error)
            else:
                self._rest(pause)
            self._failures = 0
            if self.dead is None and not self._over():
                self._tell("")
        except BaseException as broken:  # noqa: BLE001  # raised again in the threads that wait
            self.broken = broken
        finally:
            self._flows.set()

    def _recover(self, error: TopstitchError) -> None:
        # Kept here: an answer that was still on its way may be a success, which forgets the beginning.
        began = self._began = self._began or time.monotonic()
        while self._rest(self._wait):
            self._wait = self._longest if isinstance(error, AuthError) else min(self._wait * 2, self._longest)
            if time.monotonic() - began > self._patience:
                self.dead = error
                return
            try:
                self._probe()
                return
            except TopstitchError as again:
                error = again
            except Exception as bug:  # noqa: BLE001  # a system's test that breaks is no answer: the system is not back
                error = Bug(f"the test of {self.name} broke: {type(bug).__name__}: {bug}", detail=repr(bug))

    def _rest(self, seconds: float) -> bool:
        """Wait; False when the work is over meanwhile."""
        until = time.monotonic() + seconds
        while not self._over():
            left = until - time.monotonic()
            if left <= 0:
                return True
            self._ended.wait(min(left, POLL))
        return False
