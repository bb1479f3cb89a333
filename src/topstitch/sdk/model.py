"""The words in which a system is described: settings, entities, reading, writing, verdicts.

A system is data: one `System(...)` made of these classes. Where data is not enough a slot takes a function instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topstitch.errors import (
    AnswerLost,
    AuthError,
    ConfigError,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
    Unreachable,
)

if TYPE_CHECKING:
    from topstitch.sdk.client import Http
    from topstitch.sdk.connection import Connection
    from topstitch.sdk.fields import Field
    from topstitch.sdk.sign_in import SignIn

Record = dict[str, Any]
#: Where to go on reading: any JSON value, opaque to the engine, stored with the page.
Cursor = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field of a connector's form, or one option of an entity in a service."""

    name: str
    label: str
    #: text, multiline, url, integer, number, boolean, choice, date (as 2027-01-31)
    kind: str = "text"
    required: bool = False
    secret: bool = False
    default: Any = None
    choices: Sequence[str] = ()
    #: How choices read that do not say it themselves: {"jsonl": "JSON lines"}.
    words: Mapping[str, str] = field(default_factory=dict)
    help: str = ""
    #: "Where do I find this": one or two sentences.
    find: str = ""
    #: Shown (and required) only when another setting has one of these values: {"auth_method": ["token"]}.
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)
    advanced: bool = False
    #: The same in every run of a service: it decides where records go, or by what they are known again.
    fixed: bool = False
    #: It decides where requests go, as addresses (kind url) always do: secrets that are kept are not sent elsewhere.
    place: bool = False

    def in_words(self, choice: str) -> str:
        """How a choice is shown to a person: `leave_out` reads "Leave out", names and codes stay as they are."""
        if choice in self.words:
            return self.words[choice]
        plain = choice.replace("_", " ")
        return plain[:1].upper() + plain[1:] if plain.islower() and plain.replace(" ", "").isalpha() else choice


