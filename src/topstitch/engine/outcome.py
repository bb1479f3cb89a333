"""From a destination's verdict to what the ledger records, and from what the ledger knows to what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import orjson

from topstitch.engine.ports import Counts, Known, Problem, Result, Status
from topstitch.errors import MappingError, RemoteRejected, ScriptError, TopstitchError
from topstitch.formats.json_text import dumps
from topstitch.sdk.model import Outcome, Verdict
from topstitch.values.paths import occurring
from topstitch.values.text import show

DONE = (Status.OK, Status.SENT)
#: Nothing is to be done while it stays as it is.
SETTLED = (*DONE, Status.CLOSED)
#: Marked in a page that a crash or a stop interrupted, with no outcome yet.
BEGUN = (Status.SENDING, Status.WAITING)
_STATUS = {
    Outcome.CREATED: Status.OK,
    Outcome.UPDATED: Status.OK,
    Outcome.UNCHANGED: Status.OK,
    Outcome.SENT: Status.SENT,
    Outcome.REJECTED: Status.FAILED,
    Outcome.LATER: Status.PENDING,
    Outcome.UNKNOWN: Status.UNCERTAIN,
}


class Todo(StrEnum):
    """What to do with a pulled record."""

    SEND = "send"
    #: It was being sent when something died: settle before sending.
    SETTLE = "settle"
    SKIP = "skip"
    UNCHANGED = "unchanged"
    #: Recorded in this very page before a crash.
    RECORDED = "recorded"


def content_hash(record: Mapping[str, Any]) -> bytes:
    """What identifies a mapped record's content; the order of keys does not matter.

    Raises MappingError for what cannot be sent as JSON: it could not be pushed either.
    """
    try:
        return blake2b(orjson.dumps(record, option=orjson.OPT_SORT_KEYS, default=str), digest_size=16).digest()
    except TypeError as error:
        path = next((path for path, value in occurring(record) if not _is_json(value)), "")
        raise MappingError(
            f"{path or 'the mapped record'} cannot be written as JSON: {error}", path=path, row="result"
        ) from error


def _is_json(value: object) -> bool:
    try:
        orjson.dumps(value, default=str)
    except TypeError:
        return False
    return True


def fingerprint(record: object) -> str:
    """A short name for a record that has none; any value will do."""
    return blake2b(repr(record).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


def skip_unmapped(
    known: Known | None, create_only: bool, run_id: str, page: int, *, settles: bool = False
) -> Todo | None:
    """The decision that needs no mapping, None when it does. `settles`: what may have arrived can be found out."""
    if known is None:
        return None
    if known.run_id == run_id and known.page == page and known.status not in BEGUN:
        return Todo.RECORDED
    if known.status is Status.UNCERTAIN and not settles:
        return Todo.SKIP
    if create_only and known.status in SETTLED:
        return Todo.SKIP
    return None


def decide(
    known: Known | None, content: bytes, max_attempts: int, *, force: bool = False, settles: bool = False
) -> Todo:
    """The decision once the record is mapped."""
    if known is None:
        return Todo.SEND
    if known.status is Status.SENDING:
        return Todo.SETTLE
    same, tired = known.content == content, known.attempts >= max_attempts
    if known.status is Status.UNCERTAIN and settles:
        return Todo.SKIP if same and tired and not force else Todo.SETTLE
    if force:
        return Todo.SEND
    if same and known.status in SETTLED:
        return Todo.UNCHANGED
    if same and tired and known.status is Status.FAILED:
        return Todo.SKIP
    return Todo.SEND


def problem_of(error: TopstitchError) -> Problem:
    """An error in the parts that the report keeps."""
    field = error.field if isinstance(error, RemoteRejected) else error.path if isinstance(error, MappingError) else ""
    return Problem(error.key, error.desk_class, error.message, field, error.hint, error.detail)


def unmapped(key: str, reference: str, page: int, at: datetime, error: MappingError | ScriptError) -> Result:
    """The result of a record that never became a destination record."""
    value = getattr(error, "value", None)
    evidence = {"row": getattr(error, "row", ""), "value": "" if value is None else _shown(value)}
    return Result(key, reference, page, Status.FAILED, "unmapped", at, problem=problem_of(error), evidence=evidence)


def _shown(value: object) -> str:
    try:
        return dumps(value)[:500]
    except (RecursionError, TypeError, ValueError):
        return show(value)


def result_of(
    verdict: Verdict,
    *,
    key: str,
    reference: str,
    page: int,
    at: datetime,
    content: bytes,
    attempts: int,
    max_attempts: int,
    evidence: Mapping[str, Any] | None = None,
) -> Result:
    """A verdict as the row of the report. A temporary failure stays pending until its attempts are used up."""
    status = _STATUS[verdict.outcome]
    if status is Status.PENDING and attempts + 1 >= max_attempts:
        status = Status.FAILED
    good = status in DONE
    return Result(
        key,
        reference,
        page,
        status,
        verdict.outcome.value,
        at,
        verdict.remote_id,
        content,
        counts=not good,
        problem=problem_of(verdict.error) if verdict.error else None,
        evidence=None if good else evidence,
    )


def tally(counts: Counts, status: Status) -> None:
    """Count one recorded item."""
    setattr(counts, status.value, getattr(counts, status.value) + 1)
