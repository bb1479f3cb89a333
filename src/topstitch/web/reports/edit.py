"""A record corrected by hand and sent: first what the correction changes, then, once that is agreed to, the sending."""

from __future__ import annotations

from typing import Any

import orjson
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from topstitch.errors import ConfigError
from topstitch.store.actions.resync import MAX_EDIT_BYTES, check_edit, edit_and_resync, plan_edit
from topstitch.store.models import Attempt
from topstitch.store.queries.report import find_attempt
from topstitch.web.access import needs
from topstitch.web.components.jsonview import plain_json
from topstitch.web.components.trouble import wrong, wrong_here
from topstitch.web.components.widgets import Code
from topstitch.web.reports.record import SIDES
from topstitch.web.scope import found, person_of, scope_of

#: Indented text is longer than the record.
MOST_CHARACTERS = 4 * MAX_EDIT_BYTES
TITLES = {"pulled": "As pulled", "mapped": "As mapped"}


class EditForm(forms.Form):
    """A record as JSON. `again`: also when it has gone through already, or may have."""

    record = forms.CharField(label="The record", widget=Code({"rows": 24}), max_length=MOST_CHARACTERS, strip=False)
    again = forms.BooleanField(required=False)

    def __init__(self, attempt: Attempt, side: str, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.attempt, self.side = attempt, side

    def clean_record(self) -> Any:
        """The record; what is wrong with it is said with its line."""
        try:
            record = orjson.loads(self.cleaned_data["record"])
        except orjson.JSONDecodeError as error:
            self.fields["record"].widget.error_line = error.lineno
            raise wrong(f"Line {error.lineno}, column {error.colno}: {error.msg}", "Correct the JSON there.") from error
        try:
            check_edit(self.attempt, record, mapped=self.side == "mapped")
        except ConfigError as error:
            self.refuse(error)
        return record

    def refuse(self, error: ConfigError) -> None:
        """Say beside the field why it would not do."""
        self.add_error("record", wrong_here(error))


@needs("reports.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """The editor; what a correction changes; sending it."""
    attempt = found(find_attempt(scope_of(request), attempt_id))
    side = "mapped" if request.GET.get("side") == "mapped" else "pulled"
    before = found(SIDES[side](attempt))
    sent = request.POST if request.method == "POST" else None
    form = EditForm(attempt, side, sent, initial={"record": plain_json(before)})
    context = {"attempt": attempt, "service": attempt.service, "name": attempt.reference or attempt.key}
    context |= {"side": side, "sides": _sides(attempt), "before": before, "form": form}
    if sent is None or "edit" in sent or not form.is_valid():
        return render(request, "reports/edit.html", context)
    if "agreed" in sent and _send(request, form):
        return redirect("record", attempt.pk)
    again = form.cleaned_data["again"]
    plan = plan_edit(scope_of(request), attempt, mapped=side == "mapped", again=again)
    return render(request, "reports/edit_check.html", context | {"after": form.cleaned_data["record"], "plan": plan})


def _sides(attempt: Attempt) -> list[tuple[str, str, str]]:
    """The sides that are kept, as links."""
    return [(f"?side={side}", TITLES[side], side) for side, read in SIDES.items() if read(attempt) is not None]


def _send(request: HttpRequest, form: EditForm) -> bool:
    """Whether it was taken; what is said of it tells."""
    plan = edit_and_resync(
        scope_of(request),
        form.attempt,
        form.cleaned_data["record"],
        mapped=form.side == "mapped",
        again=form.cleaned_data["again"],
        person=person_of(request),
    )
    if plan.takes:
        messages.success(request, "The corrected record is sent as soon as a worker is free.")
    return bool(plan.takes)
