"""What the engine needs from the outside: a ledger that remembers, a log, a clock. The store implements these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from topstitch.functions.registry import Finding
from topstitch.sdk.model import Cursor, Raw, Record


class Status(StrEnum):
    """Where an item stands."""

    SENDING = "sending"
    #: Was about to be sent and was put back: it surely never left.
    WAITING = "waiting"
    OK = "ok"
    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    #: Failed, and a person has dealt with it: nothing is to be sent until it changes.
    CLOSED = "closed"


class LedgerLost(Exception):
    """The ledger cannot be reached, or another worker holds this service now: nothing more may be sent."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger remembers of an item."""

    key: str
    status: Status
    #: Failures that count against the maximum.
    attempts: int = 0
    #: Hash of the mapped output last pushed, or about to be.
    content: bytes = b""
    remote_id: str = ""
    run_id: str = ""
    page: int = -1


@dataclass(frozen=True, slots=True)
class Due:
    """An item of an earlier run worth another try, and the stored page that holds its record."""

    key: str
    run_id: str
    page: int
    reference: str = ""
    #: Its place among the items that are due: ask for those after it.
    place: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """An item about to be sent, and the hash of what is sent."""

    key: str
    reference: str
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record did not go through, in the parts that an error has."""

    key: str
    desk_class: str
    message: str
    field: str = ""
    hint: str = ""
    detail: str = ""

    @classmethod
    def of_status(cls, status: str) -> Problem:
        """What is said of a record that is not done and has no problem of its own."""
        return cls(status, "intermittent", f"The record is {status}.")


@dataclass(slots=True)
class Result:
    """What became of one item: one row of the sync report, and the item's new state. Not frozen, as it is made so often."""

    key: str
    reference: str
    page: int
    status: Status
    #: created, updated, unchanged, sent, rejected, later, unknown, unmapped
    outcome: str
    at: datetime
    remote_id: str = ""
    #: Hash of what was pushed; empty leaves the item's as it is.
    content: bytes = b""
    #: Whether this try counts against the maximum of attempts.
    counts: bool = True
    problem: Problem | None = None
    #: Evidence kept for people: the mapped record, requests and responses, redacted.
    evidence: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Counts:
    """A page's or a run's figures. pulled = filtered + skipped + unchanged + ok + sent + failed + pending + uncertain."""

    pulled: int = 0
    filtered: int = 0
    skipped: int = 0
    unchanged: int = 0
    ok: int = 0
    sent: int = 0
    failed: int = 0
    pending: int = 0
    uncertain: int = 0

    def add(self, other: Counts) -> None:
        """Add another's figures."""
        for name in COUNT_NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        """Name to figure."""
        return {name: getattr(self, name) for name in COUNT_NAMES}

    @property
    def pushed(self) -> int:
        """Records that reached the destination."""
        return self.ok + self.sent


COUNT_NAMES = ("pulled", "filtered", "skipped", "unchanged", "ok", "sent", "failed", "pending", "uncertain")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStart:
    """A pulled page, stored before anything is done with it."""

    #: From 1; pages of records retried from earlier runs count down from -1.
    number: int
    cursor: Cursor | None
    next: Cursor | None
    records: Sequence[Record]
    #: What they were read from, if it is to be stored in their place; gone once it is.
    raw: Raw | None = field(default=None, compare=False, repr=False)
    bad: Sequence[Mapping[str, str]] = ()
    ack: Any = None
    state: Any = None
    #: Highest modified stamp in the page.
    high: datetime | None = None
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEnd:
    """A page whose every record has its outcome."""

    number: int
    counts: Counts
    #: New position of the service's managed cursor, None: unchanged.
    watermark: datetime | None = None
    #: The reader's state to keep for the next run, None: unchanged.
    state: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a run has come, for going on after a crash."""

    #: Pages stored but not complete, in order.
    open: Sequence[PageStart] = ()
    #: Numbers of the next page to pull and of the next page of retried records, and where pulling goes on.
    next_pull: int = 1
    next_retry: int = -1
    cursor: Cursor | None = None
    #: The last page has been pulled.
    finished: bool = False
    #: Acknowledgements of complete pages still to be given: (page, ack).
    acks: Sequence[tuple[int, Any]] = ()
    counts: Counts = field(default_factory=Counts)
    high: datetime | None = None
    state: Any = None


class Ledger(Protocol):
    """The memory of one service, opened for one run. Every method is one transaction, durable when it returns.

    Raises LedgerLost when the database is away or the service's lock is no longer ours.
    """

    def position(self) -> Position:
        """Where this run stands."""

    def know(self, keys: Sequence[str]) -> Mapping[str, Known]:
        """What is remembered of these items."""

    def due(self, limit: int, max_attempts: int, *, after: int = 0, settles: bool = False) -> Sequence[Due]:
        """Items of earlier runs worth retrying now, oldest first; with `settles` also those that may have arrived."""

    def chosen(self, keys: Sequence[str], limit: int, *, after: int = 0) -> Sequence[Due]:
        """Of these items those that this run has not begun with, in the order of their places."""

    def stored(self, run_id: str, page: int) -> Sequence[Record]:
        """The records of a page as it was stored, none once they have expired."""

    def open_page(self, page: PageStart) -> None:
        """Store a pulled page."""

    def intend(self, page: int, intents: Sequence[Intent]) -> None:
        """Mark items as being sent, before anything leaves."""

    def confirm(self) -> None:
        """Make sure that the service's lock is still ours. Cheap enough to be called before every request."""

    def withdraw(self, keys: Sequence[str]) -> None:
        """These were marked as being sent and never left: they wait again, without a row in the report."""

    def record(self, results: Sequence[Result], ends: Sequence[PageEnd] = ()) -> None:
        """Record outcomes, and with a page's last group its end."""

    def acknowledged(self, page: int) -> None:
        """The source was told that this page is complete."""

    def page_results(self, page: int) -> Counts:
        """Figures of the outcomes already recorded for this page of this run."""

    def paused(self, reason: str) -> None:
        """The run waits, for this reason; "" when it goes on."""


class RunLog(Protocol):
    """The run's log, for people."""

    def __call__(self, level: str, step: str, message: str, *, page: int | None = None, reference: str = "") -> None:
        """Write a line: level is debug, info, warning or error; step is pull, filter, script, map, push, settle, run."""


class Others(Protocol):
    """Whom a mapping asks: each method gives what answers a list of questions with a list of answers, in order.

    An exception among the answers is that of one record; one that is raised ends the run or lets it wait, as any of pulling.
    """

    def finder(self, finding: Finding) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """Records of another system, by a field of theirs. Raises ConfigError for a connector or entity there is none of."""

    def script(
        self, name: str, version: int | None, variables: Mapping[str, str]
    ) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """A custom script, of values. Raises ConfigError when there is no such script."""

    def sequence(self, name: str, start: int, step: int) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """The numbers of records, by their keys."""
