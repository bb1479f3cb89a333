"""The page of a service that was removed: links of reports and logs still lead there."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from topstitch.store.queries.services import find_removed
from topstitch.web.scope import found, scope_of


def removed_page(request: HttpRequest, service_id: int) -> HttpResponse:
    """What is left of it and until when; 404 for what was never there."""
    service = found(find_removed(scope_of(request), service_id))
    assert service.removed_at is not None
    until = service.removed_at + timedelta(days=settings.KEEP_REPORT_DAYS)
    return render(request, "service_settings/removed.html", {"service": service, "until": until}, status=410)
