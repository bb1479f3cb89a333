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
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from topstitch.engine.breaker import Breaker
from topstitch.engine.feed import Feed
from topstitch.engine.outcome import result_of, tally
from topstitch.engine.ports import Ledger, LedgerLost, Result, Status
from topstitch.engine.work import PageWork, Task, chunks
from topstitch.errors import AnswerLost, Bug, RateLimited, TopstitchError
from topstitch.net.retry import Stopped
from topstitch.sdk.model import Idempotency, Outcome, Outgoing, Verdict, Write

GROUP, GROUP_SECONDS = 100, 0.05
#: How often a lost answer is settled within one run; the wait before doubles from here, in seconds.
SETTLE_TRIES, SETTLE_SECONDS = 4, 0.2
#: Outcomes that may be another one after another try.
_OPEN = (Outcome.LATER, Outcome.UNKNOWN)


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
        self._feed = Feed(threads)
        self.make_way = self._feed.make_way
        self._answers: queue.SimpleQueue[tuple[list[Result], threading.Event | None] | PageWork | None]
        self._answers = queue.SimpleQueue()
        #: The recorder is to wait no longer: a group is full, a thread waits for its record, or there is nothing to wait for.
        self._hurry = threading.Event()
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
            if self.failure is not None:
                page.done.set()

    def submit(self, page: PageWork, tasks: Sequence[Task]) -> None:
        """Hand over records of a page, marked as sending before."""
        with self._lock:
            page.outstanding += len(tasks)
            page.unanswered += len(tasks)
        for chunk in chunks(tasks, self._batch):
            self._feed.put(chunk)

    def add_results(self, page: PageWork, results: Sequence[Result]) -> None:
        """Results that need no push: records that could not be mapped."""
        if results:
            with self._lock:
                page.outstanding += len(results)
            self._answers.put((list(results), None))

    def seal(self, page: PageWork) -> None:
        """All of the page has been handed over."""
        self._answers.put(page)
        with self._lock:
            page.sealed = True
            complete = not page.unanswered
        if complete:
            self._hurry.set()

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
            self._feed.put(None)
        for thread in self._threads:
            thread.join()
        self._answers.put(None)
        self._hurry.set()
        self._recorder.join()

    def _work(self) -> None:
        while (chunk := self._feed.next()) is not None:
            try:
                if self.failure is not None or not self._breaker.wait():
                    self._give_back(chunk)
                else:
                    self._ledger.confirm()
                    self._deliver(chunk)
            except BaseException as error:  # noqa: BLE001  # a thread must never die in silence: the run ends with this
                self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self.failure = self.failure or error
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
        lost = AnswerLost(f"the answer was lost, and then the system was away: {dead.message}")
        unsettled, unsent = Verdict(Outcome.UNKNOWN, error=lost), Verdict(Outcome.LATER, error=dead)
        results = []
        for task in chunk:
            result = self._result(task, unsettled if task.uncertain else unsent)
            status = Status.UNCERTAIN if task.uncertain else Status.PENDING
            results.append(replace(result, counts=False, status=status))
        self._answer(chunk, results)

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
        if all(verdict.error is None and verdict.outcome not in _OPEN for verdict in verdicts):
            self._breaker.success()
            self._answer(chunk, [self._result(*each) for each in zip(chunk, verdicts, strict=True)])
        else:
            self._judge_closely(chunk, verdicts)

    def _judge_closely(self, chunk: list[Task], verdicts: Sequence[Verdict]) -> None:
        stopped, again, final = [], [], []
        paused = self._pauses(verdicts)
        for task, verdict in zip(chunk, verdicts, strict=True):
            task.uncertain = task.uncertain or verdict.outcome is Outcome.UNKNOWN
            if isinstance(verdict.error, Stopped):
                stopped.append(task)
            elif verdict.outcome in _OPEN and self._goes_round(task, verdict, paused):
                again.append(task)
            else:
                final.append(self._result(task, verdict))
        if final:
            self._answer(chunk, final)
        if stopped:
            self._give_back(stopped)
        if again:
            if not paused:
                self._stop.wait(SETTLE_SECONDS * 2 ** (max(task.tries for task in again) - 1))
            self._feed.put_back(again)

    def _pauses(self, verdicts: Sequence[Verdict]) -> bool:
        """Whether the system as a whole is in trouble: then the work pauses, and these records wait without losing a try."""
        troubled = [v for v in verdicts if v.outcome in _OPEN and v.error and not isinstance(v.error, Stopped)]
        errors = [v.error for v in troubled if v.error]
        outage = next((v.error for v in troubled if v.is_outage), None)
        limit = next((error for error in errors if isinstance(error, RateLimited)), None)
        if any(v.outcome not in _OPEN and v.error is None for v in verdicts):
            self._breaker.success()
        if outage is not None:
            self._breaker.trip(outage)
        elif limit is not None:
            self._breaker.trip(limit, pause=limit.retry_after or 1.0)
        elif len(errors) == len(verdicts) and self._breaker.failure():
            self._breaker.trip(errors[-1])
        else:
            return False
        return True

    def _goes_round(self, task: Task, verdict: Verdict, paused: bool) -> bool:
        """Whether the record is tried again within this run, without using up an attempt."""
        if verdict.outcome is Outcome.UNKNOWN and not self._can_settle():
            return False
        if paused:
            return True
        if verdict.outcome is Outcome.LATER or task.tries >= SETTLE_TRIES:
            return False
        task.tries += 1
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
        find, absent = self._find, Verdict(Outcome.LATER)
        try:
            found = self._asked(
                lambda: [
                    absent if remote is None else Verdict.created(remote)
                    for remote in find([task.outgoing for task in tasks])
                ],
                len(tasks),
            )
        except Stopped:
            self._give_back(tasks)
            return []
        if any(verdict.error for verdict in found):
            self._judge(tasks, [replace(verdict, outcome=Outcome.UNKNOWN) for verdict in found])
            return []
        missing = [task for task, verdict in zip(tasks, found, strict=True) if verdict is absent]
        arrived = [(task, verdict) for task, verdict in zip(tasks, found, strict=True) if verdict is not absent]
        # What arrived may be older than what is to be sent: then it is updated.
        older = [task for task, _ in arrived if not task.same]
        for task, verdict in arrived:
            task.outgoing = replace(task.outgoing, remote_id=verdict.remote_id)
        if settled := [self._result(task, verdict) for task, verdict in arrived if task.same]:
            self._answer(tasks, settled)
        return missing + older

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

    def _answer(self, tasks: Sequence[Task], results: list[Result]) -> None:
        """Hand results of some of these tasks, which are of one page, to the recorder."""
        page, recorded = tasks[0].page, threading.Event() if self._alone else None
        self._answers.put((results, recorded))
        with self._lock:
            page.unanswered -= len(results)
            complete = page.sealed and not page.unanswered
        if recorded is None:
            if complete or self._answers.qsize() >= GROUP:
                self._hurry.set()
            return
        self._hurry.set()
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
        """Collect one group; True at the end of all. It sleeps while answers gather: to be woken by each costs more."""
        answer = self._answers.get()
        self._hurry.wait(GROUP_SECONDS)
        # Before looking: what comes while we look is either seen, or sets it again.
        self._hurry.clear()
        with suppress(queue.Empty):
            while answer is not None:
                if not isinstance(answer, PageWork):
                    results.extend(answer[0])
                    if answer[1] is not None:
                        waiting.append(answer[1])
                answer = self._answers.get_nowait()
            return True
        return False

    def _flush(self, results: list[Result]) -> None:
        if self._unrecordable:
            return
        with self._lock:
            by_page = {page.number: page for page in self._order}
        recorded = Counter(result.page for result in results)
        for result in results:
            tally(by_page[result.page].counts, result.status)
        ended = self._ended(recorded)
        if results or ended:
            self._ledger.record(results, [page.finish(page.counts) for page in ended])
        # Only now: until it is recorded, a record is out and its page is not done.
        with self._lock:
            for number, count in recorded.items():
                by_page[number].outstanding -= count
            del self._order[: len(ended)]
        for page in ended:
            page.done.set()
        self._progress.set()

    def _ended(self, recorded: Mapping[int, int]) -> list[PageWork]:
        """The first pages of which everything is in with these results, in their order."""
        with self._lock:
            return list(
                takewhile(lambda page: page.sealed and page.outstanding == recorded.get(page.number, 0), self._order)
            )
