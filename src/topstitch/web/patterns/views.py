"""The pattern page: every element in every state, light and dark side by side. A screen uses only what is on it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.runs import STRIP, LastRun
from topstitch.store.queries.volumes import Day
from topstitch.web.components.icons import PATHS
from topstitch.web.components.status import CONNECTOR, ITEM, LEVEL, RUN, SERVICE

SYSTEMS = ("shopify", "peoplevox", "woocommerce", "odoo", "netsuite", "linnworks", "mirakl", "brightpearl")
RECORD = {"id": 1001, "name": "#1001", "email": "ada@example.com", "total": "24.50", "paid": True, "note": None}


@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    """Invented figures, always the same."""
    families = {"item": ITEM, "run": RUN, "service": SERVICE, "level": LEVEL, "connector": CONNECTOR}
    context = {
        "themes": ("light", "dark"),
        "families": [(family, list(looks)) for family, looks in families.items()],
        "states": ("sound", "running", "failing", "paused"),
        "systems": SYSTEMS,
        "icons": list(PATHS),
        "strips": {"mixed": sample_runs(3), "well": sample_runs(0), "none": []},
        "days": sample_days(),
        "stages": [
            ("Pulled", 340, ""),
            ("Kept", 212, "128 records filtered out"),
            ("Mapped", 60, "152 unchanged"),
            ("Pushed", 56, "4 records did not go through"),
        ],
        "record": RECORD,
        "moments": [datetime.now(UTC) + timedelta(seconds=s) for s in (-5, -240, -7_300, -200_000, 600)],
    }
    return render(request, "patterns/patterns.html", context)


def sample_runs(every: int) -> list[LastRun]:
    """Twenty runs; with `every` one in so many failed."""
    now = datetime.now(UTC)
    return [
        LastRun(
            id=uuid.UUID(int=n),
            status="completed_with_failures"
            if every and n % every == 1
            else "running"
            if every and n == 0
            else "completed",
            created_at=now - timedelta(minutes=10 * n),
            pulled=(n * 37) % 90,
            pushed=(n * 37) % 90,
            troubled=0,
        )
        for n in range(STRIP)
    ]


def sample_days() -> list[Day]:
    """A fortnight."""
    today = datetime.now(UTC).date()
    return [
        Day(today - timedelta(days=13 - n), ok=(n * 83) % 400 + 40, failed=(n * 29) % 60, runs=144) for n in range(14)
    ]
