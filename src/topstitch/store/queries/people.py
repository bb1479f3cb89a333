"""The people of a company, and who is invited."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from topstitch.accounts.capabilities import capability
from topstitch.accounts.models import Invitation, Membership, User
from topstitch.store.models import Company

#: People named on the page that refuses.
NAMED = 3


def people_who_may(company: Company, name: str) -> list[str]:
    """Some people of a company who may do something, administrators first: whom to ask."""
    row = capability(name)
    rows = Membership.objects.filter(company=company, is_active=True, user__is_active=True, role__in=row.roles)
    if row.advanced:
        rows = rows.filter(advanced_editor=True)
    return [str(membership.user) for membership in rows.select_related("user").order_by("role", "user__email")[:NAMED]]


def people_of(company: Company) -> QuerySet[Membership]:
    """Everybody with a place in a company, and as `second_factor` whether a second step guards their sign-in."""
    from allauth.mfa.models import Authenticator

    factors = Authenticator.objects.filter(user=OuterRef("user_id"), type__in=("totp", "webauthn"))
    rows = Membership.objects.filter(company=company).select_related("user").annotate(second_factor=Exists(factors))
    return rows.order_by("-is_active", "user__email")


def find_person(company: Company, membership_id: int) -> Membership | None:
    """A place in a company; None when it is not there, or another company's."""
    return people_of(company).filter(pk=membership_id).first()


def find_colleague(company: Company, person_id: int) -> User | None:
    """Somebody who may do something in a company; None for a stranger, and for who has left it."""
    return User.objects.filter(pk=person_id, memberships__company=company, memberships__is_active=True).first()


def invitations_of(company: Company) -> QuerySet[Invitation]:
    """Who is invited and has not come yet, newest first."""
    return Invitation.objects.filter(company=company).select_related("invited_by").order_by("-sent_at")


def find_invitation(company: Company, invitation_id: int) -> Invitation | None:
    """An open invitation; None when it is not there, or another company's."""
    return invitations_of(company).filter(pk=invitation_id).first()


def anybody_there() -> bool:
    """Whether this installation has people."""
    return User.objects.exists()


def is_known(email: str) -> bool:
    """Whether somebody has this address."""
    return User.objects.filter(email=email).exists()


def everybody() -> list[tuple[User, Membership | None]]:
    """All people of the installation, once for each of their places."""
    rows: list[tuple[User, Membership | None]] = []
    for person in User.objects.prefetch_related("memberships__company").order_by("email"):
        rows += [(person, membership) for membership in person.memberships.all()] or [(person, None)]
    return rows
