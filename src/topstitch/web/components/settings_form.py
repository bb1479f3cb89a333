"""The form of what a system (or an entity of it) asks for: one field for each of its declared settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms

from topstitch.sdk.model import Setting
from topstitch.web.components.widgets import KEPT, Secret, Switch


def settings_fields(declared: Sequence[Setting], kept: Collection[str] = ()) -> dict[str, forms.Field]:
    """Django fields by the settings' names. `kept`: secrets that there are already; they may stay empty.

    Kinds and conditions are checked by `sdk.settings.checked_settings`, which knows them all: fields only collect.
    """
    return {setting.name: _field(setting, setting.name in kept) for setting in declared}


def _field(setting: Setting, kept: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": setting.label,
        "help_text": setting.help,
        "required": setting.required and not setting.when and not kept,
        "initial": None if setting.secret else setting.default,
    }
    made = _control(setting, kept, common)
    made.find, made.when = setting.find, setting.when  # type: ignore[attr-defined]  # read by components.fields
    return made


def _control(setting: Setting, kept: bool, common: Mapping[str, Any]) -> forms.Field:
    if setting.secret and setting.kind != "multiline":
        return forms.CharField(widget=Secret(kept=kept), **common)
    match setting.kind:
        case "boolean":
            return forms.BooleanField(widget=Switch(), **{**common, "required": False})
        case "choice":
            blank = [] if setting.required and setting.default else [("", "Choose")]
            return forms.ChoiceField(
                choices=[*blank, *((each, setting.in_words(each)) for each in setting.choices)], **common
            )
        case "integer":
            return forms.IntegerField(**common)
        case "number":
            return forms.FloatField(**common)
        case "date":
            return forms.DateField(widget=forms.DateInput({"type": "date"}), **common)
        case "multiline":
            hint = {"placeholder": KEPT} if kept else {}
            area = forms.Textarea({"rows": 4, "class": "mono", "spellcheck": "false", **hint})
            return forms.CharField(widget=area, strip=False, **common)
        case _:
            return forms.CharField(**common)
