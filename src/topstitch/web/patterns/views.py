"""The pattern page: every element in every state, light and dark side by side. A screen uses only what is on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from topstitch.web.access import personal
from topstitch.web.answers import drawer_or_page, with_toast
from topstitch.web.components.icons import PATHS
from topstitch.web.components.markdown import markdown
from topstitch.web.components.status import FAMILIES
from topstitch.web.patterns import samples
from topstitch.web.patterns.sections import sections
from topstitch.web.queries_in import text, whole

SYSTEMS = ("shopify", "peoplevox", "woocommerce", "odoo", "netsuite", "linnworks", "mirakl", "brightpearl")
THEMES = ("light", "dark")
LOG_LINES = 6


@personal
@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    """Invented figures, always the same."""
    context: dict[str, Any] = {
        "sections": sections(),
        "sheets": [_sheet(theme) for theme in THEMES],
        "families": [(family, list(looks)) for family, looks in FAMILIES.items()],
        "states": ("sound", "running", "failing", "paused"),
        "systems": SYSTEMS,
        "icons": list(PATHS),
        "strips": {"mixed": samples.sample_runs(3), "well": samples.sample_runs(0), "none": []},
        "days": samples.sample_days(),
        "stages": [
            ("Pulled", 340, ""),
            ("Kept", 212, "128 records filtered out"),
            ("Mapped", 60, "152 unchanged"),
            ("Pushed", 56, "4 records did not go through"),
        ],
        "rows": samples.sample_rows(),
        "record": samples.RECORD,
        "later": samples.LATER,
        "request_sent": samples.REQUEST,
        "marks": {"channel": "made", "lines[0].quantity": "made", "email": "wrong"},
        "told": samples.TROUBLE,
        "reading": markdown(samples.READING),
        "moments": [datetime.now(UTC) + timedelta(seconds=s) for s in (-5, -240, -7_300, -200_000, 600)],
        "tabs": [
            ("summary", "Summary", "#navigation", None),
            ("mapping", "Mapping", "#navigation", 18),
            ("logs", "Logs", "#navigation", None),
        ],
        "environments": [("live", "Live"), ("test", "Test"), ("practice", "Practice")],
        "views": [("#navigation", "All", "all"), ("#navigation", "Failing", "failing")],
        "steps": [("Connectors", "#navigation"), ("Filters", "#navigation"), "Mapping", "Schedule", "Alerts", "Try it"],
        "lines": samples.sample_lines(0, LOG_LINES),
        "health": samples.sample_health(),
        "steps_done": samples.STEPS,
        "steps_failed": samples.STEPS_FAILED,
        "counts": (2, 0, 5, 12, 7, 3, 1),
    }
    return render(request, "patterns/patterns.html", context)


def _sheet(theme: str) -> dict[str, Any]:
    """What must differ between the two sides: a page has every id once."""
    return {
        "theme": theme,
        "form": samples.sample_form(theme),
        "settings": samples.SettingsSample(auto_id=f"{theme}_s_%s", prefix=theme[0]),
    }


@personal
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggestions for the sample field."""
    words = text(request.GET, "q").casefold()
    names = [name for name in samples.SYSTEMS if words in name.casefold()]
    return render(request, "patterns/suggest.html", {"names": names})


@personal
@require_safe
def beside(request: HttpRequest, number: int) -> HttpResponse:
    """What the sample drawer shows."""
    context = {"title": f"Order #100{number}", "number": number, "record": samples.RECORD, "address": request.path}
    return drawer_or_page(request, "patterns/_beside.html", "patterns/beside.html", context)


@personal
@require_safe
def toast(request: HttpRequest) -> HttpResponse:
    """Words alone."""
    return with_toast(HttpResponse(), "Done, as a sample.")


@personal
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """More lines of the sample log; it ends after a few."""
    after = whole(request.GET, "after") or 0
    after = min(max(after, 0), 60)
    address = f"{reverse('patterns_log')}?after={after + 2}" if after < 24 else ""
    return render(request, "parts/log.html", {"lines": samples.sample_lines(after, 2), "next": address})
