"""The choices of the report's filter bar, which reads as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from topstitch.store.models import CompanyGroup
from topstitch.store.queries.errors import CLASSES
from topstitch.store.queries.report import STATUSES, TROUBLE
from topstitch.store.queries.services import Entry
from topstitch.web.components.status import look_of
from topstitch.web.components.words import entity_name
from topstitch.web.reports.asking import Asked


@dataclass(frozen=True, slots=True)
class Select:
    """One choice: the word before it, its name for those who listen, and what it says while anything goes."""

    name: str
    before: str
    label: str
    anything: str
    choices: Sequence[tuple[str, str]]
    value: str = ""


def status_choice(asked: Asked) -> Select:
    """What became of the records."""
    choices = [(TROUBLE, "Not through"), *((name, look_of(name).word) for name in STATUSES)]
    return Select("status", "", "Status", "Any status", choices, asked.status)


def rare_choices(
    asked: Asked, index: Sequence[Entry], names: Mapping[str, str], groups: Sequence[CompanyGroup]
) -> list[Select]:
    """Choices that are seldom made. That of a company group only where there are several."""
    entities = {name for entry in index for name in (entry.source_entity, entry.destination_entity)}
    found = [
        Select("source", "from", "Source system", "any system", list(names.items()), asked.source),
        Select("destination", "to", "Destination system", "any system", list(names.items()), asked.destination),
        Select("entity", "of", "Entity", "any entity", [(e, entity_name(e)) for e in sorted(entities)], asked.entity),
    ]
    if len(groups) > 1:
        chosen = "" if asked.group is None else str(asked.group)
        found.append(Select("group", "in", "Company group", "any group", _groups(groups), chosen))
    classes = [(name, name.capitalize()) for name in CLASSES]
    found.append(Select("class", "because of", "Class of the error", "anything", classes, asked.error_class))
    return found


def _groups(groups: Iterable[CompanyGroup]) -> list[tuple[str, str]]:
    return [(str(group.pk), group.name) for group in groups]
