"""The configuration as JSON, for advanced editors: typed, checked, looked at as a difference, saved as a new revision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from topstitch.engine.mapping.difference import row_changes
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.store.actions.services import Overtaken, change_service, check_base, spec_json
from topstitch.store.models import Service
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.components.widgets import Code
from topstitch.web.components.words import sentence
from topstitch.web.queries_in import one_of
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.service_settings.changes import change_words, in_order
from topstitch.web.service_settings.json_reading import MAX_CHARACTERS, PARTS, Problem, read, schema_of, text_of
from topstitch.web.services.edited import base_of, told_overtaken
from topstitch.web.services.views import header, readable_spec


class JsonForm(forms.Form):
    """A text to be edited, with the line of the first thing that is wrong."""

    text = forms.CharField(label="JSON", strip=False, widget=Code({"rows": 28}))

    def __init__(self, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(initial={"text": text})
        line = next((each.line for each in problems if each.line), None)
        self.fields["text"].widget = Code(
            {"rows": 28, "aria-describedby": "problems"} if problems else {"rows": 28}, error_line=line
        )


@needs("services.edit_json")
@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest, service_id: int) -> HttpResponse:
    """The text; sent, it is checked and shown as a difference; agreed to, it is saved."""
    service = found(find_service(scope_of(request), service_id))
    part = one_of(request.GET, "part", tuple(PARTS))
    present = service.revision.spec if service.revision else {}
    if request.method != "POST":
        return _page(request, service, part, text_of(present, part))
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if "edit" in request.POST:
        return _page(request, service, part, text)
    result = read(service, part, text)
    if result.spec is None:
        return _page(request, service, part, text, result.problems)
    try:
        check_base(service, base_of(request))
        if "agreed" in request.POST:
            return _saved(request, service, part, text, result.spec)
    except Overtaken as error:
        return _difference(request, service, part, text, result.spec, error)
    return _difference(request, service, part, text, result.spec)


def _page(
    request: HttpRequest, service: Service, part: str, text: str, problems: Sequence[Problem] = ()
) -> HttpResponse:
    context = {
        **header(request, service, "settings"),
        "part": part,
        "parts": [(f"?part={slug}" if slug else request.path, words, slug) for slug, words in PARTS.items()],
        "form": JsonForm(text[:MAX_CHARACTERS], problems),
        "problems": problems,
    }
    return render(request, "service_settings/json.html", context)


def _saved(request: HttpRequest, service: Service, part: str, text: str, spec: Spec) -> HttpResponse:
    note = request.POST.get("note", "").replace("\x00", "").strip()[:500]
    try:
        change_service(service, spec, base=base_of(request), note=note, person=person_of(request))
    except Overtaken:
        raise
    except TopstitchError as error:
        return _page(request, service, part, text, [Problem(0, "", sentence(error.message), error.hint)])
    messages.success(request, "Saved as a new revision. The next run uses it.")
    return redirect("service_revisions", service.pk)


def _difference(
    request: HttpRequest, service: Service, part: str, text: str, spec: Spec, overtaken: Overtaken | None = None
) -> HttpResponse:
    """What would change. Of what somebody else saved meanwhile it is said that they did."""
    if overtaken:
        service.revision = overtaken.latest
    before = service.revision.spec if service.revision else {}
    after = spec_json(spec)
    old, _ = readable_spec(service)
    context: dict[str, Any] = {
        **header(request, service, "settings"),
        "part": part,
        "text": text,
        "before": in_order(before),
        "after": after,
        "words": change_words(before, after),
        "rows": row_changes(old.mapping, spec.mapping) if old else [],
        **(told_overtaken(overtaken) if overtaken else {}),
    }
    return render(request, "service_settings/json_difference.html", context)


@needs("services.view_settings")
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON schema, as a file for editors."""
    part = one_of(request.GET, "part", tuple(PARTS))
    text = json.dumps(schema_of(part), indent=2)
    response = HttpResponse(text, content_type="application/schema+json")
    response["Content-Disposition"] = f'attachment; filename="{part or "service"}.schema.json"'
    return response
