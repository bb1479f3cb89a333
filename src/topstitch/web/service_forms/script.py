"""The payload script of a service as a form: which one, of which version, with which variables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from django import forms
from django.http import QueryDict

from topstitch.engine.spec import ScriptUse
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.store.models import ScriptVersion, Service
from topstitch.store.queries.payload_scripts import scripts_of, version_numbered, versions_of
from topstitch.store.queries.scripts import Use, who_uses
from topstitch.web.components.trouble import refuse
from topstitch.web.components.words import entity_name

PREFIX = "script"
#: Names of fields of variables begin with it.
VARIABLE = "variable-"
#: The version that is no particular one.
LATEST = "latest"
#: Services that are named before "and 7 more".
NAMED = 12


class ScriptForm(forms.Form):
    """A PartForm. Its own button, `look`, shows the script that was chosen, and asks for its variables."""

    name: ClassVar[str] = "Payload script"
    template: ClassVar[str] = "service_forms/_script.html"

    script = forms.ChoiceField(label="Script", required=False)
    version = forms.ChoiceField(label="Version")

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        self.service, self.spec = service, spec
        self.pressed = data is not None and "look" in data
        sent = self._sent(data)
        self.scripts = {each.name: each for each in scripts_of(service.group.company)}
        self.chosen = self.scripts.get(sent["script"])
        number = int(sent["version"]) if sent["version"].isdigit() else None
        self.shown_version = version_numbered(self.chosen, number) if self.chosen else None
        bound = None if data is None or self.pressed else {f"{PREFIX}-{name}": value for name, value in sent.items()}
        super().__init__(bound, prefix=PREFIX, initial=sent)
        self._choices(sent["script"])
        self.fields.update({f"{VARIABLE}{each['name']}": _variable(each) for each in self._declared()})

    def _sent(self, data: QueryDict | None) -> dict[str, str]:
        """What is chosen: as it was saved, or as it was sent. With another script the version and variables are its own."""
        use = self.spec.script
        if data is None:
            return _of_use(use) if use else {"script": "", "version": LATEST}
        sent = {key.removeprefix(f"{PREFIX}-"): str(data[key]) for key in data if key.startswith(f"{PREFIX}-")}
        name = sent.get("script", "")
        if sent.get("shown") != name:
            return {"script": name, "version": LATEST}
        return {"version": LATEST, **sent, "script": name}

    def _choices(self, present: str) -> None:
        script, version = self.fields["script"], self.fields["version"]
        assert isinstance(script, forms.ChoiceField) and isinstance(version, forms.ChoiceField)
        gone = [(present, f"{present} (gone)")] if self.spec.script and present not in ("", *self.scripts) else []
        script.choices = [("", "No script"), *gone, *((name, name) for name in self.scripts)]
        latest = f"The latest, whichever it is (now {self.chosen.version})" if self.chosen else "The latest"
        version.choices = [(LATEST, latest), *self._versions()]
        script.help_text = (
            f"It gets the {entity_name(self.spec.source.entity)} of a page, as the filters let them through, and gives those "
            "that are mapped. Choose “No script” to take it off."
        )
        version.help_text = "With a version of its own, this service stays as it is while the script is worked on."

    def _versions(self) -> list[tuple[str, str]]:
        if self.chosen is None:
            return []
        known = [(str(each.number), _told(each)) for each in versions_of(self.chosen)]
        pinned = self.spec.script.version if self.spec.script and self.spec.script.name == self.chosen.name else None
        old = pinned and all(str(pinned) != number for number, _ in known)
        return [*known, (str(pinned), f"Version {pinned}")] if old else known

    def _declared(self) -> list[Mapping[str, str]]:
        return list(self.shown_version.variables) if self.shown_version else []

    @property
    def variables(self) -> list[forms.BoundField]:
        """The fields of the script's variables."""
        return [self[name] for name in self.fields if name.startswith(VARIABLE)]

    @cached_property
    def uses(self) -> list[Use]:
        """Where other services use the script that is shown."""
        return [use for use in who_uses(self.chosen) if use.service != self.service.name] if self.chosen else []

    @property
    def followers(self) -> tuple[list[str], int]:
        """Other services that a new version changes at once: some names, and how many more."""
        names = sorted({use.service for use in self.uses if use.version is None})
        return names[:NAMED], max(len(names) - NAMED, 0)

    @property
    def pinned(self) -> list[str]:
        """Other services that stay with a version."""
        return sorted({use.service for use in self.uses if use.version is not None})[:NAMED]

    def refuse(self, error: TopstitchError) -> None:
        """What saving said against it."""
        refuse(self, error)

    def apply(self) -> Spec:
        """With the script, or without any."""
        name = self.cleaned_data["script"]
        given = {
            key.removeprefix(VARIABLE): value
            for key, value in self.cleaned_data.items()
            if key.startswith(VARIABLE) and value != ""
        }
        version = self.cleaned_data["version"]
        use = (
            ScriptUse(name=name, version=None if version == LATEST else int(version), variables=given) if name else None
        )
        return self.spec.model_copy(update={"script": use})


def _of_use(use: ScriptUse) -> dict[str, str]:
    variables = {f"{VARIABLE}{name}": value for name, value in use.variables.items()}
    return {"script": use.name, "version": str(use.version or LATEST), **variables}


def _variable(declared: Mapping[str, str]) -> forms.Field:
    usual = declared.get("default", "")
    help_text = f"{declared.get('help', '')} Usual: {usual or 'nothing'}.".strip()
    text = forms.TextInput({"placeholder": usual})
    field: forms.Field = forms.CharField(
        label=declared["name"], help_text=help_text, required=False, max_length=10_000, strip=False, widget=text
    )
    return field


def _told(version: ScriptVersion) -> str:
    note = f": {version.note}" if version.note else ""
    return f"Version {version.number}, {version.at:%-d %b %Y}{note}"[:120]
