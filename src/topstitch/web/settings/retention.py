"""What is kept, and for how long; what a company may keep shorter than the server does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from topstitch.alerts.jobs import KEEP_CHECKS, KEEP_TOLD
from topstitch.store.actions.retention import set_periods
from topstitch.store.desk import KEEP_DAYS
from topstitch.store.models import Company
from topstitch.store.retention import PERIODS
from topstitch.web.access import needs
from topstitch.web.scope import company_of, person_of
from topstitch.web.tried import from_form

LABELS = {
    "keep_payload_days": (
        "Stored records",
        "As they were pulled, mapped and sent. As long as they are kept they can be sent again without pulling.",
    ),
    "keep_log_days": ("Logs", "Every line that runs wrote."),
    "keep_report_days": ("Sync report", "Every try with every record: what became of it, and what failed and why."),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that nobody decides. `days` None: for ever."""

    name: str
    what: str
    days: int | None = None


FIXED = (
    Kept("Checks of connectors", "What each of them found.", KEEP_CHECKS),
    Kept("Failures a day", "How often each cause occurred.", KEEP_DAYS),
    Kept("Alerts sent", "Which alerts went to whom.", KEEP_TOLD),
    Kept("Memory of records", "Which ones went through and as what, so that none is sent twice."),
    Kept("Volume a day", "How many records each service moved."),
    Kept("Configuration and audit log", "Revisions of services, and who changed what."),
)


class PeriodsForm(forms.Form):
    """Days of what a company may keep shorter."""

    def __init__(self, company: Company, data: Any = None) -> None:
        super().__init__(data, initial={period.field: getattr(company, period.field) for period in PERIODS})
        for period in PERIODS:
            label, what = LABELS[period.field]
            self.fields[period.field] = forms.IntegerField(
                label=label,
                help_text=f"{what} Left empty: {period.most} days, the most that the server keeps.",
                min_value=1,
                max_value=period.most,
                required=False,
                widget=forms.NumberInput({"class": "short"}),
            )


@needs("company.view", change="company.update")
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """Days of everything that grows."""
    company = company_of(request)
    form = PeriodsForm(company, request.POST if request.method == "POST" else None)
    if from_form(form, lambda values: _save(request, company, values)):
        messages.success(request, "Saved. What is older goes within the hour.")
        return redirect("retention")
    return render(request, "settings/retention.html", {"tab": "retention", "form": form, "kept": FIXED})


def _save(request: HttpRequest, company: Company, values: dict[str, int | None]) -> bool:
    set_periods(company, values, person=person_of(request))
    return True
