"""The records that failed in a run: what they failed of, and the first of them with what may be told by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from topstitch.alerts.masking import masked, personal_paths, personal_values
from topstitch.alerts.names import one_line
from topstitch.store.models import Attempt, Item, Run

#: Rows looked at, newest first, to know the causes by.
LOOKED_AT = 500
#: Records that a message names.
TOLD = 10
FAILED = ("failed", "uncertain")
#: The words of the index `item_open` and `attempt_bad`, which are used for no others.
OPEN = ("ok", "sent")


@dataclass(frozen=True, slots=True)
class Failures:
    """Those of a run that has just ended, so that its rows are among the newest of its service."""

    run: Run
    #: Class, key and field of the errors.
    causes: frozenset[str]
    _first: Sequence[int]

    def first(self) -> list[dict[str, Any]]:
        """The first records with reference and reason."""
        attempts = Attempt.objects.filter(pk__in=self._first).order_by("pk")
        return [_told(attempt, self.run) for attempt in attempts]


def failures_of(run: Run) -> Failures:
    """What failed in a run."""
    rows = Attempt.objects.filter(service_id=run.service_id, run_id=run.pk).exclude(status__in=OPEN)
    rows = rows.filter(status__in=FAILED).order_by("-pk")
    columns = ("pk", "error_class", "error_key", "field")
    found = list(rows.values_list(*columns)[:LOOKED_AT])
    causes = frozenset(f"{kind}|{key}|{field}" for _, kind, key, field in found)
    shown = [pk for pk, *_ in islice(reversed(found), TOLD)]
    return Failures(run, causes, shown)


def _told(attempt: Attempt, run: Run) -> dict[str, Any]:
    """Reference and reason, with personal data masked."""
    service = run.service
    fields = personal_paths(service.destination.system, service.destination_entity)
    fields_read = personal_paths(service.source.system, service.source_entity)
    evidence = attempt.evidence if isinstance(attempt.evidence, dict) else {}
    values = personal_values(evidence.get("mapped"), fields)
    reason = masked(attempt.message, values, quoted=attempt.field in fields | fields_read)
    return {
        "reference": one_line(masked(attempt.reference or attempt.key, values), 100),
        "reason": one_line(reason, 300),
        "field": attempt.field,
        "class": attempt.error_class,
    }


def is_anything_left(service_id: int) -> bool:
    """Whether the service has records that have not gone through, whatever its last run did."""
    return Item.objects.filter(service_id=service_id, status__in=FAILED).exclude(status__in=OPEN).exists()
