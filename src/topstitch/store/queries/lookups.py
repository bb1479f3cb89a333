"""Lookup tables as commands and screens show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Q, QuerySet

from topstitch.errors import ConfigError
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import (
    Company,
    CompanyGroup,
    LookupPair,
    LookupTable,
    LookupUpload,
    LookupVersion,
    ScriptVersion,
)
from topstitch.store.queries.keyset import Window, window
from topstitch.store.queries.uses import Using, using

#: Differences of a version that are shown unless all are asked for.
SHOWN = 200
#: Tables of a list; pairs and versions of a page.
LISTED, PAIRS_A_PAGE, VERSIONS_A_PAGE = 200, 100, 50


def tables(group: CompanyGroup) -> QuerySet[LookupTable]:
    """The tables that a group's services may use: its own and the company's, by name."""
    return LookupTable.objects.filter(Q(group=group) | Q(group=None), company=group.company).order_by(
        "name", "group_id"
    )


def named_table(group: CompanyGroup, name: str) -> LookupTable:
    """The table of a name: the group's own, else the company's. Raises ConfigError naming those that exist."""
    return found_table(group.company_id, group.pk, name)


def found_table(company_id: int, group_id: int | None, name: str) -> LookupTable:
    """The same by ids."""
    mine = Q(group=None) if group_id is None else Q(group=None) | Q(group_id=group_id)
    here = LookupTable.objects.filter(mine, company_id=company_id)
    # The group's own comes first: null sorts last.
    table = here.filter(name=name).order_by("group_id").first()
    if table is None:
        known = ", ".join(sorted(set(here.values_list("name", flat=True)))) or "none yet"
        raise ConfigError(f"there is no lookup table {name!r}; there are {known}", key="lookup")
    return table


def pairs_of_version(table: LookupTable, number: int | None = None) -> QuerySet[LookupPair, tuple[str, str, str, str]]:
    """Left, right, match type and field name of each pair in order; of the newest version unless another is named."""
    rows = LookupPair.objects.filter(table=table)
    if number is None:
        rows = rows.filter(until=None)
    else:
        rows = rows.filter(Q(until=None) | Q(until__gt=number), since__lte=number)
    return rows.order_by("position", "pk").values_list("left", "right", "match", "field")


def has_ways(table: LookupTable, number: int | None = None) -> bool:
    """Whether any pair has a match type or a field name."""
    return pairs_of_version(table, number).exclude(match="", field="").exists()


def checked_version(table: LookupTable, number: int | None) -> LookupVersion:
    """A version by its number, the newest without one. Raises ConfigError with the versions that are kept."""
    versions = table.versions.order_by("number")
    found = versions.filter(number=table.version if number is None else number).first()
    if found is None:
        numbers = list(versions.values_list("number", flat=True))
        raise ConfigError(f"{table.name!r} has no version {number}; it has {numbers[0]} to {numbers[-1]}")
    return found


def all_pairs(table: LookupTable, number: int | None = None) -> Iterator[Pair]:
    """The same, read little by little."""
    return (Pair(*row) for row in pairs_of_version(table, number).iterator(chunk_size=10_000))


@dataclass(frozen=True, slots=True)
class Difference:
    """A pair that a version changed; None where there was or is none."""

    before: Pair | None
    after: Pair | None

    @property
    def verb(self) -> str:
        """added, removed, changed, moved"""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        return "moved" if self.before == self.after else "changed"


def differences(version: LookupVersion, limit: int = SHOWN) -> list[Difference]:
    """What a version changed: pairs with the same left value that went and came are one change."""
    rows = LookupPair.objects.filter(table=version.table_id).order_by("position", "pk")
    read = ("left", "right", "match", "field")
    gone = [Pair(*row) for row in rows.filter(until=version.number).values_list(*read)[:limit]]
    came = [Pair(*row) for row in rows.filter(since=version.number).values_list(*read)[:limit]]
    waiting: dict[str, list[Pair]] = {}
    for pair in gone:
        waiting.setdefault(pair.left, []).append(pair)
    found = []
    for pair in came:
        olds = waiting.get(pair.left, [])
        old = next((o for o in olds if o == pair), None) or next((o for o in olds if o.right == pair.right), None)
        old = old or (olds[0] if olds else None)
        if old is not None:
            olds.remove(old)
        found.append(Difference(old, pair))
    left_over = [Difference(pair, None) for pairs in waiting.values() for pair in pairs]
    return [*left_over, *found][:limit]


_HIDDEN = """
SELECT COALESCE(sum(n - 1), 0), (array_agg("left" ORDER BY "left"))[1:3] FROM (
    SELECT "left", count(*) AS n FROM store_lookuppair WHERE table_id = %s AND until IS NULL
    GROUP BY "left", match, field HAVING count(*) > 1
) repeated
"""


def hidden(table: LookupTable) -> tuple[int, list[str]]:
    """How many pairs are never found from the left because one before them has the same left value; three such values."""
    with connection.cursor() as cursor:
        cursor.execute(_HIDDEN, (table.pk,))
        count, examples = cursor.fetchone()
    return int(count), examples or []


def users_of(table: LookupTable) -> list[Using]:
    """The services whose mapping names the table; for a company's, not those of groups with one of the same name."""
    return users_among(using(table.company_id), table, _hiding(table.company_id))


