"""Addresses of signing in and out. Of django-allauth only what stands here or in settings/urls.py has an address."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as steps
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path
from django.views.decorators.http import require_POST

from topstitch.web.access import public
from topstitch.web.account import views

# Django-allauth asks for its own names; screens of ours use the first ones.
sign_in = public(views.SignIn.as_view())
sign_out = public(require_POST(account.LogoutView.as_view()))

urlpatterns = [
    path("sign-in", sign_in, name="sign_in"),
    path("sign-in", sign_in, name="account_login"),
    path("sign-in/code", public(steps.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey", public(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("sign-out", sign_out, name="sign_out"),
    path("sign-out", sign_out, name="account_logout"),
    path("forgotten", public(account.password_reset), name="account_reset_password"),
    path("forgotten/sent", public(views.ResetSent.as_view()), name="account_reset_password_done"),
    path("forgotten/done", public(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    re_path(
        r"^forgotten/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9a-z-]{1,100})$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("setup/<str:token>", views.setup, name="setup"),
    path("invitation/<str:token>", views.invitation, name="invitation"),
]
