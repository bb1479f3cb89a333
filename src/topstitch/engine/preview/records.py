"""Any records on their way through a service, by the parts of a real run: filters, payload script, mapping, requests.

Nothing is decided here. The sorter, the compiled mapping and the dry connection are those of a run; they are watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from topstitch.engine.mapping import Mapper
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.outcome import fingerprint
from topstitch.engine.page import Candidate, Sorted
from topstitch.engine.ports import Counts, Known, PageStart
from topstitch.engine.preview.dry import Asked, asked_of, pulled
from topstitch.engine.preview.rows import Traced, failure_of, failures_of, rows_shown
from topstitch.engine.preview.shown import (
    Failure,
    Fate,
    KnownShown,
    RecordPreview,
    RecordsPreview,
    ScriptShown,
)
from topstitch.engine.preview.watch import Sieve, Spy, WatchedSorter
from topstitch.engine.reshape import Reshape
from topstitch.engine.setup import Clock, RunInfo, Setup, Side, set_up
from topstitch.engine.spec import Service
from topstitch.errors import MappingError, ScriptError
from topstitch.sdk.model import BadRecord, Record

#: With a payload script so many records are pulled to find those with the ids that were asked for.
MOST_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Records that were not pulled just now: stored, pasted, the system's sample."""

    records: Sequence[Record]
    bad: Sequence[BadRecord] = ()
    #: The payload script has made them already.
    made: bool = False


def preview_records(
    spec: Service,
    source: Side,
    destination: Side,
    mapper: Mapper,
    trace: Trace,
    *,
    info: RunInfo,
    know: Callable[[Sequence[str]], Mapping[str, Known]],
    clock: Clock,
    given: Given | None = None,
    script: Reshape | None = None,
    requests: bool = True,
) -> RecordsPreview:
    """What a run would do with these records, or with those that `info.options` asks the source for.

    Without `requests` the destination is not made to build them, for which some systems have to be asked first. `mapper`
    was compiled with `trace`; `destination` is a dry connection. Sends nothing and remembers nothing. Raises what pulling
    raises, and ConfigError for a service that cannot be run.
    """
    spy = Spy(script) if script is not None and not (given and given.made) else None
    ready = set_up(spec, source, destination, mapper, info=info, know=know, clock=clock, script=spy)
    seen: dict[str, Traced] = {}
    trace.keep = lambda key, trace: seen.update({key: Traced.of(trace)})
    pages = pulled(spec, source, ready, info.options, script=spy is not None)
    # Which records a payload script makes the wanted ones of, only it knows.
    limit = MOST_LOOKED_AT if spy is not None and info.options.ids else info.options.limit
    chosen = _chosen(pages, limit) if given is None else given
    filters = spec.source.filters if info.options.filters is None else info.options.filters
    sieve = Sieve(filters, ready.window, spec.source.zone, info.now, fresh=given is None)
    view = _View(spec, ready, destination, info, sieve, spy, mapper, seen, chosen, requests)
    return view.shown()


def _chosen(pages: Iterator[Any], limit: int | None) -> Given:
    """Of these pages so many records."""
    records: list[Record] = []
    bad: list[BadRecord] = []
    for page in pages:
        records += page.records
        bad += page.bad
        if limit is not None and len(records) >= limit:
            break
    return Given(records=records[:limit], bad=bad)


