"""Tags of the mapper's page alone."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.template import Library
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from topstitch.engine.spec import Step
from topstitch.functions.params import plain
from topstitch.web.mapper.fields import shown
from topstitch.web.services.mapping import short, step_words

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
    "nothing": "nothing to write yet",
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
def path_words(path: str) -> SafeString:
    """A path that a line may be broken in, after its dots."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in re.split(r"(?<=[.\]])", path) if part))


@register.filter
def row_state(state: str) -> str:
    """What became of a row that wrote nothing."""
    return STATES.get(state, "")


#: Parts of a row as they are called in files, and on the page.
PARTS = {"do": "functions", "from": "source", "when": "only when", "on_error": "when it fails", "empty": "when empty"}


@register.filter
def part_words(name: str) -> str:
    """What a part of a row is called on the page."""
    return PARTS.get(name, name)


@register.filter
def shown_part(value: Any) -> str:
    """A part of a row as it was or is: functions and paths by their names, "nothing" where it is not said."""
    if value is None:
        return "nothing"
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        if all("function" in each for each in value):
            return ", then ".join(step_words(Step.model_validate(each)) for each in value)
        if all(each.keys() == {"path"} for each in value):
            return " and ".join(str(each["path"]) for each in value)
    return shown_value(value)


@register.filter
def shown_value(value: Any) -> str:
    """A value on one line."""
    return short(plain(value)) if isinstance(value, dict | list) else shown(plain(value))
