"""From where to where a service goes, and of what kind its records are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import Entity
from topstitch.store.queries.scope import Scope

#: Kinds whose records are about the same thing when they are called alike.
FAMILIES = (
    frozenset(("orders", "fulfilments", "refunds", "returns")),
    frozenset(("purchase_orders",)),
    frozenset(("products", "variants", "stock", "prices")),
    frozenset(("customers",)),
)


@dataclass(frozen=True, slots=True)
class Way:
    """A service, in what a story needs of it. `source` and `destination` are names of systems, ids those of connectors."""

    service_id: int
    name: str
    active: bool
    #: Neutral names of what it pulls and of what it makes.
    kind: str
    made_kind: str
    source_id: int
    source_slug: str
    source: str
    destination_id: int
    destination_slug: str
    destination: str
    #: It was removed; what it did is still known.
    removed: bool = False


def family(kind: str) -> frozenset[str]:
    """The kinds that belong together with this one; at least itself."""
    return next((kinds for kinds in FAMILIES if kind in kinds), frozenset((kind,)))


def ways(scope: Scope) -> dict[int, Way]:
    """The services of a company, by id, with the removed ones."""
    rows = scope.recorded_services().values_list(
        *("pk", "name", "active", "source_entity", "source_id", "source__system"),
        *("destination_entity", "destination_id", "destination__system", "removed_at"),
    )
    return {
        pk: Way(
            *(pk, name, active, kind_of(source, entity), kind_of(destination, made)),
            *(source_id, source, system_name(source)),
            *(destination_id, destination, system_name(destination)),
            removed=removed is not None,
        )
        for pk, name, active, entity, source_id, source, made, destination_id, destination, removed in rows
    }


@lru_cache(maxsize=1024)
def kind_of(system: str, entity: str) -> str:
    """The neutral name of a system's entity; its own name where the system is not installed."""
    found = next((e for e in entities_of(system) if e.name == entity), None)
    return found.taxonomy if found else entity


@lru_cache(maxsize=256)
def entities_of(system: str) -> tuple[Entity, ...]:
    """What a system has; nothing where it is not installed."""
    try:
        return tuple(CATALOGUE.get(system).system.entities)
    except TopstitchError:
        return ()


@lru_cache(maxsize=256)
def system_name(system: str) -> str:
    """What people call it."""
    try:
        return CATALOGUE.get(system).name
    except TopstitchError:
        return system


def reads(system: str, kind: str) -> bool:
    """Whether records of this kind can be read from a system."""
    return any(entity.taxonomy == kind and entity.read is not None for entity in entities_of(system))


def writes(system: str, kind: str) -> bool:
    """Whether records of this kind can be written to a system."""
    return any(entity.taxonomy == kind and entity.write is not None for entity in entities_of(system))
