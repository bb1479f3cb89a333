"""The alerts tab of a service."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from topstitch.alerts.actions.rules import follow_default, save_rule, switch_alerts
from topstitch.alerts.actions.trying import try_service
from topstitch.alerts.queries.recipients import names_of, recipients_of
from topstitch.alerts.queries.rules import default_rule, own_rule
from topstitch.alerts.queries.troubles import told_of, wrong_now
from topstitch.store.models import Service
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.alerts.forms import DEFAULT, OFF, ServiceAlertsForm, mode_of
from topstitch.web.alerts.words import how_soon, told_in_words
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.services.views import header
from topstitch.web.tried import from_form


@needs("services.view_settings", change="services.update")
@require_http_methods(["GET", "HEAD", "POST"])
def service_alerts(request: HttpRequest, service_id: int) -> HttpResponse:
    """Who is told of what of this service, how soon, and what they were told lately."""
    service = found(find_service(scope_of(request), service_id))
    form = _form(service, request.POST if request.method == "POST" else None)
    if from_form(form, lambda values: _save(request, service, form)):
        messages.success(request, "The alerts of this service are saved.")
        return redirect("service_alerts", service.pk)
    return render(request, "alerts/service.html", _context(request, service, form))


def _form(service: Service, data: Any) -> ServiceAlertsForm:
    """Alerts of its own begin with what holds until then."""
    own = own_rule(service)
    return ServiceAlertsForm(own or default_rule(service.group.company_id), mode_of(own), data)


def _save(request: HttpRequest, service: Service, form: ServiceAlertsForm) -> bool:
    person, mode = person_of(request), form.cleaned_data["mode"]
    if mode == DEFAULT:
        follow_default(service, person=person)
    elif mode == OFF:
        switch_alerts(service, False, person=person)
    else:
        save_rule(service, form.draft(), person=person)
    return True


def _context(request: HttpRequest, service: Service, form: ServiceAlertsForm) -> dict[str, Any]:
    default = default_rule(service.group.company_id)
    holds = own_rule(service) or default
    return {
        **header(request, service, "alerts"),
        "form": form,
        "holds": holds,
        "how_soon": how_soon(holds),
        "names": names_of(recipients_of(holds)) if holds.on else [],
        "default": default,
        "default_soon": how_soon(default),
        "default_names": names_of(recipients_of(default)),
        "wrong": wrong_now(service),
        "told": [told_in_words(notice) for notice in told_of(service)],
    }


@needs("services.update")
@require_POST
def try_service_alerts(request: HttpRequest, service_id: int) -> HttpResponse:
    """A test to everybody who is told, at once; who took it and who did not."""
    service = found(find_service(scope_of(request), service_id))
    tried = try_service(service, person=person_of(request))
    if request.headers.get("HX-Request"):
        return render(request, "alerts/_tried.html", {"tried": tried})
    context = _context(request, service, _form(service, None))
    return render(request, "alerts/service.html", {**context, "tried": tried})
