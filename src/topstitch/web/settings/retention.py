"""What is kept, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.alerts.jobs import KEEP_CHECKS, KEEP_TOLD
from topstitch.store.desk import KEEP_DAYS
from topstitch.web.access import needs


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing. `days` None: for ever. `setting`: the variable of the server that says how long, if one does."""

    name: str
    what: str
    days: int | None = None
    setting: str = ""


def everything_kept() -> list[Kept]:
    """What grows, what goes first on top."""
    return [
        Kept(
            "Stored records",
            "As they were pulled, mapped and sent. As long as they are kept they can be sent again without pulling.",
            settings.KEEP_PAYLOAD_DAYS,
            "TOPSTITCH_KEEP_PAYLOAD_DAYS",
        ),
        Kept("Logs", "Every line that runs wrote.", settings.KEEP_LOG_DAYS, "TOPSTITCH_KEEP_LOG_DAYS"),
        Kept("Checks of connectors", "What each of them found.", KEEP_CHECKS),
        Kept(
            "Sync report",
            "Every try with every record: what became of it, and what failed and why.",
            settings.KEEP_REPORT_DAYS,
            "TOPSTITCH_KEEP_REPORT_DAYS",
        ),
        Kept("Failures a day", "How often each cause occurred.", KEEP_DAYS),
        Kept("What was told", "Which alerts went to whom.", KEEP_TOLD),
        Kept("Memory of records", "Which ones went through and as what, so that none is sent twice."),
        Kept("Volume a day", "How many records each service moved."),
        Kept("Configuration and audit log", "Revisions of services, and who changed what."),
    ]


@needs("company.view")
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """Days of everything that grows."""
    return render(request, "settings/retention.html", {"tab": "retention", "kept": everything_kept()})
