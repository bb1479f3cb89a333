"""One run's log and the pages of payload that are still kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet

from topstitch.store.jsonb import written
from topstitch.store.models import LogLine, Run, StoredPayload
from topstitch.store.payloads import unpacked
from topstitch.store.queries.keyset import Window, window

LINES_A_PAGE = 100
#: No more are added to a page that follows a run.
LINES_AT_ONCE = 500
PAYLOADS_SHOWN = 24
#: From the least to the most grave; a filter keeps a level and those above it.
LEVELS = ("debug", "info", "warning", "error")
#: Days before a run need not be looked at; this much is left for clocks that differ.
CLOCKS = timedelta(hours=1)
STEPS = ("pull", "filter", "script", "map", "push", "settle", "run")


@dataclass(frozen=True, slots=True)
class LogChoice:
    """What a log is narrowed down to; empty means any."""

    #: This level and those above it.
    level: str = ""
    step: str = ""
    page: int | None = None
    reference: str = ""
    #: Words in the message.
    text: str = ""


def log_lines(run: Run, choice: LogChoice, *, after: int | None = None, before: int | None = None) -> Window[LogLine]:
    """Lines of a run's log, newest first."""
    return window(_chosen(run, choice), by="pk", size=LINES_A_PAGE, after=after, before=before)


def new_lines(run: Run, choice: LogChoice, since: int) -> list[LogLine]:
    """The lines that came after the one with this number, oldest first; the next of them when there are very many."""
    return list(_chosen(run, choice).filter(pk__gt=since).order_by("pk")[:LINES_AT_ONCE])


def _chosen(run: Run, choice: LogChoice) -> QuerySet[LogLine]:
    lines: QuerySet[LogLine] = LogLine.objects.filter(run_id=run.pk, at__gte=run.created_at - CLOCKS)
    if choice.level in LEVELS:
        lines = lines.filter(level__in=LEVELS[LEVELS.index(choice.level) :])
    if choice.step:
        lines = lines.filter(step=choice.step)
    if choice.page is not None:
        lines = lines.filter(page=choice.page)
    if choice.reference:
        lines = lines.filter(reference__icontains=choice.reference)
    if choice.text:
        lines = lines.filter(message__icontains=choice.text)
    return lines


@dataclass(frozen=True, slots=True)
class PayloadPage:
    """A stored page: its number (negative for records retried from earlier runs), kind and bytes as stored."""

    page: int
    kind: str
    size: int


def payload_pages(run: Run) -> list[PayloadPage]:
    """The last pages whose payload is still kept, the newest first; at most PAYLOADS_SHOWN."""
    rows = (
        StoredPayload.objects.filter(run_id=run.pk, at__gte=run.created_at - CLOCKS)
        .annotate(size=Func(F("body"), function="octet_length", output_field=IntegerField()))
        # After a crash a page may have been kept twice; the first is whole.
        .order_by("-page", "kind", "pk")
        .distinct("page", "kind")
        .values_list("page", "kind", "size")
    )
    return [PayloadPage(*row) for row in rows[:PAYLOADS_SHOWN]]


def payload_body(run: Run, page: int, kind: str) -> bytes | None:
    """A stored page as JSON, None when it is no longer kept."""
    found: Any = StoredPayload.objects.filter(run_id=run.pk, page=page, kind=kind, at__gte=run.created_at - CLOCKS)
    body = found.order_by("pk").values_list("body", flat=True).first()
    return None if body is None else written(unpacked(body))
