"""Signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from topstitch.web.account import throttle

WRONG = "E-mail address and password do not belong together. Check both and try again."
PAUSED = "Too many tries. Wait five minutes, then try again."


class SignInForm(AuthenticationForm):
    """E-mail address and password. Whatever is wrong, the answer is the same."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"] = forms.CharField(label="E-mail address", max_length=254)
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})

    def clean_username(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["username"]).strip().lower()


class SignIn(LoginView):
    """The door. `next` is followed only within this installation."""

    template_name = "account/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A try. While paused not even the right password is looked at."""
        if throttle.is_paused(*self._who()):
            context = self.get_context_data(form=SignInForm(request), paused=PAUSED)
            return self.render_to_response(context, status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """In."""
        throttle.forget(*self._who())
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Not in."""
        throttle.note_failure(*self._who())
        return super().form_invalid(form)

    def _who(self) -> tuple[str, str]:
        return self.request.META.get("REMOTE_ADDR", ""), self.request.POST.get("username", "")
