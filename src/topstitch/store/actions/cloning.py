"""Making a service like another: under a new name, perhaps in another group, perhaps between other connectors of its systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from topstitch.engine.renaming import between_others
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.drafts import begins_now, new_name
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.copies import copy_along
from topstitch.store.models import CompanyGroup, Connector, Service
from topstitch.store.queries.references import strange_in

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def clone_service(
    service: Service,
    group: CompanyGroup,
    name: str,
    source: Connector,
    destination: Connector,
    *,
    from_now: bool = False,
    person: User | None = None,
) -> Service:
    """A service with the same configuration and alerts, switched off. Not copied: history, what it remembers, notes, webhooks.

    `from_now`: what is at the source already is left alone. Raises ConfigError for a name that is taken, connectors of other
    systems, and what the configuration names that the group does not have.
    """
    name = new_name(group, name)
    _check_ends(service, group, source, destination)
    spec = cloned_spec(service, source, destination)
    _check_references(spec, service, group)
    number = service.revision.number if service.revision else 0
    note = f"Copied from {service.name} (#{service.pk}), revision {number}"[:500]
    made = save_service(group, name, spec, active=False, type=service.type, note=note, person=person)
    copy_along(service, made, person)
    if from_now and begins_now(source.system, spec):
        made.watermark = timezone.now()
        made.save(update_fields=["watermark"])
    return made


def cloned_spec(service: Service, source: Connector, destination: Connector) -> Spec:
    """The configuration that the clone would have."""
    return between_others(spec_of(service), source.name, destination.name)


def _check_ends(service: Service, group: CompanyGroup, source: Connector, destination: Connector) -> None:
    if group.company_id != service.group.company_id:
        raise ConfigError("a service is only copied within its company", key="company")
    for wanted, present in ((source, service.source), (destination, service.destination)):
        if wanted.system != present.system:
            hint = "Choose one of the same system, or add another service."
            raise ConfigError(f"{wanted.name} is a connector of another system", key="system", hint=hint)
        if wanted.group_id != group.pk:
            hint = "Choose one of its own."
            raise ConfigError(f"{wanted.name} is not a connector of the group {group.name}", key="group", hint=hint)


def _check_references(spec: Spec, service: Service, group: CompanyGroup) -> None:
    lacking = [f"the {each.kind} {each.name!r}" for each in strange_in(spec, service.group, group) if not each.other]
    if lacking:
        raise ConfigError(
            f"{group.name} does not have {', '.join(lacking)}, which the mapping uses",
            key="references",
            hint=f"Make them in {group.name} first, or copy the service within {service.group.name}.",
        )
