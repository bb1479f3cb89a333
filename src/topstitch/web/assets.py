"""Addresses of static files. They change when the files do (see digest.py)."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

#: Every style sheet, in the order of their layers.
SHEETS = (
    "tokens",
    "base",
    "frame",
    "controls",
    "forms",
    "lists",
    "overlays",
    "data",
    "prose",
    "seam",
    "figures",
    "records",
    "people",
    "parts",
    "ends",
    "services",
    "wizard",
    "connectors",
    "desk",
    "home",
    "alerts",
)


@lru_cache(maxsize=256)
def asset(path: str) -> str:
    """The address of a static file. Raises FileNotFoundError when there is none."""
    if not isinstance(finders.find(path), str):
        raise FileNotFoundError(f"there is no static file {path}")
    return static(path)


def sheets() -> SafeString:
    """The links to the style sheets."""
    names = ((asset(f"topstitch/css/{name}.css"),) for name in SHEETS)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', names)
