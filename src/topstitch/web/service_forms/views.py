"""A part of a service's configuration in its tab: shown, changed, saved as a new revision."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from topstitch.errors import TopstitchError
from topstitch.store.actions.services import Overtaken, change_service
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.service_forms.form import PartForm
from topstitch.web.services.edited import base_of, told_overtaken
from topstitch.web.services.views import header, readable_spec


def tab_of(slug: str, kind: type[PartForm]) -> Callable[..., HttpResponse]:
    """The view of the tab of this name: everybody who may see the service reads it, those who may change it have a button."""

    @needs("services.view_settings", change="services.update")
    @require_http_methods(["GET", "HEAD", "POST"])
    def tab(request: HttpRequest, service_id: int) -> HttpResponse:
        return _tab(request, service_id, slug, kind)

    return tab


def _tab(request: HttpRequest, service_id: int, tab: str, kind: type[PartForm]) -> HttpResponse:
    service = found(find_service(scope_of(request), service_id))
    context = header(request, service, tab)
    spec, trouble = readable_spec(service)
    if spec is None:
        return render(request, "service_forms/unreadable.html", {**context, "trouble": trouble})
    form = kind(service, spec, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not form.pressed and form.is_valid():
        try:
            change_service(service, form.apply(), base=base_of(request), person=person_of(request))
        except Overtaken as error:
            context |= told_overtaken(error)
        except TopstitchError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{kind.name} saved. The next run uses it.")
            return redirect(request.path)
    return render(request, "service_forms/tab.html", {**context, "form": form})
