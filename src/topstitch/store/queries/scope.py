"""What a person may see: the company they are in. Every read for a screen begins here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from topstitch.accounts.models import Membership
from topstitch.accounts.standing import Standing
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

    def recorded_services(self) -> QuerySet[Service]:
        """Their services and those that were removed, whose records are kept."""
        return Service.everything.filter(group__company_id__in=self.companies)

    def runs(self) -> QuerySet[Run]:
        """The runs of their services."""
        return Run.objects.filter(service__group__company_id__in=self.companies)

    def attempts(self, services: Collection[int] | None = None) -> QuerySet[Attempt]:
        """The rows of the sync report of their services, or of those of their services that are named."""
        mine = self.recorded_services().values_list("pk", flat=True)
        wanted = [pk for pk in mine if services is None or pk in services]
        # The ids themselves, not a subquery: the planner then knows how many rows to expect.
        return Attempt.objects.filter(service_id__in=wanted)


@dataclass(frozen=True, slots=True)
class Place:
    """A company that a person may be in, and as what."""

    company: Company
    standing: Standing

    @property
    def scope(self) -> Scope:
        """What may be seen there."""
        return Scope((self.company.pk,), (self.company.name,))


def places_of_person(person_id: int) -> list[Place]:
    """The companies that a person may be in, by name: their own, and those linked to them that they may switch into."""
    own = list(Membership.objects.filter(user_id=person_id, is_active=True).select_related("company"))
    places = {m.company_id: Place(m.company, Standing(m.role, m.advanced_editor)) for m in own}
    above = {m.company_id: m for m in own if m.switches}
    if above:
        for company in Company.objects.filter(parent_id__in=above).exclude(pk__in=places):
            m = above[company.parent_id or 0]
            places[company.pk] = Place(company, Standing(m.role, m.advanced_editor, linked=True))
    return sorted(places.values(), key=lambda place: (place.company.name.casefold(), place.company.pk))


def scope_of_person(person_id: int) -> Scope:
    """All the companies that a person may be in."""
    places = places_of_person(person_id)
    return Scope(tuple(place.company.pk for place in places), tuple(place.company.name for place in places))
