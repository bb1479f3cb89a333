"""The company one is in: its profile, its groups, the companies linked to it; and going to another one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions import companies as actions
from topstitch.store.queries.companies import find_group, find_linked, groups_of, linked_to
from topstitch.store.queries.scope import Place
from topstitch.web.access import needs, personal
from topstitch.web.queries_in import whole
from topstitch.web.scope import COMPANY, company_of, found, person_of, places_of
from topstitch.web.settings.forms import CompanyForm, NameForm
from topstitch.web.tried import from_button, from_form


@needs("company.view")
@require_safe
def company(request: HttpRequest) -> HttpResponse:
    """The profile, and the companies that are linked to it."""
    return _profile(request, CompanyForm(initial=actions.shown(company_of(request))))


def _profile(request: HttpRequest, form: CompanyForm, linking: NameForm | None = None) -> HttpResponse:
    place = company_of(request)
    context = {
        "tab": "company",
        "company": place,
        "form": form,
        "linking": linking or NameForm(),
        "linked": linked_to(place),
    }
    return render(request, "settings/company.html", context)


@needs("company.update")
@require_POST
def save_company(request: HttpRequest) -> HttpResponse:
    """Another profile."""
    form = CompanyForm(request.POST)
    place = company_of(request)

    def act(values: dict[str, Any]) -> bool:
        actions.update_company(place, values, person=person_of(request))
        return True

    if not from_form(form, act):
        return _profile(request, form)
    messages.success(request, "The company is saved.")
    return redirect("company")


@needs("company.link")
@require_POST
def add_linked(request: HttpRequest) -> HttpResponse:
    """A new company linked to this one."""
    form, place = NameForm(request.POST), company_of(request)
    made = from_form(form, lambda v: actions.add_linked_company(place, v["name"], person=person_of(request)))
    if made is None:
        return _profile(request, CompanyForm(initial=actions.shown(place)), form)
    messages.success(request, f"{made.name} is added and linked.")
    return redirect("company")


@needs("company.link")
@require_POST
def unlink(request: HttpRequest, company_id: int) -> HttpResponse:
    """The link goes, the company stays."""
    other = found(find_linked(company_of(request), company_id))
    done = f"{other.name} is not linked any more. Its own people go on as before."
    return from_button(request, lambda: actions.unlink_company(other, person=person_of(request)), done, "company")


@needs("company.view")
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """The groups and how much is in them."""
    return _groups(request, NameForm())


def _groups(request: HttpRequest, form: NameForm) -> HttpResponse:
    return render(
        request, "settings/groups.html", {"tab": "groups", "groups": groups_of(company_of(request)), "form": form}
    )


@needs("groups.update")
@require_POST
def add_group(request: HttpRequest) -> HttpResponse:
    """One more."""
    form, place = NameForm(request.POST), company_of(request)
    made = from_form(form, lambda values: actions.add_group(place, values["name"], person=person_of(request)))
    if made is None:
        return _groups(request, form)
    messages.success(request, f"The group {made.name} is added.")
    return redirect("groups")


@needs("groups.update")
@require_POST
def rename_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Another name."""
    group = found(find_group(company_of(request), group_id))
    form = NameForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A group needs a name of at most 200 characters.")
        return redirect("groups")
    name = form.cleaned_data["name"]
    return from_button(
        request,
        lambda: actions.rename_group(group, name, person=person_of(request)),
        f"The group is called {name} now.",
        "groups",
    )


@needs("groups.update")
@require_POST
def remove_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """An empty one goes."""
    group = found(find_group(company_of(request), group_id))
    done = f"The group {group.name} is removed."
    return from_button(request, lambda: actions.remove_group(group, person=person_of(request)), done, "groups")


@personal
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Into another of one's companies; on to where the person was going."""
    place = found(_chosen(request))
    request.session[COMPANY] = place.company.pk
    person = person_of(request)
    if person.company_id != place.company.pk:
        person.company_id = place.company.pk
        person.save(update_fields=["company"])
    going = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(going, {request.get_host()}, require_https=request.is_secure()):
        return redirect("home")
    return redirect(going)


def _chosen(request: HttpRequest) -> Place | None:
    wanted = whole(request.POST, "company")
    return next((place for place in places_of(request) if place.company.pk == wanted), None)
