"""The list of connectors, a connector's page, testing it and removing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from topstitch.errors import ConfigError
from topstitch.sdk.model import Check
from topstitch.store.actions.connector_checks import check_by_hand
from topstitch.store.actions.connectors import remove_connector
from topstitch.store.models import Connector, ConnectorCheck
from topstitch.store.queries.connectors import (
    askers_of,
    budget_use,
    checks_of,
    ends_of_tokens,
    find_connector,
    health_days,
    totals_of,
    users_of,
)
from topstitch.store.queries.report import ReportChoice, report_rows
from topstitch.web.access import may, needs
from topstitch.web.components.trouble import Trouble, trouble_of
from topstitch.web.connectors.listing import listing, read_choice
from topstitch.web.queries_in import whole
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.services.listing import rows_of

CHECKS_SHOWN, FAILED_SHOWN, SERVICES_SHOWN = 8, 10, 50
#: What ends sooner renews itself.
LASTING = timedelta(days=1)


@needs("connectors.browse")
@require_safe
def connectors(request: HttpRequest) -> HttpResponse:
    """The list. A part of a page asks for the tiles after those it shows."""
    start = max(whole(request.GET, "start") or 0, 0)
    shown = listing(scope_of(request), read_choice(request.GET), start)
    part = request.headers.get("HX-Request") and start
    template = "connectors/_tiles.html" if part else "connectors/list.html"
    return render(request, template, {"list": shown, "start": start})


@needs("connectors.browse")
@require_safe
def connector(request: HttpRequest, connector_id: int) -> HttpResponse:
    """How it is, who uses it, what did not go through."""
    one = found(find_connector(scope_of(request), connector_id))
    return render(request, "connectors/summary.html", summary(request, one))


def summary(request: HttpRequest, one: Connector) -> dict[str, Any]:
    """What the page says."""
    scope = scope_of(request)
    names = dict(users_of(one).values_list("pk", "name"))
    ids = list(names)
    checks = checks_of(one, CHECKS_SHOWN)
    choice = ReportChoice(services=ids, status="failed")
    return {
        **header(request, one, "connector"),
        "rows": list(rows_of(scope, ids[:SERVICES_SHOWN]).values()),
        "used": len(ids),
        "askers": askers_of(one),
        "totals": totals_of(ids),
        "failed": [
            (attempt, names[attempt.service_id])
            for attempt in (report_rows(scope, choice, size=FAILED_SHOWN).rows if ids else [])
        ],
        "days": health_days(one),
        "checks": checks,
        "steps": steps_of(checks[0]) if checks else [],
        "well": checks[0].ok if checks else True,
        "budget": budget_use(one),
        "ends": ends_of_tokens(one, LASTING),
    }


def header(request: HttpRequest, one: Connector, tab: str) -> dict[str, Any]:
    """What stands above every tab."""
    return {"connector": one, "tab": tab, "tabs": [t for t in TABS if may(request, t[2])]}


#: Slug, name and what a person must be allowed to; slugs are names of addresses.
TABS = (
    ("connector", "Summary", "connectors.browse"),
    ("connector_settings", "Settings", "connectors.view_settings"),
    ("connector_json", "JSON", "connectors.edit_json"),
)


def steps_of(check: ConnectorCheck) -> list[Check]:
    """The steps of a test as it was kept."""
    return [Check(str(s["label"]), bool(s["ok"]), str(s.get("detail", ""))) for s in check.steps]


@needs("connectors.test")
@require_POST
def test(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Test it now. The page takes the steps in; without JavaScript the whole page shows them."""
    one = found(find_connector(scope_of(request), connector_id))
    trial = check_by_hand(one, person=person_of(request))
    if not request.headers.get("HX-Request"):
        return redirect("connector", one.pk)
    one.refresh_from_db(fields=["status", "status_detail", "checked_at"])
    told = trouble_of(trial.error, one.name) if trial.error else None
    edit = reverse("connector_settings", args=[one.pk])
    context = {
        "edit": edit,
        "connector": one,
        "steps": trial.checks,
        "well": trial.passed,
        "told": told,
        "swapped": True,
    }
    return render(request, "connectors/_checked.html", context)


@needs("connectors.delete")
@require_POST
def remove(request: HttpRequest, connector_id: int) -> HttpResponse:
    """For good, once its name has been typed."""
    one = found(find_connector(scope_of(request), connector_id))
    if request.POST.get("typed", "").strip() != one.name:
        return _stays(request, one, Trouble("Nothing was removed.", one.name, hint=f"Type {one.name} to confirm it."))
    try:
        remove_connector(one, person=person_of(request))
    except ConfigError as error:
        return _stays(request, one, trouble_of(error, one.name))
    messages.success(request, f"{one.name} is removed, with its credentials.")
    return redirect("connectors")


def _stays(request: HttpRequest, one: Connector, told: Trouble) -> HttpResponse:
    return render(request, "connectors/summary.html", {**summary(request, one), "refused": told})
