"""Secrets that were typed into a form which could not be saved yet: kept, encrypted, so that nobody types them twice.

They never go back to the browser; the form says that they are there.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from topstitch.errors import ConfigError
from topstitch.store.secrets import seal, unseal
from topstitch.web.scope import company_of, person_of

KEY = "connector_secrets"
#: Seconds that somebody may take to correct a form.
LIFE = 3600


def keep(request: HttpRequest, place: str, values: Mapping[str, Any]) -> None:
    """Of one form at a time; `place` is the form's."""
    sealed = seal(_owner(request, place), dict(values)).decode()
    request.session[KEY] = {"place": place, "sealed": sealed, "until": time.time() + LIFE}


def kept(request: HttpRequest, place: str) -> dict[str, Any]:
    """What was kept for this form, while it is."""
    found = request.session.get(KEY)
    if not found or found["place"] != place or found["until"] < time.time():
        return {}
    try:
        return unseal(_owner(request, place), found["sealed"].encode())
    except ConfigError:
        # The installation's key has changed meanwhile: they are typed again.
        return {}


def forget(request: HttpRequest) -> None:
    """The form was saved."""
    request.session.pop(KEY, None)


def _owner(request: HttpRequest, place: str) -> str:
    return f"form:{person_of(request).pk}:{company_of(request).pk}:{place}"
