"""The sync report: one row per record and attempt, searched and filtered without ever being counted.

Choices that an index finds are asked for at once. All others are answered day by day, the newest first, for as long as a
page may take: a choice that hardly anything meets says how far back it was looked.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import NamedTuple

from django.conf import settings
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from topstitch.store.models import Attempt, Item, Run, Service
from topstitch.store.queries.keyset import Window, window
from topstitch.store.queries.runlog import CLOCKS
from topstitch.store.queries.scope import Scope

ROWS_A_PAGE = 50
ATTEMPTS_SHOWN = 50
#: Statuses of rows that went through; the index of the others is partial on exactly this.
DONE = ("ok", "sent")
TROUBLE = "trouble"
STATUSES = ("ok", "sent", "pending", "failed", "uncertain")
#: Seconds after which a page is shown with what was found.
PATIENCE = 0.15
#: References that begin alike and are sorted at once.
FEW = 1000
#: Records that have the same source id in different services.
MOST_NAMESAKES = 50


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
    #: A source id, whole.
    key: str = ""
    #: Slugs of systems: at either end, at the source, at the destination.
    system: str = ""
    source: str = ""
    destination: str = ""
    #: Name of an entity at either end.
    entity: str = ""
    #: Id of a company group.
    group: int | None = None
    error_class: str = ""
    error_key: str = ""
    #: Words in the message.
    text: str = ""
    #: Ids of error groups.
    causes: Collection[int] = ()


def report_rows(
    scope: Scope,
    choice: ReportChoice,
    *,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = True,
    size: int = ROWS_A_PAGE,
) -> Window[Attempt]:
    """A page of the report. Rows are light: they lack evidence and detail, which are fetched row by row when asked for.

    The window's `reached` is the first day that was not looked at, when time was over before the page was full: go on with
    that day as the choice's last (with the oldest first: as its first).
    """
    rows = chosen_attempts(scope, choice).defer("evidence", "detail", "hint")
    if _is_seekable(choice):
        return window(rows, by="pk", size=size, after=after, before=before, descending=newest_first)
    return _day_by_day(rows, choice, after, before, newest_first, size)


def _is_seekable(choice: ReportChoice) -> bool:
    """Whether an index finds what is meant and all of it is little, so that nothing else is looked at."""
    if choice.run or choice.key:
        return True
    if not choice.reference:
        return False
    # Of what is permanently remembered, which is one table: a short beginning is that of very many.
    known = Item.objects.filter(_reference(choice.reference)).values("pk")
    return known[: FEW + 1].count() <= FEW


def chosen_attempts(scope: Scope, choice: ReportChoice) -> QuerySet[Attempt]:
    """The rows that a choice keeps, in no order."""
    services = chosen_services(scope, choice)
    rows = Attempt.objects.filter(_any("service_id", services))
    if choice.run:
        rows = rows.filter(_of_run(choice.run))
    if choice.reference:
        rows = rows.filter(_reference(choice.reference))
    if choice.key:
        rows = rows.filter(_key(services, choice.key))
    if choice.causes:
        rows = rows.filter(_any("cause", choice.causes))
    rows = _with_status(rows, choice.status)
    rows = _with_error(rows, choice)
    if choice.first:
        rows = rows.filter(at__gte=_midnight(choice.first))
    if choice.last:
        rows = rows.filter(at__lt=_midnight(choice.last + timedelta(days=1)))
    return rows


def _any(column: str, ids: Collection[int]) -> RawSQL:
    """Whether a column is one of some ids, which go as one text: a list of a thousand takes long to read, here and there, for
    every day that is looked at.
    """
    among = "{" + ",".join(map(str, ids)) + "}"
    return RawSQL(f"attempt.{column} = ANY(%s::bigint[])", (among,), output_field=BooleanField())


def chosen_services(scope: Scope, choice: ReportChoice) -> list[int]:
    """Ids of the services whose rows are meant: themselves, not a subquery, so that the planner knows how many to expect."""
    services: QuerySet[Service] = scope.recorded_services()
    if choice.system:
        services = services.filter(Q(source__system=choice.system) | Q(destination__system=choice.system))
    if choice.source:
        services = services.filter(source__system=choice.source)
    if choice.destination:
        services = services.filter(destination__system=choice.destination)
    if choice.entity:
        services = services.filter(Q(source_entity=choice.entity) | Q(destination_entity=choice.entity))
    if choice.group is not None:
        services = services.filter(group_id=choice.group)
    mine = services.values_list("pk", flat=True)
    return [pk for pk in mine if choice.services is None or pk in choice.services]


def spellings(text: str) -> list[str]:
    """A reference as people type it: with or without the #, in any case."""
    plain = text.strip()
    bare = plain.lstrip("#") or plain
    return sorted({form for each in (plain, bare, f"#{bare}") for form in (each, each.upper(), each.lower())})


