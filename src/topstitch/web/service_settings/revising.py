"""Revisions: the list, one of them in words, two of them side by side, and going back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from topstitch.engine.mapping.difference import row_changes
from topstitch.errors import ConfigError, TopstitchError
from topstitch.store.actions.revisions import readable, restore_revision
from topstitch.store.actions.services import Overtaken
from topstitch.store.models import Revision, Service
from topstitch.store.queries.revisions import find_revision, revision_before, revisions_of
from topstitch.store.queries.services import find_service
from topstitch.web.access import needs
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.trouble import refuse
from topstitch.web.queries_in import whole
from topstitch.web.scope import found, person_of, scope_of
from topstitch.web.service_settings.changes import change_words, in_order
from topstitch.web.service_settings.forms import RestoreForm
from topstitch.web.services.edited import base_of, told_overtaken
from topstitch.web.services.mapping import mapping_groups, value_words
from topstitch.web.services.views import header


@needs("services.view_settings")
@require_safe
def revisions(request: HttpRequest, service_id: int) -> HttpResponse:
    """All of them, with who made each, when, and what it changed."""
    service = found(find_service(scope_of(request), service_id))
    page = revisions_of(service, after=whole(request.GET, "after"), before=whole(request.GET, "before"))
    rows = page.rows
    before = [*rows[1:], revision_before(service, rows[-1].number)] if rows else []
    context = {
        **header(request, service, "settings"),
        "revisions": page,
        "told": [
            (one, change_words(earlier.spec if earlier else None, one.spec))
            for one, earlier in zip(rows, before, strict=True)
        ],
    }
    return render(request, "service_settings/revisions.html", context)


@needs("services.view_settings")
@require_safe
def revision(request: HttpRequest, service_id: int, number: int) -> HttpResponse:
    """One of them: what it changed, and the whole configuration in words."""
    service = found(find_service(scope_of(request), service_id))
    one = found(find_revision(service, number))
    before = revision_before(service, number)
    context = {
        **header(request, service, "settings"),
        "one": one,
        "before": before,
        "words": change_words(before.spec if before else None, one.spec),
        **in_words(one),
    }
    return render(request, "service_settings/revision.html", context)


def in_words(revision: Revision) -> dict[str, Any]:
    """A configuration for reading; why it cannot be shown, when it cannot."""
    try:
        spec = readable(revision)
    except ConfigError as error:
        return {"unreadable": error.message}
    return {
        "read": spec,
        "groups": mapping_groups(spec.mapping),
        "filters": [(row, value_words(row)) for row in spec.source.filters],
        "schedules": [(one, schedule_words([one])) for one in spec.schedules],
    }


@needs("services.view_settings")
@require_safe
def compare(request: HttpRequest, service_id: int) -> HttpResponse:
    """Two revisions, the earlier one first; without numbers the present one and the one before it."""
    service = found(find_service(scope_of(request), service_id))
    present = found(service.revision).number
    after = whole(request.GET, "after") or present
    before = whole(request.GET, "before") or max(after - 1, 1)
    return _compared(request, service, found(find_revision(service, before)), found(find_revision(service, after)))


@needs("services.update")
@require_POST
def restore(request: HttpRequest, service_id: int, number: int) -> HttpResponse:
    """A new revision that says what this one says."""
    service = found(find_service(scope_of(request), service_id))
    one, present = found(find_revision(service, number)), found(service.revision)
    form = RestoreForm(request.POST)
    if form.is_valid():
        try:
            note, base = form.cleaned_data["note"], base_of(request)
            saved = restore_revision(service, one, note=note, base=base, person=person_of(request))
        except Overtaken as error:
            service.revision = error.latest
            return _compared(request, service, error.latest, one, form, **told_overtaken(error))
        except TopstitchError as error:
            refuse(form, error)
        else:
            made = found(saved.revision).number
            words = f"Revision {made} says what revision {number} said. The next run uses it."
            messages.success(request, words if made != present.number else "Nothing differs: nothing was saved.")
            return redirect("service_revisions", service_id)
    return _compared(request, service, present, one, form)


def _compared(
    request: HttpRequest,
    service: Service,
    before: Revision,
    after: Revision,
    form: RestoreForm | None = None,
    **more: Any,
) -> HttpResponse:
    present = found(service.revision).number
    context = {
        **header(request, service, "settings"),
        "before": before,
        "after": after,
        "words": change_words(before.spec, after.spec),
        "lines": (in_order(before.spec), in_order(after.spec)),
        "rows": _rows(before, after),
        # Only what is to come can be restored: the present one is the earlier of the two then.
        "restores": before.number == present and after.number != present,
        "form": form or RestoreForm(initial={"note": f"Back to revision {after.number}"}),
        **more,
    }
    return render(request, "service_settings/compare.html", context)


def _rows(before: Revision, after: Revision) -> list[Any]:
    try:
        return list(row_changes(readable(before).mapping, readable(after).mapping))
    except ConfigError:
        return []
