"""The help page, and diagnostics of the installation, a service or a run."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch import __version__
from topstitch.store.queries.diagnostics import Part, of_installation, of_run, of_service
from topstitch.store.queries.runs import find_run
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs, personal
from topstitch.web.areas import entries
from topstitch.web.help import guides
from topstitch.web.help.diagnostics import text_of
from topstitch.web.help.words import GUIDES, PLACES, REFERENCE, STATUSES, WORDS
from topstitch.web.queries_in import text
from topstitch.web.scope import company_of, found, scope_of


@personal
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Words, screens, statuses, keys, guides; or the sections of the guides that have the words that are looked for."""
    asked = text(request.GET, "q")
    if asked:
        return render(request, "help/found.html", {"asked": asked, "found": guides.search(asked)})
    context = {
        "screens": [(entry, PLACES.get(entry.area.slug, "")) for entry in entries(request)],
        "words": WORDS,
        "statuses": STATUSES,
        "guides": [guides.ALL[slug] for slug, *_ in GUIDES],
        "reference": [guides.ALL[slug] for slug, *_ in REFERENCE],
        "version": __version__,
        "python": platform.python_version(),
    }
    return render(request, "help/help.html", context)


@personal
@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the guides."""
    page = found(guides.ALL.get(slug))
    article = guides.read(page)
    headings = [section for section in article.sections[1:] if section.level == 2]
    return render(request, "help/guide.html", {"guide": page, "article": article, "headings": headings})


@needs("company.view")
@require_safe
def diagnostics(request: HttpRequest) -> HttpResponse:
    """Of the installation."""
    return _page(request, "this installation", "topstitch", of_installation(company_of(request)))


@needs("services.view_settings")
@require_safe
def diagnostics_of_service(request: HttpRequest, service_id: int) -> HttpResponse:
    """Of a service, with the log of its last run."""
    service = found(find_service(scope_of(request), service_id))
    return _page(request, service.name, f"service-{service.pk}", of_service(service))


@needs("runs.view")
@require_safe
def diagnostics_of_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Of a run, with its log."""
    run = found(find_run(scope_of(request), run_id))
    return _page(request, f"run {str(run.pk)[:8]} of {run.service.name}", f"run-{run.pk}", of_run(run))


def _page(request: HttpRequest, of: str, name: str, parts: Sequence[Part]) -> HttpResponse:
    told = text_of(company_of(request), parts)
    if "download" in request.GET:
        headers = {"Content-Disposition": f'attachment; filename="diagnostics-{name}.txt"'}
        return HttpResponse(told, content_type="text/plain; charset=utf-8", headers=headers)
    return render(request, "help/diagnostics.html", {"of": of, "text": told})
