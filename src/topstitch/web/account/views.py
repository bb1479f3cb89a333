"""Signing in, the first start, and accepting an invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import LoginView, PasswordResetDoneView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from topstitch.accounts.models import User
from topstitch.errors import ConfigError
from topstitch.store.actions.invitations import accept, invitation_of
from topstitch.store.actions.people import create_first_person
from topstitch.store.queries.people import anybody_there, is_known
from topstitch.web import mail
from topstitch.web.access import public
from topstitch.web.account import throttle
from topstitch.web.account.adapter import PAUSED
from topstitch.web.account.first import is_token
from topstitch.web.account.forms import EMAIL
from topstitch.web.components.words import sentence
from topstitch.web.scope import person_of
from topstitch.web.security import client_address
from topstitch.web.settings.forms import JoinForm, SetupForm
from topstitch.web.tried import from_form

#: Under this name wrong links are counted, as wrong passwords are under the person's.
LINKS = "(links)"


class SignIn(LoginView):
    """The door. `next` is followed only within this installation."""

    template_name = "account/sign_in.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A try. While paused not even the right password is looked at."""
        if throttle.is_paused(client_address(request), request.POST.get(EMAIL, "")):
            context = {"form": self.get_form_class()(request=request), "paused": PAUSED}
            return self.render_to_response(context, status=429)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """An installation without people says how it gets its first one."""
        return {**super().get_context_data(**kwargs), "nobody": not anybody_there()}


class ResetSent(PasswordResetDoneView):
    """The same for everybody, whether there is such a person or not."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Without a mail server the message is to be had from whoever runs this."""
        return {**super().get_context_data(**kwargs), "has_mail": mail.is_set_up()}


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The first person makes themselves administrator. The link was printed where the product was started."""
    if anybody_there() or not _listens(request, is_token(token)):
        return render(request, "account/no_link.html", {"what": "setup"}, status=404)
    form = SetupForm(request.POST or None)
    if request.method == "POST":
        person = from_form(
            form,
            lambda values: create_first_person(
                values["email"], values["password"], name=values["name"], company=values["company"]
            ),
        )
        if person:
            return enter(request, person)
    return render(request, "account/setup.html", {"form": form})


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take a place that was offered: signed in as whom it was offered to, or as somebody new."""
    offer = invitation_of(token)
    if not _listens(request, offer is not None) or offer is None:
        return render(request, "account/no_link.html", {"what": "invitation"}, status=404)
    context: dict[str, Any] = {"offer": offer}
    if request.user.is_authenticated or is_known(offer.email):
        return _as_known(request, token, context)
    form = context["form"] = JoinForm(request.POST or None)
    if request.method == "POST":
        person = from_form(form, lambda values: accept(token, name=values["name"], password=values["password"]))
        if person:
            return enter(request, person)
    return render(request, "account/invitation.html", context)


def _as_known(request: HttpRequest, token: str, context: dict[str, Any]) -> HttpResponse:
    person = person_of(request) if request.user.is_authenticated else None
    context["mine"] = person is not None and person.email == context["offer"].email
    context["other"] = person is not None and not context["mine"]
    if request.method == "POST" and context["mine"]:
        try:
            accept(token, person=person)
        except ConfigError as error:
            messages.error(request, sentence(error.message))
        else:
            request.session["company"] = context["offer"].company_id
            return redirect("home")
    return render(request, "account/invitation.html", context)


def enter(request: HttpRequest, person: User) -> HttpResponse:
    """Sign in somebody who has just set their password."""
    record_authentication(request, person, method="password")
    answer: HttpResponse = perform_login(request, Login(user=person))
    return answer


def _listens(request: HttpRequest, good: bool) -> bool:
    """Whether a link is good. Who tries many that are not is not listened to for a while."""
    address = client_address(request)
    if throttle.is_paused(address, LINKS):
        return False
    if not good:
        throttle.note_failure(address, LINKS)
    return good
