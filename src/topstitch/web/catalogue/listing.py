"""The catalogue as a list: which systems there are, narrowed down by words, category, entity and direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.text import capfirst

from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.model import Entity
from topstitch.store.systems import load_user_systems
from topstitch.web.queries_in import one_of, text

DIRECTIONS = (("read", "read"), ("write", "written"))


@dataclass(frozen=True, slots=True)
class Choice:
    """What the list is narrowed down to; empty means any. `entity` is a neutral one (orders)."""

    text: str = ""
    category: str = ""
    entity: str = ""
    #: read, write; of the entity, or of any.
    direction: str = ""

    @property
    def any(self) -> bool:
        """Whether it narrows anything down."""
        return bool(self.text or self.category or self.entity or self.direction)

    def keeps(self, line: Line) -> bool:
        """Whether a system is shown."""
        haystack = f"{line.entry.name} {line.entry.slug} {line.category} {' '.join(line.labels)}".casefold()
        return (
            all(word in haystack for word in self.text.casefold().split())
            and self.category in ("", line.category)
            and (not (self.entity or self.direction) or any(self._means(e) for e in line.entities))
        )

    def _means(self, entity: Entity) -> bool:
        there = {"read": entity.read, "write": entity.write}
        return self.entity in ("", entity.taxonomy) and (not self.direction or there[self.direction] is not None)


@dataclass(frozen=True, slots=True)
class Line:
    """A system in the list."""

    entry: Entry

    @property
    def category(self) -> str:
        """With a capital, whatever the manifest writes."""
        return category_of(self.entry)

    @property
    def entities(self) -> Sequence[Entity]:
        """All of them."""
        return self.entry.system.entities

    @property
    def labels(self) -> list[str]:
        """What people call them."""
        return [entity.label for entity in self.entities]

    @property
    def reads(self) -> list[str]:
        """Labels of those that can be read."""
        return [entity.label for entity in self.entities if entity.read]

    @property
    def writes(self) -> list[str]:
        """Labels of those that can be written."""
        return [entity.label for entity in self.entities if entity.write]


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole screen."""

    choice: Choice
    lines: Sequence[Line]
    total: int
    categories: Sequence[str]
    #: Names of neutral entities that some system has.
    entities: Sequence[str]


def category_of(entry: Entry) -> str:
    """With a capital, whatever the manifest writes."""
    words = str(entry.manifest["category"])
    return capfirst(words)


def read_choice(query: QueryDict) -> Choice:
    """The choice that an address names."""
    return Choice(
        text=text(query, "q"),
        category=text(query, "category"),
        entity=text(query, "entity"),
        direction=one_of(query, "direction", ("read", "write")),
    )


def listing(choice: Choice) -> Listing:
    """The systems that a choice keeps, by name; those that users made meanwhile too."""
    load_user_systems()
    lines = [Line(entry) for entry in CATALOGUE]
    return Listing(
        choice=choice,
        lines=[line for line in lines if choice.keeps(line)],
        total=len(lines),
        categories=sorted({line.category for line in lines}),
        entities=sorted({entity.taxonomy for line in lines for entity in line.entities}),
    )
