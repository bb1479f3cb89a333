"""The list of custom scripts, and removing one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.scripts import delete_script
from topstitch.store.queries.scripts import LISTED, find_script, script_lines
from topstitch.web.access import needs
from topstitch.web.queries_in import text
from topstitch.web.scope import company_of, found, person_of
from topstitch.web.scripts.beginnings import BEGINNINGS
from topstitch.web.tried import remove_by_name


@needs("scripts.view")
@require_safe
def scripts(request: HttpRequest) -> HttpResponse:
    """By name, with where each is used and what failed by it."""
    words = text(request.GET, "q")
    lines = script_lines(company_of(request), text=words)
    context = {
        "lines": lines[:LISTED],
        "more": len(lines) > LISTED,
        "shown": LISTED,
        "words": words,
        "beginnings": BEGINNINGS,
    }
    return render(request, "scripts/list.html", context)


@needs("scripts.update")
@require_POST
def remove(request: HttpRequest, script_id: int) -> HttpResponse:
    """With all its versions, once its name has been typed; one that is used stays."""
    shown = found(find_script(company_of(request), script_id))
    return remove_by_name(
        request,
        shown.name,
        lambda: delete_script(shown, person=person_of(request)),
        stay="script",
        leave="scripts",
        script_id=script_id,
    )
