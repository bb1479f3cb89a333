"""User-made systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, UserSystem

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def save_system(definition: Mapping[str, Any], *, company: Company, person: User | None = None) -> UserSystem:
    """Create a user-made system or replace the one of its slug. Raises ConfigError for what cannot be read."""
    entry = system_from_data(definition)
    CATALOGUE.add(entry)
    row = UserSystem.objects.filter(slug=entry.slug).first()
    before = row.definition if row else None
    row = row or UserSystem(slug=entry.slug)
    row.definition = dict(definition)
    row.save()
    verb = "update" if before else "create"
    audit(verb, "system", row.pk, entry.name, company=company, person=person, before=before, after=row.definition)
    return row
