"""Adding a connector and changing one: the form is tested before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.trial import Trial
from topstitch.store.actions.connector_checks import keep_trial, may_be_saved_untested, try_draft
from topstitch.store.actions.connector_sign_in import needs_sign_in
from topstitch.store.actions.connectors import Draft, add_connector, change_connector
from topstitch.store.models import Connector
from topstitch.store.models.connector import Environment
from topstitch.store.queries.connectors import find_connector, users_of
from topstitch.web.access import needs
from topstitch.web.catalogue.listing import Choice, Listing, listing
from topstitch.web.catalogue.readme import part
from topstitch.web.catalogue.views import entry_of
from topstitch.web.components.markdown import markdown
from topstitch.web.components.trouble import trouble_of
from topstitch.web.components.words import counted
from topstitch.web.connectors.form import ConnectorForm
from topstitch.web.connectors.json_form import JsonForm
from topstitch.web.connectors.kept import forget, keep, kept
from topstitch.web.connectors.signing_in import begin
from topstitch.web.connectors.views import header
from topstitch.web.queries_in import one_of, text
from topstitch.web.scope import found, person_of, scope_of

ENVIRONMENTS = tuple(Environment.values)


class Fillable(Protocol):
    """What both forms can do."""

    template: str

    @property
    def connector(self) -> Connector | None: ...
    @property
    def secrets(self) -> Mapping[str, Any]: ...
    def is_valid(self) -> bool: ...
    @property
    def draft(self) -> Draft: ...
    def refuse(self, error: ConfigError) -> None: ...


@needs("connectors.create")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which system."""
    environment = _environment(request)
    systems: Listing = listing(Choice(text=text(request.GET, "q"), category=text(request.GET, "category")))
    practice = environment == Environment.PRACTICE
    lines = [line for line in systems.lines if line.entry.has_practice or not practice]
    context = {"list": systems, "lines": lines, "environment": environment, "environments": Environment.choices}
    return render(request, "connectors/choose.html", context)


@needs("connectors.create")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a new connector."""
    entry = found(entry_of(slug))
    environment = _environment(request)
    if environment == Environment.PRACTICE and not entry.has_practice:
        environment = Environment.LIVE
    place = f"{slug} {environment}"
    groups = list(scope_of(request).groups().select_related("company").order_by("name", "pk"))
    data = request.POST if request.method == "POST" else None
    form = ConnectorForm(entry, environment, groups, typed=kept(request, place), data=data)
    context = {"environment": environment, "environments": _offered(entry), **_help(entry)}
    return _tested(request, form, place, "connectors/add.html", context)


@needs("connectors.view_settings", change="connectors.update")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The settings of a connector; what is changed is in effect for all its services at once."""
    one = found(find_connector(scope_of(request), connector_id))
    entry, place = CATALOGUE.get(one.system), f"connector {one.pk}"
    data = request.POST if request.method == "POST" else None
    form = ConnectorForm(entry, one.environment, [one.group], connector=one, typed=kept(request, place), data=data)
    context = {**header(request, one, "connector_settings"), "users": list(users_of(one)), **_help(entry)}
    return _tested(request, form, place, "connectors/settings.html", context)


@needs("connectors.edit_json")
@require_http_methods(["GET", "HEAD", "POST"])
def as_json(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The same as JSON."""
    one = found(find_connector(scope_of(request), connector_id))
    form = JsonForm(one, request.POST if request.method == "POST" else None)
    secrets = [setting for setting in CATALOGUE.get(one.system).system.settings if setting.secret]
    context = {**header(request, one, "connector_json"), "users": list(users_of(one)), "secrets": secrets}
    return _tested(request, form, "", "connectors/settings.html", context)


def _environment(request: HttpRequest) -> str:
    return one_of(request.GET, "environment", ENVIRONMENTS) or Environment.LIVE.value


def _offered(entry: Entry) -> list[tuple[str, str, str]]:
    return [
        (f"?environment={value}", str(label), str(value))
        for value, label in Environment.choices
        if entry.has_practice or value != Environment.PRACTICE
    ]


def _help(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry,
        "signs_in": entry.system.sign_in is not None,
        "needed": markdown(part(entry, "What you need")),
        "steps_to": markdown(part(entry, "Set up")),
    }


def _tested(request: HttpRequest, form: Fillable, place: str, template: str, context: dict[str, Any]) -> HttpResponse:
    """Shown, tested, or tested and saved: by the button that was pressed."""
    page = {**context, "form": form}
    if request.method != "POST":
        return render(request, template, page)
    asked = request.POST.get("do", "save")
    part_only = asked == "test" and request.headers.get("HX-Request")
    if wrong := _wrong(form):
        page |= wrong
        return _part(request, page) if part_only else _again(request, form, place, template, page)
    if asked == "sign_in" or (asked != "test" and needs_sign_in(form.draft, form.connector)):
        return _sent_to_sign_in(request, form, place, template, page)
    trial = try_draft(form.draft, person=person_of(request), connector=form.connector)
    page |= {"trial": trial, "told": trouble_of(trial.error, form.draft.name) if trial.error else None}
    page["anyway"] = may_be_saved_untested(trial)
    if asked != "test" and (trial.passed or (asked == "anyway" and page["anyway"])):
        try:
            return _saved(request, form, trial)
        except ConfigError as error:
            form.refuse(error)
    return _part(request, page) if part_only else _again(request, form, place, template, page)


def _part(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
    return render(request, "connectors/_tried.html", page)


def _again(request: HttpRequest, form: Fillable, place: str, template: str, page: dict[str, Any]) -> HttpResponse:
    """The form that was not saved; it says of the secrets that were typed that they are kept."""
    if isinstance(form, ConnectorForm):
        keep(request, place, form.secrets)
        form.say_kept()
    return render(request, template, page)


def _wrong(form: Fillable) -> dict[str, Any]:
    """What the page says when something stands against the form before it is tested, as the form then does too."""
    if not form.is_valid():
        return {"wrong": True}
    draft = form.draft
    try:
        draft.checked(form.connector)
    except ConfigError as error:
        form.refuse(error)
        return {"wrong": True, "told": trouble_of(error, draft.name)}
    return {}


def _sent_to_sign_in(
    request: HttpRequest, form: Fillable, place: str, template: str, page: dict[str, Any]
) -> HttpResponse:
    if place:
        keep(request, place, form.secrets)
    try:
        return begin(request, form.draft, form.connector)
    except ConfigError as error:
        form.refuse(error)
        return render(request, template, page)


def _saved(request: HttpRequest, form: Fillable, trial: Trial) -> HttpResponse:
    person = person_of(request)
    one = (
        change_connector(form.connector, form.draft, person=person)
        if form.connector
        else add_connector(form.draft, person=person)
    )
    keep_trial(one, trial)
    forget(request)
    messages.success(request, _said(one, new=form.connector is None))
    return redirect("connector", one.pk)


def _said(one: Connector, *, new: bool) -> str:
    if new:
        return f"{one.name} is added."
    count = users_of(one).count()
    return f"{one.name} is saved. {counted(count, 'service')} use it from now on." if count else f"{one.name} is saved."
