"""One row of the report with all that is known of it and can be done, beside the list or on a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from topstitch.store.actions.resync import resync as sync_again
from topstitch.store.models import Attempt, Item
from topstitch.store.queries.audit import who_may_act
from topstitch.store.queries.chosen import Chosen
from topstitch.store.queries.errors import groups_of
from topstitch.store.queries.records import mapped_record, pulled_record
from topstitch.store.queries.report import attempts_of_item, find_attempt, item_of
from topstitch.store.queries.resyncable import Plan, plans_of, waiting_resync
from topstitch.store.queries.scope import Scope
from topstitch.web.access import may, needs
from topstitch.web.answers import drawer_or_page, in_drawer, with_toast
from topstitch.web.components.jsonview import plain_json
from topstitch.web.reports.rehearsal import rehearse
from topstitch.web.reports.telling import marks_of, told
from topstitch.web.scope import company_of, found, person_of, scope_of

#: What the buttons are called in a form, and the ways they stand for.
WAYS = {"pull": "best", "stored": "stored"}
SIDES = {"pulled": pulled_record, "mapped": mapped_record}


@needs("reports.view")
@require_safe
def record(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """One row: what happened, to which record, why, what to do; its attempts; the record as pulled and as mapped."""
    return record_page(request, found(find_attempt(scope_of(request), attempt_id)))


def record_page(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """The whole page, or its part in a drawer."""
    context = record_context(request, attempt) | {"drawer": in_drawer(request)}
    return drawer_or_page(request, "reports/_record.html", "reports/record.html", context)


def record_context(request: HttpRequest, attempt: Attempt) -> dict[str, Any]:
    """All that the page shows."""
    scope, item = scope_of(request), item_of(attempt)
    attempts = attempts_of_item(attempt, item)
    pulled, mapped = pulled_record(attempt), mapped_record(attempt)
    groups = groups_of(scope, [attempt.cause]) if attempt.cause else []
    return {
        "attempt": attempt,
        "name": attempt.reference or attempt.key,
        "service": attempt.service,
        "run": attempt.run,
        "told": told(attempt),
        "attempts": attempts,
        "newer": attempts[0] if attempts[0].pk > attempt.pk else None,
        "item": item,
        "remote_id": attempt.remote_id or (item.remote_id if item else ""),
        "pulled": pulled,
        "mapped": mapped,
        "marks": marks_of(pulled, mapped, attempt.field),
        "before": _mapped_before(attempt, attempts) if mapped is not None else None,
        "waiting": waiting_resync(attempt.service_id, attempt.key),
        "group": groups[0] if groups else None,
        "people": who_may_act(company_of(request)) if groups and may(request, "errors.comment") else [],
        **_plans(scope, item, allowed=may(request, "reports.resync")),
    }


def _plans(scope: Scope, item: Item | None, *, allowed: bool) -> dict[str, Plan | None]:
    """What each button would take; nothing where there is no button."""
    if item is None or not allowed:
        return dict.fromkeys(WAYS)
    plans = plans_of(scope, Chosen(items=[item.pk]), list(WAYS.values()))
    return {name: plans[way] for name, way in WAYS.items()}


def _mapped_before(attempt: Attempt, attempts: list[Attempt]) -> Any:
    """As it was mapped in the attempt before this one."""
    before = next((each for each in attempts if each.pk < attempt.pk), None)
    return mapped_record(before) if before else None


@needs("reports.resync")
@require_POST
def resync(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Sync this record again."""
    scope = scope_of(request)
    attempt = found(find_attempt(scope, attempt_id))
    way = WAYS.get(request.POST.get("do", ""), "best")
    plan = sync_again(scope, Chosen(attempts=[attempt.pk]), way=way, person=person_of(request))
    if plan.takes:
        return _answer(request, attempt, "It is synced again as soon as a worker is free.")
    why = plan.refused[0].reason if plan.refused else "nothing is remembered of this record"
    return _answer(request, attempt, f"Nothing was done: {why}.", "failed")


def _answer(request: HttpRequest, attempt: Attempt, words: str, kind: str = "ok") -> HttpResponse:
    """The page anew, and what was done."""
    if request.headers.get("HX-Request"):
        return with_toast(record_page(request, attempt), words, kind)
    messages.add_message(request, messages.SUCCESS if kind == "ok" else messages.ERROR, words)
    return redirect("record", attempt.pk)


@needs("reports.view")
@require_safe
def record_json(request: HttpRequest, attempt_id: int, side: str) -> HttpResponse:
    """The record as pulled or as mapped, as a JSON file."""
    if side not in SIDES:
        raise Http404
    attempt = found(find_attempt(scope_of(request), attempt_id))
    value = found(SIDES[side](attempt))
    headers = {"Content-Disposition": f'attachment; filename="{side}-{attempt.pk}.json"'}
    return HttpResponse(plain_json(value), content_type="application/json", headers=headers)


@needs("services.preview")
@require_safe
def now(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """What would be sent of it now: the record as pulled through the mapping as it is now. Nothing is sent."""
    attempt = found(find_attempt(scope_of(request), attempt_id))
    context = {"attempt": attempt, "mapped": mapped_record(attempt), "rehearsal": rehearse(attempt)}
    part = request.headers.get("HX-Request")
    return render(request, "reports/_now.html" if part else "reports/now.html", context)
