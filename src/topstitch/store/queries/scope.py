"""What a person may see: the companies they belong to. Every read for a screen begins here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from topstitch.store.models import Attempt, Company, CompanyGroup, Run, Service


@dataclass(frozen=True, slots=True)
class Scope:
    """The companies whose records may be shown. What lies outside looks as if it did not exist."""

    #: Company ids, in the order of their names.
    companies: tuple[int, ...]
    names: tuple[str, ...] = ()

    def groups(self) -> QuerySet[CompanyGroup]:
        """The groups of these companies."""
        return CompanyGroup.objects.filter(company_id__in=self.companies)

    def services(self) -> QuerySet[Service]:
        """Their services."""
        return Service.objects.filter(group__company_id__in=self.companies)

    def runs(self) -> QuerySet[Run]:
        """The runs of their services."""
        return Run.objects.filter(service__group__company_id__in=self.companies)

    def attempts(self, services: Collection[int] | None = None) -> QuerySet[Attempt]:
        """The rows of the sync report of their services, or of those of their services that are named."""
        mine = self.services().values_list("pk", flat=True)
        wanted = [pk for pk in mine if services is None or pk in services]
        # The ids themselves, not a subquery: the planner then knows how many rows to expect.
        return Attempt.objects.filter(service_id__in=wanted)


def scope_of_person(person_id: int) -> Scope:
    """The companies that a person belongs to."""
    rows = Company.objects.filter(memberships__user_id=person_id).order_by("name", "pk").values_list("pk", "name")
    companies = list(rows)
    return Scope(tuple(pk for pk, _ in companies), tuple(name for _, name in companies))
