"""The first screen: what needs a person, what moves, what comes next, who changed what."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from topstitch.store.queries.engine_state import engine_state
from topstitch.store.queries.home import begun, next_services, volumes
from topstitch.web.access import may, needs
from topstitch.web.home.changed import changed
from topstitch.web.home.needs import needs_of
from topstitch.web.home.steps import first_steps
from topstitch.web.scope import scope_of

VOLUMES = 8
#: Times move on by themselves: that they say something else is no news.
_TIME = re.compile(r'<time datetime="([^"]+)"[^>]*>[^<]*</time>')


@needs("home.view")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All well is one quiet sentence. A page that is open asks whether anything is new; if not it is left alone."""
    context = _context(request)
    body = render_to_string("home/_home.html", context, request)
    digest = blake2b(_TIME.sub(r"\1", body).encode(), digest_size=8).hexdigest()
    if request.headers.get("HX-Request"):
        if request.GET.get("seen") == digest:
            return HttpResponse(status=204)
        return render(request, "home/_news.html", {**context, "body": body, "digest": digest})
    return render(request, "home/home.html", {**context, "body": body, "digest": digest})


def _context(request: HttpRequest) -> dict[str, Any]:
    scope, engine = scope_of(request), engine_state()
    sections = needs_of(scope, workers=engine.workers)
    today = volumes(scope, VOLUMES)
    return {
        "engine": engine,
        "steps": first_steps(request, begun(scope)),
        "sections": sections,
        "count": sum(section.count for section in sections),
        "today": today,
        "most": max((max(each.done + each.bad, each.yesterday) for each in today.services), default=0),
        "coming": next_services(scope),
        "changes": changed(scope) if may(request, "audit.view") else [],
    }