def _of_run(run_id: uuid.UUID) -> Q:
    """With the time of the run, so that other days are not looked at."""
    run = Run.objects.filter(pk=run_id).values_list("created_at", "ended_at").first()
    if run is None:
        return Q(run_id=run_id)
    began, ended = run
    until = Q(at__lte=ended + CLOCKS) if ended else Q()
    return Q(run_id=run_id, at__gte=began - CLOCKS) & until


def _reference(text: str) -> Q:
    matches = Q()
    for spelling in spellings(text):
        matches |= Q(reference__startswith=spelling)
    return matches


def _key(services: Collection[int], key: str) -> Q:
    """Rows of the items with this source id, by their references, which are indexed in the report."""
    items = Item.objects.filter(service_id__in=services, key=key).values_list("service_id", "reference")
    matches = Q(pk=None)
    for service, reference in items[:MOST_NAMESAKES]:
        matches |= Q(service_id=service, reference=reference, key=key)
    return matches


def _with_status(rows: QuerySet[Attempt], status: str) -> QuerySet[Attempt]:
    if not status:
        return rows
    if status not in DONE:
        rows = rows.exclude(status__in=DONE)
    return rows if status == TROUBLE else rows.filter(status=status)


def _with_error(rows: QuerySet[Attempt], choice: ReportChoice) -> QuerySet[Attempt]:
    """Only rows in trouble have a class and words, so only they are looked at."""
    if choice.error_class or choice.error_key or choice.text:
        rows = rows.exclude(status__in=DONE)
    if choice.error_class:
        rows = rows.filter(error_class=choice.error_class)
    if choice.error_key:
        rows = rows.filter(error_key=choice.error_key)
    for word in choice.text.split():
        rows = rows.filter(message__icontains=word)
    return rows


# -- day by day -------------------------------------------------------------------------------------------------------


class _Span(NamedTuple):
    """A day, or as one whatever is older than the report keeps."""

    #: None: since ever.
    low: datetime | None
    high: datetime
    is_day: bool = True

    def has(self, moment: datetime) -> bool:
        """Whether it is within."""
        return (self.low is None or self.low <= moment) and moment < self.high


def _day_by_day(
    rows: QuerySet[Attempt],
    choice: ReportChoice,
    after: int | None,
    before: int | None,
    newest_first: bool,
    size: int,
) -> Window[Attempt]:
    """A window over rows in the order of their days, then of their ids."""
    backwards = before is not None
    downwards = newest_first != backwards
    anchor = _anchor(before if backwards else after)
    found: list[Attempt] = []
    deadline = monotonic() + PATIENCE
    reached = None
    for spans in _groups(_spans(choice, anchor, downwards)):
        if monotonic() > deadline:
            low, high, is_day = spans[0]
            reached = low.date() if low and (is_day or not downwards) else (high - timedelta(days=1)).date()
            break
        found += _rows_of(rows, spans, anchor, downwards, size + 1 - len(found))
        if len(found) > size:
            break
    more, found = len(found) > size or reached is not None, found[:size]
    if backwards:
        return Window(found[::-1], has_earlier=more, has_later=True, reached=reached)
    return Window(found, has_earlier=after is not None, has_later=more, reached=reached)


