"""Services that only calls start: no schedule comes to try again what their last run could not move, so that is planned here."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.services import spec_of
from topstitch.store.models import Run, Service, ServiceState
from topstitch.store.models.run import RunStatus, Trigger
from topstitch.store.queries.waiting import any_waits

#: So soon after a run that did not move all, twice as late after each further one, and never later than that.
SOONEST, LATEST = timedelta(minutes=10), timedelta(hours=6)


def plan_retry(run: Run) -> None:
    """After a run's end: when its service is due again by itself, if nothing but calls starts it. Within a transaction.

    Records that wait are tried as often as the service allows, as by the runs of a schedule; what a failed run has not even
    read is asked for as often.
    """
    due = Service.objects.select_for_update(of=("self",)).select_related("revision", "source", "destination")
    service = due.filter(pk=run.service_id, active=True).first()
    if service is None or run.is_dry:
        return
    spec = _only_called(service)
    if spec is None:
        return
    bad = ServiceState.objects.filter(service=service).values_list("bad_runs", flat=True).first() or 0
    unread = run.status == RunStatus.FAILED and run.trigger == Trigger.WEBHOOK and bad <= spec.source.max_attempts
    again = unread or any_waits(service, spec.source.max_attempts)
    service.next_due = timezone.now() + _pause(bad) if again else None
    service.save(update_fields=["next_due"])


def _only_called(service: Service) -> Spec | None:
    """The configuration of a service that only calls start; one that cannot be read starts nothing."""
    try:
        spec = spec_of(service)
    except (ConfigError, ValueError):
        return None
    return spec if spec.webhook and not spec.schedules else None


def _pause(bad_runs: int) -> timedelta:
    doublings = min(max(bad_runs - 1, 0), 10)
    return min(SOONEST * (1 << doublings), LATEST)
