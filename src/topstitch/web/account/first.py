"""The link of the first start: good while nobody is there, and known only to who sees where the product was started."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac


def setup_token() -> str:
    """The same in every process of an installation."""
    return salted_hmac("topstitch.setup", "first person", algorithm="sha256").hexdigest()[:40]


def is_token(token: str) -> bool:
    """Whether this is it."""
    return constant_time_compare(token, setup_token())


def setup_link() -> str:
    """Where the first person begins."""
    return f"{settings.BASE_URL}{reverse('setup', args=[setup_token()])}"
