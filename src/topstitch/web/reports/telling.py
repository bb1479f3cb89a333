"""A row of the report in words: what went wrong in four parts, and which values of its record are lit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.engine.cause import BROKEN
from topstitch.store.models import Attempt
from topstitch.web.components.guides import OF_CLASS
from topstitch.web.components.trouble import Trouble
from topstitch.web.components.words import capital, entity_name, system_name
from topstitch.web.errors.words import WHY

KINDS = {"failed": "failed", "uncertain": "uncertain"}
#: Larger records are not compared value by value.
MOST_VALUES = 5000


def told(attempt: Attempt) -> Trouble | None:
    """What went wrong with a row; None when nothing did."""
    if not attempt.message:
        return None
    return Trouble(
        what=_what(attempt),
        record=_record(attempt),
        why=_why(attempt),
        words=attempt.detail,
        hint=attempt.hint,
        kind=KINDS.get(attempt.status, "pending"),
        guide=OF_CLASS.get(attempt.error_class, ""),
    )


def _what(attempt: Attempt) -> str:
    said = capital(attempt.message)
    if not attempt.field:
        return said
    place = '{} <span class="muted">Field</span> <span class="mono">{}</span>'
    return format_html(place, said, attempt.field)


def _record(attempt: Attempt) -> SafeString:
    service, name = attempt.service, attempt.reference or attempt.key
    beside = SafeString("")
    if attempt.reference and attempt.reference != attempt.key:
        source = system_name(service.source.system)
        beside = format_html(' <span class="muted">id at {}</span> <span class="mono">{}</span>', source, attempt.key)
    kind = entity_name(service.source_entity).capitalize()
    return format_html('{} <span class="mono">{}</span>{}', kind, name, beside)


def _why(attempt: Attempt) -> SafeString:
    said = WHY.get(attempt.error_class, "")
    begin = attempt.error_class.capitalize() + (f": {said}" if said else "")
    return format_html("{}{}", begin, _how(attempt))


def _how(attempt: Attempt) -> SafeString:
    destination = system_name(attempt.service.destination.system)
    evidence = attempt.evidence if isinstance(attempt.evidence, dict) else {}
    if attempt.outcome == "rejected":
        return format_html(". Refused by {}", destination)
    if attempt.outcome == "unknown":
        return format_html(". The answer of {} was lost", destination)
    if attempt.outcome != "unmapped" or attempt.error_key in BROKEN:
        return SafeString("")
    row = format_html(', row <span class="mono">{}</span>', evidence["row"]) if evidence.get("row") else ""
    value = format_html(', value <span class="mono">{}</span>', evidence["value"]) if evidence.get("value") else ""
    return format_html(". It could not be mapped{}{}", row, value)


def marks_of(pulled: Any, mapped: Any, field: str) -> dict[str, str]:
    """The values of the mapped record that are lit: those that the record as pulled does not have, and the one complained of."""
    made = dict(_values(mapped, ""))
    if len(made) > MOST_VALUES:
        return {}
    had = {str(value) for _, value in _values(pulled, "")} if pulled else None
    marks = {path: "made" for path, value in made.items() if had is not None and str(value) not in had}
    return marks | ({field: "wrong"} if field in made else {})


def _values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _values(child, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, child in enumerate(value):
            yield from _values(child, f"{path}[{place}]")
    else:
        yield path, value
