"""A service's mapping as a whole: written out, taken in, generated anew. Every change is a new revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from topstitch.engine.mapping.document import Document, End
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.engine.proposals.generate import Generated, regenerated
from topstitch.engine.spec import MappingRow
from topstitch.engine.spec import Service as Spec
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.fields import Field
from topstitch.store.actions.services import change_service, spec_of
from topstitch.store.models import Service

if TYPE_CHECKING:
    from topstitch.accounts.models import User


def mapping_document(service: Service) -> Document:
    """The mapping of a service's current revision."""
    return mapping_of(service, spec_of(service).mapping)


def mapping_of(service: Service, rows: Sequence[MappingRow]) -> Document:
    """Rows for a service as a document."""
    return Document(*_ends(service), tuple(rows))


def destination_fields(service: Service) -> tuple[Field, ...]:
    """The field list that a service's mapping fills."""
    return CATALOGUE.get(service.destination.system).fields(service.destination_entity)


def strangeness(service: Service, document: Document) -> list[str]:
    """In what a document is of something else than the service, in sentences; none when it fits."""
    pairs = zip(("source", "destination"), _ends(service), (document.source, document.destination), strict=True)
    return [
        f"the mapping's {side} is {theirs}, the service's {ours}: check the {side} fields of its rows"
        for side, ours, theirs in pairs
        if ours != theirs
    ]


def save_mapping(
    service: Service,
    rows: Sequence[MappingRow],
    *,
    note: str,
    base: int | None = None,
    person: User | None = None,
    force: bool = False,
) -> Service:
    """Give a service these rows in place of its own, as a new revision. Raises as `change_service` does."""
    spec: Spec = spec_of(service).model_copy(update={"mapping": list(rows)})
    return change_service(service, spec, base=base, note=note, person=person, force=force)


def generated_mapping(
    service: Service, *, keep_changes: bool, present: Sequence[MappingRow] | None = None
) -> Generated:
    """What generating the mapping of a service anew would give; nothing is changed. `present`: rows not saved yet."""
    present = spec_of(service).mapping if present is None else present
    source = CATALOGUE.get(service.source.system)
    destination = CATALOGUE.get(service.destination.system)
    kind = destination.entity(service.destination_entity).taxonomy
    default = default_mapping(
        source.fields(service.source_entity), destination.fields(service.destination_entity), kind
    )
    known = {row["to"] for spec in service.revisions.values_list("spec", flat=True) for row in spec.get("mapping", ())}
    return regenerated(present, default, keep_changes=keep_changes, known=known)


def _ends(service: Service) -> tuple[End, End]:
    return (
        End(system=service.source.system, entity=service.source_entity),
        End(system=service.destination.system, entity=service.destination_entity),
    )
