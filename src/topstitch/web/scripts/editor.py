"""The editor: a new script, or the next version of one; tried before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from topstitch.errors import TopstitchError
from topstitch.scripts.failures import MODULES
from topstitch.store.actions.scripts import create_script, save_script
from topstitch.store.models import Script
from topstitch.store.queries.scripts import Use, failed_runs_of, find_script, troubles_of, version_of, who_uses
from topstitch.web.access import may, needs
from topstitch.web.scope import company_of, found, person_of
from topstitch.web.scripts.beginnings import BEGINNINGS, beginning
from topstitch.web.scripts.forms import ScriptForm, initial_from, initial_of
from topstitch.web.scripts.trying import Tried, tried

#: The part of the page that a test changes.
RESULT = "tried"


@needs("scripts.update")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new script, begun with one of a few beginnings."""
    begin = beginning(request.GET.get("from", ""))
    context = {"script": None, "begin": begin, "beginnings": BEGINNINGS}
    if request.method != "POST":
        return _page(request, ScriptForm(initial=initial_from(begin)), context)
    form = ScriptForm(request.POST)
    if request.POST.get("do") == "try":
        return _try(request, form, context)
    if form.is_valid():
        try:
            name = form.cleaned_data["name"]
            made = create_script(company_of(request), name, form.draft(), person=person_of(request))
        except TopstitchError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{made.name} is added.")
            return redirect("script", made.pk)
    return _page(request, form, context)


@needs("scripts.view", change="scripts.update")
@require_http_methods(["GET", "HEAD", "POST"])
def script(request: HttpRequest, script_id: int) -> HttpResponse:
    """One script: its latest version, who uses it, what failed by it. Sent, it is tried or saved."""
    shown = found(find_script(company_of(request), script_id))
    latest = version_of(shown)
    uses = who_uses(shown)
    context = {
        "script": shown,
        "version": latest,
        "tab": "code",
        "following": _services(uses, lambda use: use.version is None),
        "staying": _services(uses, lambda use: use.version is not None),
        "uses": uses,
        "troubles": troubles_of(shown),
        "failed_runs": failed_runs_of(shown, uses),
    }
    if request.method != "POST":
        return _page(request, ScriptForm(script=shown, initial=initial_of(shown, latest)), context)
    form = ScriptForm(request.POST, script=shown)
    if request.POST.get("do") == "try":
        return _try(request, form, context)
    if form.is_valid():
        try:
            saved = save_script(shown.company, shown.name, form.draft(), person=person_of(request))
        except TopstitchError as error:
            form.refuse(error)
        else:
            _tell(request, latest.number, saved)
            return redirect("script", script_id)
    return _page(request, form, context)


def _services(uses: Sequence[Use], wanted: Any) -> list[Use]:
    """One use of each service."""
    return list({use.service_id: use for use in uses if wanted(use)}.values())


def _tell(request: HttpRequest, before: int, saved: Script) -> None:
    if saved.version == before:
        messages.info(request, "Saved. The code is the same, so there is no new version.")
    else:
        messages.success(request, f"Saved as version {saved.version}. Runs that start from now on use it.")


def _try(request: HttpRequest, form: ScriptForm, context: dict[str, Any]) -> HttpResponse:
    form.fields.pop("name", None)
    company, outcome = company_of(request), None
    if form.is_valid():
        shown = context["script"]
        name = shown.name if shown else request.POST.get("name", "")[:200]
        values = form.cleaned_data
        outcome = tried(company, name, form.draft(), values["sample"], each=values["each"])
    if request.headers.get("HX-Target") == RESULT:
        return render(request, "scripts/_tried.html", {"outcome": outcome, "form": form})
    fresh = ScriptForm(request.POST, script=context["script"])
    fresh.is_valid()
    return _page(request, fresh, context, outcome)


def _page(
    request: HttpRequest, form: ScriptForm, context: dict[str, Any], outcome: Tried | None = None
) -> HttpResponse:
    more = {"form": form, "outcome": outcome, "modules": MODULES, "edits": may(request, "scripts.update")}
    return render(request, "scripts/script.html", {**context, **more})
