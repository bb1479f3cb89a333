"""What the frame around every screen shows."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from topstitch.store.queries.engine_state import engine_state
from topstitch.web.areas import entries
from topstitch.web.scope import scope_of

THEMES = ("light", "dark")


def frame(request: HttpRequest) -> dict[str, object]:
    """Theme, areas, companies and the engine's state; all but the theme are only asked for when a template shows them."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "auto",
        "rail": "narrow" if request.COOKIES.get("rail") == "narrow" else "wide",
        "areas": SimpleLazyObject(lambda: entries(request)),
        "companies": SimpleLazyObject(lambda: scope_of(request).names),
        "engine": SimpleLazyObject(engine_state),
    }
