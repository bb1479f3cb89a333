"""Source and destination as forms: which system each is, how records are pulled, how they are pushed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import QueryDict

from topstitch.engine.spec import Destination, Source
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import Entity, Idempotency
from topstitch.sdk.taxonomy import entities, taxonomy
from topstitch.store.models import Service
from topstitch.values.paths import parse
from topstitch.web.components.trouble import refuse, wrong_from
from topstitch.web.components.widgets import Switch
from topstitch.web.components.words import entity_name
from topstitch.web.components.zones import ZoneField
from topstitch.web.service_forms.ends_options import OptionsForm

E = TypeVar("E", Source, Destination)

PULLS = (
    ("managed", "What changed since the last run"),
    ("all", "Everything that the filters let through, every time"),
)
#: The mode that is not chosen.
USUAL = "usual"
MODES = {"create_only": "new records only", "create_and_update": "new and changed records"}
UNCERTAIN = (
    ("ask", "A person looks and decides"),
    ("send_again", "It is sent again, at the risk of a second one"),
)
#: Destinations that tell by themselves whether they have a record already.
SETTLES = {
    Idempotency.NATURAL_KEY: "knows a record again by its own number",
    Idempotency.HEADER: "knows a request again that it was sent before",
    Idempotency.LOOKUP: "can be asked whether it has a record",
}


class EndForm(forms.Form):
    """What source and destination have in common; a PartForm."""

    name: ClassVar[str]
    template: ClassVar[str]
    side: ClassVar[str]
    #: Fields that are asked for only behind a fold.
    seldom: ClassVar[tuple[str, ...]]

    zone = ZoneField(help_text="Of times that are written without one, and of filters by day. Usual: UTC.")

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        self.spec = spec
        self.end: Any = getattr(spec, self.side)
        self.connector = getattr(service, self.side)
        self.entity = _entity(self.connector.system, self.end.entity)
        super().__init__(data, prefix=self.side, initial=self.end.model_dump(include=set(self.base_fields)))
        self.options = OptionsForm(self.declared, self.end.options, data, prefix=f"{self.side}-option")

    @property
    def declared(self) -> Any:
        """The options of the entity."""
        raise NotImplementedError

    @property
    def pressed(self) -> bool:
        """It has no buttons of its own."""
        return False

    @property
    def goes_live(self) -> bool:
        """Whether there is a word to say about how the service becomes a live one."""
        return str(self.connector.environment) != "live"

    @property
    def seldom_fields(self) -> list[forms.BoundField]:
        """Those behind the fold."""
        return [self[name] for name in self.seldom if name in self.fields]

    @property
    def unfolded(self) -> bool:
        """Whether one of them holds something, or is wrong."""
        return any(bound.errors or bound.value() not in (None, "") for bound in self.seldom_fields)

    def is_valid(self) -> bool:
        """Both the fields and the options."""
        own, options = super().is_valid(), self.options.is_valid()
        return own and options

    def refuse(self, error: TopstitchError) -> None:
        """What saving said against it."""
        refuse(self, error)

    def apply(self) -> Spec:
        """The service with this end as filled in."""
        given = {name: self.cleaned_data[name] for name in self.fields}
        given = {**self.end.model_dump(), **self.taken(given), "options": self.options.chosen()}
        return self.spec.model_copy(update={self.side: type(self.end).model_validate(given)})

    def taken(self, given: dict[str, Any]) -> dict[str, Any]:
        """The values as the configuration has them."""
        return given


class SourceForm(EndForm):
    """How records are pulled."""

    name = "Source"
    template = "service_forms/_source.html"
    side = "source"
    seldom = ("page_size", "overlap", "key", "reference")

    cursor = forms.ChoiceField(label="Each run pulls", choices=PULLS, widget=forms.RadioSelect)
    catch_up = forms.BooleanField(
        label="Make up for late and missed runs",
        help_text="A filter such as “in the last 10 minutes” then reaches back to the last complete run. Usual: on.",
        widget=Switch,
        required=False,
    )
    max_attempts = forms.IntegerField(
        label="Maximum attempts",
        help_text="How often a record that fails or stays pending is tried; an outage uses up no attempts. Usual: 4.",
        min_value=1,
        max_value=100,
    )
    page_size = forms.IntegerField(label="Page size", min_value=1, max_value=10_000, required=False)
    overlap = forms.FloatField(label="Seconds to look back", min_value=0, max_value=31_536_000, required=False)
    key = forms.CharField(label="Path of the source id", max_length=1024, required=False)
    reference = forms.CharField(label="Path of the reference", max_length=1024, required=False)

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        super().__init__(service, spec, data)
        read = self.entity.read if self.entity else None
        self.can_tell_changes = read is None or read.since
        if not self.can_tell_changes:
            del self.fields["cursor"], self.fields["overlap"]
        else:
            self.fields["overlap"].when = {"cursor": ["managed"]}  # type: ignore[attr-defined]  # read by components.fields
        for name, words in self._helps().items():
            if name in self.fields:
                self.fields[name].help_text = words

    @property
    def declared(self) -> Any:
        """The options for reading."""
        return self.entity.read.options if self.entity and self.entity.read else ()

    def _helps(self) -> Mapping[str, str]:
        """Help that names what is usual for this entity."""
        read = self.entity.read if self.entity else None
        size = f"Usual: {read.page_size:,}, at most {read.max_page_size:,}." if read else ""
        back = f"Usual: {read.overlap:g}." if read else ""
        key = self.entity.key if self.entity and isinstance(self.entity.key, str) else "what the system calls its id"
        reference = (self.entity.reference if self.entity else "") or key
        return {
            "page_size": f"Records asked for at once. Leave it empty unless the source’s paging asks for another. {size}",
            "overlap": f"Behind the last change seen, for clocks that differ. {back}",
            "key": "What each record is remembered by. With another path every record looks new and may be sent twice. "
            f"Usual: {key}.",
            "reference": f"What people know the record by: an order number, a SKU. Usual: {reference}.",
        }

    def clean_key(self) -> str:
        """A path that can be read."""
        return self._path("key")

    def clean_reference(self) -> str:
        """A path that can be read."""
        return self._path("reference")

    def _path(self, name: str) -> str:
        text = str(self.cleaned_data[name])
        try:
            if text:
                parse(text)
        except ConfigError as error:
            raise wrong_from(error) from error
        return text

    def taken(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is not asked for while everything is pulled stays as it was."""
        if given.get("cursor") == "all":
            given.pop("overlap")
        return given


