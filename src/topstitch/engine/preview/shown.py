"""What a preview shows of a record: what became of it, and every mapping row step by step. Data only, fit for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from topstitch.engine.ports import Counts
from topstitch.sdk.model import Record


class Fate(StrEnum):
    """What a run would do with the record."""

    SEND = "send"
    #: Of a mapping alone, without a service.
    MAPPED = "mapped"
    #: It may have arrived already: that is found out before it is sent.
    SETTLE = "settle"
    #: Nobody can tell whether it arrived; a person decides.
    ASK = "ask"
    UNCHANGED = "unchanged"
    #: Done before, and the service creates only.
    DONE = "done"
    #: Failed as often as it may.
    GIVEN_UP = "given_up"
    #: By a filter of the service.
    FILTERED = "filtered"
    #: The payload script did not give it back.
    DROPPED = "dropped"
    #: By the mapping.
    LEFT_OUT = "left_out"
    #: A later record of the page has the same id and stands for it.
    REPEATED = "repeated"
    FAILED = "failed"
    #: Its connector's code refuses it before anything is sent.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SourceShown:
    """What a source gave. `occurs`: the record has the path, whatever stands there."""

    path: str
    value: Any = None
    occurs: bool = True


@dataclass(frozen=True, slots=True)
class StepShown:
    """A function of a row: `at` is its place, `2` or `source 1 function 2`. Not `ran`: empty values pass it by."""

    at: str
    function: str
    given: Any = None
    value: Any = None
    problem: str = ""
    ran: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One run of a row: for the record, or for one element of its list."""

    #: The element's place from 1 in the lists of the source, outermost first; empty outside of lists.
    place: tuple[int, ...] = ()
    #: Its place from 1 in the list that is built.
    number: int = 0
    #: written, null, empty, skipped, spared (its policy for errors), failed, not_met (condition), kept (an element)
    state: str = ""
    #: The condition that was not met, and the value it met.
    condition: str = ""
    met: Any = None
    sources: Sequence[SourceShown] = ()
    steps: Sequence[StepShown] = ()
    value: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A mapping row. `state` is that of its passes, the worst first; or disabled, list, never (its list has no elements)."""

    #: Its place in the mapping, from 1.
    number: int
    to: str
    label: str
    category: str = ""
    required: bool = False
    state: str = ""
    passes: Sequence[Pass] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a record fails. Of a mapping row: which, for which element, in which function, with which value."""

    message: str
    hint: str = ""
    key: str = ""
    row: str = ""
    row_number: int = 0
    place: tuple[int, ...] = ()
    path: str = ""
    function: str = ""
    step: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterShown:
    """The filter row that a record does not meet, and the value it has."""

    number: int
    field: str
    op: str
    wanted: Any = None
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownShown:
    """What the service remembers of the record."""

    status: str
    attempts: int = 0
    remote_id: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPreview:
    """One record."""

    #: Its place among those that were given, or that the payload script made, from 1; 0: what could not be read.
    number: int
    key: str
    reference: str = ""
    fate: Fate
    #: In words, where the fate alone does not say it.
    reason: str = ""
    filter: FilterShown | None = None
    #: All that is wrong with it; a run reports the first.
    failures: Sequence[Failure] = ()
    #: What was mapped: the record as pulled, or as the payload script made it.
    record: Record | None = None
    rows: Sequence[RowShown] = ()
    #: The record for the destination; of one that fails, as far as it was built.
    mapped: Record | None = None
    #: The writing requests, secrets masked. Later ones that depend on an answer are not known.
    requests: Sequence[Mapping[str, Any]] = ()
    known: KnownShown | None = None
    #: So many steps found no room.
    left_off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptShown:
    """The payload script at work."""

    before: Sequence[Record]
    after: Sequence[Any] = ()
    failure: Failure | None = None
    logs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsPreview:
    """Some records on their way through a service."""

    records: Sequence[RecordPreview]
    counts: Counts = field(default_factory=Counts)
    script: ScriptShown | None = None
    #: Ids that the source does not have.
    missing: Sequence[str] = ()
    #: Filters that were not looked at, and why: those by age for stored records, those that only the source can apply.
    not_asked: Sequence[str] = ()
