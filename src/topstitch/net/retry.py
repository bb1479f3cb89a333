"""When to try again: the policy, the wait the system asked for, and a pause that can be interrupted."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from topstitch.errors import TemporaryError
from topstitch.net.message import Headers

#: Seconds that a person at a screen waits for other systems.
PATIENCE = 15.0
_SECONDS = re.compile(r"\d{1,9}(\.\d+)?")


class Stop(Protocol):
    """What a `threading.Event` is: set when the worker shuts down or somebody pressed Stop."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Stopped(TemporaryError):
    """The run was stopped while a request waited for its turn; that request was not sent."""

    default_key = "stopped"
    default_hint = "Nothing to do: the record goes out when the run resumes."

    def __init__(self) -> None:
        super().__init__("The run was stopped before this request was sent.")


class OutOfTime(Stopped):
    """Somebody waits for the answer, and has waited long enough."""

    default_key = "out_of_time"
    default_hint = "Try again later: the system is slow at the moment."

    def __init__(self, seconds: float) -> None:
        TemporaryError.__init__(self, f"This took longer than {seconds:g} seconds and was given up.")


class Deadline(threading.Event):
    """A stop that sets itself after so many seconds, for work that a person waits for: it is not waited for any longer."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, none when it has passed."""
        return max(0.0, self._until - time.monotonic())

    def is_set(self) -> bool:
        """Whether it has passed."""
        return super().is_set() or not self.left

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, at the longest until it has passed."""
        super().wait(self.left if timeout is None else min(timeout, self.left))
        return self.is_set()


def stopped(stop: Stop | None) -> Stopped:
    """What to raise when it is set."""
    return OutOfTime(stop.seconds) if isinstance(stop, Deadline) else Stopped()


def within(stop: Stop | None, seconds: float | None) -> float | None:
    """How long a step that is about to begin may take: what is left until a deadline, if that is less.

    Raises OutOfTime when nothing is left.
    """
    if not isinstance(stop, Deadline):
        return seconds
    if stop.is_set():
        raise stopped(stop)
    return stop.left if seconds is None else min(seconds, stop.left)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how patiently. Seconds; `attempts` counts the first one too.

    A pause named by the system is obeyed up to `longest_wait`; beyond that the error is raised, with `retry_after`.
    """

    attempts: int = 5
    base: float = 0.5
    cap: float = 30.0
    longest_wait: float = 60.0

    @classmethod
    def off(cls) -> Retries:
        return cls(attempts=1)

    def backoff(self, attempt: int) -> float:
        """Give the pause after this failed attempt (1 is the first): exponential, capped, with half of it jitter."""
        full: float = min(self.cap, self.base * 2 ** (attempt - 1))
        return full * random.uniform(0.5, 1.0)


def retry_after(headers: Headers, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3) as seconds from now, None when absent or unreadable.

    A date is taken relative to the answer's own Date header where there is one: that clock set the time.
    """
    value = headers.get("retry-after").strip()
    if not value:
        return None
    if _SECONDS.fullmatch(value):
        return float(value)
    due = _date(value)
    if due is None:
        return None
    return max(0.0, (due - (_date(headers.get("date")) or now())).total_seconds())


def pause(seconds: float, stop: Stop | None) -> None:
    """Sleep at least this long. Raise Stopped as soon as `stop` is set."""
    deadline = time.monotonic() + seconds
    while True:
        if stop is not None and stop.is_set():
            raise stopped(stop)
        left = deadline - time.monotonic()
        if left <= 0:
            return
        if stop is None:
            time.sleep(left)
        else:
            stop.wait(left)


def spread(seconds: float) -> float:
    """Lengthen a named pause a little, so that threads told the same time do not come back as one crowd."""
    return seconds + random.uniform(0.0, min(1.0, seconds / 10))


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
