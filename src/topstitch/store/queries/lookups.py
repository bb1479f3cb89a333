"""Lookup tables as commands and screens show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from topstitch.errors import ConfigError
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import CompanyGroup, LookupPair, LookupTable, LookupVersion, Service

#: Differences of a version that are shown unless all are asked for.
SHOWN = 200


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


def users_of(table: LookupTable) -> list[str]:
    """The services whose mapping names the table; for a company's, not those of groups with one of the same name."""
    services = Service.objects.filter(group__company=table.company_id, revision__isnull=False).select_related(
        "revision"
    )
    if table.group_id is not None:
        services = services.filter(group=table.group_id)
    else:
        own = LookupTable.objects.filter(company=table.company_id, name=table.name).exclude(group=None)
        services = services.exclude(group__in=own.values("group"))
    return [s.name for s in services.order_by("name") if s.revision and _names(s.revision.spec, table.name)]


def _names(spec: Any, table: str) -> bool:
    """Whether a step anywhere in a specification is the function `other.map` with this table."""
    if isinstance(spec, list):
        return any(_names(part, table) for part in spec)
    if not isinstance(spec, dict):
        return False
    if spec.get("function") == "other.map" and (spec.get("args") or {}).get("table") == table:
        return True
    return any(_names(part, table) for part in spec.values())
