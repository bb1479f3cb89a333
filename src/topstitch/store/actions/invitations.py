"""Inviting people: a link that works once and for seven days. Only a digest of it is kept."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.models import Invitation, Membership, User
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.actions.people import check_grant, join
from topstitch.store.models import Company

VALID = timedelta(days=7)


@transaction.atomic
def invite(
    company: Company, email: str, role: str, *, advanced_editor: bool = False, person: User | None = None
) -> tuple[Invitation, str]:
    """Offer somebody a place; the second of the pair is the secret of the link, known only now.

    An open invitation of the same address is replaced. Raises ConfigError for somebody who is in the company already.
    """
    check_grant(person, company, role, advanced=advanced_editor)
    email = email.strip().lower()
    if Membership.objects.filter(company=company, user__email=email).exists():
        raise ConfigError(
            f"there is somebody with the address {email} in this company already",
            hint="Change their role in the list of people.",
        )
    # One that is open is replaced only by somebody who could have made it.
    before = Invitation.objects.select_for_update().filter(company=company, email=email).first()
    if before is not None:
        check_grant(person, company, before.role, advanced=before.advanced_editor)
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation, _ = Invitation.objects.update_or_create(
        company=company,
        email=email,
        defaults={
            "role": role,
            "advanced_editor": advanced_editor,
            "digest": digest(token),
            "invited_by": person,
            "sent_at": now,
            "expires_at": now + VALID,
        },
    )
    audit(
        "invite",
        "person",
        invitation.pk,
        email,
        company=company,
        person=person,
        after={"role": role, "advanced_editor": advanced_editor},
    )
    return invitation, token


def renew(invitation: Invitation, *, person: User | None = None) -> tuple[Invitation, str]:
    """The same offer with a new link; the old one is dead."""
    return invite(
        invitation.company,
        invitation.email,
        invitation.role,
        advanced_editor=invitation.advanced_editor,
        person=person,
    )


@transaction.atomic
def withdraw(invitation: Invitation, *, person: User | None = None) -> None:
    """Take an offer back."""
    check_grant(person, invitation.company, invitation.role)
    audit(
        "delete",
        "invitation",
        invitation.pk,
        invitation.email,
        company=invitation.company,
        person=person,
        before={"role": invitation.role},
    )
    invitation.delete()


def invitation_of(token: str) -> Invitation | None:
    """The open invitation of a link; None for a link that is unknown, used, withdrawn or too old."""
    found = Invitation.objects.select_related("company", "invited_by").filter(digest=digest(token)).first()
    return found if found and found.expires_at > timezone.now() else None


@transaction.atomic
def accept(token: str, *, person: User | None = None, name: str = "", password: str = "") -> User:
    """Take the place: as the person who is signed in and invited, or as a new one with a password.

    Raises ConfigError for a link that is no longer good, and for an address that somebody has already.
    """
    invitation = Invitation.objects.select_for_update().filter(digest=digest(token)).first()
    if invitation is None or invitation.expires_at <= timezone.now():
        raise ConfigError("this invitation is not valid any more", hint="Ask for a new one.")
    known = User.objects.filter(email=invitation.email).first()
    if known != person:
        raise ConfigError(f"{invitation.email} has an account already", hint="Sign in with it, then accept.")
    who = person or User.objects.create_user(invitation.email, password, name=name)
    join(who, invitation.company, invitation.role, advanced=invitation.advanced_editor)
    audit("accept", "invitation", invitation.pk, invitation.email, company=invitation.company, person=who)
    invitation.delete()
    return who


def digest(token: str) -> str:
    """What is kept of a secret that has enough chance in it to need no salt."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
