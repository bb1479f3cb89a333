"""The components as template tags and filters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template import Context, Library

from topstitch.store.models import Run
from topstitch.store.queries.keyset import Window
from topstitch.web.assets import asset
from topstitch.web.components.charts import daily_chart, funnel
from topstitch.web.components.icons import icon
from topstitch.web.components.jsonview import json_view
from topstitch.web.components.seam import mark, seam, wide_seam
from topstitch.web.components.status import status
from topstitch.web.components.strip import strip
from topstitch.web.components.words import (
    ago,
    at,
    counted,
    due,
    duration,
    entity_name,
    exact,
    number,
    operator_words,
    size,
    system_name,
)

register = Library()

for tag in (asset, icon, status, mark, seam, wide_seam, strip, daily_chart, funnel, json_view):
    register.simple_tag(tag)
for reader in (ago, at, counted, due, duration, entity_name, exact, number, operator_words, size, system_name):
    register.filter(reader.__name__, reader)


@register.filter
def not_through(run: Run) -> int:
    """Records of a run that reached the destination neither surely nor at all."""
    return run.failed + run.pending + run.uncertain


@register.simple_tag(takes_context=True)
def page_address(context: Context, page: Window[Any], by: str, direction: str) -> str:
    """The present address, one page on (`after`) or back (`before`)."""
    value = getattr(page.rows[-1 if direction == "after" else 0], by)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return address(context, **{"after": None, "before": None, direction: text})


@register.simple_tag(takes_context=True)
def address(context: Context, **changes: Any) -> str:
    """The present address with some of its query changed; None or "" takes a part out."""
    request = context["request"]
    assert isinstance(request, HttpRequest)
    query = request.GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path
