"""The sync report: the list, how many rows there are, the list as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.reports import export_report
from topstitch.store.queries.report_size import report_size
from topstitch.store.queries.views import saved_views
from topstitch.web.access import needs
from topstitch.web.reports.page import question_of, report_context
from topstitch.web.reports.saved import shown_views
from topstitch.web.scope import company_of, person_of, scope_of


@needs("reports.list")
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The report."""
    views = saved_views(scope_of(request), person_of(request).pk)
    context = report_context(request) | shown_views(request, views)
    return render(request, "reports/report.html", context)


@needs("reports.list")
@require_safe
def size(request: HttpRequest) -> HttpResponse:
    """How many rows there are, for the page to show when it is known."""
    scope = scope_of(request)
    found = report_size(scope, question_of(scope, request.GET).understood.choice)
    return render(request, "reports/_size.html", {"size": found})


@needs("reports.export")
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """All rows that match, as a CSV file that is written while it is read."""
    scope = scope_of(request)
    question = question_of(scope, QueryDict(request.POST.get("query", "")))
    parts = export_report(
        scope,
        question.understood.choice,
        company=company_of(request),
        person=person_of(request),
        newest_first=question.asked.newest_first,
    )
    name = f"sync-report-{timezone.now():%Y-%m-%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8", headers=headers)
