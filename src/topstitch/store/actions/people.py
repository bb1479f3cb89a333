"""People and their places in companies. Nobody gives or takes more than they have, and a company keeps an administrator."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from topstitch.accounts.capabilities import at_least
from topstitch.accounts.models import Membership, Role, User
from topstitch.accounts.standing import require, standing_in
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.actions.companies import create_company
from topstitch.store.models import Company

#: Whoever makes the first person of an installation waits for whoever else is at it.
FIRST_LOCK = 0x7057_0003


@transaction.atomic
def create_first_person(email: str, password: str, *, name: str, company: str) -> User:
    """The first person of an installation: administrator of its company. Raises ConfigError when somebody is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (FIRST_LOCK,))
    if User.objects.exists():
        raise ConfigError("this installation has people already", hint="Sign in, or ask one of them to invite you.")
    person = User.objects.create_user(email, password, name=name)
    # Files may have made a company before anybody was there.
    place = Company.objects.order_by("pk").first()
    if place is None:
        place = create_company(company, person=person).company
    elif place.name != company:
        place.name = company
        place.save(update_fields=["name"])
    _join(person, place, Role.ADMINISTRATOR, by=person)
    return person


@transaction.atomic
def create_person(email: str, password: str | None, company: Company, role: str, *, name: str = "") -> User:
    """A person with a place, made at the server. Somebody who is known already only gets the place."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        person = User.objects.create_user(email, password, name=name)
    if Membership.objects.filter(user=person, company=company).exists():
        raise ConfigError(f"{person.email} is in {company.name} already", hint="Use `topstitch users set-role`.")
    _join(person, company, role, by=None)
    return person


def _join(person: User, company: Company, role: str, *, by: User | None, advanced: bool = False) -> Membership:
    if person.company_id is None:
        person.company = company
        person.save(update_fields=["company"])
    membership = Membership.objects.create(user=person, company=company, role=role, advanced_editor=advanced)
    audit("create", "person", person.pk, person.email, company=company, person=by, after=shown(membership))
    return membership


def join(person: User, company: Company, role: str, *, advanced: bool) -> Membership:
    """A place that somebody was invited to."""
    membership = Membership.objects.filter(user=person, company=company).first()
    return membership or _join(person, company, role, by=person, advanced=advanced)


def check_grant(person: User | None, company: Company, role: str, *, advanced: bool = False) -> None:
    """Raise ConfigError unless the person has as much as they want to give."""
    require(person, company, "people.update")
    if person is None:
        return
    standing = standing_in(person, company)
    assert standing is not None
    if not at_least(standing.role, role):
        raise ConfigError(
            f"as {Role(standing.role).label.lower()} you cannot make or change an {Role(role).label.lower()}",
            key="permission",
            hint="An administrator can.",
        )
    if advanced and not (standing.advanced or standing.role == Role.ADMINISTRATOR):
        raise ConfigError(
            "only administrators and advanced editors can make somebody an advanced editor",
            key="permission",
            hint="An administrator can.",
        )


@transaction.atomic
def change_place(
    membership: Membership,
    *,
    role: str,
    advanced_editor: bool,
    switches: bool | None = None,
    person: User | None = None,
) -> None:
    """Give a person another role. `switches` lets them into linked companies; only administrators decide that."""
    membership = _held(membership, person)
    check_grant(person, membership.company, role, advanced=advanced_editor and not membership.advanced_editor)
    before = shown(membership)
    if switches is not None and switches != membership.switches:
        require(person, membership.company, "company.link")
        membership.switches = switches
    membership.role, membership.advanced_editor = role, advanced_editor
    _save(membership, before, person)


@transaction.atomic
def set_active(membership: Membership, active: bool, *, person: User | None = None) -> None:
    """Switch a person off in this company, or on again; what they did stays theirs."""
    membership = _held(membership, person)
    before = shown(membership)
    membership.is_active = active
    _save(membership, before, person)


@transaction.atomic
def remove_person(membership: Membership, *, person: User | None = None) -> None:
    """Take a person out of a company. They themselves, and what they did, stay known."""
    membership = _held(membership, person)
    before = shown(membership)
    company, who = membership.company, membership.user
    membership.delete()
    _keep_an_administrator(company, before)
    audit("delete", "person", who.pk, who.email, company=company, person=person, before=before)


@transaction.atomic
def set_password(person: User, password: str) -> None:
    """Set a password at the server; every session of the person ends with the old one."""
    person.set_password(password)
    person.save(update_fields=["password"])
    _note_all(person, "was given a new password at the server")


@transaction.atomic
def remove_second_steps(person: User) -> None:
    """For who lost telephone, codes and keys: from now on the password alone lets them in."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=person).delete()
    _note_all(person, "lost the second step at the server")


def _note_all(person: User, what: str) -> None:
    for membership in person.memberships.select_related("company"):
        audit("update", "person", person.pk, person.email, company=membership.company, after={"event": what})


def check_reset(membership: Membership, *, person: User | None = None) -> None:
    """Raise ConfigError unless the person may have somebody sent a link to set a new password; write it down."""
    check_grant(person, membership.company, membership.role)
    who = membership.user
    audit(
        "update",
        "person",
        who.pk,
        who.email,
        company=membership.company,
        person=person,
        after={"event": "was sent a link to set a new password"},
    )


def _held(membership: Membership, person: User | None) -> Membership:
    """The membership, its company locked. Refuses what is above the person, and their own."""
    company = Company.objects.select_for_update().get(pk=membership.company_id)
    fresh = Membership.objects.select_related("user", "company").filter(pk=membership.pk).first()
    if fresh is None:
        raise ConfigError("this person is not in the company any more", hint="Reload the page.")
    check_grant(person, company, fresh.role)
    if person is not None and fresh.user_id == person.pk:
        raise ConfigError("nobody changes their own place", hint="Another administrator can.", key="permission")
    return fresh


def _save(membership: Membership, before: dict[str, Any], person: User | None) -> None:
    after = shown(membership)
    if after == before:
        return
    membership.save()
    _keep_an_administrator(membership.company, before)
    who = membership.user
    audit(
        "update",
        "person",
        who.pk,
        who.email,
        company=membership.company,
        person=person,
        before=before,
        after=after,
    )


def _keep_an_administrator(company: Company, before: dict[str, Any]) -> None:
    if before["role"] != Role.ADMINISTRATOR:
        return
    administrators = Membership.objects.filter(
        company=company, role=Role.ADMINISTRATOR, is_active=True, user__is_active=True
    )
    if not administrators.exists():
        raise ConfigError(
            "a company keeps at least one administrator", hint="Make somebody else an administrator first."
        )


def shown(membership: Membership) -> dict[str, Any]:
    """A place, for the audit log."""
    return {
        "role": membership.role,
        "advanced_editor": membership.advanced_editor,
        "switches": membership.switches,
        "active": membership.is_active,
    }
