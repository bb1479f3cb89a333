"""What would be sent of a record now."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from topstitch.engine.preview import RecordPreview
from topstitch.engine.preview.given import given_json
from topstitch.errors import LimitExceeded, TopstitchError
from topstitch.runtime.preview import Wanted, preview_of
from topstitch.store.models import Attempt
from topstitch.store.queries.records import pulled_record


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The record on its way through its service, or why it cannot be shown."""

    record: RecordPreview | None = None
    trouble: TopstitchError | None = None


def rehearse(attempt: Attempt) -> Rehearsal:
    """The record as it was pulled, through its service as it is now. Sends nothing and remembers nothing."""
    pulled = pulled_record(attempt)
    try:
        if pulled is None:
            raise LimitExceeded("the pulled page is no longer kept", hint="Pull it again to see what becomes of it.")
        given = given_json(orjson.dumps(pulled), "record")
        shown = preview_of(attempt.service, Wanted(given=given, filters=False, force=True, limit=1))
    except TopstitchError as error:
        return Rehearsal(trouble=error)
    return Rehearsal(record=shown.records[0] if shown.records else None)
