"""One row of the report with all that is known of it, and its two sides as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.records import mapped_record, pulled_record
from topstitch.store.queries.report import attempts_of_item, find_attempt, item_of
from topstitch.web.access import needs
from topstitch.web.components.jsonview import plain_json
from topstitch.web.scope import found, scope_of


@needs("reports.view")
@require_safe
def record(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """One row: what happened, to which record, why, what to do; its attempts; the record as pulled and as mapped."""
    attempt = found(find_attempt(scope_of(request), attempt_id))
    item = item_of(attempt)
    context = {
        "attempt": attempt,
        "service": attempt.service,
        "run": attempt.run,
        "attempts": attempts_of_item(attempt),
        "item": item,
        "remote_id": attempt.remote_id or (item.remote_id if item else ""),
        "pulled": pulled_record(attempt),
        "mapped": mapped_record(attempt),
    }
    return render(request, "reports/record.html", context)


@needs("reports.view")
@require_safe
def record_json(request: HttpRequest, attempt_id: int, side: str) -> HttpResponse:
    """The record as pulled or as mapped, as a JSON file."""
    if side not in ("pulled", "mapped"):
        raise Http404
    attempt = found(find_attempt(scope_of(request), attempt_id))
    value = found(pulled_record(attempt) if side == "pulled" else mapped_record(attempt))
    headers = {"Content-Disposition": f'attachment; filename="{side}-{attempt.pk}.json"'}
    return HttpResponse(plain_json(value), content_type="application/json", headers=headers)
