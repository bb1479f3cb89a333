"""A person's own settings."""

from __future__ import annotations

from topstitch.accounts.models import User


def update_account(person: User, *, name: str, zone: str, theme: str) -> None:
    """How they are called and how they like it. It concerns nobody else, so no company's audit log tells of it."""
    person.name, person.zone, person.theme = name, zone, theme
    person.save(update_fields=["name", "zone", "theme"])
