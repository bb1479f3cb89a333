"""Tags of the mapper's page alone."""

from __future__ import annotations

from typing import Any

import orjson
from django.template import Library

from topstitch.functions.params import plain
from topstitch.web.mapper.fields import shown
from topstitch.web.services.mapping import short

register = Library()

STATES = {
    "empty": "empty: left out",
    "null": "null",
    "skipped": "left out",
    "spared": "not usable: as the row says",
    "not_met": "its condition does not hold",
    "disabled": "switched off",
    "list": "a list",
    "kept": "a list",
    "never": "its list has no elements",
}


@register.simple_tag
def pair(one: str, other: str) -> str:
    """Two paths in one value of a form."""
    return orjson.dumps([one, other]).decode()


@register.simple_tag
def menu_of(place: int) -> str:
    """The id of a row's menu."""
    return f"row-menu-{place}"


@register.filter
def row_state(state: str) -> str:
    """What became of a row that wrote nothing."""
    return STATES.get(state, "")


@register.filter
def shown_value(value: Any) -> str:
    """A value on one line."""
    return short(plain(value)) if isinstance(value, dict | list) else shown(plain(value))
