"""One run: how it stands, its log, its stored payloads, and stopping it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.runs import stop_run
from topstitch.store.models import LogLine, Run
from topstitch.store.queries.report import TROUBLE, ReportChoice, report_rows
from topstitch.store.queries.runlog import LEVELS, STEPS, LogChoice, log_lines, new_lines, payload_body
from topstitch.store.queries.runs import find_run, so_far
from topstitch.web.access import needs
from topstitch.web.components.seam import seam_state
from topstitch.web.components.words import counted
from topstitch.web.queries_in import large, one_of, text, whole
from topstitch.web.runs.payloads import KINDS, dry_records, files_of, kept_until
from topstitch.web.runs.words import next_words, options_words, speed, trouble_of_run
from topstitch.web.scope import found, person_of, scope_of

#: Records that did not go through, as many as are named on the run's own page.
NAMED = 10
STEP_NAMES = {
    "pull": "Pulling",
    "filter": "Filtering",
    "script": "Custom scripts",
    "map": "Mapping",
    "push": "Pushing",
    "settle": "Settling",
    "run": "The run",
}


@needs("runs.view")
@require_safe
def run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The run. While it goes on, it asks every few seconds for the part of this page that moves."""
    shown = found(find_run(scope_of(request), run_id))
    context = moving(request, shown)
    if request.headers.get("HX-Request"):
        # With its end the buttons of a run that goes on give way to those of one that is over.
        return render(request, "runs/_live.html", {**context, "ended": shown.is_over})
    choice = read_choice(request)
    after, before = large(request.GET, "after"), large(request.GET, "before")
    log = log_lines(shown, choice, after=after, before=before)
    context |= {
        "log": log,
        "lines": log.rows[::-1],
        "next": ""
        if shown.is_over or after or before
        else more_lines(request, shown, log.rows[0] if log.rows else None),
        "choice": choice,
        "narrowed": choice != LogChoice(),
        "levels": LEVELS,
        "steps": [("", "Everything"), *STEP_NAMES.items()],
        "options": options_words(shown),
    }
    return render(request, "runs/run.html", context)


def moving(request: HttpRequest, shown: Run) -> dict[str, Any]:
    """What changes while a run goes on."""
    shown, undecided = so_far(shown)
    troubled = shown.failed + shown.pending + shown.uncertain
    choice = ReportChoice(run=shown.pk, status=TROUBLE)
    return {
        "run": shown,
        "service": shown.service,
        "state": seam_state(shown.service.active, shown.status),
        "stages": stages(shown, undecided),
        "counts": counts(shown),
        "took": took(shown),
        "speed": speed(shown),
        "trouble_told": trouble_of_run(shown),
        "next_words": next_words(shown) if shown.is_over else [],
        "troubled": report_rows(scope_of(request), choice, size=NAMED).rows if troubled and not shown.is_dry else [],
        "files": files_of(shown),
        "kept_until": kept_until(shown),
        "dry_rows": dry_records(shown),
        "live": not shown.is_over,
    }


@needs("runs.view")
@require_safe
def lines(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The lines of the log that came since; the last row asks again while the run goes on."""
    shown = found(find_run(scope_of(request), run_id))
    since = large(request.GET, "since") or 0
    rows = new_lines(shown, read_choice(request), since)
    address = "" if shown.is_over and not rows else more_lines(request, shown, rows[-1] if rows else None, since)
    return render(request, "parts/log.html", {"lines": rows, "next": address})


def more_lines(request: HttpRequest, shown: Run, last: LogLine | None, since: int = 0) -> str:
    """The address of what comes after a line, for the same choice."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query["since"] = str(last.pk if last else since)
    return f"{reverse('run_lines', args=[shown.pk])}?{query.urlencode()}"


@needs("runs.stop")
@require_POST
def stop(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Ask it to stop."""
    shown = found(find_run(scope_of(request), run_id))
    if shown.is_over:
        messages.info(request, "The run was over already.")
    else:
        stop_run(shown, person=person_of(request))
        messages.success(request, "It stops as soon as what is on its way has its answer.")
    return redirect("run", run_id)


def read_choice(request: HttpRequest) -> LogChoice:
    """What the log is narrowed down to."""
    return LogChoice(
        level=one_of(request.GET, "level", LEVELS),
        step=one_of(request.GET, "step", STEPS),
        page=whole(request.GET, "page"),
        reference=text(request.GET, "reference"),
        text=text(request.GET, "q"),
    )


def stages(run: Run, undecided: int = 0) -> list[tuple[str, int, str]]:
    """The funnel: what was pulled, kept by the filters, mapped to be sent, and pushed (or would be)."""
    kept = max(run.pulled - undecided - run.filtered, 0)
    mapped = max(kept - run.skipped - run.unchanged, 0)
    beside = [counted(run.unchanged, "record") + " unchanged"] if run.unchanged else []
    beside += [counted(run.skipped, "record") + " done before"] if run.skipped else []
    left = run.failed + run.pending + run.uncertain
    last = (
        ("Would be pushed", mapped - left, "would fail") if run.is_dry else ("Pushed", run.pushed, "did not go through")
    )
    name, count, words = last
    return [
        ("Pulled", run.pulled, ""),
        ("Kept", kept, f"{counted(run.filtered, 'record')} filtered out" if run.filtered else ""),
        ("Mapped", mapped, ", ".join(beside)),
        (name, count, f"{counted(left, 'record')} {words}" if left else ""),
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
    page, kind = whole(request.GET, "page"), one_of(request.GET, "kind", tuple(KINDS)) or "pulled"
    if page is None or abs(page) >= 10**9:
        raise Http404
    return redirect("payload", run_id=run_id, kind=kind, page=str(page))
