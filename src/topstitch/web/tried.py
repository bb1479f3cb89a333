"""Doing what a form or a button asks for; what an action refuses is said where the person is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from topstitch.errors import ConfigError
from topstitch.web.components.trouble import said

T = TypeVar("T")


def from_form(form: forms.Form, act: Callable[[dict[str, Any]], T]) -> T | None:
    """Act on a form's values; None when they, or the action, would not have it: the form says why then."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except ConfigError as error:
        form.add_error(None, said(error))
        return None


def from_button(request: HttpRequest, act: Callable[[], object], done: str, back: str, **where: Any) -> HttpResponse:
    """Act, say what was done or why not, and go back."""
    try:
        act()
    except ConfigError as error:
        messages.error(request, said(error))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse(back, kwargs=where))


def remove_by_name(
    request: HttpRequest, name: str, act: Callable[[], object], *, stay: str, leave: str, **where: Any
) -> HttpResponse:
    """Remove what its name was typed for; back to it (`stay`) with the reason when that was not done, else to `leave`."""
    try:
        if request.POST.get("typed") != name:
            raise ConfigError(f"Type {name} to remove it", hint="Nothing was removed.")
        act()
    except ConfigError as error:
        messages.error(request, said(error))
        return HttpResponseRedirect(reverse(stay, kwargs=where))
    messages.success(request, f"{name} is removed.")
    return HttpResponseRedirect(reverse(leave))
