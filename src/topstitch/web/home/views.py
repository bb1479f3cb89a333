"""The first screen: what needs a person, and what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.attention import left_over, next_services, troubled_runs
from topstitch.web.access import needs
from topstitch.web.scope import scope_of


@needs("home.view")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All well is one quiet sentence."""
    scope = scope_of(request)
    runs = troubled_runs(scope)
    shown = {run.service_id for run in runs}
    quiet = [each for each in left_over(scope) if each.service_id not in shown]
    return render(request, "home/home.html", {"runs": runs, "quiet": quiet, "coming": next_services(scope)})
