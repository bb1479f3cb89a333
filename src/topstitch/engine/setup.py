"""What a real run and a dry run put together alike: the two sides, the window, who a record is, how a page is sorted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from topstitch.engine.identity import Identity, identity
from topstitch.engine.mapping import Mapper
from topstitch.engine.page import Candidate, Sorter
from topstitch.engine.ports import Known
from topstitch.engine.reshape import Reshape
from topstitch.engine.spec import Service
from topstitch.engine.window import RunOptions, Window, window
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Entity, Idempotency, Outgoing, Read, Write
from topstitch.sdk.settings import checked_settings

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Side:
    """A connection and the entity at its end."""

    connection: Connection
    entity: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """The run: its sync id, its time, and where the service stands."""

    run_id: str
    service_id: str
    #: The scheduled time; relative filters count from it.
    now: datetime
    create_only: bool
    options: RunOptions = RunOptions()
    watermark: datetime | None = None
    covered: datetime | None = None
    state: Any = None
    #: Seconds that an outage is waited for before the run ends and leaves the rest to the next one.
    patience: float = 6 * 3600


def outgoing_of(candidate: Candidate, info: RunInfo) -> Outgoing:
    """A record as it is pushed."""
    return Outgoing(
        key=candidate.key,
        record=candidate.mapped,
        scope=info.service_id,
        reference=candidate.reference,
        idempotency_key=_idempotency_key(info, candidate),
        remote_id=candidate.known.remote_id if candidate.known else "",
    )


def _idempotency_key(info: RunInfo, candidate: Candidate) -> str:
    """The same for every try of this content of this item; another one when a person forces it to be sent again.

    What may have arrived keeps the key that it was sent with, even if it has changed since: or it would be doubled.
    """
    known = candidate.known
    content = known.content if known and known.content and candidate.uncertain else candidate.content
    parts = [info.service_id, candidate.key, content.hex()]
    if info.options.force:
        parts.append(info.run_id)
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Setup:
    """A service ready to be read and written. `write_options` are checked, those for reading are in the window's query."""

    read: Read
    write: Write
    write_options: Mapping[str, Any]
    who: Identity
    window: Window
    sort: Sorter
    #: Whether what may have arrived already can be settled: looked up, or sent again without harm.
    settles: bool


def set_up(
    spec: Service,
    source: Side,
    destination: Side,
    mapper: Mapper,
    *,
    info: RunInfo,
    know: Callable[[Sequence[str]], Mapping[str, Known]],
    clock: Clock,
    script: Reshape | None = None,
) -> Setup:
    """Check the options of both sides and put the parts together; raises ConfigError for a wrong option."""
    read, write = source.entity.read, destination.entity.write
    assert read is not None and write is not None
    write_options = checked_settings(write.options, spec.destination.options, place="destination options")
    read_options = checked_settings(read.options, spec.source.options, place="source options")
    who = identity(source.entity, spec.source, read_options)
    asked = window(
        spec.source,
        read,
        now=info.now,
        watermark=info.watermark,
        covered=info.covered,
        options=info.options,
        settings=read_options,
        modified=who.modified,
        state=info.state,
    )
    settles = write_settles(write, spec)
    sort = Sorter(
        identity=who,
        keep=asked.keep,
        keep_again=asked.keep_again,
        mapper=mapper,
        script=script,
        ids=frozenset(info.options.ids) if script else frozenset(),
        edited={edit.key: edit.record for edit in info.options.edited if edit.mapped},
        know=know,
        run_id=info.run_id,
        create_only=info.create_only,
        max_attempts=spec.source.max_attempts,
        force=info.options.force,
        settles=settles,
        clock=clock,
    )
    return Setup(read, write, write_options, who, asked, sort, settles)


def write_settles(write: Write, spec: Service) -> bool:
    """Whether a record that may have arrived can be settled without a person."""
    return write.idempotency is not Idempotency.NONE or spec.destination.uncertain == "send_again"
