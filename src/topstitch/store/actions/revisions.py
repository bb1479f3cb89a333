"""What a service is called, and going back to an earlier revision of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from pydantic import ValidationError

from topstitch.accounts.standing import require
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.actions.companies import hold_group
from topstitch.store.actions.services import change_service
from topstitch.store.models import Connector, Revision, Service
from topstitch.store.models.service import ServiceType

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def rename_service(
    service: Service, name: str, *, type: str | None = None, was: str = "", person: User | None = None
) -> None:
    """Call a service otherwise, and make it a standard service or a sweeper. `was`: what it was called when it was looked at.

    Raises ConfigError for a person who may not, for a name that is none or that another service of its group has, and when it
    was renamed meanwhile.
    """
    company = service.group.company
    require(person, company, "services.update")
    if type not in (None, service.type):
        require(person, company, "services.edit_json")
    name = name.replace("\x00", "").strip()
    if not name or len(name) > 200:
        raise ConfigError("a service needs a name of at most 200 characters", key="name")
    hold_group(service.group)
    service = Service.objects.select_for_update().get(pk=service.pk)
    if was and service.name not in (was, name):
        hint = "Who called it so stands in the audit log. Save again if it is to have your name."
        raise ConfigError(f"it is called {service.name} by now", key="name", hint=hint)
    taken = Service.objects.filter(group=service.group_id, name=name).exclude(pk=service.pk).first()
    if taken:
        raise ConfigError(
            f"{service.group.name} has a service of this name already: #{taken.pk}",
            key="name",
            hint="Say in the name in what they differ.",
        )
    before, after = _named(service), {"name": name, "type": str(ServiceType(type or service.type))}
    if before != after:
        service.name, service.type = name, after["type"]
        service.save(update_fields=["name", "type"])
        audit("update", "service", service.pk, name, company=company, person=person, before=before, after=after)


def _named(service: Service) -> dict[str, str]:
    return {"name": service.name, "type": str(service.type)}


def restore_revision(
    service: Service, revision: Revision, *, note: str, base: int | None = None, person: User | None = None
) -> Service:
    """Make a new revision of what an earlier one says.

    Raises ConfigError when there is no note, when this version cannot read it, or when something that it names is gone;
    Overtaken as `change_service` does.
    """
    if not note.strip():
        raise ConfigError("say why", key="note", hint="Colleagues read it in the list of revisions.")
    spec = readable(revision)
    _check_connectors(service, revision, spec)
    # Each row was there before and the person has seen what goes: nothing is dropped by oversight.
    return change_service(service, spec, base=base, note=note.strip()[:500], person=person, force=True)


def readable(revision: Revision) -> Spec:
    """The configuration of a revision. Raises ConfigError for one that this version of the product cannot read."""
    try:
        return Spec.model_validate(revision.spec)
    except ValidationError as error:
        raise ConfigError(
            f"revision {revision.number} is of another version of Topstitch and cannot be read",
            key="revision",
            detail=str(error),
            hint="Its JSON can still be looked at.",
        ) from error


def _check_connectors(service: Service, revision: Revision, spec: Spec) -> None:
    wanted = {spec.source.connector, spec.destination.connector}
    there = set(Connector.objects.filter(group=service.group_id, name__in=wanted).values_list("name", flat=True))
    if gone := sorted(wanted - there):
        raise ConfigError(
            f"revision {revision.number} uses the connector {gone[0]!r}, which {service.group.name} does not have any more",
            key="connector",
            hint="Add a connector of this name and try again, or take over by hand what you need of the revision.",
        )
