"""One run: how it stands, its log, its stored payloads."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from topstitch.store.models import Run
from topstitch.store.queries.runlog import LEVELS, STEPS, LogChoice, log_lines, payload_body, payload_pages
from topstitch.store.queries.runs import find_run
from topstitch.web.access import needs
from topstitch.web.components.seam import seam_state
from topstitch.web.components.words import counted
from topstitch.web.queries_in import large, one_of, text, whole
from topstitch.web.scope import found, scope_of


@needs("runs.view")
@require_safe
def run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The run. Every five seconds a run that is going asks for the part of this page that moves."""
    shown = found(find_run(scope_of(request), run_id))
    choice = read_choice(request)
    after, before = large(request.GET, "after"), large(request.GET, "before")
    part = request.headers.get("HX-Request")
    context = {
        "run": shown,
        "service": shown.service,
        "state": seam_state(shown.service.active, shown.status),
        "stages": stages(shown),
        "counts": counts(shown),
        "took": took(shown),
        "log": log_lines(shown, choice, after=after, before=before),
        "choice": choice,
        "levels": LEVELS,
        "steps": STEPS,
        "payloads": payload_pages(shown),
        "live": not shown.is_over and after is None and before is None,
    }
    return render(request, "runs/_live.html" if part else "runs/run.html", context)


def read_choice(request: HttpRequest) -> LogChoice:
    """What the log is narrowed down to."""
    return LogChoice(
        level=one_of(request.GET, "level", LEVELS),
        step=one_of(request.GET, "step", STEPS),
        page=whole(request.GET, "page"),
        reference=text(request.GET, "reference"),
    )


def stages(run: Run) -> list[tuple[str, int, str]]:
    """The funnel: what was pulled, kept by the filters, mapped to be sent, and pushed."""
    kept = max(run.pulled - run.filtered, 0)
    mapped = max(kept - run.skipped - run.unchanged, 0)
    beside = [counted(run.unchanged, "record") + " unchanged"] if run.unchanged else []
    beside += [counted(run.skipped, "record") + " done before"] if run.skipped else []
    left = run.failed + run.pending + run.uncertain
    return [
        ("Pulled", run.pulled, ""),
        ("Kept", kept, f"{counted(run.filtered, 'record')} filtered out" if run.filtered else ""),
        ("Mapped", mapped, ", ".join(beside)),
        ("Pushed", run.pushed, f"{counted(left, 'record')} did not go through" if left else ""),
    ]


def counts(run: Run) -> list[tuple[str, int]]:
    """Records by what became of them; those that became nothing of the kind are left out."""
    names = ("ok", "sent", "pending", "failed", "uncertain", "unchanged", "skipped")
    return [(name, count) for name in names if (count := getattr(run, name))]


def took(run: Run) -> timedelta | None:
    """How long it has been running, or ran."""
    return (run.ended_at or timezone.now()) - run.started_at if run.started_at else None


@needs("runs.payloads")
@require_safe
def payload(request: HttpRequest, run_id: str, kind: str, page: str) -> HttpResponse:
    """A stored page as a JSON file."""
    try:
        key = uuid.UUID(run_id)
    except ValueError:
        raise Http404 from None
    shown = found(find_run(scope_of(request), key))
    body = found(payload_body(shown, int(page), kind))
    name = f"{kind}-{str(shown.pk)[:8]}-page{page}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


@needs("runs.payloads")
@require_safe
def payload_by_number(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The form that asks for a page by its number leads to that page."""
    page = whole(request.GET, "page")
    if page is None or abs(page) >= 10**9:
        raise Http404
    return redirect("payload", run_id=run_id, kind="pulled", page=str(page))
