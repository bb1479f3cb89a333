"""Addresses of screens that may not be there."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def address_if_any(screen: str, *args: object) -> str:
    """The address of this name; "" when there is no such screen."""
    try:
        return reverse(screen, args=args)
    except NoReverseMatch:
        return ""
