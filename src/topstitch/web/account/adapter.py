"""How django-allauth does things here: our words, our messages, our log of tries, and addresses from our settings."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from topstitch.accounts.models import User
from topstitch.store.actions.security import note_security, note_unknown
from topstitch.store.secrets import seal, unseal
from topstitch.web import mail
from topstitch.web.account import throttle
from topstitch.web.security import client_address

WRONG = "E-mail address and password do not belong together. Check both and try again."
PAUSED = "Too many attempts. Wait five minutes, then try again."
WRONG_CODE = "This code is not right. Codes of an app change every 30 seconds: enter the present one."
#: What the audit log says of what a person is also told by mail.
EVENTS = {
    "account/email/password_changed": "changed the password",
    "account/email/password_reset": "set a new password by a link",
    "mfa/email/totp_activated": "added an authenticator app",
    "mfa/email/totp_deactivated": "removed the authenticator app",
    "mfa/email/recovery_codes_generated": "made new recovery codes",
    "mfa/email/webauthn_added": "added a passkey",
    "mfa/email/webauthn_removed": "removed a passkey",
}


def absolute(path: str) -> str:
    """An address for a message: from the settings, whatever host a request claims."""
    return f"{settings.BASE_URL}{path}"


class AccountAdapter(DefaultAccountAdapter):
    """Passwords, sign-in, messages."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "enter_current_password": "This is not your present password.",
        "incorrect_code": WRONG_CODE,
        "incorrect_password": "This is not your password.",
        "invalid_login": WRONG,
        "invalid_password_reset": "This link has been used, or is too old.",
        "too_many_login_attempts": PAUSED,
        "rate_limited": PAUSED,
        "select_only_one": "Choose one.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """While paused not even the right password is looked at."""
        if throttle.is_paused(client_address(request), credentials.get("email", "")):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Who this is. Somebody who was switched off gets the same answer as somebody unknown."""
        user = super().authenticate(request, **credentials)
        address, email = client_address(request), credentials.get("email", "")
        if user is not None and user.is_active:
            throttle.forget(address, email)
            return user
        if user is not None:
            self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A try was wrong."""
        address, email = client_address(request), credentials.get("email", "")
        throttle.note_failure(address, email)
        person = User.objects.filter(email=email).first()
        if person:
            note_security(person, "sign_in_failed", "wrong password")
        else:
            note_unknown(email)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **more: Any) -> HttpResponse:
        """In."""
        how = "by passkey" if _by_passkey(request) else "by password"
        note_security(cast(User, user), "sign_in", how)
        return cast(HttpResponse, super().post_login(request, user, **more))

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """The door."""
        return redirect("sign_in")

    def is_safe_url(self, url: str | None) -> bool:
        """Only within this installation."""
        host = context.request.get_host()
        return url_has_allowed_host_and_scheme(url, {host}, require_https=context.request.is_secure())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account."""
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the one place says. Tests and sockets without an address get that of this machine."""
        address = client_address(request)
        try:
            validate_ipv46_address(address)
        except ValidationError:
            return "127.0.0.1"
        return address

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the message."""
        user, _, rest = key.partition("-")
        return absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": user, "key": rest}))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """One text template a message, sent soon."""
        mail.post(mail.compose(template_prefix, email, {"email": email, "base_url": settings.BASE_URL, **context}))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """What changes how a person signs in is told to them and to the audit log."""
        person = cast(User, user)
        address = client_address(self.request)
        done = EVENTS[template_prefix]
        note_security(person, "update", done)
        self.send_mail("mail/security", person.email, {"done": done, "address": address, "person": person})


def _by_passkey(request: HttpRequest) -> bool:
    methods = request.session.get("account_authentication_methods", [])
    return any(method.get("passwordless") for method in methods)


class MfaAdapter(DefaultMFAAdapter):
    """Second steps: secrets are sealed, names are ours."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        """The secret of an authenticator app, as it is stored."""
        return seal("totp", {"secret": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """And back."""
        return str(unseal("totp", encrypted_text.encode())["secret"])

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Until they name it."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"

    def build_totp_svg(self, url: str) -> str:
        """A picture that stands in the page itself: nothing is fetched, nothing is styled."""
        svg = super().build_totp_svg(url)
        return svg[svg.index("<svg") :].replace("svg:", "")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the host of the configured address when that is used, else to the one in use."""
        host = context.request.get_host().rsplit(":", 1)[0]
        own = urlsplit(settings.BASE_URL).hostname or host
        return {"id": own if host == own or host.endswith(f".{own}") else host, "name": "Topstitch"}
