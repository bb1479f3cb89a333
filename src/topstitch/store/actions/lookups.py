"""Lookup tables: changing their pairs, restoring a version, deleting them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.lookups import changes
from topstitch.store.lookups.rows import Pair, distinct, problems
from topstitch.store.models import Company, CompanyGroup, LookupTable, LookupVersion
from topstitch.store.queries.lookups import checked_version, scripts_naming, users_of

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
        table,
        created,
        lambda cursor, _: changes.stage(cursor, checked),
        change=_CHANGES[how],
        origin=origin,
        person=person,
    )


@transaction.atomic
def edit_lookup(
    table: LookupTable,
    rows: Sequence[tuple[int | None, Pair]],
    removed: Collection[int] = (),
    *,
    person: User | None = None,
) -> Saved:
    """Change some pairs by hand: each row is a pair of the table by its id, or None for a new one, and what it says now.

    The rows stand in this order among themselves; new ones come behind the row before them, at the end where there is
    none. `removed` are ids of pairs that go. Raises ConfigError for a row that cannot be, or is there already, and when
    somebody else has changed one of these pairs; `place` is `row 2` then, counted from 1.
    """
    require(person, table.company, "lookups.update")
    _check_rows([pair for _, pair in rows])

    def change(cursor: CursorWrapper, pk: int, number: int) -> changes.Counts:
        try:
            return changes.edit(cursor, pk, number, removed)
        except changes.StaleError:
            raise ConfigError(
                "somebody else has changed these rows meanwhile", hint="Load the table again, then repeat your changes."
            ) from None
        except changes.RepeatedError as error:
            raise _repeated(error.args[0] + 1) from None

    return _changed(
        table, False, lambda cursor, _: changes.stage_edited(cursor, rows), change=change, origin="", person=person
    )


def _check_rows(pairs: Sequence[Pair]) -> None:
    seen: set[Pair] = set()
    for number, pair in enumerate(pairs, 1):
        if problem := next(problems(pair), ""):
            raise ConfigError(problem, place=f"row {number}", hint="Correct it, or leave it out.")
        if pair in seen:
            raise _repeated(number)
        seen.add(pair)


def _repeated(number: int) -> ConfigError:
    return ConfigError("the table has this row already", place=f"row {number}", hint="Change it, or remove it.")


def create_lookup(
    company: Company, name: str, *, group: CompanyGroup | None = None, person: User | None = None
) -> LookupTable:
    """A table without pairs. Raises ConfigError for a name that is taken."""
    require(person, company, "lookups.update")
    if LookupTable.objects.filter(company=company, group=group, name=name).exists():
        raise ConfigError(
            f"there is a lookup table {name!r} already", hint="Choose another name, or change that table."
        )
    return save_lookup(company, name, [], group=group, person=person).table


@transaction.atomic
def restore_lookup(table: LookupTable, number: int, *, person: User | None = None) -> Saved:
    """Make a table what it was in a version: that is a new version. Raises ConfigError with the versions there are."""
    require(person, table.company, "lookups.update")
    checked_version(table, number)
    return _changed(
        table,
        False,
        lambda cursor, pk: changes.stage_version(cursor, pk, number),
        change=changes.replace,
        origin=f"version {number} restored",
        person=person,
    )


def _changed(
    table: LookupTable,
    created: bool,
    stage: Callable[[CursorWrapper, int], None],
    *,
    change: Callable[[CursorWrapper, int, int], changes.Counts],
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
        counts = change(cursor, table.pk, number)
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
    """Delete a table with all its versions. Raises ConfigError naming the services or scripts that use it."""
    require(person, table.company, "lookups.update")
    if users := users_of(table):
        raise ConfigError(
            f"the lookup table {table.name!r} is used by {', '.join(one.service for one in users)}",
            hint="Take it out of their mappings first.",
        )
    if naming := scripts_naming(table):
        names = ", ".join(repr(version.script.name) for version in naming)
        raise ConfigError(
            f"the lookup table {table.name!r} is named in scripts: {names}", hint="Take it out of their code first."
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
