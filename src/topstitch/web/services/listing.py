"""What the services list shows: tabs, choices, and a page of rows grouped by source system and by activity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import QueryDict
from django.utils.safestring import SafeString

from topstitch.alerts.queries.rules import Rules
from topstitch.store.models import Service
from topstitch.store.queries.runs import LastRun, last_runs
from topstitch.store.queries.scope import Scope
from topstitch.store.queries.services import Choice, Entry, matching, service_index, service_rows
from topstitch.web.components.schedules import schedule_words, schedules_in_json
from topstitch.web.components.seam import seam, seam_state
from topstitch.web.components.words import counted, system_name
from topstitch.web.queries_in import one_of, text, whole

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A service in the list."""

    service: Service
    seam: SafeString
    schedule: str
    runs: Sequence[LastRun]
    #: Whether somebody is told when it fails.
    alerts: bool

    @property
    def last(self) -> LastRun | None:
        """The newest run."""
        return self.runs[0] if self.runs else None


@dataclass(frozen=True, slots=True)
class Panel:
    """The active or the inactive services of one source system. `count` is of the whole list, not of this page."""

    system: str
    active: bool
    count: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Tab:
    """A company group."""

    id: int | None
    name: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole screen."""

    choice: Choice
    tabs: Sequence[Tab]
    systems: Sequence[tuple[str, str]]
    entities: Sequence[str]
    panels: Sequence[Panel]
    found: int
    total: int
    #: Where the next page begins, None when this is the last.
    next: int | None

    @property
    def narrowed(self) -> bool:
        """Whether something was chosen beside a group."""
        return self.choice != Choice(group=self.choice.group)

    @property
    def counted(self) -> str:
        """How many there are."""
        return counted(self.total, "service") if self.total else ""


def read_choice(query: QueryDict) -> Choice:
    """The choice that an address names."""
    return Choice(
        text=text(query, "q"),
        group=whole(query, "group"),
        status=one_of(query, "status", ("active", "inactive")),
        system=text(query, "system"),
        entity=text(query, "entity"),
    )


def listing(scope: Scope, choice: Choice, start: int) -> Listing:
    """The services that a choice keeps, from place `start` on."""
    index = service_index(scope)
    in_group = matching(index, Choice(group=choice.group))
    kept = matching(in_group, choice)
    shown = kept[start : start + ROWS_A_PAGE]
    return Listing(
        choice=choice,
        tabs=_tabs(scope, index, choice.group),
        systems=sorted(((e, system_name(e)) for e in {e.source for e in in_group}), key=lambda pair: pair[1]),
        entities=sorted({e.source_entity for e in in_group}),
        panels=_panels(scope, kept, shown),
        found=len(kept),
        total=len(in_group),
        next=start + ROWS_A_PAGE if len(kept) > start + ROWS_A_PAGE else None,
    )


def _tabs(scope: Scope, index: Sequence[Entry], current: int | None) -> list[Tab]:
    counts = Counter(entry.group for entry in index)
    several = len(scope.companies) > 1
    groups = scope.groups().select_related("company").order_by("company__name", "name")
    tabs = [
        Tab(g.pk, f"{g.company.name}: {g.name}" if several else g.name, counts[g.pk], g.pk == current) for g in groups
    ]
    return [Tab(None, "All groups", len(index), current is None), *tabs] if len(tabs) > 1 else []


def _panels(scope: Scope, kept: Sequence[Entry], shown: Sequence[Entry]) -> list[Panel]:
    counts = Counter((entry.source, entry.active) for entry in kept)
    made = rows_of(scope, [entry.id for entry in shown])
    return [
        Panel(system, active, counts[system, active], [made[entry.id] for entry in entries])
        for (system, active), entries in groupby(shown, key=lambda e: (e.source, e.active))
    ]


def rows_of(scope: Scope, ids: Sequence[int]) -> dict[int, Row]:
    """Rows of the list, by the ids of their services; three questions, however many there are."""
    services = service_rows(scope, ids)
    runs, rules = last_runs(scope, services), Rules(scope.companies)
    return {
        pk: _row(service, runs.get(pk, ()), alerts=rules.of(pk, service.group.company_id).on)
        for pk, service in services.items()
    }


def _row(service: Service, runs: Sequence[LastRun], *, alerts: bool) -> Row:
    schedules = schedules_in_json(getattr(service, "schedules", None))
    words = schedule_words(schedules, webhook=getattr(service, "webhook", None) == "true")
    return Row(service, picture(service, runs[0].status if runs else ""), words, runs, alerts)


def picture(service: Service, last_status: str) -> SafeString:
    """The small seam of a service."""
    return seam(
        service.source.system,
        service.source_entity,
        service.destination.system,
        service.destination_entity,
        seam_state(service.active, last_status),
    )
