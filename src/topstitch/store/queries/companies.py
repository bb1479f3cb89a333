"""A company with what hangs on it: groups, linked companies."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from topstitch.store.models import Company, CompanyGroup


def groups_of(company: Company) -> QuerySet[CompanyGroup]:
    """The groups of a company with how much is in them (`service_count`, `connector_count`), by name."""
    counts = {
        "service_count": Count("services", filter=Q(services__removed_at=None), distinct=True),
        "connector_count": Count("connectors", distinct=True),
        "lookup_count": Count("lookups", distinct=True),
    }
    return CompanyGroup.objects.filter(company=company).annotate(**counts).order_by("name", "pk")


def find_group(company: Company, group_id: int) -> CompanyGroup | None:
    """A group; None when it is not there, or another company's."""
    return CompanyGroup.objects.filter(company=company, pk=group_id).select_related("company").first()


def linked_to(company: Company) -> QuerySet[Company]:
    """The companies that are linked to this one, by name, with `people`."""
    return company.linked.annotate(people=Count("memberships")).order_by("name", "pk")


def find_linked(company: Company, company_id: int) -> Company | None:
    """One of them; None for any other."""
    return company.linked.filter(pk=company_id).first()
