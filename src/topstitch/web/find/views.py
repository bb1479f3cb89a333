"""Find a record: the page with all that was found, and the suggestions under the field on top of every page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.find import find
from topstitch.web.access import needs
from topstitch.web.queries_in import text
from topstitch.web.scope import scope_of

SUGGESTED = 6
SHOWN = 50


@needs("find.search")
@require_safe
def find_page(request: HttpRequest) -> HttpResponse:
    """What was found, by kind."""
    suggest = request.headers.get("HX-Target") == "options"
    found = find(scope_of(request), text(request.GET, "q"), SUGGESTED if suggest else SHOWN)
    return render(request, "find/_options.html" if suggest else "find/find.html", {"found": found})
