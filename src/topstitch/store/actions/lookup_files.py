"""CSV files for lookup tables: kept with what they would change, until somebody has decided."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.errors import ConfigError
from topstitch.store.actions.lookups import How, Saved, save_lookup
from topstitch.store.lookups.table_csv import Parsed, read_pairs
from topstitch.store.models import LookupTable, LookupUpload
from topstitch.store.queries.lookups import checked_version, differences, hidden

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: How long a file waits.
KEPT = timedelta(days=1)


@transaction.atomic
def upload_pairs(table: LookupTable, name: str, data: bytes, how: How, *, person: User) -> LookupUpload:
    """Keep a CSV file, having tried it; the person's earlier ones for this table go. Raises ConfigError naming wrong lines."""
    parsed = read_pairs(data, name)
    preview = _rehearsed(table, parsed, how, person)
    LookupUpload.objects.filter(at__lt=timezone.now() - KEPT).delete()
    LookupUpload.objects.filter(table=table, person=person).delete()
    return LookupUpload.objects.create(
        table=table, person=person, name=name[:200], data=data, how=how, version=table.version, preview=preview
    )


@transaction.atomic
def apply_upload(upload: LookupUpload, *, person: User) -> Saved:
    """Do what was shown. Raises ConfigError when the table has changed since."""
    table = LookupTable.objects.select_for_update().get(pk=upload.table_id)
    if table.version != upload.version:
        raise ConfigError(
            "the table has been changed since this file was looked at", hint="Look at what the file would change now."
        )
    saved = _save(table, read_pairs(bytes(upload.data), upload.name), upload.how, upload.name, person)
    upload.delete()
    return saved


def forget_upload(upload: LookupUpload, *, person: User) -> None:
    """Decide against it."""
    require(person, upload.table.company, "lookups.update")
    upload.delete()


def _save(table: LookupTable, parsed: Parsed, how: str, name: str, person: User) -> Saved:
    given: How = "replace" if how == "replace" else "merge"
    origin = f"import of {name}"
    return save_lookup(
        table.company, table.name, parsed.pairs, group=table.group, how=given, origin=origin, person=person
    )


def _rehearsed(table: LookupTable, parsed: Parsed, how: How, person: User) -> dict[str, Any]:
    """What the file would do: it is done, looked at, and taken back."""
    with transaction.atomic():
        saved = _save(table, parsed, how, "", person)
        found = differences(checked_version(saved.table, None)) if saved.counts else []
        unseen, examples = hidden(saved.table)
        transaction.set_rollback(True)
    return {
        **asdict(saved.counts),
        "pairs": saved.pairs,
        "repeated": parsed.repeated,
        "hidden": unseen,
        "examples": examples,
        "differences": [(one.before, one.after) for one in found],
    }
