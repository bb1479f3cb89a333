"""Small helpers of the pages about people."""

from __future__ import annotations

from typing import Any

import orjson
from django.template import Library

from topstitch.accounts.capabilities import Capability

register = Library()
#: What browsers and devices write of themselves; the first that is found is meant.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
DEVICES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def json_text(value: Any) -> str:
    """JSON for an attribute that a script of ours reads; it is escaped like any text."""
    return orjson.dumps(value, default=str).decode()


@register.filter
def allowed(row: Capability, role: str) -> bool:
    """Whether a role may, as far as the role decides."""
    return role in row.roles


@register.filter
def browser(agent: str) -> str:
    """`Firefox on Linux`: what a browser says of itself, in short."""
    name = next((word for mark, word in BROWSERS if mark in agent), "")
    place = next((word for mark, word in DEVICES if mark in agent), "")
    return f"{name} on {place}" if name and place else name or place or (agent[:60] or "Unknown browser")
