"""The first screen: what needs a person, and what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.attention import next_services, troubled_runs
from topstitch.web.scope import scope_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All well is one quiet sentence."""
    scope = scope_of(request)
    return render(request, "home/home.html", {"runs": troubled_runs(scope), "coming": next_services(scope)})