def _rows_of(
    rows: QuerySet[Attempt], spans: Sequence[_Span], anchor: _Anchor | None, downwards: bool, size: int
) -> list[Attempt]:
    """The first rows of some days. One statement: a day is looked at when those before it did not fill the page."""
    parts = []
    for span in spans:
        part = rows.filter(at__lt=span.high)
        if span.low is not None:
            part = part.filter(at__gte=span.low)
        if anchor and span.has(anchor.moment):
            part = part.filter(**{f"pk__{'lt' if downwards else 'gt'}": anchor.id})
        parts.append(part.order_by("-pk" if downwards else "pk")[:size])
    return list(parts[0].union(*parts[1:], all=True)[:size] if len(parts) > 1 else parts[0])


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The row next to which a page begins."""

    id: int
    moment: datetime


def _anchor(id: int | None) -> _Anchor | None:
    if id is None:
        return None
    at = Attempt.objects.filter(pk=id).values_list("at", flat=True).first()
    if at is None:
        # It was dropped with its day meanwhile, or nobody ever had it: its neighbour stands for it.
        at = Attempt.objects.filter(pk__lt=id).order_by("-pk").values_list("at", flat=True).first()
    return _Anchor(id, (at or timezone.now()).astimezone(UTC))


def _spans(choice: ReportChoice, anchor: _Anchor | None, downwards: bool) -> list[_Span]:
    """What to look at, in order, from the anchor on."""
    today = timezone.now().date()
    oldest = today - timedelta(days=settings.KEEP_REPORT_DAYS + 1)
    first, last = max(choice.first or oldest, oldest), min(choice.last or today, today)
    days = [last - timedelta(days=n) for n in range((last - first).days + 1)]
    # Today has no end: a worker's clock may be ahead.
    spans = [_Span(_midnight(day), _midnight(day + timedelta(days=2 if day == today else 1))) for day in days]
    if choice.first is None or choice.first < oldest:
        low = _midnight(choice.first) if choice.first else None
        spans.append(_Span(low, _midnight(min(oldest, last + timedelta(days=1))), is_day=False))
    if not downwards:
        spans.reverse()
    at = next((n for n, span in enumerate(spans) if anchor and span.has(anchor.moment)), 0)
    return spans[at:]


def _groups(spans: Sequence[_Span]) -> Iterator[Sequence[_Span]]:
    """Few at first: they are mostly enough, and the days that are shown unless others are asked for."""
    at, size = 0, 5
    while at < len(spans):
        yield spans[at : at + size]
        at, size = at + size, size * 2


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


# -- one row ------------------------------------------------------------------------------------------------------------


def find_attempt(scope: Scope, attempt_id: int) -> Attempt | None:
    """A row of the report with its service and run; None when it is not there, or not theirs."""
    related = ("service__source", "service__destination", "service__group__company", "run__revision")
    return scope.attempts().select_related(*related).filter(pk=attempt_id).first()


def attempts_of_item(attempt: Attempt, item: Item | None) -> list[Attempt]:
    """All that was tried with the same record by the same service, newest first; at least this very attempt.

    Found by its reference, which is indexed in the report; its last attempt also where a correction gave it another one.
    """
    light = Attempt.objects.defer("evidence", "detail")
    same = light.filter(reference=attempt.reference, service_id=attempt.service_id, key=attempt.key)
    found = list(same.order_by("-pk")[:ATTEMPTS_SHOWN] if attempt.reference else ()) or [attempt]
    if item is None or item.run_id is None or item.at <= found[0].at:
        return found
    last = light.filter(run_id=item.run_id, page=item.page, key=item.key, at=item.at)
    return [*last.exclude(pk__in=[each.pk for each in found]).order_by("-pk")[:1], *found]


def item_of(attempt: Attempt) -> Item | None:
    """What is remembered of the record for ever."""
    return Item.objects.filter(service_id=attempt.service_id, key=attempt.key).defer("content").first()


def items_of(rows: Collection[Attempt]) -> dict[tuple[int, str], Item]:
    """What is remembered of the records of some rows, by service and key."""
    asked = [[row.service_id for row in rows], [row.key for row in rows]]
    known = Item.objects.extra(
        where=["(service_id, key) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"], params=asked
    )
    return {(item.service_id, item.key): item for item in known.defer("content")}


def without_days(choice: ReportChoice) -> ReportChoice:
    """The same choice of all days."""
    return replace(choice, first=None, last=None)
