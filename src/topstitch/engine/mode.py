"""Whether a service only creates records, or updates them too."""

from __future__ import annotations

from topstitch.engine.spec import Destination
from topstitch.sdk.model import Entity
from topstitch.sdk.taxonomy import entities, taxonomy


def creates_only(destination: Destination, entity: Entity) -> bool:
    """Whether what was done once is left alone: the service's choice, else the entity's, else the taxonomy's."""
    mode = destination.mode or entity.mode
    if not mode and entity.taxonomy in entities():
        mode = taxonomy(entity.taxonomy).mode
    return mode == "create_only"
