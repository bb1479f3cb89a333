"""A version of a script as a form, with its variables and the sample to try it with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict

from topstitch.errors import ScriptError, TopstitchError
from topstitch.scripts.model import LONGEST_TIMEOUT, MEMORY, MOST_CODE, MOST_MEMORY, TIMEOUT
from topstitch.store.actions.scripts import MOST_VARIABLES, Draft, Variable
from topstitch.store.models import Script, ScriptVersion
from topstitch.web.components.trouble import wrong
from topstitch.web.components.widgets import Code, Switch
from topstitch.web.scripts.beginnings import VARIABLES, Beginning

#: Empty rows for variables that the form offers.
BLANK = 2
_TEXT = [ProhibitNullCharactersValidator()]


class ScriptForm(forms.Form):
    """What makes a version. `variables` are the rows below it, which the template lays out."""

    name = forms.CharField(
        max_length=200, validators=_TEXT, help_text="Services and files call it by this name, so it stays."
    )
    description = forms.CharField(required=False, max_length=2000, validators=_TEXT, label="What it does")
    code = forms.CharField(label="Code", strip=False, widget=Code({"rows": 18}))
    timeout = forms.FloatField(
        label="Seconds a call may take",
        min_value=0.01,
        max_value=LONGEST_TIMEOUT,
        help_text=f"{TIMEOUT:g} is usual, {LONGEST_TIMEOUT:g} the most.",
    )
    memory = forms.IntegerField(
        label="Megabytes a call may use",
        min_value=8,
        max_value=MOST_MEMORY,
        help_text=f"{MEMORY} is usual. A page takes about thirty times as much as its JSON.",
    )
    note = forms.CharField(required=False, max_length=500, validators=_TEXT, label="What changed")
    sample = forms.CharField(
        required=False,
        strip=False,
        label="Payload",
        widget=Code({"rows": 6}),
        help_text="JSON, or else text. In a mapping it is the value, of a payload script the list of the page’s records.",
    )
    each = forms.BooleanField(required=False, label="Call it once for each of the list", widget=Switch())

    def __init__(self, data: QueryDict | None = None, *, script: Script | None = None, **more: Any) -> None:
        super().__init__(data, **more)
        if script is not None:
            del self.fields["name"]
        self.variables = _sent_variables(data) if data is not None else list(self.initial.get("variables", ()))
        self.variables += [{"name": "", "default": "", "help": ""}] * BLANK

    def clean_code(self) -> str:
        """Within what a script may measure."""
        code = str(self.cleaned_data["code"])
        if len(code.encode(errors="replace")) > MOST_CODE:
            raise wrong("A script has at most 100 KB.", "Put long lists into a lookup table.")
        return code

    def draft(self) -> Draft:
        """The version to be."""
        values = self.cleaned_data
        declared = [Variable(**row) for row in self.variables if row["name"]]
        return Draft(
            values["code"], declared, values["timeout"], values["memory"], values["description"], values["note"]
        )

    def refuse(self, error: TopstitchError) -> None:
        """What saving or trying said against it: beside the code when it is about a line of it."""
        if isinstance(error, ScriptError):
            widget = self.fields["code"].widget
            assert isinstance(widget, Code)
            widget.error_line = error.line or None
            self.add_error("code", wrong(error.message, error.hint))
        else:
            self.add_error(None, f"{error.message}. {error.hint}")


def _sent_variables(data: QueryDict) -> list[dict[str, str]]:
    columns = [data.getlist(f"variable_{part}")[: MOST_VARIABLES + 1] for part in ("name", "default", "help")]
    rows = [
        {"name": name.strip(), "default": default, "help": told.strip()}
        for name, default, told in zip(*columns, strict=False)
    ]
    return [row for row in rows if any(row.values())]


def initial_of(script: Script, version: ScriptVersion, sample: str = "") -> Mapping[str, Any]:
    """The form of what is saved."""
    return {
        "description": script.description,
        "code": version.code,
        "timeout": f"{version.timeout:g}",
        "memory": version.memory,
        "variables": list(version.variables),
        "sample": sample,
    }


def initial_from(begin: Beginning) -> Mapping[str, Any]:
    """The form of a new script."""
    variables: Sequence[Mapping[str, str]] = VARIABLES.get(begin.slug, [])
    return {
        "code": begin.code,
        "timeout": f"{TIMEOUT:g}",
        "memory": MEMORY,
        "variables": list(variables),
        "sample": begin.sample,
    }
