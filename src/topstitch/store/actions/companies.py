"""Companies, their groups, and which company is linked to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.text import slugify

from topstitch.accounts.standing import require, standing_in
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, CompanyGroup, Service

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: What a company says of itself.
PROFILE = ("name", "website", "telephone", "email")


@transaction.atomic
def create_company(
    name: str, *, group: str = "Main", person: User | None = None, parent: Company | None = None
) -> CompanyGroup:
    """A company with its first group."""
    taken = Company.objects.filter(slug__startswith=slugify(name)[:40]).values_list("slug", flat=True)
    slug = _free(slugify(name)[:40] or "company", set(taken))
    company = Company.objects.create(name=name, slug=slug, parent=parent)
    made = CompanyGroup.objects.create(company=company, name=group, slug=slugify(group)[:40] or "main")
    audit("create", "company", company.pk, name, company=company, person=person)
    return made


def default_group() -> CompanyGroup:
    """The group that files and the command line work in when they name none; made on first use."""
    return CompanyGroup.objects.order_by("pk").first() or create_company("My company")


@transaction.atomic
def update_company(company: Company, values: Mapping[str, str], *, person: User | None = None) -> None:
    """Change what a company says of itself: name, website, telephone, e-mail."""
    require(person, company, "company.update")
    before = shown(company)
    for field in PROFILE:
        setattr(company, field, values.get(field, getattr(company, field)))
    if shown(company) != before:
        company.save(update_fields=PROFILE)
        after = shown(company)
        audit("update", "company", company.pk, company.name, company=company, person=person, before=before, after=after)


def shown(company: Company) -> dict[str, Any]:
    """A company's profile."""
    return {field: getattr(company, field) for field in PROFILE}


@transaction.atomic
def add_group(company: Company, name: str, *, person: User | None = None) -> CompanyGroup:
    """A new group. Raises ConfigError for a name that is taken."""
    require(person, company, "groups.update")
    _refuse_taken(company, name)
    taken = set(company.groups.values_list("slug", flat=True))
    group = CompanyGroup.objects.create(company=company, name=name, slug=_free(slugify(name)[:40] or "group", taken))
    audit("create", "group", group.pk, name, company=company, person=person, after={"name": name})
    return group


def hold_group(group: CompanyGroup) -> None:
    """Until this transaction ends nobody else changes what services and connectors of the group call each other by name."""
    # The key is left alone: what only points at the group need not wait.
    CompanyGroup.objects.select_for_update(no_key=True).get(pk=group.pk)


@transaction.atomic
def rename_group(group: CompanyGroup, name: str, *, person: User | None = None) -> None:
    """Another name; its short name stays, files refer to it. Raises ConfigError for a name that is taken."""
    require(person, group.company, "groups.update")
    if name == group.name:
        return
    _refuse_taken(group.company, name, besides=group.pk)
    before, group.name = group.name, name
    group.save(update_fields=["name"])
    audit(
        "update",
        "group",
        group.pk,
        name,
        company=group.company,
        person=person,
        before={"name": before},
        after={"name": name},
    )


@transaction.atomic
def remove_group(group: CompanyGroup, *, person: User | None = None) -> None:
    """Remove an empty group. Raises ConfigError saying what is in it; a company keeps one group."""
    require(person, group.company, "groups.update")
    # Whoever removes another group of this company waits here.
    Company.objects.select_for_update().get(pk=group.company_id)
    services, connectors, lookups = group.services.count(), group.connectors.count(), group.lookups.count()
    removed = Service.everything.filter(group=group).count() - services
    inside = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in (
            *((services, "service"), (connectors, "connector"), (lookups, "lookup table")),
            (removed, "removed service"),
        )
        if count
    ]
    if inside:
        hint = "Remove them first." + (" Removed services are gone once their reports are over." if removed else "")
        raise ConfigError(f"the group {group.name!r} still has {', '.join(inside)}", hint=hint)
    if group.company.groups.count() == 1:
        raise ConfigError("a company keeps at least one group", hint="Rename this one instead.")
    audit("delete", "group", group.pk, group.name, company=group.company, person=person, before={"name": group.name})
    group.delete()


@transaction.atomic
def add_linked_company(parent: Company, name: str, *, person: User) -> Company:
    """A new company linked to this one, with the person as its administrator."""
    from topstitch.accounts.models import Membership, Role

    require(person, parent, "company.link")
    if parent.parent_id:
        raise ConfigError(
            f"{parent.name} is itself linked to another company", hint="Switch to that one and add it there."
        )
    company = create_company(name, person=person, parent=parent).company
    Membership.objects.create(user=person, company=company, role=Role.ADMINISTRATOR)
    audit("create", "link", company.pk, name, company=parent, person=person, after={"linked": name})
    return company


@transaction.atomic
def link_company(company: Company, parent: Company, *, person: User | None = None) -> None:
    """Link a company to another one: by somebody who administers both. Raises ConfigError where that would make a chain."""
    for each in (company, parent):
        require(person, each, "company.link")
    if company.pk == parent.pk or parent.parent_id or company.linked.exists():
        raise ConfigError("companies are linked in one step: none has one above and one below it")
    company.parent = parent
    company.save(update_fields=["parent"])
    for each, other in ((company, parent), (parent, company)):
        audit("create", "link", company.pk, company.name, company=each, person=person, after={"linked": other.name})


@transaction.atomic
def unlink_company(company: Company, *, person: User | None = None) -> None:
    """Undo the link; the company's own people go on as before. Somebody who may on either side can."""
    parent = company.parent
    if parent is None:
        return
    if person is not None and standing_in(person, company) is None:
        require(person, parent, "company.link")
    else:
        require(person, company, "company.link")
    company.parent = None
    company.save(update_fields=["parent"])
    for each, other in ((company, parent), (parent, company)):
        audit("delete", "link", company.pk, company.name, company=each, person=person, before={"linked": other.name})


def _refuse_taken(company: Company, name: str, besides: int = 0) -> None:
    if company.groups.filter(name__iexact=name).exclude(pk=besides).exists():
        raise ConfigError(f"there is a group {name!r} already", hint="Choose another name.")


def _free(slug: str, taken: set[str]) -> str:
    number = 2
    name = slug
    while name in taken:
        name, number = f"{slug}-{number}", number + 1
    return name
