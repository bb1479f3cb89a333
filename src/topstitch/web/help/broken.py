"""Pages for what is not there and for what broke: each has a reference that stands in the log too."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

_log = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is nothing, or nothing that this person may see."""
    reference = _reference()
    _log.warning("%s: nothing at %s", reference, request.path)
    return render(request, "404.html", {"reference": reference, "at": datetime.now(UTC)}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A mistake of ours. The page asks nobody: what broke may be the database."""
    reference = _reference()
    _log.exception("%s: %s %s broke", reference, request.method, request.path)
    body = render_to_string("500.html", {"reference": reference, "at": datetime.now(UTC)})
    return HttpResponse(body, status=500)


def _reference() -> str:
    """Short enough to be read over the telephone."""
    return secrets.token_hex(4)
