"""A ledger in memory and a scripted destination: what the pump is tested against."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from topstitch.engine.breaker import Breaker
from topstitch.engine.ports import Counts, Intent, LedgerLost, PageEnd, Result
from topstitch.engine.pump import Pump
from topstitch.engine.work import PageWork, Task
from topstitch.errors import AnswerLost, TopstitchError, Unreachable
from topstitch.sdk.model import Idempotency, Outgoing, Verdict, Write

#: Nothing here takes as long: who waits longer hangs.
PATIENCE = 20.0
#: Ways of a destination to tell a record that arrived: by any of these, and by none.
SAFE = ["natural_key", "header", "lookup"]
ALL = [*SAFE, "none"]
LOST = AnswerLost("timed out")


class MemoryLedger:
    """Remembers what it was told; `lost` makes it lose its database from that call on."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.ends: list[PageEnd] = []
        self.intended: set[str] = set()
        self.withdrawn: list[str] = []
        self.pauses: list[str] = []
        self.lost: set[str] = set()
        self.most_unrecorded = 0
        self._lock = threading.Lock()

    def _check(self, call: str) -> None:
        if call in self.lost:
            raise LedgerLost("the database went away")

    def confirm(self) -> None:
        self._check("confirm")

    def intend(self, page: int, intents: Sequence[Intent]) -> None:
        self._check("intend")
        with self._lock:
            self.intended |= {intent.key for intent in intents}
            self.most_unrecorded = max(self.most_unrecorded, len(self.intended))

    def withdraw(self, keys: Sequence[str]) -> None:
        self._check("withdraw")
        with self._lock:
            self.withdrawn += keys
            self.intended -= set(keys)

    def record(self, results: Sequence[Result], ends: Sequence[PageEnd] = ()) -> None:
        self._check("record")
        with self._lock:
            self.results += results
            self.ends += ends
            self.intended -= {result.key for result in results}

    def paused(self, reason: str) -> None:
        self._check("paused")
        self.pauses.append(reason)

    def statuses(self) -> dict[str, str]:
        return {result.key: result.status.value for result in self.results}


class Destination:
    """Follows a script: each entry is a verdict for one call's records, an error to raise, or a function of the batch."""

    def __init__(self, script: Iterable[object] = ()) -> None:
        self.script: deque[object] = deque(script)
        self.calls: list[list[str]] = []
        #: What it has, by key: a second arrival is a double.
        self.arrived: Counter[str] = Counter()
        self.up = True
        self.probes = 0
        self.delay = 0.0
        self.in_flight = self.most_in_flight = 0
        self._lock = threading.Lock()

    def push(self, batch: Sequence[Outgoing]) -> Sequence[Verdict]:
        with self._lock:
            self.calls.append([outgoing.key for outgoing in batch])
            entry = self.script.popleft() if self.script else None
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.delay:
                time.sleep(self.delay)
            return self._answer(entry, batch)
        finally:
            with self._lock:
                self.in_flight -= 1

    def _answer(self, entry: object, batch: Sequence[Outgoing]) -> Sequence[Verdict]:
        if not self.up:
            raise Unreachable("connection refused")
        if isinstance(entry, BaseException):
            raise entry
        if callable(entry):
            return entry(batch)
        if isinstance(entry, Verdict):
            return [entry] * len(batch)
        return self.take(batch)

    def take(self, batch: Sequence[Outgoing]) -> Sequence[Verdict]:
        with self._lock:
            self.arrived.update(outgoing.key for outgoing in batch)
        return [Verdict.created(f"R{outgoing.key}") for outgoing in batch]

    def find(self, batch: Sequence[Outgoing]) -> Sequence[str | None]:
        return [f"R{o.key}" if self.arrived[o.key] else None for o in batch]

    def probe(self) -> None:
        self.probes += 1
        if not self.up:
            raise Unreachable("connection refused")


def breaker(destination: Destination, ledger: MemoryLedger, stop: threading.Event, **choices: object) -> Breaker:
    options = {"patience": 60.0, "first_wait": 0.02, "longest_wait": 0.05, **choices}
    return Breaker("Far end", destination.probe, stop=stop, tell=ledger.paused, **options)  # type: ignore[arg-type]


def lost_after_writing(destination: Destination) -> Callable[[Sequence[Outgoing]], list[Verdict]]:
    """The record is written, then the answer is lost."""

    def write(batch: Sequence[Outgoing]) -> list[Verdict]:
        destination.take(batch)
        raise LOST

    return write


class Rig:
    """A pump between a memory ledger and a destination."""

    def __init__(
        self,
        destination: Destination | None = None,
        idempotency: str = "natural_key",
        *,
        threads: int = 1,
        batch: int = 1,
        find: Callable[..., object] | None = None,
        patience: float = 60.0,
        **choices: object,
    ) -> None:
        self.destination = destination or Destination()
        self.ledger, self.stop = MemoryLedger(), threading.Event()
        self.breaker = breaker(self.destination, self.ledger, self.stop, patience=patience)
        options = {"max_attempts": 4, "send_again": False, **choices}
        self.threads = threads
        self.pump = Pump(
            Write(push=lambda *_: [], idempotency=Idempotency(idempotency)),
            push=self.destination.push,
            find=find or self.destination.find,  # type: ignore[arg-type]
            ledger=self.ledger,  # type: ignore[arg-type]
            breaker=self.breaker,
            stop=self.stop,
            clock=lambda: datetime.now(UTC),
            threads=threads,
            batch=batch,
            **options,  # type: ignore[arg-type]
        )

    def page(self, number: int, keys: Iterable[object], **task: object) -> PageWork:
        """A page handed over whole."""
        work = self.begin(number)
        tasks = [self.task(work, key, **task) for key in keys]
        self.ledger.intend(number, [Intent(t.outgoing.key, "") for t in tasks])
        self.pump.submit(work, tasks)
        self.pump.seal(work)
        return work

    def begin(self, number: int) -> PageWork:
        work = PageWork(number, Counts(), lambda counts: PageEnd(number=number, counts=counts))
        self.pump.begin(work)
        return work

    def task(self, work: PageWork, key: object, **task: object) -> Task:
        return Task(work, Outgoing(key=str(key), record={"n": key}), b"content", **task)  # type: ignore[arg-type]

    def finish(self, *pages: PageWork) -> MemoryLedger:
        """Wait for the pages, then end everything; hangs are failures."""
        for page in pages:
            assert page.done.wait(PATIENCE), f"page {page.number} never ended"
        self.close()
        return self.ledger

    def close(self) -> None:
        closing = threading.Thread(target=self.pump.close, daemon=True)
        closing.start()
        closing.join(PATIENCE)
        assert not closing.is_alive(), "the pump does not close"

    @property
    def failure(self) -> BaseException | None:
        return self.pump.failure


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something that other threads do."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


__all__ = ["Destination", "MemoryLedger", "Rig", "TopstitchError", "breaker", "until"]
