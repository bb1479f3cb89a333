"""The options that an entity of a system has in a service, as fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from topstitch.errors import ConfigError
from topstitch.sdk.model import Setting
from topstitch.sdk.settings import applies, checked_settings
from topstitch.web.components.settings_form import settings_fields
from topstitch.web.components.trouble import wrong, wrong_from


class OptionsForm(forms.Form):
    """One field for each declared option; what is usual stands in it, or in its help."""

    def __init__(
        self, declared: Sequence[Setting], present: Mapping[str, Any], data: QueryDict | None = None, *, prefix: str
    ) -> None:
        super().__init__(data, prefix=prefix, initial=dict(present))
        self.declared, self.present = declared, present
        self.values: dict[str, Any] = {}
        self.fields.update(settings_fields(declared, [s.name for s in declared if s.secret and present.get(s.name)]))
        for setting in declared:
            field = self.fields[setting.name]
            field.help_text = f"{setting.help} {_usual(setting)}".strip()
            if isinstance(field, forms.ChoiceField) and setting.default and not setting.when:
                # What is usual stands among the choices: there is nothing to leave open.
                field.choices, field.required = [(each, setting.in_words(each)) for each in setting.choices], True

    def clean(self) -> dict[str, Any]:
        """Each option cast as the system wants it; wrong ones say so beside their field."""
        for setting in self.declared:
            if setting.name in self.cleaned_data:
                self._cast(setting, self.cleaned_data[setting.name])
        for setting in self.declared:
            missing = setting.required and self.values.get(setting.name) in (None, "")
            if missing and applies(setting, self.values) and setting.name not in self.errors:
                self.add_error(setting.name, wrong(f"{setting.label} is missing.", setting.find))
        return self.cleaned_data

    def _cast(self, setting: Setting, value: Any) -> None:
        if setting.secret and not value:
            value = self.present.get(setting.name)
        given = value.isoformat() if isinstance(value, date) else value
        try:
            self.values |= checked_settings([replace(setting, required=False)], {setting.name: given})
        except ConfigError as error:
            self.add_error(setting.name, wrong_from(error))

    def chosen(self) -> dict[str, Any]:
        """What differs from the usual. An option that is not asked for at present stays as it was."""
        chosen = {}
        for setting in self.declared:
            name, value = setting.name, self.values.get(setting.name)
            if not applies(setting, self.values):
                value = self.present.get(name)
            said = name in self.present and self.present[name] == value
            if value is not None and (said or value != setting.default):
                chosen[name] = value
        return chosen


def _usual(setting: Setting) -> str:
    """What holds when nothing is chosen, in words."""
    if setting.default in (None, ""):
        return ""
    if isinstance(setting.default, bool):
        return "Usual: on." if setting.default else "Usual: off."
    return f"Usual: {setting.in_words(setting.default) if setting.kind == 'choice' else setting.default}."
