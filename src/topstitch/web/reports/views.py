"""The sync report, and one of its rows with all that is known of it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.records import mapped_record, pulled_record
from topstitch.store.queries.report import STATUSES, attempts_of_item, find_attempt, item_of, report_rows
from topstitch.store.queries.services import service_index
from topstitch.web.access import needs
from topstitch.web.components.jsonview import plain_json
from topstitch.web.queries_in import large
from topstitch.web.reports.asking import DAYS, default_first, read_asked, system_names, understand
from topstitch.web.scope import found, scope_of


@needs("reports.list")
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The report."""
    scope = scope_of(request)
    asked = read_asked(request.GET)
    index = service_index(scope, removed=True)
    names = system_names(index)
    understood = understand(asked, index, names)
    rows = report_rows(
        scope,
        understood.choice,
        after=large(request.GET, "after"),
        before=large(request.GET, "before"),
        newest_first=asked.newest_first,
    )
    services = {entry.id: entry for entry in index}
    context = {
        "asked": asked,
        "understood": understood,
        "rows": rows,
        "lines": [(row, services[row.service_id]) for row in rows.rows if row.service_id in services],
        "systems": names,
        "statuses": STATUSES,
        "default_first": default_first(asked),
        "days": DAYS,
        "more_columns": request.GET.get("columns") == "all",
    }
    return render(request, "reports/report.html", context)


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
