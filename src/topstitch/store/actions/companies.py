"""Companies and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify

from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, CompanyGroup

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def create_company(name: str, *, group: str = "Main", person: User | None = None) -> CompanyGroup:
    """A company with its first group."""
    company = Company.objects.create(name=name, slug=slugify(name) or "company")
    made = CompanyGroup.objects.create(company=company, name=group, slug=slugify(group) or "main")
    audit("create", "company", company.pk, name, company=company, person=person)
    return made


def default_group() -> CompanyGroup:
    """The group that files and the command line work in when they name none; made on first use."""
    return CompanyGroup.objects.order_by("pk").first() or create_company("My company")
