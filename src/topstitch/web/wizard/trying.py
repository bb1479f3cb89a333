"""One record on its way through a service that is being made: pulled, mapped, and the request that would be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from topstitch.engine.preview import RecordPreview
from topstitch.engine.preview.shown import Failure, Fate
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.net.retry import PATIENCE, Deadline
from topstitch.runtime.preview import Wanted, preview_of
from topstitch.store.models import Service
from topstitch.web.components.trouble import Trouble, trouble_of
from topstitch.web.components.words import operator_words

#: So many records are pulled to find one that would be sent.
LOOKED_AT = 20
FATES = {
    Fate.SEND: ("ok", "It would be sent like this."),
    Fate.SETTLE: ("ok", "It would be sent like this, unless it is there already."),
    Fate.UNCHANGED: ("quiet", "It has been sent already and has not changed."),
    Fate.DONE: ("quiet", "It has been sent already."),
    Fate.LEFT_OUT: ("quiet", "The mapping leaves it out."),
    Fate.DROPPED: ("quiet", "The payload script does not give it back."),
    Fate.FILTERED: ("quiet", "A filter leaves it out."),
    Fate.REPEATED: ("quiet", "A later record with the same id stands for it."),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """What is shown of it."""

    record: RecordPreview | None = None
    #: Where the record is from.
    about: str = ""
    kind: str = "quiet"
    words: str = ""
    trouble: Trouble | None = None

    @property
    def name(self) -> str:
        """What people call the record."""
        return (self.record.reference or self.record.key) if self.record else ""

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What would be sent: method, url, and the body, as JSON where it is that."""
        return [{**each, "body": _read(each.get("body"))} for each in self.record.requests] if self.record else []


def tried(service: Service, spec: Spec, wanted: str = "", *, sample: bool = False) -> Tried:
    """The record with this id, else the next that a run would take, else one that the filters leave out, else the sample."""
    deadline = Deadline(PATIENCE)
    try:
        if sample:
            return _sample(service, deadline)
        return _asked(service, wanted, deadline) if wanted else _next(service, spec, deadline)
    except TopstitchError as error:
        return Tried(trouble=trouble_of(error, wanted))


def _asked(service: Service, wanted: str, deadline: Deadline) -> Tried:
    found = preview_of(service, Wanted(ids=[wanted], filters=False, limit=1), deadline=deadline)
    if not found.records:
        return Tried(words=f"The source has no record with the id {wanted}.")
    return _shown(found.records[0], "asked for")


def _next(service: Service, spec: Spec, deadline: Deadline) -> Tried:
    small = spec.model_copy(update={"source": spec.source.model_copy(update={"page_size": LOOKED_AT})})
    records = preview_of(service, Wanted(limit=LOOKED_AT), spec=small, deadline=deadline).records
    if best := _best(records):
        return _shown(best, "the next that a run would take")
    if spec.source.filters:
        records = preview_of(service, Wanted(limit=1, filters=False), spec=small, deadline=deadline).records
        if records:
            return _shown(records[0], "the filters leave it out; the source has none now that they keep")
    return _sample(service, deadline, "the source has none now; this is the sample that comes with the system")


def _best(records: Sequence[RecordPreview]) -> RecordPreview | None:
    kept = [each for each in records if each.fate != Fate.FILTERED]
    return next((each for each in kept if each.fate in (Fate.SEND, Fate.SETTLE)), kept[0] if kept else None)


def _read(body: Any) -> Any:
    if not isinstance(body, str):
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _sample(service: Service, deadline: Deadline, about: str = "the sample that comes with the system") -> Tried:
    found = preview_of(service, Wanted(sample=True, filters=False, limit=1), deadline=deadline)
    return _shown(found.records[0], about)


def _shown(record: RecordPreview, about: str) -> Tried:
    if record.failures:
        return Tried(record, about, "failed", "It would fail.", _trouble(record.failures[0], record))
    kind, words = FATES.get(record.fate, ("failed", "It would not be sent."))
    if record.filter:
        words = f"A filter leaves it out: {record.filter.field} {operator_words(record.filter.op)} does not hold."
    elif record.reason:
        words = f"{words} {record.reason}"
    return Tried(record, about, kind, words)


def _trouble(failure: Failure, record: RecordPreview) -> Trouble:
    where = f"Mapping row {failure.row_number}, {failure.row}" if failure.row else ""
    why = f"{where}, function {failure.function}" if failure.function else where
    return Trouble(what=failure.message, record=record.reference or record.key, why=why, hint=failure.hint)
