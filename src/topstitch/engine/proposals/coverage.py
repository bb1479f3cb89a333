"""What a default mapping fills of a destination's fields, and of each that it leaves to a person the reason why.

Reasons come from the two field lists: no pair of systems has words of its own here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from topstitch.engine.proposals.convert import counts_minor_units
from topstitch.engine.proposals.defaults import (
    by_tag,
    candidates,
    default_mapping,
    fillable,
    is_filled,
    names_another,
    unmapped_required,
)
from topstitch.engine.spec import MappingRow
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity
from topstitch.sdk.taxonomy import Term, entities, taxonomy


class Why(StrEnum):
    """The kinds of reasons."""

    #: The source has nothing that means it.
    NO_MEANING = "no_meaning"
    #: The source takes it but does not give it.
    WRITE_ONLY = "write_only"
    #: The source has a value for each of many, the destination takes one.
    MANY_VALUES = "many_values"
    #: The rows of this list have nothing to go through.
    NO_LIST = "no_list"
    #: What the source has is its own id of another record.
    OTHER_ID = "other_id"
    #: What words of the one system mean in the other is not known.
    WORDS = "words"
    #: An amount in minor units without its currency.
    NO_CURRENCY = "no_currency"
    #: An option of the destination says it for all records.
    OPTION = "option"
    #: Only a person can choose, among words that the destination knows.
    CHOICE = "choice"
    #: It is peculiar to the destination: our dictionary has no word for it.
    PECULIAR = "peculiar"


@dataclass(frozen=True, slots=True)
class Left:
    """A field that is left to a person."""

    field: Field
    why: Why
    #: In a sentence.
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """One default mapping from the point of view of its destination."""

    entity: str
    source: str
    destination: str
    filled: tuple[Field, ...]
    left: tuple[Left, ...]

    @property
    def required_filled(self) -> tuple[Field, ...]:
        """Fields that the destination refuses a record without, and that are filled."""
        return tuple(field for field in self.filled if field.required)

    @property
    def required_left(self) -> tuple[Left, ...]:
        """Those that a person must fill before the service can do anything."""
        return tuple(left for left in self.left if left.field.required)

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        left = [
            {
                "path": each.field.path,
                "label": each.field.label,
                "required": each.field.required,
                "why": str(each.why),
                "reason": each.reason,
            }
            for each in self.left
        ]
        return {
            "entity": self.entity,
            "source": self.source,
            "destination": self.destination,
            "writable": len(self.filled) + len(self.left),
            "filled": [field.path for field in self.filled],
            "required": [f.path for f in (*self.required_filled, *(each.field for each in self.required_left))],
            "required_left": [each.field.path for each in self.required_left],
            "left": left,
        }


def coverage(sources: Sequence[Entry], destinations: Sequence[Entry], entity: str = "") -> Iterator[Coverage]:
    """Every readable entity of the sources with every writable one of other systems that means the same."""
    for source in sources:
        for read in source.system.entities:
            if read.read is None or read.taxonomy not in entities() or entity not in ("", read.taxonomy, read.name):
                continue
            for destination in destinations:
                for write in destination.system.entities:
                    if destination.slug != source.slug and write.write and write.taxonomy == read.taxonomy:
                        yield pair_coverage(source, read, destination, write)


def pair_coverage(source: Entry, read: Entity, destination: Entry, write: Entity) -> Coverage:
    """The coverage of one entity of a system by one of another."""
    have, wanted = source.fields(read.name), destination.fields(write.name)
    rows = default_mapping(have, wanted, write.taxonomy)
    ends = (f"{source.slug}/{read.name}", f"{destination.slug}/{write.name}")
    labels = {option.name: option.label for option in (write.write.options if write.write else ())}
    filled, left = fields_covered(have, wanted, rows, write.taxonomy, labels)
    return Coverage(write.taxonomy, *ends, filled, left)


def fields_covered(
    source: Sequence[Field],
    destination: Sequence[Field],
    rows: Sequence[MappingRow],
    entity: str,
    options: Mapping[str, str] | None = None,
) -> tuple[tuple[Field, ...], tuple[Left, ...]]:
    """(fields that the rows fill, fields that they leave and why). `options` are labels of the destination's options."""
    terms = taxonomy(entity).terms if entity in entities() else {}
    paths = {row.to for row in rows if row.enabled}
    # A required list has no row of its own: it is filled by the rows of what is in it, and left when there are none.
    lists = {field.path for field in unmapped_required(destination, rows)}
    lists |= {field.path for field in destination if field.required and is_filled(field, paths)}
    fields = [field for field in destination if fillable(field) or (field.writable and field.path in lists)]
    filled = tuple(field for field in fields if is_filled(field, paths))
    left = tuple(
        Left(field, *_why(field, source, terms, options or {})) for field in fields if not is_filled(field, paths)
    )
    return filled, left


