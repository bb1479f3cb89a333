"""Find a record: the page with all that was found, and the suggestions under the field on top of every page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from topstitch.store.queries.find import Found, find, spellings_of
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
    if not suggest and is_one_record(found):
        return redirect(f"{reverse('story')}?{urlencode({'q': found.records[0].name})}")
    return render(request, "find/_options.html" if suggest else "find/find.html", {"found": found})


def is_one_record(found: Found) -> bool:
    """Whether what was typed is the whole name of a record, wherever it went, and nothing else."""
    if found.services or found.runs or not found.records:
        return False
    whole = set(spellings_of(found.text))
    return len({record.name for record in found.records}) == 1 and found.records[0].name in whole
