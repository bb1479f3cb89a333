"""The list of lookup tables, a new one, and one table with its pairs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from topstitch.store.actions.lookups import create_lookup, delete_lookup
from topstitch.store.models import Company
from topstitch.store.queries.companies import find_group, groups_of
from topstitch.store.queries.lookups import (
    LISTED,
    fields_of,
    find_table,
    pairs_page,
    scripts_naming,
    table_lines,
    users_of,
)
from topstitch.web.access import needs
from topstitch.web.lookups.trying import tried
from topstitch.web.lookups.words import header
from topstitch.web.queries_in import large, text, whole
from topstitch.web.scope import company_of, found, person_of
from topstitch.web.tried import from_form, remove_by_name


class NewTable(forms.Form):
    """A table to be made."""

    name = forms.CharField(
        max_length=200,
        validators=[ProhibitNullCharactersValidator()],
        help_text="Mappings and files call it by this name, so it stays.",
    )
    group = forms.TypedChoiceField(
        label="For",
        coerce=int,
        help_text="A group’s own table goes before the company’s of the same name, in the services of that group.",
    )

    def __init__(self, company: Company, data: Any = None) -> None:
        super().__init__(data)
        groups = [(group.pk, f"{group.name} only") for group in groups_of(company)]
        field = self.fields["group"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(0, "All groups of the company"), *groups]


@needs("lookups.view")
@require_safe
def lookups(request: HttpRequest) -> HttpResponse:
    """By name, with who uses each and who changed it last."""
    company, words, group = company_of(request), text(request.GET, "q"), whole(request.GET, "group")
    lines = table_lines(company, text=words, group=group)
    context = {
        "tab": "tables",
        "lines": lines[:LISTED],
        "more": len(lines) > LISTED,
        "shown": LISTED,
        "words": words,
        "group": group,
        "groups": groups_of(company),
    }
    return render(request, "lookups/list.html", context)


@needs("lookups.update")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new table, empty; then its pairs are typed or imported."""
    company = company_of(request)
    form = NewTable(company, request.POST if request.method == "POST" else None)

    def act(values: dict[str, Any]) -> Any:
        group = find_group(company, values["group"]) if values["group"] else None
        return create_lookup(company, values["name"], group=group, person=person_of(request))

    if form.is_bound and (made := from_form(form, act)):
        messages.success(request, f"{made.name} is added.")
        return redirect("lookup", made.pk)
    return render(request, "lookups/new.html", {"form": form})


@needs("lookups.view")
@require_safe
def table(request: HttpRequest, table_id: int) -> HttpResponse:
    """Its pairs in order, a value to try, and who uses it."""
    shown = found(find_table(company_of(request), table_id))
    words = text(request.GET, "q")
    context = header(request, shown, "pairs")
    fields = fields_of(shown) if context["look"].ways else []
    context |= {
        "words": words,
        "pairs": pairs_page(shown, text=words, after=large(request.GET, "after"), before=large(request.GET, "before")),
        "users": users_of(shown),
        "naming": scripts_naming(shown),
        "fields": fields,
        "tried": tried(shown, request.GET, by_row=context["look"].ways),
    }
    return render(request, "lookups/table.html", context)


@needs("lookups.update")
@require_POST
def remove(request: HttpRequest, table_id: int) -> HttpResponse:
    """With all its versions, once its name has been typed; one that is used stays."""
    shown = found(find_table(company_of(request), table_id))
    return remove_by_name(
        request,
        shown.name,
        lambda: delete_lookup(shown, person=person_of(request)),
        stay="lookup",
        leave="lookups",
        table_id=table_id,
    )
