"""Notes: written on the settings tab, changed on a page of their own, removed by a button."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from topstitch.errors import TopstitchError
from topstitch.store.actions.notes import add_note, edit_note, remove_note
from topstitch.store.models import Service, ServiceNote
from topstitch.store.queries.notes import find_note
from topstitch.store.queries.services import find_service
from topstitch.web.access import may, needs
from topstitch.web.components.trouble import refuse
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.service_settings.forms import NoteForm
from topstitch.web.services.views import header
from topstitch.web.tried import from_button


def told_notes(request: HttpRequest, notes: Sequence[ServiceNote]) -> list[tuple[ServiceNote, bool]]:
    """Each note with whether this person may change it; as `store.actions.notes.may_change`, asked once for all."""
    writes, moderates = may(request, "services.note"), may(request, "services.moderate_notes")
    me = person_of(request).pk
    return [(note, moderates or (writes and note.person_id == me)) for note in notes]


@needs("services.note")
@require_POST
def write(request: HttpRequest, service_id: int) -> HttpResponse:
    """A new note."""
    from topstitch.web.service_settings.views import settings_page

    service = found(find_service(scope_of(request), service_id))
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            add_note(service, form.cleaned_data["note"], person=person_of(request))
        except TopstitchError as error:
            refuse(form, error)
        else:
            return redirect(f"{reverse('service_settings', args=[service_id])}#notes")
    return settings_page(request, service, noting=form)


@needs("services.note")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, service_id: int, note_id: int) -> HttpResponse:
    """What a note says."""
    service, note = _found(request, service_id, note_id)
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"note": note.text})
    if request.method == "POST" and form.is_valid():
        try:
            edit_note(note, form.cleaned_data["note"], person=person_of(request))
        except TopstitchError as error:
            refuse(form, error)
        else:
            messages.success(request, "The note is saved.")
            return redirect(f"{reverse('service_settings', args=[service_id])}#notes")
    own = told_notes(request, [note])[0][1]
    context = {**header(request, service, "settings"), "form": form, "note": note, "own": own}
    return render(request, "service_settings/note.html", context)


@needs("services.note")
@require_POST
def take_away(request: HttpRequest, service_id: int, note_id: int) -> HttpResponse:
    """A note is removed."""
    _, note = _found(request, service_id, note_id)
    act = lambda: remove_note(note, person=person_of(request))  # noqa: E731  # one thing to do, passed on
    return from_button(request, act, "The note is removed.", "service_settings", service_id=service_id)


def _found(request: HttpRequest, service_id: int, note_id: int) -> tuple[Service, ServiceNote]:
    service = found(find_service(scope_of(request), service_id))
    return service, found(find_note(service, note_id))
