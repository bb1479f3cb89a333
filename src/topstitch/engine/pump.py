"""The pump: threads that push records, and one that records the verdicts in small groups.

What happens when the process dies
    before `submit`         the items are marked as sending, nothing left: they are settled when the run goes on
    while pushing           the same; the destination may have some of them
    answered, not recorded  the same; bounded by a group of records, and by the number of threads for a destination
                            without idempotency, whose threads wait for the record before they send anything more
    recorded                done: they are never sent again
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from topstitch.engine.breaker import Breaker
from topstitch.engine.outcome import result_of, tally
from topstitch.engine.ports import Counts, Ledger, LedgerLost, PageEnd, Result, Status
from topstitch.errors import AnswerLost, Bug, RateLimited, TopstitchError
from topstitch.net.retry import Stopped
from topstitch.sdk.model import Idempotency, Outcome, Outgoing, Verdict, Write

GROUP, GROUP_SECONDS = 100, 0.05
SETTLE_TRIES = 4


@dataclass(slots=True)
class Task:
    """One record to push."""

    page: PageWork
    outgoing: Outgoing
    content: bytes
    attempts: int = 0
    #: It may have arrived already.
    uncertain: bool = False
    tries: int = 0


@dataclass(slots=True)
class PageWork:
    """A page on its way: what is still out, and what will be stored when nothing is."""

    number: int
    counts: Counts
    finish: Callable[[Counts], PageEnd]
    outstanding: int = 0
    #: Everything of the page has been submitted.
    sealed: bool = False
    done: threading.Event = field(default_factory=threading.Event)


Push = Callable[[Sequence[Outgoing]], Sequence[Verdict]]
Find = Callable[[Sequence[Outgoing]], Sequence[str | None]]


class Pump:
    """Pushes with `threads` threads. `submit` tasks, `seal` the page, `page.done` tells when all of it is recorded."""

    def __init__(
        self,
        write: Write,
        *,
        push: Push,
        find: Find | None,
        ledger: Ledger,
        breaker: Breaker,
        stop: threading.Event,
        clock: Callable[[], datetime],
        max_attempts: int,
        send_again: bool,
        threads: int,
        batch: int,
        evidence: Callable[[Outgoing], Any] | None = None,
    ) -> None:
        self._idempotency = write.idempotency
        self._push, self._find, self._ledger, self._breaker = push, find, ledger, breaker
        self._stop, self._clock, self._evidence = stop, clock, evidence
        self._max_attempts, self._send_again, self._batch = max_attempts, send_again, batch
        self._alone = write.idempotency is Idempotency.NONE
        self._tasks: queue.SimpleQueue[list[Task] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[list[Task], list[Result], threading.Event | None] | PageWork | None]
        self._answers = queue.SimpleQueue()
        self._order: list[PageWork] = []
        self._lock = threading.Lock()
        #: Something was recorded.
        self._progress = threading.Event()
        #: Recording was given up; what ended the pump otherwise does not keep answers from being recorded.
        self._unrecordable = False
        #: What ended the pump, if something did.
        self.failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, name=f"push-{n}", daemon=True) for n in range(threads)]
        self._recorder = threading.Thread(target=self._record, name="record", daemon=True)
        for thread in (*self._threads, self._recorder):
            thread.start()

    def begin(self, page: PageWork) -> None:
        """Announce a page; pages end in the order of their beginnings."""
        with self._lock:
            self._order.append(page)

    def submit(self, page: PageWork, tasks: Sequence[Task]) -> None:
        """Hand over records of a page, marked as sending before."""
        with self._lock:
            page.outstanding += len(tasks)
        for chunk in _chunks(tasks, self._batch):
            self._tasks.put(chunk)

    def add_results(self, page: PageWork, results: Sequence[Result]) -> None:
        """Results that need no push: records that could not be mapped."""
        if results:
            with self._lock:
                page.outstanding += len(results)
            self._answers.put(([], list(results), None))

    def seal(self, page: PageWork) -> None:
        """All of the page has been handed over."""
        page.sealed = True
        self._answers.put(page)

    def drain(self, page: PageWork) -> None:
        """Wait until all that was submitted of a page is recorded; raises what ended the pump."""
        while page.outstanding and self.failure is None:
            self._progress.wait(0.05)
            self._progress.clear()
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        """Let the threads end; what is still queued is withdrawn by them."""
        self._breaker.close()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        self._answers.put(None)
        self._recorder.join()

    def _work(self) -> None:
        while (chunk := self._tasks.get()) is not None:
            try:
                if self.failure is not None or not self._breaker.wait():
                    self._give_back(chunk)
                else:
                    self._ledger.confirm()
                    self._deliver(chunk)
            except BaseException as error:  # noqa: BLE001  # a thread must never die in silence: the run ends with this
                self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if self.failure is None:
            self.failure = error
        with self._lock:
            pages = list(self._order)
        for page in pages:
            page.done.set()

    def _give_back(self, chunk: list[Task]) -> None:
        """Not sent: after an outage that lasted too long the records are pending, on a stop they go back unreported."""
        dead = self._breaker.dead
        if dead is None or self.failure is not None:
            sure = [task.outgoing.key for task in chunk if not task.uncertain]
            with suppress(LedgerLost):
                self._ledger.withdraw(sure)
            self._fail(self.failure or Stopped())
            return
        verdict = Verdict(Outcome.LATER, error=dead)
        self._answer(
            chunk, [replace(self._result(task, verdict), status=Status.PENDING, counts=False) for task in chunk]
        )

    def _deliver(self, chunk: list[Task]) -> None:
        unsettled = [task for task in chunk if task.uncertain]
        if unsettled:
            chunk = [*self._settle(unsettled), *(task for task in chunk if not task.uncertain)]
        if chunk:
            try:
                verdicts = self._asked(lambda: self._push([task.outgoing for task in chunk]), len(chunk))
            except Stopped:
                self._give_back(chunk)
                return
            self._judge(chunk, verdicts)

    def _asked(self, ask: Callable[[], Sequence[Verdict]], wanted: int) -> Sequence[Verdict]:
        """The verdicts, an exception being the verdict of all."""
        try:
            verdicts = ask()
        except Stopped:
            raise
        except TopstitchError as error:
            return [Verdict.of(error)] * wanted
        except Exception as error:  # noqa: BLE001  # a system's bug must not lose the record: it fails, with the reason
            bug = Bug(f"{type(error).__name__} while sending: {error}", detail=repr(error))
            return [Verdict(Outcome.UNKNOWN, error=bug)] * wanted
        if len(verdicts) != wanted:
            bug = Bug(f"{wanted} records were sent and {len(verdicts)} verdicts came back")
            return [Verdict(Outcome.UNKNOWN, error=bug)] * wanted
        return verdicts

    def _judge(self, chunk: list[Task], verdicts: Sequence[Verdict]) -> None:
        final: list[tuple[Task, Verdict]] = []
        for task, verdict in zip(chunk, verdicts, strict=True):
            if isinstance(verdict.error, Stopped):
                self._give_back([task])
                continue
            if verdict.outcome in (Outcome.LATER, Outcome.UNKNOWN) and self._goes_round(task, verdict):
                continue
            if verdict.error is None:
                self._breaker.success()
            final.append((task, verdict))
        if final:
            self._answer([task for task, _ in final], [self._result(task, verdict) for task, verdict in final])

    def _goes_round(self, task: Task, verdict: Verdict) -> bool:
        """Whether the record is tried again within this run, without using up an attempt."""
        error = verdict.error
        task.uncertain = task.uncertain or verdict.outcome is Outcome.UNKNOWN
        if verdict.is_outage and error:
            self._breaker.trip(error)
        elif isinstance(error, RateLimited):
            self._breaker.trip(error, pause=error.retry_after or 1.0)
        elif self._breaker.failure() and error:
            self._breaker.trip(error)
        elif (
            verdict.outcome is Outcome.LATER
            or not self._can_settle()
            or task.tries >= SETTLE_TRIES
            or self._stop.wait(0.2 * 2**task.tries)
        ):
            return False
        task.tries += 1
        self._tasks.put([task])
        return True

    def _can_settle(self) -> bool:
        return self._send_again or self._idempotency is not Idempotency.NONE

    def _settle(self, tasks: list[Task]) -> list[Task]:
        """Of records that may have arrived: record those that did, return those to be sent again."""
        if self._idempotency is Idempotency.LOOKUP and self._find is not None:
            fresh = [task for task in tasks if not task.outgoing.remote_id]
            return [task for task in tasks if task.outgoing.remote_id] + (self._look_up(fresh) if fresh else [])
        if self._can_settle():
            return tasks
        lost = AnswerLost("the answer was lost and this destination cannot be asked whether the record arrived")
        self._answer(tasks, [self._result(task, Verdict(Outcome.UNKNOWN, error=lost)) for task in tasks])
        return []

    def _look_up(self, tasks: list[Task]) -> list[Task]:
        assert self._find is not None
        try:
            found = self._find([task.outgoing for task in tasks])
        except Stopped:
            self._give_back(tasks)
            return []
        except TopstitchError as error:
            verdict = Verdict.of(error)
            self._judge(tasks, [replace(verdict, outcome=Outcome.UNKNOWN)] * len(tasks))
            return []
        arrived = [(task, remote) for task, remote in zip(tasks, found, strict=True) if remote is not None]
        if arrived:
            self._answer([t for t, _ in arrived], [self._result(t, Verdict.created(remote)) for t, remote in arrived])
        return [task for task, remote in zip(tasks, found, strict=True) if remote is None]

    def _result(self, task: Task, verdict: Verdict) -> Result:
        evidence = self._evidence(task.outgoing) if self._evidence and verdict.error else None
        return result_of(
            verdict,
            key=task.outgoing.key,
            reference=task.outgoing.reference,
            page=task.page.number,
            at=self._clock(),
            content=task.content,
            attempts=task.attempts,
            max_attempts=self._max_attempts,
            evidence=evidence,
        )

    def _answer(self, tasks: list[Task], results: list[Result]) -> None:
        if not self._alone:
            self._answers.put((tasks, results, None))
            return
        recorded = threading.Event()
        self._answers.put((tasks, results, recorded))
        while not recorded.wait(0.5):
            if self.failure is not None:
                return

    def _record(self) -> None:
        ending = False
        while not ending:
            results: list[Result] = []
            waiting: list[threading.Event] = []
            ending = self._gather(results, waiting)
            try:
                self._flush(results)
            except BaseException as error:  # noqa: BLE001  # the run ends with this, whatever it is
                self._unrecordable = isinstance(error, LedgerLost)
                self._fail(error)
            for event in waiting:
                event.set()

    def _gather(self, results: list[Result], waiting: list[threading.Event]) -> bool:
        """Collect one group; True at the end of all."""
        deadline = None
        while len(results) < GROUP:
            try:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                answer = self._answers.get(timeout=left)
            except queue.Empty:
                break
            if answer is None:
                return True
            if isinstance(answer, PageWork):
                if not results:
                    break
                continue
            results.extend(answer[1])
            if answer[2] is not None:
                # A thread waits for this record: take what is there and write at once.
                waiting.append(answer[2])
                deadline = 0.0
            elif deadline is None:
                deadline = time.monotonic() + GROUP_SECONDS
        return False

    def _flush(self, results: list[Result]) -> None:
        if self._unrecordable:
            return
        with self._lock:
            by_page = {page.number: page for page in self._order}
            for result in results:
                page = by_page[result.page]
                page.outstanding -= 1
                tally(page.counts, result.status)
        ended = self._ended()
        if results or ended:
            self._ledger.record(results, [page.finish(page.counts) for page in ended])
        for page in ended:
            page.done.set()
        self._progress.set()

    def _ended(self) -> list[PageWork]:
        """Pages of which everything is in, in their order; taken off the list."""
        ended = []
        with self._lock:
            while self._order and self._order[0].sealed and self._order[0].outstanding == 0:
                ended.append(self._order.pop(0))
        return ended


def _chunks(tasks: Sequence[Task], size: int) -> Iterable[list[Task]]:
    for at in range(0, len(tasks), size):
        yield list(tasks[at : at + size])
