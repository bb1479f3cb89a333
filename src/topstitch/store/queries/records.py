"""The record behind a row of the report: as it was pulled, and as it was mapped."""

from __future__ import annotations

from typing import Any

import orjson

from topstitch.engine.identity import identity
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import Attempt
from topstitch.store.queries.runlog import payload_body


def pulled_record(attempt: Attempt) -> dict[str, Any] | None:
    """The record as it came from the source; None when its page is no longer kept or does not tell which it was."""
    body = payload_body(attempt.run, attempt.page, "pulled")
    if body is None:
        return None
    try:
        spec = Spec.model_validate(attempt.run.revision.spec)
        entity = CATALOGUE.get(attempt.service.source.system).entity(spec.source.entity)
        who = identity(entity, spec.source, spec.source.options)
    except (TopstitchError, ValueError):
        # Its system has gone from this installation, or an older version wrote the configuration.
        return None
    for record in reversed(orjson.loads(body)):
        try:
            if who.key(record) == attempt.key:
                return dict(record)
        except TopstitchError:
            continue
    return None


def mapped_record(attempt: Attempt) -> Any:
    """What was about to be sent; None for a record that went through or was never mapped."""
    return attempt.evidence.get("mapped") if isinstance(attempt.evidence, dict) else None
