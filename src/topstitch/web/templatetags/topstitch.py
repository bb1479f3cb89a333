"""The components as template tags and filters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template import Context, Library
from django.utils.safestring import SafeString

from topstitch.store.models import Run
from topstitch.store.queries.keyset import Window
from topstitch.web.assets import asset, sheets
from topstitch.web.components import controls, figures, frames, tables
from topstitch.web.components.charts import daily_chart, funnel
from topstitch.web.components.diff import change_table, json_diff, text_diff
from topstitch.web.components.fields import field, form_errors
from topstitch.web.components.health import check_steps, health_strip
from topstitch.web.components.icons import icon
from topstitch.web.components.jsonview import json_view, request_view
from topstitch.web.components.seam import knot, mark, seam, wide_seam
from topstitch.web.components.status import status
from topstitch.web.components.strip import strip
from topstitch.web.components.trouble import trouble
from topstitch.web.components.words import (
    ago,
    at,
    clock,
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

PLAIN = (
    *(asset, sheets, icon, status, mark, knot, seam, wide_seam, strip, daily_chart, funnel, json_view, request_view),
    *(json_diff, text_diff, change_table, field, form_errors, check_steps, health_strip),
    *(controls.button, controls.icon_button, controls.copy_button, controls.toggle, controls.segments, controls.tab),
    *(frames.crumbs, frames.stepper, frames.skeleton, frames.notice, frames.toast, frames.typed_name),
    *(tables.tick_head, tables.tick, tables.system_cell),
    *(figures.tile, figures.spark, figures.meter, figures.gauge, figures.beside_before, figures.daily_table),
)
#: Those that stand around something: `{% dialog ... %}content{% enddialog %}`.
AROUND = (controls.menu, frames.page_head, frames.dialog, frames.drawer_head, frames.teach, tables.tick_bar, trouble)
for tag in PLAIN:
    register.simple_tag(tag)
for around in AROUND:
    register.simple_block_tag(around)
for reader in (ago, at, clock, counted, due, duration, entity_name, exact, number, operator_words, size, system_name):
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


@register.simple_tag(takes_context=True)
def sort_by(context: Context, words: str, column: str, *, first: str = "up", kind: str = "") -> SafeString:
    """A column's head that sorts: `?sort=column` or `?sort=-column`. `first`: which way a first click sorts."""
    request = context["request"]
    assert isinstance(request, HttpRequest)
    now = request.GET.get("sort", "")
    order = "up" if now == column else "down" if now == f"-{column}" else ""
    up = order == "down" or (not order and first == "up")
    return tables.sort_head(
        words, address(context, sort=column if up else f"-{column}", after=None, before=None), order, kind=kind
    )
