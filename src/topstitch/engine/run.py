"""One run of a service, page by page. A page is pulled, stored, sorted, intended, pushed and recorded.

What happens when the process dies
    before `open_page`      nothing was stored: the same cursor is pulled again
    before `intend`         the page is read from the ledger and begun again, nothing of it has left
    after `intend`          the page is begun again from the ledger: what is recorded stays, what is marked as sending is
                            settled, the rest is sent
    after the page's end    only its acknowledgement to the source may be missing: it is given again
The next page is pulled while this one is sent, and this one's last answers come in while the next one is mapped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from topstitch.engine.breaker import Breaker
from topstitch.engine.identity import own_keys
from topstitch.engine.mapping import Mapper
from topstitch.engine.mapping.path_check import PathWatch
from topstitch.engine.page import Candidate, Sorted
from topstitch.engine.ports import Counts, Intent, Ledger, PageEnd, PageStart, RunLog
from topstitch.engine.pull import Puller
from topstitch.engine.pump import Pump
from topstitch.engine.reshape import Reshape
from topstitch.engine.setup import Clock, RunInfo, Side, outgoing_of, set_up
from topstitch.engine.spec import Service
from topstitch.engine.work import PageWork, Task
from topstitch.sdk.model import Idempotency

#: So many pages are looked at for paths that never occur, and so few records say nothing.
WATCHED_PAGES, WATCHED_RECORDS = 5, 20


@dataclass(slots=True)
class InFlight:
    """A page on its way."""

    work: PageWork
    page: PageStart
    keys: frozenset[str]


class Asking(Protocol):
    """The systems that a mapping asks."""

    @property
    def breakers(self) -> Sequence[Breaker]:
        """One of each system; there may be more of them while the run goes on."""

    def close(self) -> None:
        """Let nobody wait, and end the connections."""


class NobodyAsked:
    """A mapping that asks no other system."""

    breakers: Sequence[Breaker] = ()

    def close(self) -> None:
        """There is nothing."""


class ServiceRun:
    """Drives one run. `step()` works on a page and returns False after the last; then `finish()`, and always `close()`."""

    def __init__(
        self,
        spec: Service,
        source: Side,
        destination: Side,
        mapper: Mapper,
        *,
        info: RunInfo,
        ledger: Ledger,
        log: RunLog,
        clock: Clock,
        stop: threading.Event,
        script: Reshape | None = None,
        others: Asking | None = None,
        keep: Callable[[int, Sequence[Candidate]], None] | None = None,
    ) -> None:
        """`others` are the systems that the mapping asks: closed with the run. `keep` is given what a page is about to send."""
        self.spec, self.info, self.ledger, self.log, self.clock, self.stop = spec, info, ledger, log, clock, stop
        self.source, self.destination = source, destination
        ready = set_up(spec, source, destination, mapper, info=info, know=ledger.know, clock=clock, script=script)
        self.read, self.write, self.write_options = ready.read, ready.write, ready.write_options
        self._sort = ready.sort
        position = ledger.position()
        self.counts = position.counts
        self._acks = list(position.acks)
        self._in_flight: list[InFlight] = []
        self._breakers: list[Breaker] = []
        self._others = others or NobodyAsked()
        self._keep = keep
        self._puller = Puller(
            self.read,
            source.connection,
            window=ready.window,
            identity=ready.who,
            own_keys=own_keys(spec.source, source.entity),
            options=info.options,
            position=position,
            max_attempts=spec.source.max_attempts,
            settles=ready.settles,
            script=script,
            ledger=ledger,
            log=log,
            breaker=self._breaker(source, "source"),
            clock=clock,
        )
        self._pump = self._make_pump()
        self._watch = PathWatch(spec.mapping, source.connection.entry.fields(spec.source.entity))
        self._watched = WATCHED_PAGES if script is None else 0

    def step(self) -> bool:
        """Work on one more page; True while there may be another. Raises what ended the run, LedgerLost among it."""
        while self._acks:
            self._puller.acknowledge(*self._acks.pop(0))
        page = self._puller.next()
        if page is None:
            self._wait_for(0)
            return False
        self._begin(page)
        self._wait_for(1)
        return True

    def finish(self) -> Counts:
        """Wait for the last answers; returns the run's figures."""
        self._wait_for(0)
        self._tell_of_paths()
        if self.write.finish:
            self.write.finish(self.destination.connection, self.info.run_id, self.write_options)
        return self.counts

    @property
    def waits(self) -> bool:
        """Whether one of its systems is away, so that the run is paused."""
        return any(breaker.waits for breaker in (*self._breakers, *self._others.breakers))

    def interrupt(self, error: BaseException) -> None:
        """End the pause of a run that waits with this error, which `step` or `finish` raises."""
        for breaker in (*self._breakers, *self._others.breakers):
            breaker.interrupt(error)

    def close(self) -> None:
        """End the threads and the connections; safe to call at any moment."""
        self._pump.close()
        self._puller.close()
        self._others.close()
        for side in (self.source, self.destination):
            side.connection.close()

    def _tell_of_paths(self) -> None:
        """A path that is in no field list and in no record is perhaps a slip: its field stays empty in silence."""
        never = self._watch.never() if self._watch.records >= WATCHED_RECORDS else []
        for path in never:
            self.log("warning", "map", f"{path} had no value in any of the first {self._watch.records} records.")

    def _begin(self, page: PageStart) -> None:
        if self._watched:
            self._watched -= 1
            self._watch.see(page.records)
        sorted_page = self._sorted(page)
        keys = frozenset(candidate.key for candidate in sorted_page.candidates)
        if any(keys & other.keys for other in self._in_flight):
            # The same record again in the next page: its first sending must be over before it is looked at again.
            self._wait_for(0)
            sorted_page = self._sorted(page)
        work = PageWork(page.number, sorted_page.counts, self._page_end(page))
        self.log("debug", "map", _summary(page, sorted_page), page=page.number)
        self._pump.begin(work)
        self._in_flight.append(InFlight(work, page, keys))
        self._pump.add_results(work, sorted_page.failures)
        if self._keep and sorted_page.candidates:
            self._keep(page.number, sorted_page.candidates)
        self._send(work, sorted_page.candidates)
        self._pump.seal(work)

    def _sorted(self, page: PageStart) -> Sorted:
        return self._sort(page, self.ledger.page_results(page.number), self._pump.make_way)

    def _send(self, work: PageWork, candidates: Sequence[Candidate]) -> None:
        """Intend, then hand over. Where nothing can tell later whether a record arrived, only few are marked at once."""
        alone = self.write.idempotency is Idempotency.NONE
        size = self._threads if alone else max(len(candidates), 1)
        for at in range(0, len(candidates), size):
            group = candidates[at : at + size]
            self.ledger.intend(work.number, [Intent(c.key, c.reference, c.content) for c in group])
            self._pump.submit(work, [self._task(work, candidate) for candidate in group])
            if alone:
                self._pump.drain(work)

    def _task(self, work: PageWork, candidate: Candidate) -> Task:
        known = candidate.known
        same = known is not None and known.content == candidate.content
        return Task(
            work,
            outgoing_of(candidate, self.info),
            candidate.content,
            attempts=known.attempts if known and same else 0,
            uncertain=candidate.uncertain,
            same=same or not candidate.uncertain or self.info.create_only,
        )

    def _page_end(self, page: PageStart) -> Callable[[Counts], PageEnd]:
        moves = self.info.options.moves_cursor
        watermark = page.high if moves and self.read.ordered else None
        state = page.state if moves else None
        return lambda counts: PageEnd(number=page.number, counts=counts, watermark=watermark, state=state)

    def _wait_for(self, allowed: int) -> None:
        """Wait until at most so many pages are on their way; tell the source about those that are complete."""
        while len(self._in_flight) > allowed:
            first = self._in_flight[0]
            first.work.done.wait()
            if self._pump.failure is not None:
                raise self._pump.failure
            self._in_flight.pop(0)
            self.counts.add(first.work.counts)
            if first.page.ack is not None:
                self._puller.acknowledge(first.page.number, first.page.ack)

    @property
    def _threads(self) -> int:
        return self.spec.destination.concurrency or self.write.concurrency

    def _make_pump(self) -> Pump:
        write, connection, options = self.write, self.destination.connection, self.write_options
        find = write.find
        return Pump(
            write,
            push=lambda batch: write.push(connection, batch, options),
            find=(lambda batch: find(connection, batch, options)) if find else None,
            ledger=self.ledger,
            breaker=self._breaker(self.destination, "destination"),
            stop=self.stop,
            clock=self.clock,
            max_attempts=self.spec.source.max_attempts,
            send_again=self.spec.destination.uncertain == "send_again",
            threads=self._threads,
            batch=min(self.spec.destination.batch or write.batch, write.batch),
            evidence=lambda outgoing: {"mapped": outgoing.record},
        )

    def _breaker(self, side: Side, role: str) -> Breaker:
        connection = side.connection

        def tell(reason: str) -> None:
            self.ledger.paused(reason)
            if reason:
                self.log("warning", "run", f"Paused: the {role} is away ({reason}). Work goes on when it is back.")
            else:
                self.log("info", "run", f"The {role} {connection.entry.name} is back; work goes on.")

        def probe() -> None:
            connection.entry.system.test(connection)

        made = Breaker(connection.entry.name, probe, stop=self.stop, tell=tell, patience=self.info.patience)
        self._breakers.append(made)
        return made


def _summary(page: PageStart, out: Sorted) -> str:
    counts = out.counts
    parts = [f"{counts.pulled} pulled", f"{counts.filtered} filtered out", f"{counts.skipped} done before"]
    parts += [f"{counts.unchanged} unchanged", f"{len(out.candidates)} to send", f"{len(out.failures)} not mappable"]
    return f"Page {page.number}: " + ", ".join(parts) + "."
