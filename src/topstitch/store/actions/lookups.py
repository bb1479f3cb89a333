"""Lookup tables: changing their pairs, restoring a version, deleting them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.lookups import changes
from topstitch.store.lookups.rows import distinct
from topstitch.store.models import Company, CompanyGroup, LookupTable, LookupVersion
from topstitch.store.queries.lookups import checked_version, users_of

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: The table becomes the pairs; it gets those that it does not have; it loses them.
How = Literal["replace", "merge", "remove"]
_CHANGES = {"replace": changes.replace, "merge": changes.merge, "remove": changes.remove}


@dataclass(frozen=True, slots=True)
class Saved:
    """A table after a change. Without any difference the version stays what it was."""

    table: LookupTable
    created: bool
    counts: changes.Counts
    pairs: int


@transaction.atomic
def save_lookup(
    company: Company,
    name: str,
    pairs: Iterable[Sequence[str]],
    *,
    group: CompanyGroup | None = None,
    how: How = "replace",
    origin: str = "",
    person: User | None = None,
) -> Saved:
    """Change the table of this name, made when there is none. A pair is left, right and, if wanted, match type and field.

    `replace`: exactly these pairs in this order. `merge`: pairs that are there take over order, match type and field
    name, the others are added: where the given ones around them stand, or at the end. `remove`: without these.
    Raises ConfigError naming the pairs that are no text; nothing is changed then.
    """
    require(person, company, "lookups.update")
    checked = distinct(pairs)
    if not name.strip() or len(name) > 200 or "\0" in name:
        raise ConfigError("a lookup table needs a name of at most 200 characters")
    table, created = LookupTable.objects.get_or_create(company=company, group=group, name=name)
    return _changed(
        table, created, lambda cursor, _: changes.stage(cursor, checked), how=how, origin=origin, person=person
    )


@transaction.atomic
def restore_lookup(table: LookupTable, number: int, *, person: User | None = None) -> Saved:
    """Make a table what it was in a version: that is a new version. Raises ConfigError with the versions there are."""
    require(person, table.company, "lookups.update")
    checked_version(table, number)
    return _changed(
        table,
        False,
        lambda cursor, pk: changes.stage_version(cursor, pk, number),
        how="replace",
        origin=f"version {number} restored",
        person=person,
    )


def _changed(
    table: LookupTable,
    created: bool,
    stage: Callable[[CursorWrapper, int], None],
    *,
    how: How,
    origin: str,
    person: User | None,
) -> Saved:
    # Whoever changes the same table waits here, and then compares with what the other one made of it.
    table = LookupTable.objects.select_for_update(of=("self",)).select_related("company").get(pk=table.pk)
    created = created and table.version == 0
    last = table.versions.order_by("-number").first()
    before = last.pairs if last else 0
    number = table.version + 1
    with connection.cursor() as cursor:
        stage(cursor, table.pk)
        counts = _CHANGES[how](cursor, table.pk, number)
        pairs = before + counts.added - counts.removed
        changes.finish(cursor, table.pk, number if counts else number - 1)
        if counts or created:
            _record(table, number, counts, pairs, origin, person)
            verb = "create" if created else "update"
            after = {"version": number, "pairs": pairs, **asdict(counts)}
            audit(
                verb,
                "lookup",
                table.pk,
                table.name,
                company=table.company,
                person=person,
                before={"version": number - 1, "pairs": before},
                after=after,
            )
    return Saved(table, created, counts, pairs)


def _record(
    table: LookupTable, number: int, counts: changes.Counts, pairs: int, origin: str, person: User | None
) -> None:
    LookupVersion.objects.create(
        table=table, number=number, at=timezone.now(), person=person, origin=origin[:300], pairs=pairs, **asdict(counts)
    )
    table.version = number
    table.save(update_fields=["version", "updated_at"])


@transaction.atomic
def delete_lookup(table: LookupTable, *, person: User | None = None) -> None:
    """Delete a table with all its versions. Raises ConfigError naming the services that use it."""
    require(person, table.company, "lookups.update")
    if users := users_of(table):
        raise ConfigError(
            f"the lookup table {table.name!r} is used by {', '.join(users)}",
            hint="Take it out of their mappings first.",
        )
    audit(
        "delete",
        "lookup",
        table.pk,
        table.name,
        company=table.company,
        person=person,
        before={"version": table.version},
    )
    table.delete()
