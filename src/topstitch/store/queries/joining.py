"""What a new service can be made of: the connectors of a group, and names that are free in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from topstitch.store.models import CompanyGroup, Connector, Service
from topstitch.store.queries.scope import Scope


def groups_to_join(scope: Scope) -> list[CompanyGroup]:
    """The groups that a service may be made in, by name."""
    return list(scope.groups().select_related("company").order_by("name"))


def connectors_of(group: CompanyGroup, systems: Iterable[str] | None = None) -> list[Connector]:
    """The connectors of a group, live ones first, then by name; without their secrets. `systems`: only of these."""
    found = Connector.objects.filter(group=group).select_related("group").defer("sealed")
    if systems is not None:
        found = found.filter(system__in=set(systems))
    order = ("live", "test", "practice")
    return sorted(found, key=lambda each: (order.index(each.environment), each.name.casefold()))


def name_is_taken(group: CompanyGroup, name: str) -> bool:
    """Whether a service of the group is called so, in capitals or not: two that look alike would be taken for one."""
    return Service.objects.filter(group=group, name__iexact=name.strip()).exists()


def free_name(group: CompanyGroup, wanted: str) -> str:
    """The name itself, or with the first number behind it that makes it one of its own."""
    taken = {name.casefold() for name in _names_like(group, wanted)}
    if wanted.casefold() not in taken:
        return wanted
    numbers = range(2, len(taken) + 3)
    return next(name for number in numbers if (name := f"{wanted} {number}").casefold() not in taken)


def _names_like(group: CompanyGroup, wanted: str) -> Sequence[str]:
    return list(Service.objects.filter(group=group, name__istartswith=wanted).values_list("name", flat=True))
