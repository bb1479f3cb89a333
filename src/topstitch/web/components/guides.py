"""Links to the guide that tells more of what is seen."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.web.components.icons import icon
from topstitch.web.help.words import GUIDES

NAMES = {slug: name for slug, name, _ in GUIDES}
#: Where more is told of each class of errors.
OF_CLASS = {
    "value": "mapping",
    "missing": "errors",
    "duplicate": "errors",
    "connection": "runs",
    "authentication": "connectors",
    "intermittent": "runs",
    "rate limit": "runs",
    "script": "scripts",
}


def guide_link(slug: str) -> SafeString:
    """The link to a guide of GUIDES; "" for no guide."""
    if not slug:
        return SafeString("")
    address = reverse("guide", args=[slug])
    return format_html('<p class="guide-link"><a href="{}">{}Guide: {}</a></p>', address, icon("note"), NAMES[slug])
