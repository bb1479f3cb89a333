"""Views of the report that are kept under a name: shown, saved, removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from topstitch.errors import ConfigError
from topstitch.store.actions.reports import remove_view, save_view
from topstitch.store.models import SavedView
from topstitch.store.queries.views import find_view
from topstitch.web.access import needs
from topstitch.web.answers import drawer_or_page
from topstitch.web.components.trouble import wrong_here
from topstitch.web.components.widgets import Switch
from topstitch.web.scope import company_of, found, person_of, scope_of

#: Where a person is in a list, which is no part of what a view shows.
PLACE = ("after", "before")
STANDARD = (("", "All records"), ("status=trouble", "Not through"))


class ViewForm(forms.Form):
    """A name for the list as it is."""

    name = forms.CharField(label="Name", max_length=80)
    shared = forms.BooleanField(
        label="Everybody in the company sees it", required=False, widget=Switch, help_text="Only you can change it."
    )


def shown_views(request: HttpRequest, views: Sequence[SavedView]) -> dict[str, Any]:
    """The views to choose from, which of them is on show, and the present one if it is the person's own."""
    now = plain_query(request.GET)
    mine = person_of(request).pk
    own = next((view for view in views if view.owner_id == mine and plain_query(QueryDict(view.query)) == now), None)
    entries = [*STANDARD, *((view.query, view.name) for view in views)]
    queries = [plain_query(QueryDict(query)) for query, _ in entries]
    home = reverse("reports")
    return {
        "views": [
            (f"{home}?{query}" if query else home, words, query)
            for query, (_, words) in zip(queries, entries, strict=True)
        ],
        "view_now": now,
        "own_view": own,
    }


def plain_query(query: QueryDict) -> str:
    """What a list is narrowed down to, always written in the same way: without the place in it and what is empty."""
    kept = QueryDict(mutable=True)
    for name in sorted(query):
        values = [value for value in query.getlist(name) if value]
        if values and name not in PLACE:
            kept.setlist(name, values)
    return kept.urlencode()


@needs("views.save")
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the address shows under a name."""
    query = plain_query(QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET)
    form = ViewForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _saved(request, form, query):
        return redirect(f"{reverse('reports')}?{query}")
    return drawer_or_page(request, "reports/_save.html", "reports/save.html", {"form": form, "query": query})


def _saved(request: HttpRequest, form: ViewForm, query: str) -> bool:
    name, shared = form.cleaned_data["name"], form.cleaned_data["shared"]
    try:
        save_view(company_of(request), person_of(request), name, query, shared=shared)
    except ConfigError as error:
        form.add_error("name", wrong_here(error))
        return False
    messages.success(request, f"The view {name} is saved.")
    return True


@needs("views.save")
@require_POST
def remove(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    person = person_of(request)
    view = found(find_view(scope_of(request), person.pk, view_id))
    if view.owner_id != person.pk:
        messages.error(request, f"The view {view.name} is {view.owner}'s: only they can remove it.")
    else:
        remove_view(view, person=person)
        messages.success(request, f"The view {view.name} is removed.")
    return redirect("reports")
