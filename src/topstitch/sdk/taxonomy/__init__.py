"""The taxonomy: our neutral dictionary of retail records, one file an entity.

A field's tag is its path in the neutral record, so two systems' fields with the same tag mean the same thing, and the
join of two field lists on their tags is a mapping. `alike` names tags that may stand in when the exact one is absent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.sdk.fields import TYPES

HOME = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Term:
    """One field of a neutral record."""

    tag: str
    type: str
    label: str
    category: str
    help: str = ""
    #: Tags to take instead, in order, when the source lacks this one.
    alike: tuple[str, ...] = ()
    #: Of an enum, the neutral values that the choices of systems may mean.
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """One neutral entity: its terms, and how services treat it unless told otherwise."""

    entity: str
    label: str
    #: create_only or create_and_update
    mode: str
    terms: Mapping[str, Term]


@cache
def taxonomy(entity: str) -> Taxonomy:
    """The neutral entity of this name; raises ConfigError naming those that exist."""
    path = HOME / f"{entity}.toml"
    if not path.exists() or "/" in entity:
        raise ConfigError(f"there is no neutral entity {entity!r}; there are {', '.join(entities())}", key="taxonomy")
    data = tomllib.loads(path.read_text("utf-8"))
    terms: dict[str, Term] = {}
    for category, lines in data["fields"].items():
        for tag, line in lines.items():
            if line["type"] not in TYPES:
                raise ConfigError(f"{tag}: unknown type {line['type']!r}", place=path.name)
            alike, choices = tuple(line.get("alike", ())), tuple(line.get("choices", ()))
            terms[tag] = Term(tag, line["type"], line["label"], category, line.get("help", ""), alike, choices)
    return Taxonomy(entity, data["label"], data["mode"], terms)


@cache
def entities() -> tuple[str, ...]:
    """Names of all neutral entities."""
    return tuple(sorted(path.stem for path in HOME.glob("*.toml")))
