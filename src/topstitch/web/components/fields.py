"""A field of a form: label, help, control, and beside it what is wrong and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.forms import BoundField, CheckboxSelectMultiple, DateInput, Form, MultiWidget, RadioSelect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from topstitch.web.components.widgets import Choices, Switch


def field(bound: BoundField, *, find: str = "", when: Mapping[str, Sequence[str]] | None = None) -> SafeString:
    """A field of a Django form.

    `find`: where a person finds the value, behind a fold. `when`: shown only while other fields have these values.
    Both may be attributes of the form's field instead (`form.fields[name].find`).
    """
    own = bound.field
    condition = when or getattr(own, "when", None)
    context = {
        "bound": bound,
        "shape": shape_of(bound),
        "problems": list(problems(bound)),
        "find": find or getattr(own, "find", ""),
        "when": json.dumps({bound.form.add_prefix(name): list(values) for name, values in condition.items()})
        if condition
        else "",
        "optional": not own.required and not condition,
    }
    return SafeString(render_to_string("parts/field.html", context))


def shape_of(bound: BoundField) -> str:
    """How a field is laid out: switch, group (several controls under one legend), or one (control)."""
    widget = bound.field.widget
    if isinstance(widget, DateInput):
        widget.input_type = "date"
    if isinstance(widget, Switch):
        return "switch"
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple | Choices)
    return (
        "group"
        if group or (isinstance(widget, MultiWidget) and widget.template_name == "widgets/dates.html")
        else "one"
    )


def problems(bound: BoundField) -> Iterator[tuple[str, str]]:
    """What is wrong with a field and what to do about it."""
    for error in bound.errors.as_data():
        for message in error.messages:
            yield str(message), str((error.params or {}).get("hint", ""))


def form_errors(form: Form) -> SafeString:
    """What is wrong with a form as a whole, and, when fields are wrong, links to them. "" while nothing is."""
    if not form.errors:
        return SafeString("")
    wrong = [bound for bound in form.visible_fields() if bound.errors]
    context: dict[str, Any] = {"wrong": wrong, "general": form.non_field_errors()}
    return SafeString(render_to_string("parts/form_errors.html", context))
