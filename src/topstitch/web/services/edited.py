"""Which revision a page was drawn from: its forms carry the number, so that nobody saves over what they have not seen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from topstitch.store.actions.services import Overtaken
from topstitch.store.models import Service
from topstitch.web.queries_in import whole


def base_of(request: HttpRequest) -> int | None:
    """What the form that was sent says."""
    return whole(request.POST, "base")


def drawn_from(request: HttpRequest, service: Service) -> int:
    """For the forms of a page: the present revision, or that of the page on which they were first filled in."""
    present = service.revision.number if service.revision else 0
    return base_of(request) or present


def told_overtaken(error: Overtaken) -> dict[str, Any]:
    """For the page that says so and keeps what was typed: seen now, the latest is what the next try is saved over."""
    return {"overtaken": error, "base": error.latest.number}
