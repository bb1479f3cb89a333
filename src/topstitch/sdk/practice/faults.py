"""Faults that can be switched on in a practice server, to try what a service does when its systems misbehave."""

from __future__ import annotations

import threading
from dataclasses import dataclass

KINDS = ("429", "500", "503", "slow", "drop", "lost", "expired")


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault, for the next `count` requests that match.

    429, 500, 503: that status, nothing executed. slow: the answer waits `seconds`. drop: the connection closes before
    anything is executed. lost: the request is executed and the connection closes without an answer. expired: the
    credentials are refused as expired, as the vendor refuses them.
    """

    kind: str
    count: int = 1
    #: Only requests of this method, "" for all.
    method: str = ""
    #: Only requests whose path or body holds this text.
    contains: str = ""
    #: Pass this many matching requests before the first fault.
    skip: int = 0
    #: Sent as Retry-After with 429 and 503; None: no such header.
    retry_after: float | None = None
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; there are {', '.join(KINDS)}")


class Faults:
    """The faults of one practice server."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        #: How often each kind struck.
        self.struck: dict[str, int] = {}

    def add(self, kind: str, **options: object) -> Fault:
        """Switch a fault on: `faults.add("429", count=3, retry_after=1)`."""
        fault = Fault(kind=kind, **options)  # type: ignore[arg-type]  # checked by the dataclass and its users' JSON
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults.clear()
            self.struck.clear()

    def next(self, method: str, path: str, body: bytes) -> Fault | None:
        """The fault that strikes this request, if any; it is used up by one."""
        with self._lock:
            for fault in self._faults:
                if fault.count and fault.method in ("", method) and _matches(fault.contains, path, body):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.count -= 1
                    self.struck[fault.kind] = self.struck.get(fault.kind, 0) + 1
                    return fault
        return None


def _matches(text: str, path: str, body: bytes) -> bool:
    return not text or text in path or text.encode() in body
