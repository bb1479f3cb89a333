"""The conversation of a service."""

from __future__ import annotations

from topstitch.store.models import Service, ServiceNote
from topstitch.store.queries.keyset import Window, window

NOTES_A_PAGE = 20


def notes_of(service: Service, *, after: int | None = None, before: int | None = None) -> Window[ServiceNote]:
    """Some notes of a service, newest first."""
    notes = ServiceNote.objects.filter(service=service).select_related("person")
    return window(notes, by="pk", size=NOTES_A_PAGE, after=after, before=before)


def find_note(service: Service, note_id: int) -> ServiceNote | None:
    """A note of this service; None when there is no such note."""
    return ServiceNote.objects.filter(service=service, pk=note_id).select_related("person").first()
