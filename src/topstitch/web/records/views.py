"""Doing something to chosen records: first what it would take and what not, then, once that is agreed to, the thing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from topstitch.store.queries.resyncable import Plan
from topstitch.store.queries.services import service_rows
from topstitch.web.access import needs
from topstitch.web.answers import back_to
from topstitch.web.components.words import counted
from topstitch.web.queries_in import text
from topstitch.web.records.acts import RESYNCS, SETTLES, Act, Wish
from topstitch.web.records.chosen import chosen_of, kept_choice
from topstitch.web.scope import person_of, scope_of

DIALOG = "act"
#: Services named; the others are counted.
NAMED = 8


@needs("reports.auto_resync")
@require_POST
def resync_chosen(request: HttpRequest) -> HttpResponse:
    """Sync them again."""
    return _asked_or_done(request, RESYNCS)


@needs("errors.settle")
@require_POST
def settle_chosen(request: HttpRequest) -> HttpResponse:
    """Say that they are dealt with, or whether they arrived."""
    return _asked_or_done(request, SETTLES)


def _asked_or_done(request: HttpRequest, acts: Mapping[str, Act]) -> HttpResponse:
    slug = request.POST.get("do", "")
    slug = slug if slug in acts else next(iter(acts))
    act, scope = acts[slug], scope_of(request)
    chosen = chosen_of(scope, request.POST)
    if "agreed" not in request.POST:
        return _asked(request, slug, act, act.plan(scope, chosen))
    wish = Wish(person_of(request), again="again" in request.POST, note=text(request.POST, "note"))
    _say(request, act, act.do(scope, chosen, wish))
    return redirect(back_to(request, reverse("reports")))


def _asked(request: HttpRequest, slug: str, act: Act, plan: Plan) -> HttpResponse:
    counts = Counter(item.service_id for item in plan.takes)
    services = service_rows(scope_of(request), [pk for pk, _ in counts.most_common(NAMED)])
    context: dict[str, Any] = {
        "slug": slug,
        "act": act,
        "plan": plan,
        "question": act.question.format(counted(plan.records, "record")) if plan.records else act.words,
        "services": [(services[pk], count) for pk, count in counts.most_common(NAMED) if pk in services],
        "others": max(len(counts) - NAMED, 0),
        "kept": list(kept_choice(request.POST)),
        "back": back_to(request, reverse("reports")),
    }
    part = request.headers.get("HX-Target") == DIALOG
    return render(request, "records/_act.html" if part else "records/act.html", context)


def _say(request: HttpRequest, act: Act, plan: Plan) -> None:
    if plan.records:
        messages.success(request, act.done.format(counted(plan.records, "record")))
    for refusal in plan.refused:
        messages.warning(request, f"{counted(refusal.count, 'record')} not: {refusal.reason}.")
    if plan.more:
        messages.info(request, "There are more. Do it again when these are through.")
