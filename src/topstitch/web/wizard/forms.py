"""The forms of the first step and of a clone, whose choices depend on what has been chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict

from topstitch.engine.proposals.services import readable, writable
from topstitch.sdk.model import Entity
from topstitch.store.models import CompanyGroup, Connector
from topstitch.store.models.service import ServiceType
from topstitch.web.components.words import system_name
from topstitch.web.wizard.cloning import Cloning
from topstitch.web.wizard.joining import OTHER, Joining

TYPES = (
    (ServiceType.STANDARD, "Standard: runs often and takes what changed"),
    (ServiceType.SWEEPER, "Sweeper: goes over the last days again, once a night"),
)
Choices = Sequence[tuple[object, object]]


class ChosenForm(forms.Form):
    """What both have: a group, connectors of it, and the name of the service."""

    group = forms.ChoiceField(label="Company group", required=False)
    # The page looks again at what depends on these, and leaves them alone meanwhile.
    source = forms.ChoiceField(
        label="From",
        widget=forms.Select({"data-looks": True}),
        error_messages={"required": "Choose where records come from."},
    )
    destination = forms.ChoiceField(
        label="To",
        widget=forms.Select({"data-looks": True}),
        error_messages={"required": "Choose where records go."},
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Give the service a name."},
    )

    def choose(self, name: str, choices: Choices) -> None:
        """What there is to choose from in a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def choose_group(self, groups: Sequence[CompanyGroup]) -> None:
        """Where there is but one there is no choice."""
        if len(groups) > 1:
            self.choose("group", [(group.pk, group.name) for group in groups])
        else:
            del self.fields["group"]


class JoinForm(ChosenForm):
    """Group, both connectors, the records, the type and the name."""

    pair = forms.ChoiceField(
        label="Records",
        required=False,
        error_messages={"invalid_choice": "These do not go between the two. Choose which records go across."},
    )
    source_entity = forms.ChoiceField(label="Pull", required=False, widget=forms.Select({"data-looks": True}))
    destination_entity = forms.ChoiceField(label="Push as", required=False, widget=forms.Select({"data-looks": True}))
    type = forms.ChoiceField(label="Type", choices=TYPES, widget=forms.RadioSelect)

    def __init__(self, joining: Joining, data: QueryDict | None = None) -> None:
        self.joining = joining
        # What a link chose that cannot be chosen has no value here either.
        initial = {
            "group": joining.group and joining.group.pk,
            "source": joining.source and joining.source.pk,
            "destination": joining.destination and joining.destination.pk,
            "source_entity": joining.entities[0],
            "destination_entity": joining.entities[1],
            "type": joining.type,
            "name": joining.name,
        }
        super().__init__(data, initial=initial)
        self.choose_group(joining.groups)
        connectors = connector_choices(joining.connectors)
        self.choose("source", [("", "Choose a connector"), *connectors])
        self.choose("destination", [("", "Choose a connector"), *connectors])
        self.choose("pair", [*((pair.value, pair.value) for pair in joining.pairs), (OTHER, OTHER)])
        if joining.ends:
            self.choose("source_entity", _entity_choices(readable(joining.ends[0])))
            self.choose("destination_entity", _entity_choices(writable(joining.ends[1])))

    def clean_name(self) -> str:
        """A proposed name that was left as it is follows what is chosen, also where the page had not yet shown it."""
        return self.joining.name or str(self.cleaned_data["name"])

    def clean(self) -> None:
        """The records must be chosen, and lead somewhere else."""
        if self.errors:
            return
        joining = self.joining
        if joining.pair is None:
            self.add_error("source_entity" if joining.by_hand else "pair", "Choose which records go across.")
        elif joining.source == joining.destination and joining.pair.source.name == joining.pair.destination.name:
            self.add_error("destination", "This would send records to where they come from. Choose another connector.")


class CloneForm(ChosenForm):
    """Name, group and connectors of the same systems."""

    def __init__(self, cloning: Cloning, data: QueryDict | None = None) -> None:
        initial = {
            "group": cloning.group.pk,
            "source": cloning.source and cloning.source.pk,
            "destination": cloning.destination and cloning.destination.pk,
            "name": cloning.name,
        }
        super().__init__(data, initial=initial)
        self.choose_group(cloning.groups)
        for name, present in (("source", cloning.service.source), ("destination", cloning.service.destination)):
            self.choose(name, connector_choices(c for c in cloning.connectors if c.system == present.system))


def connector_choices(connectors: Iterable[Connector]) -> list[tuple[object, object]]:
    """By environment, each with the name of its system where that is not said already."""
    return [
        (environment, [(each.pk, _connector_words(each)) for each in some])
        for environment, some in groupby(connectors, key=lambda each: each.get_environment_display())
    ]


def _connector_words(connector: Connector) -> str:
    system = system_name(connector.system)
    return connector.name if system.casefold() in connector.name.casefold() else f"{connector.name} ({system})"


def _entity_choices(entities: Iterable[Entity]) -> Choices:
    return [("", "Choose"), *((entity.name, entity.label) for entity in entities)]
