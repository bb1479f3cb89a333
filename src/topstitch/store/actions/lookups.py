"""Lookup tables: replacing their pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, LookupPair, LookupTable

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def save_lookup(
    company: Company, name: str, pairs: Sequence[tuple[str, str]], *, person: User | None = None
) -> LookupTable:
    """The table of this name with exactly these pairs, in this order."""
    table, created = LookupTable.objects.get_or_create(company=company, name=name)
    before = table.pairs.count()
    table.pairs.all().delete()
    LookupPair.objects.bulk_create(
        [LookupPair(table=table, position=n, left=left, right=right) for n, (left, right) in enumerate(pairs)],
        batch_size=5000,
    )
    table.save(update_fields=["updated_at"])
    audit(
        "create" if created else "update",
        "lookup",
        table.pk,
        name,
        company=company,
        person=person,
        before={"pairs": before},
        after={"pairs": len(pairs)},
    )
    return table
