"""Addresses of screens that may not be there, and the way back to the screen that a button was pressed on."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme


def address_if_any(screen: str, *args: object) -> str:
    """The address of this name; "" when there is no such screen."""
    try:
        return reverse(screen, args=args)
    except NoReverseMatch:
        return ""


def back_of(request: HttpRequest, default: str) -> str:
    """Where the form says that it was sent from (`back`), if that is a page of ours; else `default`."""
    back = request.POST.get("back", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if ours else default
