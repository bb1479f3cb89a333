"""Services: saving a revision, switching on and off."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.standing import require
from topstitch.engine.check import check_service
from topstitch.engine.finds import check_finds
from topstitch.engine.mapping.difference import refuse_dropping
from topstitch.engine.mapping.paths import canonical_service
from topstitch.engine.places import Place
from topstitch.engine.schedule import next_slot
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.store.actions.audit import audit
from topstitch.store.actions.companies import hold_group
from topstitch.store.actions.webhooks import ensure_webhook
from topstitch.store.jsonb import check_storable
from topstitch.store.models import CompanyGroup, Connector, Item, Revision, Run, Service
from topstitch.store.models.run import ENDED
from topstitch.store.queries.scripts import check_scripts
from topstitch.store.queries.waiting import any_waits
from topstitch.store.turns import take_turn

if TYPE_CHECKING:
    from topstitch.accounts.models import User


class Overtaken(ConfigError):
    """Somebody has saved a revision, the `latest`, since the one that was edited, number `base`."""

    def __init__(self, base: int, latest: Revision) -> None:
        who = latest.author or "a file or the command line"
        super().__init__(
            f"{who} saved revision {latest.number} after revision {base}, which you edited",
            key="overtaken",
            hint="Look at what changed, and save again if yours is to take its place.",
        )
        self.base, self.latest = base, latest


@transaction.atomic
def save_service(
    group: CompanyGroup,
    name: str,
    spec: Spec,
    *,
    active: bool | None = None,
    type: str | None = None,
    note: str = "",
    person: User | None = None,
) -> Service:
    """Create a service, or give the one of this name a new revision if anything changed: what files say.

    Raises ConfigError naming the connector, entity, row or function that is wrong, or the required or locked row that would
    be gone.
    """
    known = Service.objects.filter(group=group, name=name).first()
    require(person, group.company, "services.update" if known else "services.create")
    hold_group(group)
    checked = checked_spec(group, spec, place=lambda *parts: name)
    if known:
        take_turn(known.pk)
    there = Service.objects.select_for_update().filter(group=group, name=name).first()
    service = there or Service(group=group, name=name)
    service.type = type or service.type
    _keep(service, *checked, note=note, person=person, force=False)
    if active is not None and active != service.active:
        switch_service(service, active, person=person)
    return service


@transaction.atomic
def change_service(
    service: Service,
    spec: Spec,
    *,
    base: int | None = None,
    note: str = "",
    person: User | None = None,
    force: bool = False,
) -> Service:
    """Give a service a new revision if anything changed. `base`: the number of the one that was edited, if it is known.

    Raises ConfigError as `save_service` and for a service that was removed, Overtaken when `base` is not the latest any more;
    `force` lets required and locked rows go.
    """
    require(person, service.group.company, "services.update")
    hold_group(service.group)
    checked = checked_spec(service.group, spec, place=lambda *parts: service.name)
    take_turn(service.pk)
    now = _as_it_is_now(service)
    check_base(now, base)
    _keep(now, *checked, note=note, person=person, force=force)
    return now


def check_base(service: Service, base: int | None) -> None:
    """Raises Overtaken when a revision that was edited is not the latest of its service."""
    latest = service.revision
    if base is not None and latest is not None and base != latest.number:
        raise Overtaken(base, latest)


def _as_it_is_now(service: Service) -> Service:
    """Locked. Raises ConfigError for one that was removed."""
    # Its revision is asked for afterwards: one that was joined would be that of before the wait, or none.
    now = Service.objects.select_for_update(no_key=True).filter(pk=service.pk).first()
    if now is None:
        raise ConfigError("it was removed", place=service.name)
    return now


def _keep(
    service: Service,
    spec: Spec,
    source: Connector,
    destination: Connector,
    *,
    note: str,
    person: User | None,
    force: bool,
) -> None:
    """The configuration as its latest revision, and what follows from it."""
    created = service.pk is None
    if not created:
        _refuse_other_ends(service, source, destination, spec)
        if not force and service.revision and _ends(service) == _ends_of(source, destination, spec):
            refuse_dropping(spec_of(service).mapping, spec.mapping)
    service.source, service.destination = source, destination
    service.source_entity, service.destination_entity = spec.source.entity, spec.destination.entity
    service.save()
    before = service.revision.spec if service.revision else None
    after = spec_json(spec)
    if before != after:
        last = service.revisions.order_by("-number").first()
        number = last.number + 1 if last else 1
        service.revision = Revision.objects.create(service=service, number=number, spec=after, note=note, author=person)
        service.save(update_fields=["revision"])
        verb, company = "create" if created else "update", service.group.company
        audit(verb, "service", service.pk, service.name, company=company, person=person, before=before, after=after)
    if spec.webhook:
        ensure_webhook(service)
    if spec.schedules or not spec.webhook or (before or {}).get("schedules"):
        # What only calls start is due by what it is to try again, which stays.
        plan_next(service, spec)


def checked_spec(group: CompanyGroup, spec: Spec, *, place: Place) -> tuple[Spec, Connector, Connector]:
    """A configuration in its canonical form, with its two connectors.

    Raises ConfigError, placed, naming the connector, entity, option, row, function or script that is wrong.
    """
    check_storable(spec.model_dump(by_alias=True, exclude_defaults=True), place)
    source = _connector(group, spec.source.connector, place("source", "connector"))
    destination = _connector(group, spec.destination.connector, place("destination", "connector"))
    entries = CATALOGUE.get(source.system), CATALOGUE.get(destination.system)
    spec = canonical_service(spec, *entries, place=place)
    check_service(spec, *entries, place=place)

    def system_of(connector: str) -> Entry:
        return CATALOGUE.get(_connector(group, connector, "").system)

    check_finds(spec, system_of, place=lambda row: place("mapping", row))
    check_scripts(spec, group, place=place("script"))
    return spec, source, destination


def spec_json(spec: Spec) -> dict[str, Any]:
    """A configuration as a revision holds it: only what differs from the usual."""
    return spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _refuse_other_ends(service: Service, source: Connector, destination: Connector, spec: Spec) -> None:
    """What a service has done is remembered by its source's ids: with other ends that memory would be wrong."""
    before, after = _ends(service), _ends_of(source, destination, spec)
    if before == after:
        return
    runs = Run.objects.filter(service=service)
    if runs.exclude(status__in=ENDED).exists():
        raise ConfigError(
            "its source and destination cannot be changed while a run of it waits or is under way: that would read from one "
            "source and send to the destination of another",
            place=service.name,
            hint="Wait for the end of the run, or stop it.",
        )
    # What it has read of one source, filtered out or not, says how far it is to look back in that one only.
    read = before[:2] != after[:2] and runs.filter(pulled__gt=0).exclude(options__has_key="dry").exists()
    if read or Item.objects.filter(service=service).exists():
        raise ConfigError(
            f"its source and destination cannot be changed once it has {'read' if read else 'moved'} records: it would skip or "
            "overwrite wrong ones",
            place=service.name,
            hint="Make a new service under another name, and switch this one off.",
        )


