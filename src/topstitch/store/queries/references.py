"""What a service names that is not part of it: lookup tables and connectors it asks; and whether another group has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from topstitch.engine.finds import finds
from topstitch.engine.spec import MappingRow, Step
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.models import CompanyGroup, Connector, LookupTable
from topstitch.store.queries.lookups import found_table

MAP = "other.map"


@dataclass(frozen=True, slots=True)
class Strange:
    """A name that means something else in another group, or nothing. `kind`: lookup table, connector."""

    kind: str
    name: str
    #: There is one of this name, but another.
    other: bool = False


def tables_named(spec: Spec) -> list[str]:
    """The lookup tables that its enabled rows use, each once."""
    steps = (step for row in spec.mapping if row.enabled for step in _steps(row) if step.function == MAP)
    return list(dict.fromkeys(str(step.args.get("table", "")) for step in steps))


def strange_in(spec: Spec, here: CompanyGroup, there: CompanyGroup) -> list[Strange]:
    """What would not mean the same in the group `there`. The ends of the service are those it is to have there."""
    if here.pk == there.pk:
        return []
    return [*_strange_tables(tables_named(spec), here, there), *_strange_connectors(spec, there)]


def _strange_tables(names: Sequence[str], here: CompanyGroup, there: CompanyGroup) -> Iterator[Strange]:
    for name in names:
        mine, theirs = _table(here, name), _table(there, name)
        if mine != theirs:
            yield Strange("lookup table", name, other=theirs is not None)


def _table(group: CompanyGroup, name: str) -> LookupTable | None:
    try:
        return found_table(group.company_id, group.pk, name)
    except ConfigError:
        return None


def _strange_connectors(spec: Spec, there: CompanyGroup) -> Iterator[Strange]:
    """Connectors that its lookups ask, beside its own ends."""
    ends = (spec.source.connector, spec.destination.connector)
    asked = dict.fromkeys(find.connector for find in finds(spec) if find.connector not in ends)
    known = set(Connector.objects.filter(group=there, name__in=asked).values_list("name", flat=True))
    for name in asked:
        yield Strange("connector", name, other=name in known)


def _steps(row: MappingRow) -> Iterator[Step]:
    for source in row.sources:
        yield from source.do
    yield from row.do
