"""The fields of an entity under the field where one is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.fields import Field
from topstitch.web.access import needs
from topstitch.web.queries_in import text
from topstitch.web.service_forms.filters_words import type_words

SHOWN = 12


@needs("services.view_settings")
@require_safe
def filter_fields(request: HttpRequest) -> HttpResponse:
    """Those whose name or path has every word; what the system filters itself comes first."""
    words = text(request.GET, "q").casefold().split()
    fields, at_source = _fields(text(request.GET, "system"), text(request.GET, "entity"))
    fitting = [field for field in fields if all(word in f"{field.path} {field.label}".casefold() for word in words)]
    fitting.sort(key=lambda field: field.path not in at_source)
    shown = [(field, type_words(field), field.path in at_source) for field in fitting[:SHOWN]]
    context = {"fields": shown, "more": len(fitting) - len(shown), "any": bool(fields)}
    return render(request, "service_forms/_fields.html", context)


def _fields(system: str, entity: str) -> tuple[list[Field], set[str]]:
    """The fields that can be read, and which of them the system filters by itself."""
    try:
        entry = CATALOGUE.get(system)
        read = entry.entity(entity).read
    except ConfigError:
        return [], set()
    known = [field for field in entry.fields(entity) if field.readable]
    at_source = set(read.filters) if read else set()
    own = at_source - {field.path for field in known}
    return [*known, *(Field(path, type="any", label=path) for path in sorted(own))], at_source
