"""The form of the first step, whose choices depend on what has been chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict

from topstitch.engine.proposals.services import readable, writable
from topstitch.sdk.model import Entity
from topstitch.store.models import Connector
from topstitch.store.models.service import ServiceType
from topstitch.web.components.words import system_name
from topstitch.web.wizard.joining import OTHER, Joining

TYPES = (
    (ServiceType.STANDARD, "Standard: runs often and takes what changed"),
    (ServiceType.SWEEPER, "Sweeper: goes over the last days again, once a night"),
)
Choices = Sequence[tuple[object, object]]


class JoinForm(forms.Form):
    """Group, both connectors, the records, the type and the name."""

    group = forms.ChoiceField(label="Company group", required=False)
    source = forms.ChoiceField(label="From", error_messages={"required": "Choose where records come from."})
    destination = forms.ChoiceField(label="To", error_messages={"required": "Choose where records go."})
    pair = forms.ChoiceField(
        label="Records",
        required=False,
        error_messages={"invalid_choice": "These do not go between the two. Choose which records go across."},
    )
    source_entity = forms.ChoiceField(label="Pull", required=False)
    destination_entity = forms.ChoiceField(label="Push as", required=False)
    type = forms.ChoiceField(label="Type", choices=TYPES, widget=forms.RadioSelect)
    name = forms.CharField(
        label="Name",
        max_length=200,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Give the service a name."},
    )

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
        self._choices("group", [(group.pk, group.name) for group in joining.groups])
        connectors = connector_choices(joining.connectors)
        self._choices("source", [("", "Choose a connector"), *connectors])
        self._choices("destination", [("", "Choose a connector"), *connectors])
        self._choices("pair", [*((pair.value, pair.value) for pair in joining.pairs), (OTHER, OTHER)])
        if joining.ends:
            self._choices("source_entity", _entity_choices(readable(joining.ends[0])))
            self._choices("destination_entity", _entity_choices(writable(joining.ends[1])))

    def _choices(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> None:
        """The records must be chosen, and lead somewhere else."""
        if self.errors:
            return
        joining = self.joining
        if joining.pair is None:
            self.add_error("source_entity" if joining.by_hand else "pair", "Choose which records go across.")
        elif joining.source == joining.destination and joining.pair.source.name == joining.pair.destination.name:
            self.add_error("destination", "This would send records to where they come from. Choose another connector.")


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
