"""A new secret address for a service."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from topstitch.store.actions.webhooks import renew_webhook
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.scope import found, person_of, scope_of


@needs("services.update")
@require_POST
def new_address(request: HttpRequest, service_id: int) -> HttpResponse:
    """The old one answers no more."""
    service = found(find_service(scope_of(request), service_id))
    renew_webhook(service, person=person_of(request))
    messages.success(request, "There is a new address, and the old one answers no more. Register the new one.")
    return redirect("service_trigger", service.pk)
