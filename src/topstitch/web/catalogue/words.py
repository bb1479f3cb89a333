"""What a system declares, in words: how it is read and written, how fast it may be asked, how sure we are of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from topstitch.errors import TopstitchError
from topstitch.net.limits import Limits
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.model import Entity, Idempotency, Read, Write
from topstitch.sdk.settings import checked_settings
from topstitch.web.components.status import Look
from topstitch.web.components.words import counted, number

CONFIDENCE = {
    "documented": Look("Documented", "ok", "tick"),
    "inferred": Look("Inferred", "pending", "question"),
    "yours": Look("Made by you", "quiet", "person"),
}
ABOUT = {
    "documented": "It follows what the vendor documents.",
    "inferred": "Parts of it are concluded, not read in the vendor's documents: try it with a test connector first.",
    "yours": "It was made from a file of yours.",
}
IDEMPOTENCY = {
    Idempotency.NATURAL_KEY: "Sending a record again updates it: nothing is doubled.",
    Idempotency.HEADER: "The system recognises a request that is sent again: nothing is doubled.",
    Idempotency.LOOKUP: "A record whose answer was lost is looked up before it is sent again.",
    Idempotency.NONE: "The system cannot tell a repeated record from a new one: after a lost answer a person decides, "
    "or the service's settings do.",
}


class Confidence(NamedTuple):
    """How sure we are of a part of a system."""

    look: Look
    about: str
    note: str


def confidence_of(told: Mapping[str, object], note: str = "note") -> Confidence:
    """Of a manifest, or of an entity in it."""
    name = str(told.get("confidence", "inferred"))
    look = CONFIDENCE.get(name) or Look(name.capitalize(), "quiet", "question")
    return Confidence(look, ABOUT.get(name, ""), str(told.get(note, "")))


def pace(entry: Entry) -> str:
    """How fast it may be asked; "" for what is not reached over HTTP."""
    http = entry.system.http
    if http is None:
        return ""
    try:
        limits = http.limits_for(checked_settings(entry.system.settings, entry.practice_settings))
    except (TopstitchError, KeyError):
        # They depend on settings that only a connector has.
        return "Depends on the settings of the connector."
    words = _pace(limits)
    return f"{words} Other settings of the connector may change it." if callable(http.limits) else words


def _pace(limits: Limits) -> str:
    parts = []
    if limits.requests:
        span = "second" if limits.per == 1 else f"{limits.per:.2g} seconds"
        parts.append(f"{counted(limits.requests, 'request')} in any {span}")
    if limits.concurrency:
        parts.append(f"{number(limits.concurrency)} at once" if limits.concurrency > 1 else "one at a time")
    if not parts:
        return "As fast as it answers; it is obeyed when it asks for a pause."
    return f"At most {', '.join(parts)}, over all services of a connector."


def reading(read: Read) -> Iterator[str]:
    """How an entity is read, one sentence each."""
    if read.since:
        order = ", in order of change" if read.ordered else ""
        yield f"Asked for what changed since the last run{order}."
    else:
        yield "Read whole by each run: the system cannot be asked for what changed."
    if read.by_ids:
        yield "Single records are pulled again by their id."
    yield f"{number(read.page_size)} records a page unless the service says otherwise, at most {number(read.max_page_size)}."
    if read.live_fields:
        yield "The connected system is asked which fields it has."


def writing(entity: Entity, write: Write) -> Iterator[str]:
    """How an entity is written, one sentence each."""
    yield IDEMPOTENCY[write.idempotency]
    if write.batch > 1:
        yield f"Up to {number(write.batch)} records in one request."
    if entity.mode == "create_only":
        yield "Records are created, and not changed afterwards, unless the service says otherwise."