class _View:
    """One page of records, sorted, and what there is to say about each."""

    def __init__(
        self,
        spec: Service,
        ready: Setup,
        destination: Side,
        info: RunInfo,
        sieve: Sieve,
        spy: Spy | None,
        mapper: Mapper,
        seen: dict[str, Traced],
        given: Given,
        requests: bool,
    ) -> None:
        self.spec, self.ready, self.destination, self.info = spec, ready, destination, info
        self.sieve, self.spy, self.mapper, self.seen, self.given = sieve, spy, mapper, seen, given
        self.requests = requests
        self.sorter = WatchedSorter.of(ready.sort, sieve, spy)
        self._sent: dict[str, Candidate] = {}
        self._left_out: Mapping[str, str] = {}
        self._failed: dict[str, Failure] = {}

    def shown(self) -> RecordsPreview:
        """All of it."""
        bad = [{"place": each.place, "reason": each.reason, "raw": each.raw} for each in self.given.bad]
        page = PageStart(number=1, cursor=None, next=None, records=self.given.records, bad=bad)
        try:
            out = self.sorter(page, Counts())
        except ScriptError as error:
            # The payload script: those of rows fail their record alone.
            return self._without_mapping(failure_of(error))
        self._read(out)
        self._map_the_rest()
        records = [
            self._record(number, record)
            for number, record in enumerate(self._mapped_records(), 1)
            if self._asked(record)
        ]
        return self._result([*self._unreadable(out), *records, *self._gone()], out.counts)

    def _asked(self, record: Record) -> bool:
        """With a payload script ids are picked out of what it makes."""
        return not self.sorter.ids or self._key(record) in self.sorter.ids

    def _read(self, out: Sorted) -> None:
        self._sent = {candidate.key: candidate for candidate in out.candidates}
        self._left_out = out.left_out
        for result in out.failures:
            if result.problem is not None:
                problem = result.problem
                self._failed[result.key] = Failure(
                    message=problem.message, hint=problem.hint, key=problem.key, path=problem.field
                )

    def _map_the_rest(self) -> None:
        """Also what a run would not map because it was done before: how it would be mapped is what was asked."""
        rest = [(key, record) for key, record in self.sorter.found.items() if key not in self.seen]
        for _ in self.mapper.outcomes(rest):
            pass

    def _mapped_records(self) -> Sequence[Record]:
        return self.given.records if self.spy is None else self.spy.after

    def _unreadable(self, out: Sorted) -> Iterator[RecordPreview]:
        for result in out.failures:
            if any(result.key == each.place for each in self.given.bad):
                failure = self._failed[result.key]
                yield RecordPreview(number=0, key=result.key, fate=Fate.FAILED, failures=[failure])

    def _gone(self) -> Iterator[RecordPreview]:
        """With a payload script: what never reached it, and what it did not give back."""
        if self.spy is None:
            return
        back = {self._key(record) for record in self.spy.after}
        for number, record in enumerate(self.given.records, 1):
            key = self._key(record)
            if not self._asked(record):
                continue
            if id(record) in self.sieve.refused:
                yield self._filtered(number, key, record)
            elif key not in back:
                reason = "the payload script did not give it back"
                yield self._plain(number, key, record, Fate.DROPPED, reason=reason)

    def _record(self, number: int, record: Record) -> RecordPreview:
        key = self._key(record)
        if id(record) in self.sieve.refused:
            return self._filtered(number, key, record)
        if key in self._failed and key not in self.seen:
            # It has no id.
            return self._plain(number, key, record, Fate.FAILED, failures=[self._failed[key]])
        if self.sorter.found[key] is not record:
            reason = "a later record with the same id stands for it"
            return self._plain(number, key, record, Fate.REPEATED, reason=reason)
        return self._whole(number, key, record)

    def _whole(self, number: int, key: str, record: Record) -> RecordPreview:
        traced, known = self.seen[key], self.sorter.known.get(key)
        shown = self._plain(
            number,
            key,
            record,
            self.sorter.fates.get(key, Fate.SEND),
            reason=_REASONS.get(self.sorter.fates.get(key, Fate.SEND), ""),
            failures=failures_of(traced, self.spec.mapping),
        )
        shown = replace(
            shown,
            rows=rows_shown(traced, self.spec.mapping, record),
            mapped=traced.built,
            left_off=traced.left_off,
            known=_known(known),
        )
        if key in self._sent:
            return self._requested(shown, self._sent[key])
        if key in self._left_out:
            return replace(shown, fate=Fate.LEFT_OUT, reason=self._left_out[key], failures=())
        if key in self._failed:
            return replace(shown, fate=Fate.FAILED, failures=shown.failures or [self._failed[key]])
        return shown

    def _requested(self, shown: RecordPreview, candidate: Candidate) -> RecordPreview:
        fate = Fate.SETTLE if candidate.uncertain else Fate.SEND
        if not self.requests:
            return replace(shown, fate=fate, reason=_REASONS.get(fate, ""))
        asked: Asked = asked_of(candidate, self.ready, self.destination.connection, self.info)
        if asked.error is not None:
            return replace(shown, fate=Fate.REFUSED, failures=[failure_of(asked.error)])
        requests = [asked.request] if asked.request is not None else []
        return replace(shown, fate=fate, reason=_REASONS.get(fate, ""), requests=requests)

    def _filtered(self, number: int, key: str, record: Record) -> RecordPreview:
        no = self.sieve.refused[id(record)]
        reason = "" if no else "it is outside of the time that was asked for"
        return replace(self._plain(number, key, record, Fate.FILTERED, reason=reason), filter=no)

    def _plain(
        self,
        number: int,
        key: str,
        record: Record,
        fate: Fate,
        *,
        reason: str = "",
        failures: Sequence[Failure] = (),
    ) -> RecordPreview:
        reference = self.ready.who.reference(record) if isinstance(record, dict) else ""
        return RecordPreview(
            number=number, key=key, reference=reference, fate=fate, reason=reason, failures=failures, record=record
        )

    def _key(self, record: Record) -> str:
        try:
            return self.ready.who.key(record)
        except MappingError:
            return f"without id {fingerprint(record)}"

    def _without_mapping(self, failure: Failure) -> RecordsPreview:
        shown = [
            self._filtered(number, self._key(record), record)
            if id(record) in self.sieve.refused
            else self._plain(number, self._key(record), record, Fate.FAILED, failures=[failure])
            for number, record in enumerate(self.given.records, 1)
        ]
        return self._result(shown, Counts(pulled=len(shown), filtered=len(self.sieve.refused)), failure)

    def _result(
        self, records: Sequence[RecordPreview], counts: Counts, script_failure: Failure | None = None
    ) -> RecordsPreview:
        spy, asked = self.spy, self.info.options.ids
        keys = {each.key for each in records}
        return RecordsPreview(
            records=records,
            counts=counts,
            script=ScriptShown(before=spy.before, after=spy.after, failure=script_failure) if spy else None,
            missing=[each for each in asked if each not in keys],
            not_asked=[why for _, why in sorted(self.sieve.not_asked.items())],
        )


_REASONS = {
    Fate.DONE: "it was done before, and this service creates only",
    Fate.UNCHANGED: "it is mapped to what was sent last",
    Fate.GIVEN_UP: "it has failed as often as it may, and is as it was",
    Fate.ASK: "nobody can tell whether it arrived: a person decides",
    Fate.SETTLE: "it may have arrived: that is found out before it is sent",
}


def _known(known: Known | None) -> KnownShown | None:
    if known is None:
        return None
    return KnownShown(status=str(known.status), attempts=known.attempts, remote_id=known.remote_id, run_id=known.run_id)
