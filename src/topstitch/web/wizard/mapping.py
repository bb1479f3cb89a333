"""The step of the mapping: what the rows fill, what they leave, and rows for required fields out of suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topstitch.engine.proposals.coverage import Left, fields_covered
from topstitch.engine.proposals.defaults import unmapped_required
from topstitch.engine.proposals.suggest import Suggestion, suggest
from topstitch.engine.spec import MappingRow, SourceField
from topstitch.engine.spec import Service as Spec
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.fields import Field
from topstitch.store.models import Service
from topstitch.web.mapper.fields import any_value
from topstitch.web.services.mapping import Group, mapping_groups

#: Of these a constant stays the text that was typed, whatever it looks like.
TEXTS = ("text", "id", "enum", "email", "phone", "url", "country", "currency", "language", "datetime", "date")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A required field without a row. `number` names the fields of its form."""

    number: int
    field: Field
    suggestions: Sequence[Suggestion]


@dataclass(frozen=True, slots=True)
class Covered:
    """The mapping of a service that is being made."""

    filled: int
    total: int
    required: int
    lacking: Sequence[Lacking]
    groups: Sequence[Group]
    #: Fields that stay empty, and why.
    left: Sequence[Left]

    @property
    def words(self) -> str:
        """How many fields are filled."""
        return f"{self.filled} of {self.total} fields"


def covered(service: Service, spec: Spec) -> Covered:
    """What its rows fill of the destination's fields."""
    source, destination = CATALOGUE.get(service.source.system), CATALOGUE.get(service.destination.system)
    have, wanted = source.fields(service.source_entity), destination.fields(service.destination_entity)
    write = destination.entity(service.destination_entity)
    labels = {option.name: option.label for option in (write.write.options if write.write else ())}
    filled, left = fields_covered(have, wanted, spec.mapping, write.taxonomy, labels)
    return Covered(
        filled=len(filled),
        total=len(filled) + len(left),
        required=sum(field.required for field in wanted if field.writable),
        lacking=lacking(service, spec),
        groups=mapping_groups(spec.mapping),
        left=[each for each in left if not each.field.required],
    )


def lacking(service: Service, spec: Spec) -> list[Lacking]:
    """The required fields that no row fills, each with what it may be filled from."""
    source, destination = CATALOGUE.get(service.source.system), CATALOGUE.get(service.destination.system)
    fields = unmapped_required(destination.fields(service.destination_entity), spec.mapping)
    samples = source.samples(service.source_entity)
    found = {field.path: best for field, best in suggest(source.fields(service.source_entity), fields, samples)}
    return [Lacking(number, field, found.get(field.path, ())) for number, field in enumerate(fields)]


def rows_taken(wanted: Sequence[Lacking], given: Mapping[str, str]) -> list[MappingRow]:
    """Rows for the fields of which a person chose a source or typed a constant; a constant wins."""
    return [row for each in wanted if (row := _row(each, given))]


def _row(lacking: Lacking, given: Mapping[str, str]) -> MappingRow | None:
    """The form names the field too: what was shown may have been filled by somebody else meanwhile."""
    field, number = (
        lacking.field,
        next((n for n in given if n.startswith("to_") and given[n] == lacking.field.path), ""),
    )
    number = number.removeprefix("to_")
    typed, taken = given.get(f"constant_{number}", "").strip(), given.get(f"take_{number}", "")
    common = {"to": field.path, "name": field.label, "category": field.category, "required": True}
    if typed:
        value = typed if field.type in TEXTS else any_value(typed)
        return MappingRow(**common, value=value, locked="destination")
    chosen = next((each.field for each in lacking.suggestions if each.field.path == taken), None)
    if chosen is None:
        return None
    return MappingRow(**common, sources=[SourceField(path=chosen.path, name=chosen.label)], locked="destination")
