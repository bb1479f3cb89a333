"""What the buttons of the list and of a service's head do: switch it on or off, run it now."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from topstitch.errors import TopstitchError
from topstitch.store.actions.runs import run_by_hand
from topstitch.store.actions.services import switch_service
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.answers import back_to, with_toast
from topstitch.web.components.trouble import said
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.services.listing import rows_of


@needs("services.switch")
@require_POST
def switch(request: HttpRequest, service_id: int) -> HttpResponse:
    """On or off. The list gets its row anew, pages are shown again."""
    service = found(find_service(scope_of(request), service_id))
    active = request.POST.get("active") == "1"
    words, kind = f"{service.name} is switched {'on' if active else 'off'}.", "ok"
    try:
        if active != service.active:
            switch_service(service, active, person=person_of(request))
    except TopstitchError as error:
        words, kind = said(error), "failed"
    if request.headers.get("HX-Request"):
        row = rows_of(scope_of(request), [service_id])[service_id]
        return with_toast(render(request, "services/_row.html", {"row": row}), words, kind)
    (messages.success if kind == "ok" else messages.error)(request, words)
    return redirect(back_to(request, reverse("service", args=[service_id])))


@needs("services.run")
@require_POST
def run_now(request: HttpRequest, service_id: int) -> HttpResponse:
    """A run as the schedule would start it, at once; leads to its page."""
    service = found(find_service(scope_of(request), service_id))
    try:
        run = run_by_hand(service, {}, person=person_of(request))
    except TopstitchError as error:
        messages.error(request, said(error))
        return redirect(back_to(request, reverse("service", args=[service_id])))
    return redirect("run", run.pk)