def users_among(services: Sequence[Using], table: LookupTable, hiding: Collection[tuple[int, str]]) -> list[Using]:
    """The same among services of its company that are read already; `hiding`: group and name of the tables of groups."""
    return [
        one
        for one in services
        if table.name in one.named.tables
        and (one.group_id == table.group_id if table.group_id is not None else (one.group_id, table.name) not in hiding)
    ]


def scripts_naming(table: LookupTable) -> list[ScriptVersion]:
    """The latest versions of scripts that call `other.map` and hold the table's name as a text."""
    rows = ScriptVersion.objects.filter(script__company=table.company_id, number=F("script__version"))
    rows = rows.filter(Q(code__contains="other_map") | Q(code__contains="other.map"))
    rows = rows.filter(Q(code__contains=f'"{table.name}"') | Q(code__contains=f"'{table.name}'"))
    return list(rows.select_related("script").order_by("script__name"))


def _hiding(company_id: int) -> set[tuple[int, str]]:
    own = LookupTable.objects.filter(company=company_id, group__isnull=False)
    return {(group or 0, name) for group, name in own.values_list("group_id", "name")}


@dataclass(frozen=True, slots=True)
class TableLine:
    """A table as a list shows it: its newest version, and who uses it."""

    table: LookupTable
    version: LookupVersion
    users: list[Using]


def table_lines(company: Company, *, text: str = "", group: int | None = None, limit: int = LISTED) -> list[TableLine]:
    """Tables by name whose name has these words; of one group, or (0) of the whole company; one more than the limit."""
    rows = LookupVersion.objects.filter(table__company=company, number=F("table__version"))
    for word in text.split():
        rows = rows.filter(table__name__icontains=word)
    if group is not None:
        rows = rows.filter(table__group=group or None)
    rows = rows.select_related("person", "table__group").order_by("table__name", "table__group__name", "pk")
    services, hiding = using(company.pk), _hiding(company.pk)
    return [TableLine(row.table, row, users_among(services, row.table, hiding)) for row in rows[: limit + 1]]


def group_tables(company: Company, names: Collection[str]) -> dict[tuple[int, str], LookupVersion]:
    """The newest version of the groups' tables of these names, by group and name."""
    rows = LookupVersion.objects.filter(
        table__company=company, table__group__isnull=False, table__name__in=names, number=F("table__version")
    )
    return {(row.table.group_id or 0, row.table.name): row for row in rows.select_related("table", "person")}


def find_version(table: LookupTable, number: int) -> LookupVersion | None:
    """One of its versions; None for one that is not kept."""
    return table.versions.filter(number=number).select_related("person").first()


def find_table(company: Company, table_id: int) -> LookupTable | None:
    """A table of a company or its groups; None when it is not there, or another company's."""
    return LookupTable.objects.filter(company=company, pk=table_id).select_related("company", "group").first()


def pairs_page(
    table: LookupTable, *, text: str = "", after: int | None = None, before: int | None = None
) -> Window[LookupPair]:
    """Pairs of the newest version in order, by position; those that have the text in either value."""
    rows = LookupPair.objects.filter(table=table, until=None)
    if text:
        rows = rows.filter(Q(left__icontains=text) | Q(right__icontains=text))
    return window(rows, by="position", size=PAIRS_A_PAGE, after=after, before=before, descending=False)


def pairs_with_ids(table: LookupTable, ids: Iterable[int]) -> dict[int, Pair]:
    """Those of the pairs that are in the newest version."""
    rows = LookupPair.objects.filter(table=table, until=None, pk__in=list(ids))
    return {row[0]: Pair(*row[1:]) for row in rows.values_list("pk", "left", "right", "match", "field")}


def fields_of(table: LookupTable) -> list[str]:
    """The field names that pairs of the newest version are for."""
    rows = LookupPair.objects.filter(table=table, until=None).exclude(field="")
    return list(rows.order_by("field").values_list("field", flat=True).distinct()[:SHOWN])


def find_upload(table: LookupTable, person_id: int) -> LookupUpload | None:
    """The file that a person has laid ready for a table."""
    return LookupUpload.objects.filter(table=table, person=person_id).defer("data").select_related("table").first()


def versions_page(table: LookupTable, *, after: int | None = None, before: int | None = None) -> Window[LookupVersion]:
    """Its versions, newest first."""
    rows = LookupVersion.objects.filter(table=table).select_related("person")
    return window(rows, by="number", size=VERSIONS_A_PAGE, after=after, before=before)