class Idempotency(StrEnum):
    """What stops a repeated push from doubling a record."""

    #: Writing the same natural key twice updates, so sending again is safe.
    NATURAL_KEY = "natural_key"
    #: The system honours an idempotency key sent with the request.
    HEADER = "header"
    #: The record can be looked up before it is sent again.
    LOOKUP = "lookup"
    #: Nothing: only a person, or the service's policy, can decide.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter row: `value` is already resolved (a datetime for relative times, a list for `in` and `between`)."""

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a run asks of a reader. `conditions` holds only those which the reader said it can push down."""

    page_size: int
    #: Modified at or after / before, aware UTC; None: no bound.
    since: datetime | None = None
    until: datetime | None = None
    conditions: Sequence[Condition] = ()
    #: The service's options for this entity, by `Read.options`, defaults filled in.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: What the reader gave as `Page.state` last time it finished (files already taken...).
    state: Any = None

    def conditions_on(self, name: str) -> list[Condition]:
        """The conditions on one field."""
        return [c for c in self.conditions if c.field == name]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A part of a page that is no record (a broken CSV line): reported as failed, the rest goes on."""

    #: Stable name of the place, used as key: `orders_1.csv line 14`.
    place: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """The JSON text that records were read from, and the path of their list in it ("" when it is the list)."""

    body: bytes
    path: str
    #: That list itself: a page whose records are another one, made of these, is not what was read.
    records: Sequence[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One batch read."""

    records: Sequence[Record]
    #: What the records were read from, where they are unchanged and all of it: stored as it is, and not written anew.
    raw: Raw | None = None
    #: Where to go on after this page; None: this was the last.
    next: Cursor | None = None
    bad: Sequence[BadRecord] = ()
    #: Handed back to `Read.acknowledge` once every record of this page has its outcome stored.
    ack: Any = None
    #: Kept for the next run's `Query.state`, stored when this page is complete; None: unchanged.
    state: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How an entity is read."""

    #: (connection, query, cursor to resume from or None) -> pages. Each page's `next` must be enough to resume.
    pages: Callable[[Connection, Query, Cursor | None], Iterator[Page]]
    #: (connection, ids, options) -> the records found, in any order. None: the system cannot.
    by_ids: Callable[[Connection, Sequence[str], Mapping[str, Any]], Sequence[Record]] | None = None
    #: `pages` honours `query.since` on the entity's modified stamp.
    since: bool = False
    #: `pages` honours `query.until`.
    until: bool = False
    #: Pages come in ascending order of the modified stamp, so progress can be kept page by page.
    ordered: bool = False
    #: Seconds to go back behind the last stamp seen, for clock skew and coarse or exclusive filters.
    overlap: float = 60
    page_size: int = 100
    max_page_size: int = 1000
    #: Which filters the system applies itself: field path -> operators.
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    options: Sequence[Setting] = ()
    #: (connection, options) -> the fields that records have on this tenant, as paths, asked of the system. None instead
    #: of the function or its answer: the system cannot be asked, the field list decides.
    live_fields: Callable[[Connection, Mapping[str, Any]], Sequence[str] | None] | None = None
    #: Called with `Page.ack` when the page is complete (archive the file). Must bear being called twice.
    acknowledge: Callable[[Connection, Any], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One record on its way to the destination."""

    #: The item's key at the source; stable for ever.
    key: str
    record: Record
    #: The service: together with `key` it is unique in this installation, for marks left in the destination.
    scope: str = ""
    #: Order number, SKU...: for people.
    reference: str = ""
    #: Same for every try of the same content of the same item; fit for an Idempotency-Key header.
    idempotency_key: str = ""
    #: The destination's id from an earlier success of this item, "" when it is new to us.
    remote_id: str = ""

    @property
    def mark(self) -> str:
        """What to leave in the destination to find the record by: no other service's record has the same."""
        return f"{self.scope}:{self.key}" if self.scope else self.key


class Outcome(StrEnum):
    """What became of one pushed record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: Handed over (a file was put); receipt not confirmed.
    SENT = "sent"
    REJECTED = "rejected"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The destination's answer about one record."""

    outcome: Outcome
    remote_id: str = ""
    error: TopstitchError | None = None

    @classmethod
    def created(cls, remote_id: object = "") -> Verdict:
        """Written as a new record."""
        return cls(Outcome.CREATED, str(remote_id))

    @classmethod
    def updated(cls, remote_id: object = "") -> Verdict:
        """An existing record was changed."""
        return cls(Outcome.UPDATED, str(remote_id))

    @classmethod
    def unchanged(cls, remote_id: object = "") -> Verdict:
        """The destination had exactly this already."""
        return cls(Outcome.UNCHANGED, str(remote_id))

    @classmethod
    def sent(cls, remote_id: object = "") -> Verdict:
        """Handed over without a confirmation of receipt."""
        return cls(Outcome.SENT, str(remote_id))

    @classmethod
    def rejected(cls, message: str, *, field: str = "", key: str = "", hint: str = "", detail: str = "") -> Verdict:
        """The record was refused; `field` is the destination's name for what is wrong."""
        return cls.of(RemoteRejected(message, field=field, key=key, hint=hint, detail=detail))

    @classmethod
    def of(cls, error: TopstitchError) -> Verdict:
        """The verdict that an exception amounts to."""
        if isinstance(error, AnswerLost):
            return cls(Outcome.UNKNOWN, error=error)
        if isinstance(error, TemporaryError | AuthError):
            return cls(Outcome.LATER, error=error)
        return cls(Outcome.REJECTED, error=error)

    @property
    def is_outage(self) -> bool:
        """Whether the system as a whole, not this record, is the trouble."""
        refused = isinstance(self.error, AuthError) and self.error.key != "forbidden"
        return refused or isinstance(self.error, Unreachable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """How an entity is written."""

    #: (connection, batch, options) -> one verdict per record, in order. An exception is the verdict of all.
    push: Callable[[Connection, Sequence[Outgoing], Mapping[str, Any]], Sequence[Verdict]]
    idempotency: Idempotency
    #: Most records in one call of `push`.
    batch: int = 1
    #: Calls of `push` at the same time, within the connector's own limit.
    concurrency: int = 4
    #: For Idempotency.LOOKUP: what is there already, one remote id (or None) per record, in order.
    find: Callable[[Connection, Sequence[Outgoing], Mapping[str, Any]], Sequence[str | None]] | None = None
    options: Sequence[Setting] = ()
    #: The fields that can be written on this tenant (columns of its own), as in `Read.live_fields`.
    live_fields: Callable[[Connection, Mapping[str, Any]], Sequence[str] | None] | None = None
    #: Called once after the last push of a run, for destinations that collect (one file per run).
    finish: Callable[[Connection, str, Mapping[str, Any]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A date-time in a record. `format` in PHP letters, "" for ISO 8601; without an offset it is in `zone`."""

    path: str
    format: str = ""
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of record of a system."""

    name: str
    label: str
    #: Path of the source id, or a function of (record, options).
    key: str | Callable[[Record, Mapping[str, Any]], object]
    #: Path of what people call it (order number, SKU); "" uses the key.
    reference: str = ""
    modified: Stamp | None = None
    read: Read | None = None
    write: Write | None = None
    #: The taxonomy entity it is, when its name differs ("sales_orders" is "orders").
    kind: str = ""
    #: create_only or create_and_update; "" takes the taxonomy's default for the kind.
    mode: str = ""

    @property
    def taxonomy(self) -> str:
        """Name of the neutral entity."""
        return self.kind or self.name


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a connector's test, in words: what was tried and what was found."""

    label: str
    ok: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupFile:
    """A file that a person loads into the system, so that it takes or gives what a connector needs."""

    path: Path
    #: What it is for, in a few words.
    purpose: str

    @property
    def name(self) -> str:
        """What it is called where it is handed out."""
        return self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """All that is known of a system. Name, links and versions are in its manifest, field lists in its folder."""

    settings: Sequence[Setting]
    entities: Sequence[Entity]
    #: Signs in and asks something cheap; returns what it saw, raises AuthError, Unreachable, ... when it fails.
    test: Callable[[Connection], Sequence[Check]]
    #: How HTTP calls are made; None for systems reached another way.
    http: Http | None = None
    #: How a person signs a connector in on the system's own page; None where credentials are typed.
    sign_in: SignIn | None = None
    #: Files to prepare the system with; `topstitch systems files` hands them out.
    setup_files: Sequence[SetupFile] = ()

    def entity(self, name: str) -> Entity:
        """The entity of this name; raises ConfigError naming those that exist."""
        for entity in self.entities:
            if entity.name == name:
                return entity
        raise ConfigError(f"there is no entity {name!r} here; there are {', '.join(self.entity_names)}", key="entity")

    @property
    def places(self) -> tuple[Setting, ...]:
        """The settings that decide where requests go."""
        return tuple(setting for setting in self.settings if setting.place or setting.kind == "url")

    @property
    def entity_names(self) -> tuple[str, ...]:
        """Names of all entities."""
        return tuple(e.name for e in self.entities)


#: The field list of one entity of one system, for annotations elsewhere.
FieldList = Sequence["Field"]
