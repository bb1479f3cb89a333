"""Sorting one page: which of its records are filtered out, done, unchanged, broken, and which are to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from topstitch.engine.filters import Test
from topstitch.engine.identity import Identity, storable
from topstitch.engine.mapping import Mapper, Outcome
from topstitch.engine.outcome import Todo, content_hash, decide, fingerprint, skip_unmapped, unmapped
from topstitch.engine.ports import Counts, Known, PageStart, Result, Status
from topstitch.engine.reshape import Reshape, reshaped
from topstitch.errors import MappingError, ScriptError
from topstitch.functions.signals import SkipRecord
from topstitch.sdk.model import Record

#: After so many records those that are ready to go may go first, so that nothing waits for the page to be sorted.
MAKES_WAY = 20

#: What cannot be mapped because it is no record or has no id, by key: where it stands, and why.
Broken = dict[str, tuple[str, MappingError]]


@dataclass(slots=True)
class Candidate:
    """A record on its way to being sent. One a record: to freeze it would double what it costs."""

    key: str
    reference: str
    record: Record
    mapped: Record
    content: bytes
    known: Known | None
    #: It may have arrived already.
    uncertain: bool


@dataclass(slots=True)
class Sorted:
    """A page sorted: what to send, what failed before, and the figures so far."""

    counts: Counts
    candidates: list[Candidate] = field(default_factory=list)
    failures: list[Result] = field(default_factory=list)
    #: Records that the mapping left out, by key, and why.
    left_out: dict[str, str] = field(default_factory=dict)


def _straight_on() -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """Sorts pages; pure but for `know`, which asks the ledger."""

    identity: Identity
    keep: Test
    #: The same for records of earlier runs.
    keep_again: Test
    mapper: Mapper
    #: The payload script.
    script: Reshape | None = None
    #: Of what the payload script makes only these; none: all.
    ids: frozenset[str] = frozenset()
    #: What is sent in place of what the mapping makes, by key.
    edited: Mapping[str, Record] = field(default_factory=dict)
    know: Callable[[Sequence[str]], Mapping[str, Known]]
    run_id: str
    create_only: bool
    max_attempts: int
    force: bool
    #: Of a record that may have arrived it can be found out, or it may be sent again.
    settles: bool
    clock: Callable[[], datetime]

    def __call__(self, page: PageStart, recorded: Counts, make_way: Callable[[], None] = _straight_on) -> Sorted:
        """`recorded` are the figures of outcomes that this page had before a crash; `make_way` is called every few records."""
        recorded.pulled = len(page.records) + len(page.bad)
        out = Sorted(recorded)
        broken: Broken = {}
        for bad in page.bad:
            place = storable(bad["place"])
            # A record of an earlier run is well known: it only cannot be had any more.
            error = MappingError(bad["reason"], row=place, key="broken_record" if page.number > 0 else "record_gone")
            broken[place] = (bad.get("reference") or place, error)
        kept = self._identified(page, out.counts, broken)
        known = self.know([*kept, *broken]) if kept or broken else {}
        for key, (place, error) in broken.items():
            before = known.get(key)
            if not self._mine(before, page):
                self._fails(error, key, place, before, page, out)
        todo = [key for key in kept if self._is_to_be_mapped(known.get(key), page, out)]
        outcomes = self._outcomes(todo, kept)
        for number, (key, outcome) in enumerate(zip(todo, outcomes, strict=True), 1):
            self._sort_one(key, kept[key], outcome, known.get(key), page, out)
            if number % MAKES_WAY == 0:
                make_way()
        return out

    def _outcomes(self, keys: Sequence[str], kept: Mapping[str, Record]) -> Iterator[Outcome]:
        mapped = self.mapper.outcomes((key, kept[key]) for key in keys if key not in self.edited)
        if not self.edited:
            return mapped
        return (self.edited[key] if key in self.edited else next(mapped) for key in keys)

    def _mine(self, known: Known | None, page: PageStart) -> bool:
        return known is not None and known.run_id == self.run_id and known.page == page.number

    def _identified(self, page: PageStart, counts: Counts, broken: Broken) -> dict[str, Record]:
        """Records that the filters keep, by key; of a key that comes twice in a page the later one stands."""
        kept: dict[str, Record] = {}
        for at, record in self._kept(page, counts):
            try:
                key = self.identity.key(record)
            except MappingError as error:
                # Known by its content: what stands at the same place in the next run is another record.
                key = f"without id {fingerprint(record)}"
                counts.skipped += key in broken
                broken[key] = (f"page {page.number} record {at}", error)
                continue
            if self.ids and key not in self.ids:
                counts.filtered += 1
                continue
            if kept.pop(key, None) is not None:
                counts.skipped += 1
            kept[key] = record
        return kept

    def _kept(self, page: PageStart, counts: Counts) -> Iterator[tuple[int, Record]]:
        """What the filters keep, with its place in the page; of a page of its source, what the payload script makes of it."""
        again = page.number < 0
        if again and self.script is not None:
            # They are what the script made of records that were filtered before.
            return enumerate(page.records, 1)
        keep = self.keep_again if again else self.keep
        kept = [(at, record) for at, record in enumerate(page.records, 1) if keep(record)]
        counts.filtered += len(page.records) - len(kept)
        if self.script is None:
            return iter(kept)
        return enumerate(reshaped([record for _, record in kept], self.script, page.number, counts), 1)

    def _is_to_be_mapped(self, known: Known | None, page: PageStart, out: Sorted) -> bool:
        settles = self.settles or self.force
        todo = skip_unmapped(known, self.create_only and not self.force, self.run_id, page.number, settles=settles)
        if todo is Todo.SKIP:
            out.counts.skipped += 1
        return todo is None

    def _sort_one(
        self, key: str, record: Record, outcome: Outcome, known: Known | None, page: PageStart, out: Sorted
    ) -> None:
        if isinstance(outcome, SkipRecord):
            out.counts.filtered += 1
            out.left_out[key] = str(outcome)
            return
        reference = self.identity.reference(record)
        try:
            if isinstance(outcome, Exception):
                raise outcome
            mapped, content = outcome, content_hash(outcome)
        except (MappingError, ScriptError) as error:
            self._fails(error, key, reference, known, page, out)
            return
        todo = decide(known, content, self.max_attempts, force=self.force, settles=self.settles)
        if todo is Todo.UNCHANGED:
            out.counts.unchanged += 1
        elif todo is Todo.SKIP:
            out.counts.skipped += 1
        else:
            uncertain = todo is Todo.SETTLE
            out.candidates.append(Candidate(key, reference, record, mapped, content, known, uncertain))

    def _fails(
        self,
        error: MappingError | ScriptError,
        key: str,
        reference: str,
        known: Known | None,
        page: PageStart,
        out: Sorted,
    ) -> None:
        """A record that fails alone. Once its attempts are used up it makes no more rows in the report."""
        if known and not self.force and _given_up(known, self.max_attempts):
            out.counts.skipped += 1
            return
        out.failures.append(unmapped(key, reference, page.number, self.clock(), error))


def _given_up(known: Known, max_attempts: int) -> bool:
    """Whether what cannot be mapped is no news."""
    return known.status is Status.CLOSED or (known.status is Status.FAILED and known.attempts >= max_attempts)
