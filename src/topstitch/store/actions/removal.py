"""Removing a service: it is gone for people at once, its report stays for as long as reports are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.actions.runs import stop_run
from topstitch.store.housekeeping import delete_some
from topstitch.store.models import Connector, ErrorDay, ErrorGroup, Item, Run, RunPage, SequenceNumber, Service
from topstitch.store.models.run import ENDED
from topstitch.store.turns import take_turn

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def remove_service(service: Service, *, typed: str, person: User | None = None) -> None:
    """Remove a service, once its name has been typed: it is switched off, its runs are stopped, its name is free again.

    Raises ConfigError for a person who may not, or another name.
    """
    require(person, service.group.company, "services.delete")
    if typed.strip() != service.name:
        raise ConfigError("that is not its name", key="typed", hint=f"Type {service.name} to remove it.")
    take_away(service, person)


def take_away(service: Service, person: User | None) -> None:
    """What is done with a service that is removed, in the caller's transaction; whether the person may has been asked."""
    take_turn(service.pk)
    # Runs before their service, as a run that ends meanwhile writes them too.
    for run in Run.objects.filter(service=service).exclude(status__in=ENDED).select_related("service__group__company"):
        stop_run(run, person=person)
    service = Service.objects.select_for_update().get(pk=service.pk)
    before = {"active": service.active, "revision": service.revision.number if service.revision else None}
    service.active, service.next_due, service.removed_at = False, None, timezone.now()
    service.save(update_fields=["active", "next_due", "removed_at"])
    company = service.group.company
    audit("delete", "service", service.pk, service.name, company=company, person=person, before=before)


def forget_removed(days: int) -> bool:
    """Delete some of what is left of services that were removed so long ago that nothing of their report is kept, and of
    connectors that only they named; whether there may be more."""
    over = Service.everything.filter(removed_at__lt=timezone.now() - timedelta(days=days))
    service = over.exclude(runs__in=Run.objects.exclude(status__in=ENDED)).order_by("removed_at").first()
    if service is not None:
        _forget_some(service)
        return True
    return delete_some(Connector.everything.exclude(removed_at=None).exclude(pk__in=_ends()))


def _ends() -> set[int]:
    return {pk for pair in Service.everything.values_list("source_id", "destination_id") for pk in pair}


@transaction.atomic
def _forget_some(service: Service) -> None:
    """What there may be much of goes first, in parts; the service itself, by which it is found again, with the last one."""
    many = (
        Item.objects.filter(service=service),
        SequenceNumber.objects.filter(service=service),
        ErrorDay.objects.filter(group__service=service),
        ErrorGroup.objects.filter(service=service),
        RunPage.objects.filter(run__service=service),
        Run.objects.filter(service=service),
    )
    if any(delete_some(rows) for rows in many):
        return
    # The service and its present revision point at each other.
    service.revision = None
    service.save(update_fields=["revision"])
    service.delete()
