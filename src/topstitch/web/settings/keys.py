"""API keys: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.api_keys import create_key, revoke_key
from topstitch.store.queries.api_keys import find_key, keys_of
from topstitch.web.access import needs
from topstitch.web.scope import company_of, found, person_of
from topstitch.web.settings.forms import KeyForm
from topstitch.web.tried import from_button, from_form


@needs("api_keys.view")
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Those that open something."""
    return _keys(request, KeyForm())


def _keys(request: HttpRequest, form: KeyForm, **more: Any) -> HttpResponse:
    context = {"tab": "api_keys", "keys": keys_of(company_of(request)), "form": form, **more}
    return render(request, "settings/keys.html", context)


@needs("api_keys.update")
@require_POST
def make_key(request: HttpRequest) -> HttpResponse:
    """A key. It is on this page and nowhere else, so there is no other page to go on to."""
    form, company = KeyForm(request.POST), company_of(request)

    def act(values: dict[str, Any]) -> Any:
        return create_key(
            company, values["name"], values["scope"], expires_at=values["expires"], person=person_of(request)
        )

    made = from_form(form, act)
    if made is None:
        return _keys(request, form)
    key, text = made
    return _keys(request, KeyForm(), made=key, text=text)


@needs("api_keys.update")
@require_POST
def end_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """It opens nothing any more."""
    key = found(find_key(company_of(request), key_id))
    done = f"The key {key.name} is revoked. Whatever used it is refused from now on."
    return from_button(request, lambda: revoke_key(key, person=person_of(request)), done, "api_keys")
