"""The forms of the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import ProhibitNullCharactersValidator
from django.utils import timezone

from topstitch.accounts.models import Role
from topstitch.store.models.api_key import KeyScope
from topstitch.web.account.forms import NEW, password_help
from topstitch.web.components.zones import ZoneField, clock_there, zone_words

EXPIRY = (("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"))
THEMES = (("", "As the device"), ("light", "Light"), ("dark", "Dark"))


class CompanyForm(forms.Form):
    """What a company says of itself."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    website = forms.CharField(max_length=300, required=False)
    telephone = forms.CharField(max_length=60, required=False)
    email = forms.EmailField(label="E-mail address", required=False)

    def clean_website(self) -> str:
        """An address as people type it; only http and https are links."""
        value = str(self.cleaned_data["website"])
        if value and "://" not in value:
            value = f"https://{value}"
        if value:
            forms.URLField(assume_scheme="https").clean(value)
            if not value.startswith(("http://", "https://")):
                raise forms.ValidationError("Enter an address that begins with https://.")
        return value


class NameForm(forms.Form):
    """A name."""

    name = forms.CharField(max_length=200, validators=[ProhibitNullCharactersValidator()])


class RoleForm(forms.Form):
    """A role, with what comes beside it."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.USER)
    advanced_editor = forms.BooleanField(
        required=False, label="Advanced editor", help_text="Also edits settings and mappings as JSON."
    )


class PlaceForm(RoleForm):
    """A person's place, where companies may be linked."""

    switches = forms.BooleanField(
        required=False,
        label="May switch into linked companies",
        help_text="With the same role as here.",
    )


class InviteForm(RoleForm):
    """Whom to invite."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    field_order = ("email", "role", "advanced_editor")


class KeyForm(forms.Form):
    """A key to be made."""

    name = forms.CharField(max_length=200, help_text="What will use it.")
    scope = forms.ChoiceField(choices=KeyScope.choices, label="May", initial=KeyScope.READ)
    expires = forms.ChoiceField(choices=EXPIRY, required=False)

    def clean_expires(self) -> Any:
        """The moment, or None."""
        days = self.cleaned_data["expires"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class AccountForm(forms.Form):
    """How a person is called, and how they like it."""

    name = forms.CharField(max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    zone = ZoneField(utc="")
    theme = forms.ChoiceField(choices=THEMES, required=False, label="Colours")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = str(self.initial.get("zone") or "")
        clock = clock_there(name)
        now = f"In {zone_words(name)} it is {clock} now." if clock else ""
        self.fields["zone"].help_text = f"Exact times are told in it, beside UTC. {now}"


class JoinForm(forms.Form):
    """A new person: how they are called, and a password."""

    name = forms.CharField(max_length=200, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(max_length=1000, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": NEW}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_help()

    def clean_password(self) -> str:
        """Good enough."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class SetupForm(JoinForm):
    """The first person and their company."""

    company = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    field_order = ("company", "name", "email", "password")
