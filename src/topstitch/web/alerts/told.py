"""Settings: who was told what, and whether it was taken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.alerts.queries.troubles import told_page
from topstitch.web.access import needs
from topstitch.web.alerts.words import look_of_message
from topstitch.web.queries_in import large, one_of, text
from topstitch.web.scope import company_of


@needs("notifications.update")
@require_safe
def told(request: HttpRequest) -> HttpResponse:
    """The messages of the last 90 days, newest first."""
    query = request.GET
    words, state = text(query, "q"), one_of(query, "state", ("unsent",))
    after, before = large(query, "after"), large(query, "before")
    page = told_page(company_of(request).pk, text=words, unsent=bool(state), after=after, before=before)
    lines = [(message, look_of_message(message)) for message in page.rows]
    context = {"tab": "told", "page": page, "lines": lines, "words": words, "state": state}
    return render(request, "alerts/told.html", context)
