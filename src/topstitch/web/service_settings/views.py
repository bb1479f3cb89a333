"""The settings tab: status, name, notes, the last revisions; and removing the service."""

from __future__ import annotations

from typing import Any

from django.conf import settings as installation
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from topstitch.errors import TopstitchError
from topstitch.store.actions.removal import remove_service
from topstitch.store.actions.revisions import rename_service
from topstitch.store.models import Service
from topstitch.store.queries.notes import notes_of
from topstitch.store.queries.revisions import revisions_of
from topstitch.store.queries.runs import going_runs
from topstitch.store.queries.services import find_service
from topstitch.web.access import may, needs
from topstitch.web.components.trouble import refuse
from topstitch.web.queries_in import whole
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.service_settings.forms import NameForm, NoteForm, RemoveForm
from topstitch.web.service_settings.noting import told_notes
from topstitch.web.services.views import header

#: Revisions that the tab shows of all.
FEW = 5


@needs("services.view_settings", change="services.update")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, service_id: int) -> HttpResponse:
    """The tab; sent is the form of name and type."""
    service = found(find_service(scope_of(request), service_id))
    form = name_form(request, service, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rename_service(service, **form.cleaned_data, person=person_of(request))
        except TopstitchError as error:
            refuse(form, error)
        else:
            messages.success(request, "The name is saved." if "type" not in form.fields else "Name and type are saved.")
            return redirect("service_settings", service_id)
    return settings_page(request, service, naming=form)


def name_form(request: HttpRequest, service: Service, data: Any = None) -> NameForm:
    """Its type is asked only of those who may change it."""
    return NameForm(service, data, advanced=may(request, "services.edit_json"))


def settings_page(request: HttpRequest, service: Service, **forms: Any) -> HttpResponse:
    """The tab with what somebody sent and was refused: `naming`, `noting`."""
    notes = notes_of(service, after=whole(request.GET, "after"), before=whole(request.GET, "before"))
    context = {
        **header(request, service, "settings"),
        "naming": name_form(request, service),
        "noting": NoteForm(),
        **forms,
        "notes": notes,
        "told": told_notes(request, notes.rows),
        "revisions": revisions_of(service, size=FEW),
    }
    return render(request, "service_settings/settings.html", context)


@needs("services.delete")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, service_id: int) -> HttpResponse:
    """What goes and what stays, and the name to be typed."""
    service = found(find_service(scope_of(request), service_id))
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            remove_service(service, typed=form.cleaned_data["typed"], person=person_of(request))
        except TopstitchError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{service.name} is removed.")
            return redirect("services")
    context = {
        **header(request, service, "settings"),
        "form": form,
        "going": going_runs(service),
        "days": installation.KEEP_REPORT_DAYS,
    }
    return render(request, "service_settings/remove.html", context)
