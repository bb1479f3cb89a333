"""The mapper's page and what its buttons do. Every answer is the whole page; with htmx only its inside is taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from topstitch.accounts.capabilities import capability
from topstitch.engine.mapping.difference import row_changes
from topstitch.engine.mapping.document import plain_row
from topstitch.engine.spec import MappingRow
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, TopstitchError
from topstitch.functions import registry
from topstitch.functions.registry import Function
from topstitch.store.actions.mapping import mapping_of, save_mapping
from topstitch.store.actions.services import Overtaken, check_base, spec_of
from topstitch.store.models import Service
from topstitch.store.queries.services import find_service
from topstitch.values.conditions import OPERATORS
from topstitch.web.access import may, needs
from topstitch.web.components.trouble import trouble_of
from topstitch.web.mapper.draft import MAX_BYTES, Draft, changed, read_draft
from topstitch.web.mapper.offers import offers_of
from topstitch.web.mapper.reading import MapperView, mapper_view, suggestions
from topstitch.web.mapper.records import InHand, record_in_hand, with_values
from topstitch.web.mapper.whole import WHOLE
from topstitch.web.queries_in import text, whole
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.services.edited import base_of, told_overtaken
from topstitch.web.services.views import header

EMPTIES = (("omit", "Leave the field out"), ("null", "Send null"), ("once", "Of a list: keep the element once"))
POLICIES = (("fail", "The record fails"), ("empty", "Leave the field empty"), ("default", "Write the default"))
PREVIEW = "services.preview"
GROUPS = ("string", "number", "date", "array", "other")


@needs("services.view_settings")
@require_safe
def mapper(request: HttpRequest, service_id: int) -> HttpResponse:
    """The saved mapping beside a record: the newest, the one that was asked for, or the sample. Who may not try a record sees
    the rows alone.
    """
    service = found(find_service(scope_of(request), service_id))
    spec = spec_of(service)
    rows = [plain_row(row) for row in spec.mapping]
    hand = InHand()
    if may(request, PREVIEW):
        hand = record_in_hand(service, wanted=text(request.GET, "record"), sample="sample" in request.GET)
    return _page(request, service, spec, Draft(rows), hand)


@needs(PREVIEW)
@require_POST
def draft(request: HttpRequest, service_id: int) -> HttpResponse:
    """The draft after a button."""
    service = found(find_service(scope_of(request), service_id))
    spec, trouble, said = spec_of(service), None, ""
    action = request.POST.get("action", "")
    after = Draft([plain_row(row) for row in spec.mapping])
    try:
        after = _sent(request.POST, "" if action in WHOLE else action)
        if action in WHOLE:
            after, said = WHOLE[action](service, after, _document(request))
    except TopstitchError as error:
        trouble = error
    hand = with_values(_hand(request, service), _tried(request.POST))
    return _page(request, service, spec, after, hand, trouble, said=said, asked=action)


def _sent(form: QueryDict, action: str = "") -> Draft:
    """The draft that the page carried, with what was typed into the open row, after a button. Raises ConfigError."""
    carried = Draft(read_draft(form.get("draft", "")), whole(form, "open"))
    return changed(carried, {name: str(value) for name, value in form.items()}, action)


def _document(request: HttpRequest) -> bytes:
    """The file that was chosen, else what was pasted."""
    file = request.FILES.get("document")
    # A byte more than is allowed: what reads it says that it is too much.
    return file.read(MAX_BYTES + 1) if isinstance(file, UploadedFile) else request.POST.get("pasted", "").encode()


def _hand(request: HttpRequest, service: Service) -> InHand:
    wanted = text(request.POST, "wanted")
    other = wanted or "sample" in request.POST
    return record_in_hand(
        service,
        typed="" if other else request.POST.get("record", ""),
        about=request.POST.get("about", "")[:200],
        wanted=wanted,
        sample="sample" in request.POST,
    )


def _tried(form: QueryDict) -> dict[str, str]:
    """The values that were typed over those of the record, by their paths."""
    pairs = ((form.get(f"try.{n}.path", ""), form.get(f"try.{n}.was"), form.get(f"try.{n}.value")) for n in range(100))
    return {path: value for path, was, value in pairs if path and value is not None and value != was}


@needs("services.view_settings")
@require_POST
def export(request: HttpRequest, service_id: int) -> HttpResponse:
    """The draft as a document to keep, or to import elsewhere."""
    service = found(find_service(scope_of(request), service_id))
    try:
        rows, wrong = Draft(read_draft(request.POST.get("draft", ""))).parsed()
    except ConfigError as error:
        raise BadRequest(error.message) from error
    if wrong:
        place, said = next(iter(wrong.items()))
        raise BadRequest(f"row {place + 1}: {said}")
    answer = HttpResponse(mapping_of(service, rows).as_json(), content_type="application/json")
    answer["Content-Disposition"] = content_disposition_header(True, f"{service.name} mapping.json")
    return answer


@needs("services.update")
@require_POST
def save(request: HttpRequest, service_id: int) -> HttpResponse:
    """Shows what would change, of the latest that somebody else has saved; once that is agreed to, saves it as a new revision."""
    service = found(find_service(scope_of(request), service_id))
    spec, base, told = spec_of(service), base_of(request), dict[str, Any]()
    kept = Draft([plain_row(row) for row in spec.mapping])
    try:
        kept = _sent(request.POST)
        rows, wrong = kept.parsed()
        if wrong:
            place, said = next(iter(wrong.items()))
            raise ConfigError(f"row {place + 1}: {said}", key="mapping_rows")
        check_base(service, base)
        if request.POST.get("agreed"):
            note = request.POST.get("note", "")[:500]
            save_mapping(service, rows, note=note, base=base, person=person_of(request))
            messages.success(request, "The mapping is saved. The next run uses it.")
            return redirect("mapper", service.pk)
    except Overtaken as error:
        service.revision, told = error.latest, told_overtaken(error)
        spec = spec_of(service)
    except TopstitchError as error:
        return _page(request, service, spec, kept, _hand(request, service), error)
    context = {
        **header(request, service, "mapping"),
        "draft": kept.text,
        "record": request.POST.get("record", ""),
        "about": request.POST.get("about", "")[:200],
        "changes": row_changes(spec.mapping, rows),
        **told,
    }
    part = request.headers.get("HX-Request")
    return render(request, "mapper/_save.html" if part else "mapper/save.html", {**context, "part": part})


def _by_group() -> list[Function]:
    return sorted(registry(), key=lambda each: (GROUPS.index(each.group), each.title))


def _page(
    request: HttpRequest,
    service: Service,
    spec: Spec,
    draft: Draft,
    hand: InHand,
    trouble: TopstitchError | None = None,
    *,
    said: str = "",
    asked: str = "",
) -> HttpResponse:
    given, suggesting = hand.given, asked == "suggest"
    view = mapper_view(service, spec, draft, given, requests=asked == "request")
    context: dict[str, Any] = {
        **header(request, service, "mapping"),
        "view": view,
        "hand": hand,
        "problem": trouble_of(problem) if (problem := trouble or hand.trouble or view.trouble) else None,
        "empties": EMPTIES,
        "policies": POLICIES,
        "changed": _changed(spec.mapping, draft),
        "said": said,
        "suggesting": suggesting,
        "requesting": asked == "request",
        "suggestions": suggestions(service, draft, given) if suggesting else [],
        "offers": offers_of(service, given.records[0] if given and given.records else None, _wanted(view)),
        "functions": [(group, list(some)) for group, some in groupby(_by_group(), key=lambda each: each.group)],
        "operators": OPERATORS,
        "triers": capability(PREVIEW).who,
    }
    part = request.headers.get("HX-Request")
    return render(request, "mapper/_mapper.html" if part else "mapper/mapper.html", context)


def _wanted(view: MapperView) -> set[str]:
    return view.editor.offers if view.editor else set()


def _changed(saved: Sequence[MappingRow], draft: Draft) -> bool:
    return [plain_row(row) for row in saved] != [plain_row(row) for row in draft.parsed()[0]]
