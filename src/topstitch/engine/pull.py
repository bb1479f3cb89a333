"""Where a run's pages come from: first items of earlier runs that are worth another try, then the source, one page ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from topstitch.engine.breaker import Breaker
from topstitch.engine.identity import Identity
from topstitch.engine.ports import Due, Ledger, PageStart, Position, RunLog
from topstitch.engine.reshape import Reshape, made_of
from topstitch.engine.window import RunOptions, Window
from topstitch.errors import MappingError, TopstitchError
from topstitch.net.retry import Stopped
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Page, Read, Record

T = TypeVar("T")
#: Why a record that is to be tried again cannot be, by where it was looked for.
_GONE = {
    "only": "its stored copy has expired",
    "never": "it is no longer in the source",
    "else": "it is no longer in the source and its stored copy has expired",
}
_GONE[""] = _GONE["else"]


class Puller:
    """`next()` gives the next page, stored in the ledger already, or None at the end."""

    def __init__(
        self,
        read: Read,
        connection: Connection,
        *,
        window: Window,
        identity: Identity,
        own_keys: bool,
        options: RunOptions,
        position: Position,
        max_attempts: int,
        settles: bool,
        script: Reshape | None = None,
        ledger: Ledger,
        log: RunLog,
        breaker: Breaker,
        clock: Callable[[], datetime],
    ) -> None:
        self._read, self._connection, self._window, self._identity = read, connection, window, identity
        self._script = script
        #: Keys are the system's own ids, so records can be asked for by them.
        self._by_id = read.by_ids is not None and own_keys and script is None
        self._options, self._ledger, self._log = options, ledger, log
        self._max_attempts, self._settles = max_attempts, settles
        self._breaker, self._clock = breaker, clock
        self._number, self._retry_number, self._cursor = position.next_pull, position.next_retry, position.cursor
        self._finished, self._due_after = position.finished or bool(options.stored), 0
        self._edited = {edit.key: edit.record for edit in options.edited if not edit.mapped}
        self._pulled = position.counts.pulled + sum(len(page.records) for page in position.open)
        self._retrying = bool(options.stored) or (options.moves_cursor and not position.finished)
        self._reopened = list(position.open)
        self._pages: Iterator[Page] | None = None
        self._ahead: Future[PageStart | None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pull")

    def next(self) -> PageStart | None:
        """A page left open by a crash, else one of records to retry, else the next of the source."""
        if self._reopened:
            return self._reopened.pop(0)
        return self._retry_page() or self._pull_page()

    def close(self) -> None:
        """End the thread that pulls ahead."""
        self._breaker.close()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def acknowledge(self, number: int, ack: Any) -> None:
        """Tell the source that a page is complete. A failure is logged: the page is done whatever the source says."""
        if self._read.acknowledge:
            try:
                self._read.acknowledge(self._connection, ack)
            except Stopped:
                raise
            except TopstitchError as error:
                self._log(
                    "error", "pull", f"Page {number} is complete but the source was not told: {error}", page=number
                )
        self._ledger.acknowledged(number)

    def _retry_page(self) -> PageStart | None:
        """Before anything new, so that order is kept after an outage; or the records that a person chose, and nothing else."""
        if not self._retrying:
            return None
        due = self._next_due(self._window.query.page_size)
        if not due:
            self._retrying = False
            return None
        # Each is tried once in a run, also one that the filters now leave out and that stays as it is.
        self._due_after = due[-1].place
        fresh = dict(self._edited)
        if self._options.stored != "only":
            fresh = {**self._pull_again([item.key for item in due if item.key not in fresh]), **fresh}
        absent = [item for item in due if item.key not in fresh]
        found = fresh if self._options.stored == "never" else {**self._stored(absent), **fresh}
        records = [found[item.key] for item in due if item.key in found]
        gone = [item for item in due if item.key not in found]
        reason = _GONE[self._options.stored]
        bad = [{"place": item.key, "reference": item.reference, "reason": reason, "raw": ""} for item in gone]
        page = PageStart(number=self._retry_number, cursor=None, next=None, records=records, bad=bad)
        self._retry_number -= 1
        self._ledger.open_page(page)
        self._log("info", "pull", f"Trying {len(records)} records of earlier runs again.", page=page.number)
        return page

    def _next_due(self, size: int) -> Sequence[Due]:
        if self._options.stored:
            return self._ledger.chosen(self._options.ids, size, after=self._due_after)
        return self._ledger.due(size, self._max_attempts, after=self._due_after, settles=self._settles)

    def _pull_again(self, keys: Sequence[str]) -> Mapping[str, Record]:
        if not self._by_id or not keys:
            return {}
        return self._by_key(self._breaker.ask(lambda: self._by_ids(keys)))

    def _by_key(self, records: Iterable[Record]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for record in records:
            with suppress(MappingError):
                found[self._identity.key(record)] = record
        return found

    def _stored(self, due: Sequence[Due]) -> Mapping[str, Record]:
        """Records as they were pulled, for a source that cannot be asked by id or no longer has them.

        What a payload script has made of them is made again; pages of records tried again hold it already.
        """
        wanted = {item.key for item in due}
        found: dict[str, Record] = {}
        for run_id, page in dict.fromkeys((item.run_id, item.page) for item in due):
            records = self._ledger.stored(run_id, page)
            if self._script is not None and page > 0:
                kept = [record for record in records if self._window.keep_again(record)]
                records = made_of(kept, self._script, page) if kept else []
            found |= self._by_key(records)
        return {key: record for key, record in found.items() if key in wanted}

    def _by_ids(self, keys: Sequence[str]) -> Sequence[Record]:
        assert self._read.by_ids is not None
        return self._read.by_ids(self._connection, keys, self._window.query.options)

    def _pull_page(self) -> PageStart | None:
        if self._ahead is None and self._over:
            return None
        page = self._breaker.ask(self._next_stored)
        if page is None:
            self._finished = True
        elif not page.last:
            self._ahead = self._thread.submit(self._stored_page)
        return page

    @property
    def _over(self) -> bool:
        limit = self._options.limit
        return self._finished or (limit is not None and self._pulled >= limit)

    def _next_stored(self) -> PageStart | None:
        ahead, self._ahead = self._ahead, None
        return ahead.result() if ahead is not None else self._stored_page()

    def _stored_page(self) -> PageStart | None:
        """The next page of the source, in the ledger: the thread that pulls ahead does that too, none else needs to wait."""
        if self._over:
            return None
        pulled = self._next_from_iterator()
        if pulled is None:
            return None
        page = self._start(pulled, self._options.limit)
        self._ledger.open_page(page)
        # What it was read from is stored now: it need not stay in memory until the page is complete.
        return replace(page, raw=None)

    def _start(self, pulled: Page, limit: int | None) -> PageStart:
        records, last, ack = list(pulled.records), pulled.next is None, pulled.ack
        if limit is not None and self._pulled + len(records) >= limit:
            if self._pulled + len(records) > limit:
                # The rest of the page is not taken, so the source must not be told that it is done with.
                ack = None
            records, last = records[: limit - self._pulled], True
        whole = pulled.raw is not None and pulled.raw.records is pulled.records and len(records) == len(pulled.records)
        page = PageStart(
            number=self._number,
            cursor=self._cursor,
            next=pulled.next,
            records=records,
            raw=pulled.raw if whole else None,
            bad=[{"place": b.place, "reason": b.reason, "raw": b.raw} for b in pulled.bad],
            ack=ack,
            state=pulled.state,
            high=self._highest(records),
            last=last,
        )
        self._pulled += len(records)
        self._number += 1
        self._cursor, self._finished = pulled.next, last
        return page

    def _next_from_iterator(self) -> Page | None:
        if self._pages is None:
            self._pages = self._iterate()
        try:
            return next(self._pages, None)
        except BaseException:
            # A generator that raised is finished: the next try begins anew at the cursor.
            self._pages = None
            raise

    def _iterate(self) -> Iterator[Page]:
        ids = self._options.ids
        if ids and self._by_id:
            return self._pages_of_ids(ids)
        pages = self._read.pages(self._connection, self._window.query, self._cursor)
        # With a payload script ids are those of what it makes, which are picked out once it has.
        return only(pages, frozenset(ids), self._identity.key) if ids and self._script is None else pages

    def _pages_of_ids(self, ids: Sequence[str]) -> Iterator[Page]:
        size = self._window.query.page_size
        for at in range(self._cursor or 0, len(ids), size):
            yield Page(records=self._by_ids(ids[at : at + size]), next=at + size if at + size < len(ids) else None)

    def _highest(self, records: Sequence[Record]) -> datetime | None:
        stamps = [stamp for record in records if (stamp := self._identity.modified(record)) is not None]
        highest = max(stamps, default=None)
        # A source whose clock runs ahead, or one absurd date, must not carry the cursor past records still to come.
        return min(highest, self._clock()) if highest else None


def only(pages: Iterator[Page], ids: frozenset[str], key: Callable[[Record], str]) -> Iterator[Page]:
    """Of a source that cannot be asked by id: the records with these ids, among all."""

    def wanted(record: Record) -> bool:
        try:
            return key(record) in ids
        except MappingError:
            return False

    for page in pages:
        yield Page(records=[record for record in page.records if wanted(record)], next=page.next)
