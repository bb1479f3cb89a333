"""The sync report: one row per record and attempt, searched and filtered without ever being counted."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from topstitch.store.models import Attempt, Item
from topstitch.store.queries.keyset import Window, window
from topstitch.store.queries.scope import Scope

ROWS_A_PAGE = 50
ATTEMPTS_SHOWN = 50
#: Statuses of rows that went through; the index of the others is partial on exactly this.
DONE = ("ok", "sent")
TROUBLE = "trouble"
STATUSES = ("ok", "sent", "pending", "failed", "uncertain")


@dataclass(frozen=True, slots=True)
class ReportChoice:
    """What the report is narrowed down to; empty means any. Days are UTC and both included."""

    #: The beginning of a reference.
    reference: str = ""
    run: uuid.UUID | None = None
    #: One of STATUSES, or TROUBLE for whatever has not gone through.
    status: str = ""
    #: Ids of services, None for all.
    services: Collection[int] | None = None
    first: date | None = None
    last: date | None = None


def report_rows(
    scope: Scope,
    choice: ReportChoice,
    *,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = True,
) -> Window[Attempt]:
    """A page of the report. Rows are light: they lack evidence and detail, which are fetched row by row when asked for."""
    rows = scope.attempts(choice.services).defer("evidence", "detail", "hint")
    if choice.run:
        rows = rows.filter(run_id=choice.run)
    if choice.reference:
        rows = rows.filter(_reference(choice.reference))
    rows = _with_status(rows, choice.status)
    if choice.first:
        rows = rows.filter(at__gte=datetime.combine(choice.first, time.min, UTC))
    if choice.last:
        rows = rows.filter(at__lt=datetime.combine(choice.last + timedelta(days=1), time.min, UTC))
    return window(rows, by="pk", size=ROWS_A_PAGE, after=after, before=before, descending=newest_first)


def _reference(text: str) -> Q:
    """References that begin like this, as people type them: with or without the #, in any case."""
    plain = text.strip()
    spellings = {form for bare in (plain, f"#{plain}") for form in (bare, bare.upper(), bare.lower())}
    matches = Q()
    for spelling in sorted(spellings):
        matches |= Q(reference__startswith=spelling)
    return matches


def _with_status(rows: QuerySet[Attempt], status: str) -> QuerySet[Attempt]:
    if not status:
        return rows
    if status not in DONE:
        rows = rows.exclude(status__in=DONE)
    return rows if status == TROUBLE else rows.filter(status=status)


def find_attempt(scope: Scope, attempt_id: int) -> Attempt | None:
    """A row of the report with its service and run; None when it is not there, or not theirs."""
    related = ("service__source", "service__destination", "service__group__company", "run__revision")
    return scope.attempts().select_related(*related).filter(pk=attempt_id).first()


def attempts_of_item(attempt: Attempt) -> list[Attempt]:
    """All that was tried with the same record by the same service, newest first; at least this very attempt."""
    if not attempt.reference:
        return [attempt]
    same = Attempt.objects.filter(reference=attempt.reference, service_id=attempt.service_id, key=attempt.key)
    return list(same.defer("evidence", "detail").order_by("-pk")[:ATTEMPTS_SHOWN]) or [attempt]


def item_of(attempt: Attempt) -> Item | None:
    """What is remembered of the record for ever."""
    return Item.objects.filter(service_id=attempt.service_id, key=attempt.key).defer("content").first()
