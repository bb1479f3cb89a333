"""The forms of alerts: of a service, of the company's default."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from django import forms
from django.forms import RadioSelect, Textarea

from topstitch.alerts.actions.groups import checked_addresses
from topstitch.alerts.actions.rules import RuleDraft, shown_rule
from topstitch.alerts.models import AlertRule, Frequency
from topstitch.alerts.queries.groups import groups_of
from topstitch.alerts.queries.recipients import people_to_tell
from topstitch.errors import ConfigError
from topstitch.web.components.trouble import wrong
from topstitch.web.components.widgets import Choices, Switch
from topstitch.web.components.words import sentence
from topstitch.web.components.zones import ZoneField

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
CONDITIONS = ("run_failed", "failures", "no_success_hours", "not_run", "empty_runs", "connector", "credentials")
USUAL_HOUR = RuleDraft().hour
NEVER = "Left empty, this is not told."


class AddressesField(forms.CharField):
    """E-mail addresses, one a line or with commas between them; a list of them in lower case, each once."""

    def __init__(self, **more: Any) -> None:
        usual = {"required": False, "max_length": 20_000, "widget": Textarea({"rows": 2, "spellcheck": "false"})}
        super().__init__(**{**usual, **more})

    def prepare_value(self, value: Any) -> Any:
        """One a line."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The list. What is no address is told with itself."""
        text = super().clean(value)
        try:
            return checked_addresses([part for part in re.split(r"[\s,;]+", text) if part], "")
        except ConfigError as error:
            raise wrong(sentence(error.message), error.hint) from error


def _switch(label: str, help: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help, required=False, widget=Switch)


def _count(label: str, help: str, most: int) -> forms.IntegerField:
    widget = forms.NumberInput({"class": "short"})
    return forms.IntegerField(label=label, help_text=help, required=False, min_value=1, max_value=most, widget=widget)


class RuleForm(forms.Form):
    """Whom, how soon, of what: a rule as it is, or the usual one."""

    groups = forms.MultipleChoiceField(label="Notification groups", required=False, widget=Choices)
    people = forms.MultipleChoiceField(label="People", required=False, widget=Choices)
    addresses = AddressesField(label="Other e-mail addresses", help_text="One a line.")
    frequency = forms.ChoiceField(label="They are told", choices=Frequency.choices, widget=RadioSelect, required=False)
    hour = forms.TypedChoiceField(label="At", choices=HOURS, coerce=int, required=False, empty_value=None)
    zone = ZoneField()
    run_failed = _switch("A run fails", "It could not go on, or not even begin.")
    failures = _count("So many records fail in one run", f"1: as soon as one fails. {NEVER}", 1_000_000)
    no_success_hours = _count("No run comes to its end for so many hours", NEVER, 24 * 366)
    not_run = _switch(
        "A run is due and does not start", "A quarter of an hour late, or Topstitch itself was not running."
    )
    empty_runs = _count("So many runs in a row find nothing to move", NEVER, 10_000)
    connector = _switch("A connector is refused or away", "Told once for all services that use it.")
    credentials = _switch("Credentials end", "Fourteen days before, three days before, and when they have ended.")

    def __init__(self, rule: AlertRule, data: Any = None, **initial: Any) -> None:
        super().__init__(data, initial={**(shown_rule(rule) if rule.pk else asdict(RuleDraft())), **initial})
        groups = [(group.name, group.name) for group in groups_of(rule.company_id)]
        self._fill("groups", groups)
        if not groups:
            self.fields["groups"].help_text = "There are none yet. Administrators make them in the settings."
        self._fill("people", people_to_tell(rule.company_id))
        for name in ("hour", "zone"):
            self._when(name, {"frequency": [str(Frequency.DAILY)]})

    def _fill(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What was chosen once stays a choice: a person who has left is shown until somebody takes them out."""
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        known = {value for value, _ in choices}
        field.choices = [*choices, *((value, value) for value in self.initial[name] if value not in known)]

    def _when(self, name: str, condition: dict[str, list[str]]) -> None:
        field: Any = self.fields[name]
        field.when = {**getattr(field, "when", {}), **condition}

    def draft(self) -> RuleDraft:
        """The rule as filled in. Only after `is_valid`."""
        values = dict(self.cleaned_data)
        values["frequency"] = values["frequency"] or str(Frequency.IMMEDIATE)
        values["hour"] = USUAL_HOUR if values["hour"] is None else values["hour"]
        return RuleDraft(**{name: values[name] for name in RuleDraft.__dataclass_fields__ if name in values})

    @property
    def conditions(self) -> list[forms.BoundField]:
        """The fields that say of what is told."""
        return [self[name] for name in CONDITIONS]


class DefaultForm(RuleForm):
    """The alerts of all services that have none of their own."""

    on = _switch("Tell somebody", "Off: nobody is told anything of these services.")
    field_order = ("on",)

    def __init__(self, rule: AlertRule, data: Any = None) -> None:
        super().__init__(rule, data)
        self.fields["frequency"].required = True


OWN, DEFAULT, OFF = "own", "default", "off"


class ServiceAlertsForm(RuleForm):
    """The alerts of a service: as the company's default, its own, or none."""

    mode = forms.ChoiceField(label="Alerts of this service", widget=RadioSelect)
    field_order = ("mode",)

    def __init__(self, rule: AlertRule, mode: str, data: Any = None) -> None:
        super().__init__(rule, data, mode=mode)
        field = self.fields["mode"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (DEFAULT, "On, as the company's default says"),
            (OWN, "On, as said here"),
            (OFF, "Off: nobody is told anything"),
        ]
        for name in self.fields:
            if name != "mode":
                self._when(name, {"mode": [OWN]})


def mode_of(own: AlertRule | None) -> str:
    """Which of the three holds for a service with this rule of its own."""
    return DEFAULT if own is None else OWN if own.on else OFF