def _ends(service: Service) -> tuple[object, ...]:
    return service.source_id, service.source_entity, service.destination_id, service.destination_entity


def _ends_of(source: Connector, destination: Connector, spec: Spec) -> tuple[object, ...]:
    return source.pk, spec.source.entity, destination.pk, spec.destination.entity


def _connector(group: CompanyGroup, name: str, service: str) -> Connector:
    found = Connector.objects.filter(group=group, name=name).first()
    if found is None:
        known = ", ".join(Connector.objects.filter(group=group).values_list("name", flat=True)) or "none yet"
        raise ConfigError(f"there is no connector {name!r} in this group; there are {known}", place=service)
    return found


@transaction.atomic
def switch_service(service: Service, active: bool, *, person: User | None = None) -> None:
    """Switch on or off. Switched on again it does not reach back over the time it was off by relative filters."""
    require(person, service.group.company, "services.switch")
    # As it is now: somebody may have saved another schedule, or removed it, or a run have ended, since it was shown.
    now = _as_it_is_now(service)
    service.revision, service.next_due, service.active = now.revision, now.next_due, active
    if active:
        # Whoever switches it on takes it as made.
        service.covered_at, service.wizard_step = None, None
    service.save(update_fields=["active", "covered_at", "wizard_step"])
    spec = spec_of(service)
    plan_next(service, spec)
    if active and spec.webhook and not spec.schedules and any_waits(service, spec.source.max_attempts):
        # What waited while it was off is tried now: no schedule comes for it.
        service.next_due = timezone.now()
        service.save(update_fields=["next_due"])
    audit(
        "update",
        "service",
        service.pk,
        service.name,
        company=service.group.company,
        person=person,
        before={"active": not active},
        after={"active": active},
    )


def spec_of(service: Service) -> Spec:
    """The configuration of a service's current revision."""
    if service.revision is None:
        raise ConfigError("the service has no configuration yet", place=service.name)
    return Spec.model_validate(service.revision.spec)


def plan_next(service: Service, spec: Spec, after: datetime | None = None) -> None:
    """When the tick is to start the next run; None for an inactive service or one without a schedule."""
    due = next_slot(spec.schedules, after or timezone.now()) if service.active else None
    if due != service.next_due:
        service.next_due = due
        service.save(update_fields=["next_due"])