def _why(
    field: Field, source: Sequence[Field], terms: Mapping[str, Term], options: Mapping[str, str]
) -> tuple[Why, str]:
    if field.option:
        name = options.get(field.option, field.option)
        return Why.OPTION, f"the option {name!r} ({field.option}) says it where no row does"
    if not field.tag:
        return _peculiar(field)
    have = by_tag(source)
    term = terms.get(field.tag)
    meaning = f"{(term.label if term else field.label)!r}"
    for tag in candidates(field, terms):
        if found := have.get(tag):
            return _unfit(found, tag, field, have, meaning)
    if any(each.tag == field.tag for each in source):
        return Why.WRITE_ONLY, f"the source takes {meaning} but does not give it"
    if (reason := _without_list(field, have, terms)) is not None:
        return Why.NO_LIST, reason
    if field.choices:
        return Why.CHOICE, f"the source has no {meaning}; a constant: {_listed(field.choices)}"
    return Why.NO_MEANING, f"the source has no {meaning}"


def _peculiar(field: Field) -> tuple[Why, str]:
    if field.choices:
        return Why.CHOICE, f"peculiar to the destination; a constant: {_listed(field.choices)}"
    if field.type == "boolean":
        return Why.CHOICE, "peculiar to the destination; a constant, yes or no"
    return Why.PECULIAR, "peculiar to the destination: no neutral word for it"


def _unfit(found: Field, tag: str, field: Field, have: Mapping[str, Field], meaning: str) -> tuple[Why, str]:
    """Why a field that means the same is not taken."""
    if names_another(tag, found, field):
        return Why.OTHER_ID, f"{found.path} is the source's own id: a lookup in the destination is needed"
    if counts_minor_units(found, field):
        return Why.NO_CURRENCY, f"{found.path} and this count in different units, and the source names no currency"
    if "enum" in (found.type, field.type):
        to = f" ({_listed(field.choices)})" if field.choices else ""
        known = f" ({_listed(found.choices)})" if found.choices else ""
        return (
            Why.WORDS,
            f"which word of {found.path}{known} means which of the destination's{to} is for a person to say",
        )
    if "[*]" in field.path and "[*]" not in found.path:
        return Why.NO_LIST, f"the source has {meaning} once ({found.path}), not in a list"
    return Why.MANY_VALUES, f"{found.path} has many values, and this takes one"


def _without_list(field: Field, have: Mapping[str, Field], terms: Mapping[str, Term]) -> str | None:
    if "[*]" not in field.tag:
        return None
    of = field.tag[: field.tag.rindex("[*]") + 3]
    if any(tag.startswith(of) for tag in have):
        return None
    return f"the source has no list of {terms[of].label.lower() if of in terms else of}"


def _listed(choices: Sequence[str]) -> str:
    shown = ", ".join(choices[:_SHOWN])
    return shown if len(choices) <= _SHOWN else f"{shown}... ({len(choices)})"


_SHOWN = 8
