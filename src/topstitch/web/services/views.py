"""The services list and the tabs of a service."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from topstitch.engine.schedule import upcoming
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.services import spec_of
from topstitch.store.models import Service
from topstitch.store.models.run import RunStatus
from topstitch.store.queries.runs import last_runs, runs_of
from topstitch.store.queries.services import find_service
from topstitch.store.queries.volumes import daily_volumes
from topstitch.web.access import needs
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.seam import seam_state
from topstitch.web.queries_in import day, moment, one_of, text, whole
from topstitch.web.scope import scope_of
from topstitch.web.service_settings.gone import removed_page
from topstitch.web.services.edited import drawn_from
from topstitch.web.services.listing import listing, read_choice
from topstitch.web.services.tabs import tabs_of

CHART_DAYS = 14
#: Runs that are shown unless more are asked for.
LATELY = timedelta(hours=24)
MOST_CHART_DAYS = 92


@needs("services.list")
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """The list. A part of a page asks for the rows after those it shows."""
    start = max(whole(request.GET, "start") or 0, 0)
    shown = listing(scope_of(request), read_choice(request.GET), start)
    part = request.headers.get("HX-Request") and start
    return render(request, "services/_panels.html" if part else "services/list.html", {"list": shown, "start": start})


@needs("services.list")
@require_safe
def summary(request: HttpRequest, service_id: int) -> HttpResponse:
    """Transactions a day, and the runs."""
    service = find_service(scope_of(request), service_id)
    if service is None:
        return removed_page(request, service_id)
    first, last = chart_days(request)
    sync_id, status = text(request.GET, "sync_id"), one_of(request.GET, "status", tuple(RunStatus.values))
    every = bool(sync_id) or request.GET.get("runs") == "all"
    runs = runs_of(
        service,
        sync_id=sync_id,
        status=status,
        since=None if every else timezone.now() - LATELY,
        after=moment(request.GET, "after"),
        before=moment(request.GET, "before"),
    )
    context = {
        **header(request, service, "summary"),
        "days": daily_volumes(service, first, last),
        "first": first,
        "last": last,
        "runs": runs,
        "lines": [
            (run, run.ended_at - run.started_at if run.ended_at and run.started_at else None) for run in runs.rows
        ],
        "sync_id": sync_id,
        "status": status,
        "statuses": RunStatus.choices,
        "every": every,
    }
    return render(request, "services/summary.html", context)


def header(request: HttpRequest, service: Service, tab: str) -> dict[str, Any]:
    """What stands above every tab. A configuration that this version cannot read is said to be so, not an error."""
    runs = last_runs(scope_of(request), [service.pk]).get(service.pk, [])
    spec, trouble = readable_spec(service)
    schedules = spec.schedules if spec else []
    return {
        "service": service,
        "kind": f"#{service.pk} · {service.get_type_display()} service of {service.group.name}",
        "tab": tab,
        "tabs": tabs_of(request, service),
        "spec": spec,
        "trouble": trouble,
        "strip_runs": runs,
        "last_run": runs[0] if runs else None,
        "state": seam_state(service.active, runs[0].status if runs else ""),
        "schedule": schedule_words(schedules, webhook=bool(spec and spec.webhook)),
        "upcoming": upcoming(schedules, datetime.now(UTC)) if service.active else [],
        "base": drawn_from(request, service),
    }


def readable_spec(service: Service) -> tuple[Spec | None, str]:
    """The current configuration, or why it cannot be shown."""
    try:
        return spec_of(service), ""
    except (ConfigError, ValueError) as error:
        return None, str(error)


def chart_days(request: HttpRequest) -> tuple[date, date]:
    """The days that the chart covers: the last fortnight unless the address says otherwise."""
    today = datetime.now(UTC).date()
    last = min(day(request.GET, "to") or today, today)
    first = min(day(request.GET, "from") or last - timedelta(days=CHART_DAYS - 1), last)
    return max(first, last - timedelta(days=MOST_CHART_DAYS - 1)), last
