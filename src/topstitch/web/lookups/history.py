"""The versions of a table: what each changed, and going back to one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.lookups import restore_lookup
from topstitch.store.lookups.changes import KEPT
from topstitch.store.queries.lookups import SHOWN, differences, find_table, find_version, versions_page
from topstitch.web.access import needs
from topstitch.web.lookups.editing import tell
from topstitch.web.lookups.words import header
from topstitch.web.queries_in import whole
from topstitch.web.scope import company_of, found, person_of


@needs("lookups.view")
@require_safe
def versions(request: HttpRequest, table_id: int) -> HttpResponse:
    """Newest first."""
    table = found(find_table(company_of(request), table_id))
    rows = versions_page(table, after=whole(request.GET, "after"), before=whole(request.GET, "before"))
    return render(
        request, "lookups/versions.html", {**header(request, table, "versions"), "versions": rows, "kept": KEPT}
    )


@needs("lookups.view")
@require_safe
def version(request: HttpRequest, table_id: int, number: int) -> HttpResponse:
    """What a version changed, pair by pair."""
    table = found(find_table(company_of(request), table_id))
    shown = found(find_version(table, number))
    context = {
        **header(request, table, "versions"),
        "version": shown,
        "differences": differences(shown),
        "more": shown.added + shown.removed + shown.changed + shown.moved > SHOWN,
        "shown": SHOWN,
    }
    return render(request, "lookups/version.html", context)


@needs("lookups.update")
@require_POST
def restore(request: HttpRequest, table_id: int, number: int) -> HttpResponse:
    """The table becomes what it was in a version; that is a new version."""
    table = found(find_table(company_of(request), table_id))
    found(find_version(table, number))
    tell(request, restore_lookup(table, number, person=person_of(request)))
    return redirect("lookup", table_id)
