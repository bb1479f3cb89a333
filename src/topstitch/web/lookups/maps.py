"""Shipment and payment maps: two lookup tables of each company group, under their own names."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from topstitch.store.actions.lookups import create_lookup
from topstitch.store.queries.companies import find_group, groups_of
from topstitch.store.queries.lookups import group_tables
from topstitch.web.access import needs
from topstitch.web.lookups.words import MAPS
from topstitch.web.scope import company_of, found, person_of


@needs("lookups.view")
@require_safe
def maps(request: HttpRequest) -> HttpResponse:
    """Every group with its two maps."""
    company = company_of(request)
    there = group_tables(company, [name for name, _ in MAPS.values()])
    rows = [
        (group, [(which, title, there.get((group.pk, name))) for which, (name, title) in MAPS.items()])
        for group in groups_of(company)
    ]
    return render(request, "lookups/maps.html", {"tab": "maps", "rows": rows})


@needs("lookups.view", change="lookups.update")
@require_http_methods(["GET", "HEAD", "POST"])
def map_of_group(request: HttpRequest, group_id: int, which: str) -> HttpResponse:
    """A group's map: leads to its table; where there is none yet says what it is for, and starts it."""
    if which not in MAPS:
        raise Http404
    company = company_of(request)
    group = found(find_group(company, group_id))
    name, title = MAPS[which]
    known = group_tables(company, [name]).get((group.pk, name))
    if known is not None:
        return redirect("lookup", known.table_id)
    if request.method == "POST":
        made = create_lookup(company, name, group=group, person=person_of(request))
        return redirect("lookup_edit", made.pk)
    return render(request, "lookups/map.html", {"group": group, "which": which, "name": name, "title": title})
