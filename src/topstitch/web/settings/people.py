"""Who is in the company: roles, invitations, switching people off and out."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from topstitch.accounts.capabilities import TABLE, Capability
from topstitch.accounts.models import Invitation, Membership, Role
from topstitch.store.actions import invitations
from topstitch.store.actions import people as actions
from topstitch.store.queries.people import find_invitation, find_person, invitations_of, people_of
from topstitch.web import mail
from topstitch.web.access import needs
from topstitch.web.account.adapter import absolute
from topstitch.web.scope import company_of, found, person_of
from topstitch.web.settings.forms import InviteForm, PlaceForm
from topstitch.web.tried import from_button, from_form


@needs("people.view")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and who is invited."""
    return _people(request, InviteForm())


def _people(request: HttpRequest, form: InviteForm, **more: Any) -> HttpResponse:
    company = company_of(request)
    context = {
        "tab": "people",
        "people": people_of(company),
        "invitations": invitations_of(company),
        "form": form,
        "has_mail": mail.is_set_up(),
        **more,
    }
    return render(request, "settings/people.html", context)


@needs("people.view")
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """What each role may do."""
    table: dict[str, list[Capability]] = {}
    for row in TABLE:
        table.setdefault(row.area, []).append(row)
    return render(request, "settings/roles.html", {"tab": "people", "table": table, "roles": Role})


@needs("people.update")
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """A message with a link; without a mail server the link is shown, this once."""
    form = InviteForm(request.POST)
    company, person = company_of(request), person_of(request)
    made = from_form(form, lambda values: invitations.invite(company, person=person, **values))
    return _people(request, form) if made is None else _sent(request, *made)


@needs("people.update")
@require_POST
def resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """A new link for the same offer."""
    invitation = found(find_invitation(company_of(request), invitation_id))
    form = InviteForm({"email": invitation.email, "role": invitation.role})
    made = from_form(form, lambda values: invitations.renew(invitation, person=person_of(request)))
    return _people(request, form) if made is None else _sent(request, *made)


def _sent(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    link = absolute(reverse("invitation", args=[token]))
    context = {"invitation": invitation, "link": link, "person": person_of(request), "days": invitations.VALID.days}
    mail.post(mail.compose("mail/invitation", invitation.email, context))
    if mail.is_set_up():
        messages.success(request, f"An invitation is on its way to {invitation.email}.")
        return redirect("people")
    return _people(request, InviteForm(), link=link, invited=invitation)


@needs("people.update")
@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """The offer is taken back."""
    invitation = found(find_invitation(company_of(request), invitation_id))
    done = f"The invitation of {invitation.email} is withdrawn."
    return from_button(request, lambda: invitations.withdraw(invitation, person=person_of(request)), done, "people")


@needs("people.view")
@require_safe
def person(request: HttpRequest, membership_id: int) -> HttpResponse:
    """One of them."""
    membership = _found(request, membership_id)
    fields = ("role", "advanced_editor", "switches")
    return _person(request, membership, PlaceForm(initial={name: getattr(membership, name) for name in fields}))


def _found(request: HttpRequest, membership_id: int) -> Membership:
    return found(find_person(company_of(request), membership_id))


def _person(request: HttpRequest, membership: Membership, form: PlaceForm) -> HttpResponse:
    context = {
        "tab": "people",
        "member": membership,
        "form": form,
        "is_me": membership.user_id == request.user.pk,
        "has_linked": company_of(request).linked.exists(),
    }
    return render(request, "settings/person.html", context)


@needs("people.update")
@require_POST
def save_person(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Another role."""
    membership = _found(request, membership_id)
    form = PlaceForm(request.POST)

    def act(values: dict[str, Any]) -> bool:
        if not company_of(request).linked.exists():
            # The form did not ask.
            values["switches"] = None
        actions.change_place(membership, person=person_of(request), **values)
        return True

    if not from_form(form, act):
        return _person(request, membership, form)
    messages.success(request, f"{membership.user} is saved.")
    return redirect("people")


@needs("people.update")
@require_POST
def switch_person(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Off, or on again."""
    membership, active = _found(request, membership_id), request.POST.get("active") == "1"
    return from_button(
        request,
        lambda: actions.set_active(membership, active, person=person_of(request)),
        f"{membership.user} is {'in again' if active else 'out, and keeps their place for later'}.",
        "people",
    )


@needs("people.update")
@require_POST
def remove_person(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Out of the company."""
    membership = _found(request, membership_id)
    done = f"{membership.user} is not in this company any more."
    return from_button(request, lambda: actions.remove_person(membership, person=person_of(request)), done, "people")


@needs("people.update")
@require_POST
def send_reset(request: HttpRequest, membership_id: int) -> HttpResponse:
    """A message with a link to set a new password. The link itself is for nobody else."""
    membership = _found(request, membership_id)
    who = membership.user

    def act() -> None:
        actions.check_reset(membership, person=person_of(request))
        request_password_reset(request, who.email, [who], default_token_generator)

    where = "" if mail.is_set_up() else f" No mail server is set up: it is kept in {settings.MAIL_FOLDER}."
    done = f"A message to set a new password is on its way to {who.email}.{where}"
    return from_button(request, act, done, "person", membership_id=membership.pk)
