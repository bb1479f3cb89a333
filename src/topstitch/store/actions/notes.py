"""Notes of services: written by whoever may, changed and removed by their author or an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import may, require
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.models import Service, ServiceNote

if TYPE_CHECKING:
    from topstitch.accounts.models import User

MAX_NOTE = 4000


@transaction.atomic
def add_note(service: Service, text: str, *, person: User | None = None) -> ServiceNote:
    """Write a note. Raises ConfigError for a person who may not, or for nothing, or too much."""
    require(person, service.group.company, "services.note")
    note = ServiceNote.objects.create(service=service, person=person, text=_checked(text))
    _audit("create", note, person, after=note.text)
    return note


@transaction.atomic
def edit_note(note: ServiceNote, text: str, *, person: User | None = None) -> None:
    """Change what a note says. Raises ConfigError as `add_note` does, and for a note of somebody else."""
    _own(note, person)
    before, note.text = note.text, _checked(text)
    if before == note.text:
        return
    note.edited_at = timezone.now()
    note.save(update_fields=["text", "edited_at"])
    _audit("update", note, person, before=before, after=note.text)


@transaction.atomic
def remove_note(note: ServiceNote, *, person: User | None = None) -> None:
    """Take a note away. Raises ConfigError for a note of somebody else."""
    _own(note, person)
    _audit("delete", note, person, before=note.text)
    note.delete()


def may_change(note: ServiceNote, person: User | None) -> bool:
    """Whether a note is this person's to change: they wrote it and may write still, or they look after all of them."""
    company = note.service.group.company
    if person is not None and note.person_id == person.pk and may(person, company, "services.note"):
        return True
    return may(person, company, "services.moderate_notes")


def _own(note: ServiceNote, person: User | None) -> None:
    if not may_change(note, person):
        raise ConfigError(
            "only its author and administrators may change a note", key="permission", hint="Write a note of your own."
        )


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise ConfigError("the note is empty", key="note", hint="Write what colleagues should know.")
    if len(text) > MAX_NOTE:
        raise ConfigError(
            f"the note has {len(text):,} characters; {MAX_NOTE:,} is the most", key="note", hint="Write it in two."
        )
    return text


def _audit(verb: str, note: ServiceNote, person: User | None, *, before: str = "", after: str = "") -> None:
    service = note.service
    audit(
        verb,
        "note",
        note.pk,
        service.name,
        company=service.group.company,
        person=person,
        before={"note": before} if before else None,
        after={"note": after, "service": service.pk} if after else {"service": service.pk},
    )
