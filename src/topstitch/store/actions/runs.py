"""Runs: asking for one, its beginning, its end, stopping it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from topstitch.accounts.standing import require
from topstitch.engine.check import check_service
from topstitch.engine.identity import storable
from topstitch.engine.once import once, refuse_fixed
from topstitch.engine.ports import Counts
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.audit import audit
from topstitch.store.actions.figures import run_ended
from topstitch.store.actions.retries import plan_retry
from topstitch.store.actions.services import plan_next, spec_of
from topstitch.store.jsonb import check_storable
from topstitch.store.models import Run, Service
from topstitch.store.models.run import ENDED, RunStatus, Trigger
from topstitch.store.payloads import forget_payloads
from topstitch.store.turns import take_turn, turn_is_free

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: Scheduled runs get their id from service and slot, so that many workers make one run of a slot.
SLOTS = uuid.UUID("6f1f5a3e-6d0c-4f1e-9c52-8c0a7c1d2b11")


@transaction.atomic
def request_run(
    service: Service,
    *,
    trigger: str = Trigger.MANUAL,
    options: Mapping[str, Any] | None = None,
    person: User | None = None,
) -> Run:
    """Ask for a run; a worker takes it up within a second. The run pins the service's present revision."""
    require(person, service.group.company, "services.run")
    run = new_run(service, trigger, options or {}, person)
    audit("run", "service", service.pk, service.name, company=service.group.company, person=person, after=run.options)
    return run


def run_by_hand(service: Service, options: Mapping[str, Any], *, person: User | None = None) -> Run:
    """What the screens' buttons ask for. Raises ConfigError for a service that is switched off, unless it is a dry run."""
    if not service.active and not options.get("dry"):
        raise ConfigError(
            f"{service.name} is switched off, and a service that is switched off does not run",
            key="inactive",
            hint="Switch it on, or try it with a dry run.",
        )
    check_once(service, options)
    return request_run(service, options=options, person=person)


def check_once(service: Service, options: Mapping[str, Any]) -> None:
    """Raise ConfigError for filters and settings of one run that it could not begin with, or that only a dry run may have."""
    check_storable(options, _place)
    own = spec_of(service)
    spec = once(own, options.get("source", {}), options.get("destination", {}))
    if options.get("filters") is not None:
        plain = spec.model_dump(by_alias=True)
        plain["source"]["filters"] = options["filters"]
        try:
            spec = Spec.model_validate(plain)
        except ValidationError as error:
            first = error.errors()[0]
            place = " ".join(str(part) for part in first["loc"][1:])
            raise ConfigError(f"{place}: {first['msg']}", key="filter", place="filters") from error
    source, destination = CATALOGUE.get(service.source.system), CATALOGUE.get(service.destination.system)
    check_service(spec, source, destination, place=_place)
    if spec is not own and not options.get("dry"):
        refuse_fixed(own, spec, source.entity(spec.source.entity), destination.entity(spec.destination.entity))


def _place(*parts: object) -> str:
    return " ".join(str(part + 1) if isinstance(part, int) else str(part) for part in parts)


def new_run(service: Service, trigger: str, options: Mapping[str, Any], person: User | None) -> Run:
    """The row of a run, which is the request; whoever writes it writes the audit event too. Within their transaction."""
    take_turn(service.pk)
    # As it is now: somebody may have removed it, or saved another revision, since it was looked at.
    now = Service.objects.select_related("revision").filter(pk=service.pk).first()
    if now is None:
        raise ConfigError("the service was removed", place=service.name)
    if now.revision is None:
        raise ConfigError("the service has no configuration yet", place=service.name)
    return Run.objects.create(
        service=service,
        revision=now.revision,
        trigger=trigger,
        scheduled_for=timezone.now(),
        options=dict(options),
        person=person,
    )


