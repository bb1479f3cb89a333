"""The page that clones a service."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from topstitch.engine.mode import creates_only
from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.cloning import clone_service
from topstitch.store.actions.drafts import begins_now
from topstitch.store.models import Service
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.components.trouble import wrong_from
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.services.views import readable_spec
from topstitch.web.wizard.cloning import NOT_TAKEN, Cloning, read_cloning
from topstitch.web.wizard.forms import CloneForm


@needs("services.create")
@require_http_methods(["GET", "HEAD", "POST"])
def clone(request: HttpRequest, service_id: int) -> HttpResponse:
    """What the clone would be, in the address; sent, it is made."""
    service = found(find_service(scope_of(request), service_id))
    spec, trouble = readable_spec(service)
    if spec is None:
        return render(request, "wizard/clone_unreadable.html", {"service": service, "trouble": trouble})
    sent = request.method == "POST"
    cloning = read_cloning(scope_of(request), service, request.POST if sent else request.GET)
    form = CloneForm(cloning, request.POST if sent else None)
    if sent and form.is_valid() and (made := _made(request, cloning, form)):
        messages.success(request, f"{made.name} is made; it is off.")
        return redirect("service", made.pk)
    context = {
        "service": service,
        "cloning": cloning,
        "form": form,
        "not_taken": NOT_TAKEN,
        "begins": begins_now(service.source.system, spec),
        "creates_only": creates_only(
            spec.destination, CATALOGUE.get(service.destination.system).entity(service.destination_entity)
        ),
    }
    part = request.headers.get("HX-Request") and not sent
    return render(request, "wizard/_clone.html" if part else "wizard/clone.html", context)


def _made(request: HttpRequest, cloning: Cloning, form: CloneForm) -> Service | None:
    """The clone; None once the form says what is in the way."""
    assert cloning.source is not None and cloning.destination is not None
    try:
        return clone_service(
            cloning.service,
            cloning.group,
            form.cleaned_data["name"],
            cloning.source,
            cloning.destination,
            from_now=request.POST.get("begin") == "now",
            person=person_of(request),
        )
    except TopstitchError as error:
        form.add_error("name" if error.key == "name_taken" else None, wrong_from(error))
        return None
