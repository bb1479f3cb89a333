"""What the frame around every screen shows."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from topstitch.store.queries.engine_state import engine_state
from topstitch.web.scope import scope_of

THEMES = ("light", "dark")
#: Area, the name of its first screen, its icon, and the beginnings of the addresses that belong to it.
AREAS = (
    ("Home", "home", "home", ()),
    ("Services", "services", "services", ("/services/", "/runs/")),
    ("Reports", "reports", "reports", ("/reports/",)),
)


class Area(NamedTuple):
    """An entry of the rail."""

    name: str
    url: str
    icon: str
    current: bool


def frame(request: HttpRequest) -> dict[str, object]:
    """Theme, areas, companies and the engine's state; the last two are only asked for when a template shows them."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "auto",
        "areas": [
            Area(name, reverse(url), sign, request.path.startswith(begin) if begin else request.path == reverse(url))
            for name, url, sign, begin in AREAS
        ],
        "companies": SimpleLazyObject(lambda: scope_of(request).names),
        "engine": SimpleLazyObject(engine_state),
    }
