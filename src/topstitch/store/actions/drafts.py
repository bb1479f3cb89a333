"""Services that are being made: begun by the wizard, carried on with at any time, finished switched on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.companies import hold_group
from topstitch.store.actions.removal import take_away
from topstitch.store.actions.services import save_service, switch_service
from topstitch.store.models import CompanyGroup, Service
from topstitch.store.queries.joining import free_name, name_is_taken
from topstitch.store.turns import take_turn

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def start_service(
    group: CompanyGroup, name: str, spec: Spec, *, type: str, step: str, person: User | None = None
) -> Service:
    """Make a service, inactive, at the wizard's `step`. Raises ConfigError for a name that is taken, and as `save_service`."""
    name = new_name(group, name)
    service = save_service(group, name, spec, active=False, type=type, person=person)
    service.wizard_step = step
    service.save(update_fields=["wizard_step"])
    return service


def new_name(group: CompanyGroup, name: str) -> str:
    """The name, kept free for this transaction. Raises ConfigError when it is taken."""
    name = name.strip()
    hold_group(group)
    if name_is_taken(group, name):
        raise ConfigError(
            f"there is a service {name!r} in {group.name} already",
            key="name_taken",
            hint=f"Call this one {free_name(group, name)!r}, or anything else.",
        )
    return name


def keep_step(service: Service, step: str) -> None:
    """How far the wizard has come with a service that is being made."""
    Service.objects.filter(pk=service.pk, wizard_step__isnull=False).update(wizard_step=step)


@transaction.atomic
def discard_draft(service: Service, *, person: User | None = None) -> None:
    """Remove a service that was never finished. Raises ConfigError for one that is."""
    require(person, service.group.company, "services.create")
    take_turn(service.pk)
    now = Service.objects.filter(pk=service.pk).first()
    if now is None or now.wizard_step is None:
        raise ConfigError(
            f"{service.name} is not being set up any more",
            key="finished",
            hint="A finished service is removed on its tab Settings.",
        )
    take_away(now, person)


def begins_now(system: str, spec: Spec) -> bool:
    """Whether a service can be told to begin with what changes from now on: its source is asked for what changed since."""
    read = CATALOGUE.get(system).entity(spec.source.entity).read
    return read is not None and read.since and spec.source.cursor == "managed"


@transaction.atomic
def finish_service(service: Service, *, on: bool, from_now: bool = False, person: User | None = None) -> None:
    """The wizard has been gone through. `from_now`: what is at the source already is left alone."""
    require(person, service.group.company, "services.create")
    take_turn(service.pk)
    service.wizard_step = None
    if from_now:
        service.watermark = timezone.now()
    service.save(update_fields=["wizard_step", "watermark"])
    if on:
        switch_service(service, True, person=person)
