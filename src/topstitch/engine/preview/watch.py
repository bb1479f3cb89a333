"""A sorter that is watched: the real one, and what it decided about each record."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple

from topstitch.engine.filters import RELATIVE, Test, compile_condition, resolve_all
from topstitch.engine.mapping import Outcome
from topstitch.engine.page import Broken, Sorted, Sorter
from topstitch.engine.ports import Counts, Known, PageStart, Status
from topstitch.engine.preview.rows import Ways, occurs, ways_of
from topstitch.engine.preview.shown import Fate, FilterShown
from topstitch.engine.reshape import Reshape
from topstitch.engine.spec import FilterRow
from topstitch.engine.window import Window
from topstitch.sdk.model import Condition, Record
from topstitch.values.paths import compile_get


class Asked(NamedTuple):
    """A filter row, as it is asked of one record."""

    number: int
    row: FilterRow
    condition: Condition
    test: Test
    get: Callable[[Any], Any]


class Sieve:
    """The filters of a run, each record that they refuse noted with the row and the value.

    `fresh` records come from the source just now, which has applied its part of the filters itself. Of others it is applied
    here as far as the record has the fields; how old they may be is not asked, as it is not when a run tries stored records
    again.
    """

    def __init__(self, rows: Sequence[FilterRow], window: Window, zone: str, now: datetime, *, fresh: bool) -> None:
        self._keep, self._here, self._fresh = window.keep if fresh else window.keep_again, window.here, fresh
        conditions = resolve_all(rows, now)
        self._asked = [
            Asked(number, row, condition, compile_condition(condition, zone), compile_get(condition.field))
            for number, (row, condition) in enumerate(zip(rows, conditions, strict=True), 1)
            if condition in window.here or not fresh
        ]
        #: Records that were refused, by identity, and the row that did; None: they are outside of the time asked for.
        self.refused: dict[int, FilterShown | None] = {}
        #: Records that came through.
        self.kept: list[Record] = []
        #: Rows that were not looked at, and why.
        self.not_asked: dict[int, str] = {}

    def __call__(self, record: Record) -> bool:
        """Whether the record is kept."""
        keeps, no = self._keep(record), self._first_no(record)
        if keeps and (no is None or self._fresh):
            self.kept.append(record)
            return True
        self.refused[id(record)] = no
        return False

    def _first_no(self, record: Record) -> FilterShown | None:
        ways: Ways = frozenset() if self._fresh else ways_of(record)
        for asked in self._asked:
            row = asked.row
            if not self._fresh and (why := self._not_to_be_asked(asked, ways)):
                self.not_asked[asked.number] = f"filter {asked.number} ({row.field} {row.op}): {why}"
            elif not asked.test(record):
                value = asked.get(record)
                return FilterShown(number=asked.number, field=row.field, op=row.op, wanted=row.value, value=value)
        return None

    def _not_to_be_asked(self, asked: Asked, ways: Ways) -> str:
        if asked.row.op in RELATIVE:
            return "it counts back from the time of the run"
        if asked.condition not in self._here and not occurs(asked.row.field, ways):
            return "only the source can apply it"
        return ""


class Spy:
    """The payload script, with what it was given and what it gave."""

    def __init__(self, script: Reshape) -> None:
        self._script = script
        self.before: Sequence[Record] = ()
        self.after: Sequence[Any] = ()

    def __call__(self, records: Sequence[Record], page: int) -> Sequence[Record]:
        """Run it."""
        # It may change those that it is given.
        self.before = copy.deepcopy(records)
        made = self._script(records, page)
        # What is no list at all is refused by the caller, in words.
        self.after = list(made) if isinstance(made, list | tuple) else ()
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSorter(Sorter):
    """Decides as its base does, and notes what."""

    #: Records with a key, by it.
    found: dict[str, Record] = field(default_factory=dict)
    #: What becomes of those that neither fail nor are sent.
    fates: dict[str, Fate] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)

    @classmethod
    def of(cls, sorter: Sorter, sieve: Sieve, spy: Spy | None) -> WatchedSorter:
        """This sorter, watched."""
        parts = {each.name: getattr(sorter, each.name) for each in fields(Sorter)}
        known: dict[str, Known] = {}

        def know(keys: Sequence[str]) -> dict[str, Known]:
            known.update(sorter.know(keys))
            return known

        return cls(**{**parts, "keep": sieve, "keep_again": sieve, "script": spy, "know": know, "known": known})

    def _identified(self, page: PageStart, counts: Counts, broken: Broken) -> dict[str, Record]:
        kept = Sorter._identified(self, page, counts, broken)
        self.found.update(kept)
        return kept

    def _is_to_be_mapped(self, known: Known | None, page: PageStart, out: Sorted) -> bool:
        wanted = Sorter._is_to_be_mapped(self, known, page, out)
        if not wanted and known is not None:
            self.fates[known.key] = Fate.ASK if known.status is Status.UNCERTAIN else Fate.DONE
        return wanted

    def _sort_one(
        self, key: str, record: Record, outcome: Outcome, known: Known | None, page: PageStart, out: Sorted
    ) -> None:
        unchanged, skipped = out.counts.unchanged, out.counts.skipped
        Sorter._sort_one(self, key, record, outcome, known, page, out)
        if out.counts.unchanged > unchanged:
            self.fates[key] = Fate.UNCHANGED
        elif out.counts.skipped > skipped:
            self.fates[key] = Fate.ASK if known is not None and known.status is Status.UNCERTAIN else Fate.GIVEN_UP