class DestinationForm(EndForm):
    """How records are pushed."""

    name = "Destination"
    template = "service_forms/_destination.html"
    side = "destination"
    seldom = ("batch", "concurrency")

    mode = forms.ChoiceField(label="What is written", widget=forms.RadioSelect)
    uncertain = forms.ChoiceField(
        label="When the answer to a record is lost", choices=UNCERTAIN, widget=forms.RadioSelect
    )
    batch = forms.IntegerField(label="Records in one call", min_value=1, max_value=10_000, required=False)
    concurrency = forms.IntegerField(label="Calls at the same time", min_value=1, max_value=64, required=False)

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        super().__init__(service, spec, data)
        mode, write = self.fields["mode"], self.entity.write if self.entity else None
        assert isinstance(mode, forms.ChoiceField)
        mode.choices = self._modes()
        self.initial["mode"] = self.end.mode or USUAL
        self.fields["uncertain"].help_text = self._uncertain()
        if write:
            self.fields["batch"].help_text = f"Usual: {write.batch:,}, which is also the most."
            self.fields["concurrency"].help_text = f"Usual: {write.concurrency}, within the limits of the connector."

    @property
    def declared(self) -> Any:
        """The options for writing."""
        return self.entity.write.options if self.entity and self.entity.write else ()

    def _modes(self) -> list[tuple[str, str]]:
        usual = MODES.get(usual_mode(self.entity), "")
        what = entity_name(self.end.entity)
        first = f"As is usual for {what}: {usual}" if usual else f"As is usual for {what}"
        return [(USUAL, first), *((name, words.capitalize()) for name, words in MODES.items())]

    def _uncertain(self) -> str:
        """How likely it is that anybody is asked."""
        write = self.entity.write if self.entity else None
        if write is None:
            return ""
        if knows := SETTLES.get(write.idempotency):
            return f"This destination {knows}, so this seldom arises."
        return "This destination cannot tell whether a record arrived."

    def taken(self, given: dict[str, Any]) -> dict[str, Any]:
        """The usual mode is none."""
        return {**given, "mode": None if given["mode"] == USUAL else given["mode"]}


def usual_mode(entity: Entity | None) -> str:
    """What is written of an entity unless a service says otherwise; "" when nobody knows."""
    if entity is None:
        return ""
    known = taxonomy(entity.taxonomy).mode if entity.taxonomy in entities() else "create_and_update"
    return entity.mode or known


def _entity(system: str, name: str) -> Entity | None:
    """The entity at an end; None where the system is not installed or has none of this name."""
    try:
        return CATALOGUE.get(system).entity(name)
    except TopstitchError:
        return None
