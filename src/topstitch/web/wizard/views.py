"""The pages of the wizard. Each step saves before it goes on, so that leaving midway loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from topstitch.engine.mode import creates_only
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.net.retry import PATIENCE, Deadline
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.connector_checks import check_by_hand
from topstitch.store.actions.drafts import begins_now, discard_draft, finish_service, keep_step, start_service
from topstitch.store.actions.mapping import save_mapping
from topstitch.store.actions.services import Overtaken, change_service
from topstitch.store.models import Service
from topstitch.store.queries.drafts import unfinished
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.components.trouble import said, trouble_of, wrong_from
from topstitch.web.queries_in import text
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.service_forms.form import PartForm
from topstitch.web.services.edited import base_of, drawn_from, told_overtaken
from topstitch.web.services.views import readable_spec
from topstitch.web.wizard.checks import findings, is_stale
from topstitch.web.wizard.forms import JoinForm
from topstitch.web.wizard.joining import read_joining
from topstitch.web.wizard.mapping import covered, lacking, rows_taken
from topstitch.web.wizard.steps import (
    ACTIVATE,
    ADD,
    MAPPING,
    Step,
    after,
    before,
    first,
    forms_of,
    place_of,
    step_named,
    steps,
)
from topstitch.web.wizard.trying import tried

METHODS = ("GET", "HEAD", "POST")


@needs("services.create")
@require_http_methods(METHODS)
def add(request: HttpRequest) -> HttpResponse:
    """The first step. What is chosen so far is in the address; sent, it makes the service."""
    sent = request.method == "POST"
    joining = read_joining(scope_of(request), request.POST if sent else request.GET)
    form = JoinForm(joining, request.POST if sent else None)
    if sent and form.is_valid() and joining.group:
        try:
            made = start_service(
                joining.group,
                form.cleaned_data["name"],
                joining.spec(),
                type=joining.type,
                step=first().slug,
                person=person_of(request),
            )
        except TopstitchError as error:
            form.add_error("name" if error.key == "name_taken" else None, wrong_from(error))
        else:
            return redirect("wizard_step", made.pk, first().slug)
    context = {
        "form": form,
        "joining": joining,
        "steps": [step.name for step in steps()],
        "step": ADD,
        "drafts": unfinished(scope_of(request)),
    }
    part = request.headers.get("HX-Request") and not sent
    return render(request, "wizard/_join.html" if part else "wizard/add.html", context)


@needs("services.create")
@require_safe
def carry_on(request: HttpRequest, service_id: int) -> HttpResponse:
    """Back to where the service was left; one that is made already is shown."""
    service = found(find_service(scope_of(request), service_id))
    if service.wizard_step is None:
        return redirect("service", service.pk)
    there = steps()
    return redirect("wizard_step", service.pk, there[min(place_of(service.wizard_step), len(there) - 1)].slug)


@needs("services.create")
@require_http_methods(METHODS)
def discard(request: HttpRequest, service_id: int) -> HttpResponse:
    """Asks once; sent, what was made so far is removed."""
    service = found(find_service(scope_of(request), service_id))
    if service.wizard_step is None:
        return redirect("service", service.pk)
    if request.method != "POST":
        return render(request, "wizard/discard.html", {"service": service})
    try:
        discard_draft(service, person=person_of(request))
    except TopstitchError as error:
        messages.error(request, said(error))
        return redirect("service", service.pk)
    messages.success(request, f"{service.name} is discarded.")
    return redirect("services")


@needs("services.create")
@require_http_methods(METHODS)
def step(request: HttpRequest, service_id: int, step: str) -> HttpResponse:
    """A step of a service that is being made."""
    service = found(find_service(scope_of(request), service_id))
    here = found(step_named(step))
    if service.wizard_step is None:
        return redirect("service", service.pk)
    spec, unreadable = readable_spec(service)
    if spec is None:
        return render(request, "wizard/unreadable.html", {**_frame(request, service, here), "trouble": unreadable})
    view = {MAPPING: _mapping, ACTIVATE: _activate}.get(here, _parts)
    return view(request, service, spec, here)


def _parts(request: HttpRequest, service: Service, spec: Spec, here: Step) -> HttpResponse:
    """Forms of parts of the configuration, one below the other, saved together."""
    sent, context = request.method == "POST", _frame(request, service, here)
    forms: list[PartForm] = []
    wanted, good = spec, sent
    for kind in forms_of(here):
        form = kind(service, wanted, request.POST if sent else None)
        forms.append(form)
        good = good and not form.pressed
        if sent and not form.pressed:
            good = form.is_valid() and good
            wanted = form.apply() if good else wanted
    if good:
        try:
            change_service(service, wanted, base=base_of(request), person=person_of(request))
        except Overtaken as error:
            context |= told_overtaken(error)
        except TopstitchError as error:
            forms[-1].refuse(error)
        else:
            return _go_on(request, service, here)
    return render(request, "wizard/parts.html", {**context, "forms": forms, "sent": sent})


def _mapping(request: HttpRequest, service: Service, spec: Spec, here: Step) -> HttpResponse:
    """What the mapping fills; suggestions for required fields become rows."""
    context = _frame(request, service, here)
    if request.method == "POST":
        given = {name: str(value) for name, value in request.POST.items()}
        rows = rows_taken(lacking(service, spec), given)
        try:
            if rows:
                note = "Required fields filled in the wizard"
                person, base = person_of(request), base_of(request)
                save_mapping(service, [*spec.mapping, *rows], note=note, base=base, person=person)
        except Overtaken as error:
            context |= told_overtaken(error)
        except TopstitchError as error:
            context["problem"] = trouble_of(error)
        else:
            return redirect(request.path) if "accept" in request.POST else _go_on(request, service, here)
    return render(request, "wizard/mapping.html", {**context, "covered": covered(service, spec)})


def _activate(request: HttpRequest, service: Service, spec: Spec, here: Step) -> HttpResponse:
    """The last look; switches on, or leaves it off."""
    if request.method == "POST":
        on = request.POST.get("save") == "on"
        from_now = request.POST.get("begin") == "now" and begins_now(service.source.system, spec)
        finish_service(service, on=on, from_now=from_now, person=person_of(request))
        messages.success(request, f"{service.name} is {'on' if on else 'made; it is still off'}.")
        return redirect("service", service.pk)
    context = {
        **_frame(request, service, here),
        **_looked(service, spec),
        "begins": begins_now(service.source.system, spec),
        "creates_only": creates_only(spec.destination, _destination_entity(service)),
    }
    return render(request, "wizard/activate.html", context)


def _destination_entity(service: Service) -> Any:
    return CATALOGUE.get(service.destination.system).entity(service.destination_entity)


@needs("services.create")
@require_POST
def check(request: HttpRequest, service_id: int) -> HttpResponse:
    """Tests both connectors and shows all checks again."""
    service = found(find_service(scope_of(request), service_id))
    if service.wizard_step is None:
        return redirect("service", service.pk)
    deadline = Deadline(PATIENCE)
    for connector in {each.pk: each for each in (service.source, service.destination)}.values():
        check_by_hand(connector, person=person_of(request), deadline=deadline)
    if not request.headers.get("HX-Request"):
        return redirect("wizard_step", service.pk, ACTIVATE.slug)
    again = found(find_service(scope_of(request), service_id))
    spec, _ = readable_spec(again)
    return render(request, "wizard/_checks.html", {"service": again, **_looked(again, found(spec))})


@needs("services.preview")
@require_POST
def attempt(request: HttpRequest, service_id: int) -> HttpResponse:
    """Takes one record through the service. Nothing is sent."""
    service = found(find_service(scope_of(request), service_id))
    if service.wizard_step is None:
        return redirect("service", service.pk)
    spec = found(readable_spec(service)[0])
    wanted = text(request.POST, "wanted")
    shown = tried(service, spec, wanted, sample="sample" in request.POST)
    context = {"service": service, "tried": shown, "wanted": wanted}
    if request.headers.get("HX-Request"):
        return render(request, "wizard/_tried.html", context)
    return render(request, "wizard/tried.html", {**_frame(request, service, ACTIVATE), **context})


def _looked(service: Service, spec: Spec) -> dict[str, Any]:
    looked = findings(service, spec)
    return {
        "findings": looked,
        "failed": any(each.kind == "failed" for each in looked),
        "stale": is_stale(service.source) or is_stale(service.destination),
    }


def _go_on(request: HttpRequest, service: Service, here: Step) -> HttpResponse:
    """To the next step, or out of the wizard for now."""
    following = after(here) or here
    if place_of(service.wizard_step) < place_of(following.slug):
        keep_step(service, following.slug)
    if request.POST.get("save") == "leave":
        messages.success(request, f"{service.name} is kept as it is. Carry on with it whenever you like.")
        return redirect("services")
    return redirect("wizard_step", service.pk, following.slug)


def _frame(request: HttpRequest, service: Service, here: Step) -> dict[str, Any]:
    """What stands around every step."""
    back = before(here)
    return {
        "service": service,
        "step": here,
        "steps": _addresses(service),
        "at": steps().index(here),
        "back": back,
        "base": drawn_from(request, service),
    }


def _addresses(service: Service) -> Sequence[Any]:
    """The steps, those that have been reached with their addresses."""
    reached = place_of(service.wizard_step)
    return [
        (each.name, reverse("wizard_step", args=[service.pk, each.slug]) if 0 < number <= reached else "")
        for number, each in enumerate(steps())
    ]
