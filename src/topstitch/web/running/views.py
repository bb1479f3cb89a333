"""The tab that runs a service with filters and settings of this run alone, and the button that tries it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from topstitch.errors import TopstitchError
from topstitch.store.actions.runs import run_by_hand
from topstitch.store.actions.services import Overtaken, change_service
from topstitch.store.models import Run
from topstitch.store.queries.services import find_service
from topstitch.web.access import may, needs
from topstitch.web.answers import back_to
from topstitch.web.components.trouble import said, wrong_from
from topstitch.web.running.asked import DRY_LIMIT, Asked
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.services.edited import base_of, told_overtaken
from topstitch.web.services.views import header, readable_spec


@needs("services.run")
@require_http_methods(["GET", "HEAD", "POST"])
def run_service(request: HttpRequest, service_id: int) -> HttpResponse:
    """The form; once it is sent, the page of the run that it asked for."""
    service = found(find_service(scope_of(request), service_id))
    context = header(request, service, "run")
    spec, trouble = readable_spec(service)
    if spec is None:
        return render(request, "service_forms/unreadable.html", {**context, "trouble": trouble})
    data = request.POST if request.method == "POST" else None
    may_json, may_save = may(request, "services.edit_json"), may(request, "services.update")
    try:
        asked = Asked(service, spec, data, advanced=may_json, saves=may_save)
    except TopstitchError as error:
        return render(request, "service_forms/unreadable.html", {**context, "trouble": said(error)})
    ready = data is not None and not asked.pressed and asked.is_valid()
    try:
        if ready and (run := _run(request, asked)):
            return redirect("run", run.pk)
    except Overtaken as error:
        context |= told_overtaken(error)
    return render(request, "running/run.html", {**context, "asked": asked, "dry_limit": DRY_LIMIT})


def _run(request: HttpRequest, asked: Asked) -> Run | None:
    """The run that was asked for; None when it cannot be, which the form then says. Raises Overtaken when settings were to be
    saved.
    """
    dry, person = "dry" in request.POST, person_of(request)
    try:
        with transaction.atomic():
            options = asked.options(dry=dry)
            if asked.own.cleaned_data.get("save_settings"):
                own, base = {"source", "destination", "filters"}, base_of(request)
                asked.service = change_service(asked.service, asked.saved(), base=base, person=person)
                options = {name: value for name, value in options.items() if name not in own}
            return run_by_hand(asked.service, options, person=person)
    except Overtaken:
        raise
    except TopstitchError as error:
        typed = error.key == "once" and "json" in asked.own.fields
        asked.own.add_error("json" if typed else None, wrong_from(error) if typed else said(error))
        return None


@needs("services.run")
@require_POST
def dry_run(request: HttpRequest, service_id: int) -> HttpResponse:
    """A dry run of the first records that a run would pull now; leads to its page."""
    service = found(find_service(scope_of(request), service_id))
    try:
        run = run_by_hand(service, {"dry": True, "limit": DRY_LIMIT}, person=person_of(request))
    except TopstitchError as error:
        messages.error(request, said(error))
        return redirect(back_to(request, reverse("service", args=[service_id])))
    return redirect("run", run.pk)
