"""The versions of a script: what each changed, and going back to one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from topstitch.errors import TopstitchError
from topstitch.store.actions.scripts import restore_script
from topstitch.store.queries.scripts import find_script, find_version, versions_page, who_uses
from topstitch.web.access import needs
from topstitch.web.queries_in import whole
from topstitch.web.scope import company_of, found, person_of


@needs("scripts.view")
@require_safe
def versions(request: HttpRequest, script_id: int) -> HttpResponse:
    """Newest first, with the services that stay at one."""
    script = found(find_script(company_of(request), script_id))
    rows = versions_page(script, after=whole(request.GET, "after"), before=whole(request.GET, "before"))
    uses = who_uses(script)
    lines = [(row, sorted({use.service for use in uses if use.version == row.number})) for row in rows.rows]
    context = {"script": script, "tab": "versions", "versions": rows, "lines": lines}
    return render(request, "scripts/versions.html", context)


@needs("scripts.view")
@require_safe
def version(request: HttpRequest, script_id: int, number: int) -> HttpResponse:
    """A version beside the one before it."""
    script = found(find_script(company_of(request), script_id))
    shown = found(find_version(script, number))
    before = find_version(script, number - 1)
    context = {
        "script": script,
        "tab": "versions",
        "version": shown,
        "before": before,
        "settings_before": _settings(before) if before else {},
        "settings_after": _settings(shown),
    }
    return render(request, "scripts/version.html", context)


def _settings(version: object) -> dict[str, object]:
    return {name: getattr(version, name) for name in ("timeout", "memory", "variables")}


@needs("scripts.update")
@require_POST
def restore(request: HttpRequest, script_id: int, number: int) -> HttpResponse:
    """What a version was becomes the newest version."""
    script = found(find_script(company_of(request), script_id))
    chosen = found(find_version(script, number))
    try:
        saved = restore_script(script, chosen, person=person_of(request))
    except TopstitchError as error:
        messages.error(request, f"{error.message} {error.hint}")
    else:
        messages.success(request, f"Version {number} is restored as version {saved.version}.")
    return redirect("script", script_id)
