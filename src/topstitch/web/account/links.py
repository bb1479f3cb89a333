"""Links that let somebody in, for those who sit at the server."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from topstitch.accounts.models import User
from topstitch.web.account.adapter import absolute


def reset_link(person: User) -> str:
    """Where a person sets a new password; good once and for an hour."""
    key = default_token_generator.make_token(person)
    parts = {"uidb36": user_pk_to_url_str(person), "key": key}
    return absolute(reverse("account_reset_password_from_key", kwargs=parts))
