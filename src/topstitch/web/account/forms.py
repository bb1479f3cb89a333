"""The forms of signing in and of an account, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as steps
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings

from topstitch.store.actions.security import note_security

CURRENT, NEW = "current-password", "new-password"
#: The field of the sign-in form that says who it is.
EMAIL = "email"


def word(form: forms.BaseForm, name: str, label: str, **attrs: Any) -> None:
    """Give a field its label, and its input these attributes and no others."""
    field = form.fields[name]
    field.label = label
    field.widget.attrs = {key: value for key, value in field.widget.attrs.items() if key == "type"} | attrs


def password_help() -> str:
    """What a password must be."""
    return f"At least {settings.PASSWORD_LENGTH} characters, and not one that many people use."


class SignInForm(account.LoginForm):
    """E-mail address and password. Whatever is wrong, the answer is the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "login", "E-mail address", autocomplete="username", maxlength=254)
        word(self, "password", "Password", autocomplete=CURRENT)
        self.fields["password"].help_text = ""

    def add_prefix(self, field_name: str) -> str:
        """The field is called what is entered there; by its autocomplete password managers know it as the name."""
        return super().add_prefix(EMAIL if field_name == "login" else field_name)


class ForgottenForm(account.ResetPasswordForm):
    """Whose password is forgotten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "email", "E-mail address", autocomplete="username", maxlength=254, autofocus=True)


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password, typed once: it can be shown while typing, and set again by another link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        word(self, "password1", "New password", autocomplete=NEW, autofocus=True)
        self.fields["password1"].help_text = password_help()


class ChangePasswordForm(account.ChangePasswordForm):
    """The present password and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        word(self, "oldpassword", "Present password", autocomplete=CURRENT)
        self.fields["oldpassword"].help_text = ""
        word(self, "password1", "New password", autocomplete=NEW)
        self.fields["password1"].help_text = password_help()


class ConfirmForm(account.ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "password", "Password", autocomplete=CURRENT, autofocus=True)
        self.fields["password"].help_text = ""


_CODE = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", "maxlength": 40}


class _Noted:
    """Wrong codes are in the audit log, as wrong passwords are."""

    user: Any

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        note_security(self.user, "sign_in_failed", "wrong code")


class CodeForm(_Noted, steps.AuthenticateForm):
    """The code of an app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "code", "Code", **_CODE, autofocus=True)


class ConfirmCodeForm(_Noted, steps.ReauthenticateForm):
    """The same, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "code", "Code", **_CODE, autofocus=True)


class ActivateForm(totp.ActivateTOTPForm):
    """The first code of an app shows that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "code", "Code that the app shows", **_CODE, inputmode="numeric")


#: How the libraries stumble over what no browser sends.
_STUMBLES = (KeyError, TypeError, ValueError, AttributeError)
UNKNOWN_PASSKEY = "This passkey is not known here, or was not confirmed. Try again."


class _Doubting:
    """Whatever is sent in place of a passkey is answered, not stumbled over."""

    def clean_credential(self) -> Any:
        """The passkey that the answer was made with."""
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the form beside it
        except _STUMBLES:
            raise forms.ValidationError(UNKNOWN_PASSKEY) from None


class PasskeyForm(_Doubting, webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class ConfirmPasskeyForm(_Doubting, webauthn.ReauthenticateWebAuthnForm):
    """A passkey, before something that matters."""


class SignInPasskeyForm(_Doubting, webauthn.LoginWebAuthnForm):
    """A passkey in place of a password."""


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A passkey: one that signs in by itself, because it checks who holds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "name", "Name", maxlength=60)
        del self.fields["passwordless"]
        self.fields["credential"].error_messages["required"] = "The browser gave no passkey. Try again."

    def clean(self) -> dict[str, Any]:
        """The device must have asked for a finger, a face or a PIN."""
        if self.is_bound:
            self.cleaned_data["passwordless"] = True
        try:
            return dict(super().clean())
        except _STUMBLES:
            raise forms.ValidationError("The browser gave no passkey that can be used. Try again.") from None


class NamePasskeyForm(webauthn.EditWebAuthnForm):
    """What a passkey is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "name", "Name", maxlength=60, autofocus=True)