@transaction.atomic
def run_slot(service: Service, slot: datetime) -> Run | None:
    """The run of a slot of the schedule, and the plan for the next. None when the last one still waits to begin.

    A service that has a queued run already needs no second one: its window reaches back over the slots it missed.
    """
    if not turn_is_free(service.pk):
        # Another worker is about to make it, or somebody changes the service: the next tick looks again.
        return None
    due = Service.objects.select_related("revision").select_for_update(of=("self",), skip_locked=True)
    now = due.filter(pk=service.pk, next_due=slot, active=True).first()
    if now is None:
        return None
    spec = spec_of(now)
    plan_next(now, spec, after=timezone.now())
    # Without a schedule it is what a call has started that is tried again.
    trigger = Trigger.SCHEDULE if spec.schedules else Trigger.WEBHOOK
    assert now.revision is not None
    if Run.objects.filter(service=service, status=RunStatus.QUEUED, trigger=trigger).exists():
        return None
    run, _ = Run.objects.get_or_create(
        id=uuid.uuid5(SLOTS, f"{service.pk}:{slot.isoformat()}"),
        defaults={
            "service": service,
            "revision": now.revision,
            "trigger": trigger,
            "scheduled_for": slot,
        },
    )
    return run


def begin_run(run_id: str) -> Run:
    """The run, marked as running."""
    Run.objects.filter(pk=run_id, started_at=None).update(started_at=timezone.now())
    Run.objects.filter(pk=run_id).exclude(status__in=ENDED).update(status=RunStatus.RUNNING, reason="")
    return Run.objects.select_related(
        "revision", "service__source", "service__destination", "service__group__company"
    ).get(pk=run_id)


def complete_run(run: Run, counts: Counts, *, watermark: datetime | None, moves_cursor: bool) -> None:
    """The run came to its end; with it the service's position, in one transaction."""
    troubled = counts.failed + counts.pending + counts.uncertain
    status = RunStatus.COMPLETED_WITH_FAILURES if troubled else RunStatus.COMPLETED
    with transaction.atomic():
        ended = Run.objects.filter(pk=run.pk).exclude(status__in=ENDED)
        if not ended.update(status=status, ended_at=timezone.now(), reason=""):
            return
        run_ended(run.pk)
        plan_retry(run)
        if moves_cursor:
            service = Service.everything.select_for_update().get(pk=run.service_id)
            service.covered_at = max(filter(None, (service.covered_at, run.scheduled_for)))
            service.watermark = max(filter(None, (service.watermark, watermark)), default=None)
            service.save(update_fields=["covered_at", "watermark"])


def fail_run(run_id: str, error: TopstitchError) -> None:
    """The run could not go on; what it did is kept."""
    _end(run_id, RunStatus.FAILED, storable(error.message), storable(error.hint))


def end_stopped(run_id: str) -> None:
    """The run was stopped by a person."""
    _end(run_id, RunStatus.STOPPED, "Stopped by a person.")


@transaction.atomic
def _end(run_id: str, status: RunStatus, reason: str, hint: str = "") -> None:
    going = Run.objects.filter(pk=run_id).exclude(status__in=ENDED)
    if going.update(status=status, ended_at=timezone.now(), reason=reason, hint=hint):
        run_ended(run_id)
        if status is RunStatus.FAILED:
            plan_retry(Run.objects.get(pk=run_id))


@transaction.atomic
def dry_begun(run: Run) -> None:
    """A dry run begins, perhaps anew: nothing is kept of what it had come to."""
    forget_payloads(run.pk)
    dry_counts(run, Counts())


def dry_counts(run: Run, counts: Counts) -> None:
    """How far a dry run has come. Its figures are of the run alone: nothing was moved on any day."""
    Run.objects.filter(pk=run.pk).update(**counts.as_dict())


def stop_run(run: Run, *, person: User | None = None) -> None:
    """Ask a run to stop: what is on its way is finished, nothing new is sent."""
    require(person, run.service.group.company, "runs.stop")
    Run.objects.filter(pk=run.pk).exclude(status__in=ENDED).update(stop_requested=True)
    Run.objects.filter(pk=run.pk, status=RunStatus.QUEUED, enqueued_at=None).update(
        status=RunStatus.STOPPED, ended_at=timezone.now(), reason="Stopped before it began."
    )
    company = run.service.group.company
    audit("stop", "run", run.pk, run.service.name, company=company, person=person)


def mark_enqueued(run: Run) -> None:
    """The durable engine has it."""
    Run.objects.filter(pk=run.pk).update(enqueued_at=timezone.now())
