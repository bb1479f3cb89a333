"""The form of a connector: what every connector has, and what its system asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict

from topstitch.errors import ConfigError, TopstitchError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.model import Setting
from topstitch.sdk.settings import applies, checked_settings
from topstitch.store.actions.connector_secrets import KEPT_ELSEWHERE, kept_secrets
from topstitch.store.actions.connectors import Draft, checked_address
from topstitch.store.models import CompanyGroup, Connector
from topstitch.store.models.connector import Environment
from topstitch.store.queries.connectors import is_taken
from topstitch.web.components.settings_form import settings_fields
from topstitch.web.components.trouble import wrong, wrong_from
from topstitch.web.components.widgets import KEPT, Switch
from topstitch.web.components.zones import ZoneField

FORGET = "forget_"


class AboutForm(forms.Form):
    """What every connector has."""

    name = forms.CharField(
        max_length=200, help_text="How services and files call it.", validators=[ProhibitNullCharactersValidator()]
    )
    group = forms.ChoiceField(label="Company group", help_text="It is for the services of this group.")
    base_url = forms.CharField(
        label="Address of the test system",
        required=False,
        max_length=500,
        help_text="Scheme and host of a sandbox or a copy of yours, such as https://sandbox.example.com. Empty: the vendor's.",
    )
    zone = ZoneField(help_text="Of dates that the system writes without one.")
    date_format = forms.CharField(
        label="Date format",
        required=False,
        max_length=40,
        help_text="In PHP letters, where the system lets it be chosen: d/m/Y is 31/12/2026. Empty: as is usual there.",
    )

    def clean_base_url(self) -> str:
        """An address, or nothing."""
        try:
            return checked_address(self.cleaned_data["base_url"])
        except ConfigError as error:
            raise wrong_from(error) from error


class SettingsForm(forms.Form):
    """What the system asks for. Secrets that are there already (`kept`) may stay empty."""

    def __init__(
        self, declared: Sequence[Setting], kept: Collection[str], data: QueryDict | None, initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, prefix="s", initial=dict(initial))
        self.declared, self.kept = declared, kept
        self.fields.update(settings_fields(declared, kept))
        for setting in declared:
            if setting.secret and not setting.required and setting.name in kept:
                label = f"Forget the {setting.label.lower()} that is kept"
                self.fields[FORGET + setting.name] = forms.BooleanField(label=label, required=False, widget=Switch())

    def given(self) -> dict[str, Any]:
        """What was filled in of what is asked for, given the rest."""
        values = {s.name: self.cleaned_data.get(s.name) for s in self.declared}
        known = {s.name: s.default if values[s.name] in (None, "") else values[s.name] for s in self.declared}
        return {
            s.name: _plain(values[s.name])
            for s in self.declared
            if applies(s, known) and values[s.name] not in (None, "")
        }

    def forgotten(self) -> set[str]:
        """Secrets that are to go."""
        return {s.name for s in self.declared if self.cleaned_data.get(FORGET + s.name)}

    def clean(self) -> dict[str, Any]:
        """Each by its own kind, so that what is wrong stands beside its field."""
        given = self.given()
        known = {**{s.name: s.default for s in self.declared}, **given}
        for setting in self.declared:
            if setting.name in self.errors or not applies(setting, known):
                continue
            needed = setting.required and setting.name not in self.kept
            try:
                checked_settings([replace(setting, when={}, required=needed)], {setting.name: given.get(setting.name)})
            except ConfigError as error:
                self.add_error(setting.name, _beside(setting, error))
        return self.cleaned_data


def _beside(setting: Setting, error: ConfigError) -> ValidationError:
    """What is wrong, in words for the place beside the field: without the name that files use for it."""
    hint = "" if error.hint == ConfigError.default_hint else error.hint
    return wrong(error.message.replace(f" ({setting.name})", ""), hint)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


class ConnectorForm:
    """Both parts as one form. `typed`: secrets of an earlier try that was not saved; a `connector` keeps its own."""

    template = "connectors/_form.html"

    def __init__(
        self,
        entry: Entry,
        environment: str,
        groups: Sequence[CompanyGroup],
        *,
        connector: Connector | None = None,
        typed: Mapping[str, Any] | None = None,
        data: QueryDict | None = None,
    ) -> None:
        self.entry, self.environment, self.connector, self._groups = entry, environment, connector, groups
        # A practice server's settings are its own.
        self.declared = [] if environment == Environment.PRACTICE else list(entry.system.settings)
        shown = connector.settings if connector else {}
        self._typed = dict(typed or {})
        self._kept = set(kept_secrets(connector)) if connector else set()
        self._unseen = {} if self.declared else shown
        self.settings = SettingsForm(self.declared, {*self._typed, *self._kept}, data, shown)
        self.about = self._about(data)

    def _about(self, data: QueryDict | None) -> AboutForm:
        one = self.connector
        initial = (
            {name: getattr(one, name) for name in ("name", "base_url", "date_format")} | {"zone": one.zone}
            if one
            else {"name": self._new_name(), "group": str(self._groups[0].pk)}
        )
        form = AboutForm(data, initial=initial)
        if one or len(self._groups) == 1:
            del form.fields["group"]
        else:
            form.fields["group"].choices = [(str(group.pk), group.name) for group in self._groups]  # type: ignore[attr-defined]  # a choice field
        if self.environment != Environment.TEST or self.entry.system.http is None:
            del form.fields["base_url"]
        return form

    def _new_name(self) -> str:
        suffix = "" if self.environment == Environment.LIVE else f" {self.environment}"
        return f"{self.entry.name}{suffix}"

    @property
    def group(self) -> CompanyGroup:
        """The group that it is to be in."""
        if self.connector:
            return self.connector.group
        chosen = self.about.cleaned_data.get("group", "")
        return next((group for group in self._groups if str(group.pk) == chosen), self._groups[0])

    def is_valid(self) -> bool:
        """Whether it can be tested; if not, each field says what is wrong with it."""
        sound = [self.about.is_valid(), self.settings.is_valid()]
        name = self.about.cleaned_data.get("name")
        if name and is_taken(self.group, name, but=self.connector):
            self.about.add_error(
                "name", wrong(f"{self.group.name} has a connector of this name.", "Choose another name.")
            )
        return all(sound) and not self.about.errors

    @cached_property
    def draft(self) -> Draft:
        """What was filled in. Only once each field is sound."""
        about = self.about.cleaned_data
        return Draft(
            group=self.group,
            name=about["name"],
            system=self.entry.slug,
            values={**self._unseen, **self.secrets, **self.settings.given()},
            environment=self.environment,
            base_url=about.get("base_url", ""),
            zone=about["zone"],
            date_format=about["date_format"],
            keeps=(self._asked() if self.declared else self._kept) - self.secrets.keys(),
        )

    @property
    def secrets(self) -> dict[str, Any]:
        """Those that were typed now or before, of those that are asked for."""
        asked = self._asked()
        return {name: value for name, value in {**self._typed, **self.settings.given()}.items() if name in asked}

    def _asked(self) -> set[str]:
        """Names of the secrets that there are to be."""
        known = {**{s.name: s.default for s in self.declared}, **self.settings.given()}
        return {s.name for s in self.declared if s.secret and applies(s, known)} - self.settings.forgotten()

    def refuse(self, error: TopstitchError) -> None:
        """Show what was said against it, beside the fields that it is about if they are known."""
        if error.key == KEPT_ELSEWHERE:
            for name in self._kept.intersection(self.draft.keeps):
                self.settings.add_error(name, wrong_from(error))
            return
        self.about.add_error(error.key if error.key in self.about.fields else None, wrong_from(error))

    def say_kept(self) -> None:
        """Of the secrets that were typed: they do not go back to the browser, and need not be typed twice."""
        for name in self.secrets:
            self.settings.fields[name].widget.attrs["placeholder"] = KEPT

    @property
    def usual(self) -> list[forms.BoundField]:
        """The system's settings that everybody fills in."""
        return self._fields(advanced=False)

    @property
    def rare(self) -> list[forms.BoundField]:
        """Those that hardly anybody changes."""
        return self._fields(advanced=True)

    @property
    def rare_wrong(self) -> bool:
        """Whether one of them has to be looked at."""
        return any(bound.errors for bound in self.rare)

    def _fields(self, *, advanced: bool) -> list[forms.BoundField]:
        names = [s.name for s in self.declared if s.advanced == advanced]
        forget = {FORGET + name for name in names}
        return [self.settings[name] for name in self.settings.fields if name in forget or name in names]
