"""One's own account: name, time zone, colours."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.account import update_account
from topstitch.web.access import personal
from topstitch.web.scope import person_of
from topstitch.web.settings.forms import AccountForm

YEAR = 31_536_000


@personal
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """How I am called and how I like it."""
    person = person_of(request)
    form = AccountForm(initial={"name": person.name, "zone": person.zone, "theme": person.theme})
    return render(request, "settings/account.html", {"tab": "account", "form": form})


@personal
@require_POST
def save_account(request: HttpRequest) -> HttpResponse:
    """Otherwise."""
    form = AccountForm(request.POST)
    if not form.is_valid():
        return render(request, "settings/account.html", {"tab": "account", "form": form})
    update_account(person_of(request), **form.cleaned_data)
    messages.success(request, "Your account is saved.")
    answer = redirect("account")
    theme = form.cleaned_data["theme"]
    # The cookie is what draws pages; the account carries the choice to other devices.
    answer.set_cookie("theme", theme or "auto", max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return answer
