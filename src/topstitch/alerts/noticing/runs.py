"""Judging runs that ended: each one is taken from the queue, and what it means is written, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone

from topstitch.alerts.masking import masked
from topstitch.alerts.models import Kind, ServiceWatch, Trouble
from topstitch.alerts.names import counted, one_line, without_numbers
from topstitch.alerts.noticing.about import about_service
from topstitch.alerts.noticing.failures import Failures, failures_of, is_anything_left
from topstitch.alerts.noticing.locks import NOTICING
from topstitch.alerts.noticing.troubles import About, Troubles, Wrong
from topstitch.alerts.queries.rules import Rules
from topstitch.alerts.telling.notices import Teller
from topstitch.store.housekeeping import alone
from topstitch.store.models import Run
from topstitch.store.models.run import RunStatus, Trigger

BATCH = 500
TAKE = """
DELETE FROM alerts_runend WHERE id IN (SELECT id FROM alerts_runend ORDER BY id LIMIT %s) RETURNING run_id
"""
ENDED_WELL = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_FAILURES)


def judge_runs(now: datetime | None = None) -> int:
    """Judge those that wait; how many there were."""
    with alone(NOTICING) as free:
        ids = _taken() if free else []
        if ids:
            _judge_all(ids, now or timezone.now())
    return len(ids)


def _taken() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [BATCH])
        return [row[0] for row in cursor.fetchall()]


def _judge_all(ids: Collection[Any], now: datetime) -> None:
    related = ("service__source", "service__destination", "service__group")
    heavy = ("service__reader_state", "service__source__sealed", "service__destination__sealed")
    # A dry run sends nothing: what it says is for the person who looks at it.
    moved = Run.objects.filter(pk__in=ids).exclude(options__has_key="dry")
    runs = list(moved.select_related(*related).defer(*heavy).order_by("ended_at"))
    services = {run.service_id for run in runs}
    rules = Rules(run.service.group.company_id for run in runs)
    watches = {w.pk: w for w in ServiceWatch.objects.filter(pk__in=services)}
    broken = _broken_connectors()
    with Troubles(Teller(now), Trouble.objects.filter(service_id__in=services)) as troubles:
        for run in runs:
            watch = watches.setdefault(run.service_id, ServiceWatch(service_id=run.service_id))
            about = about_service(run.service, rules)
            held_up = not broken.isdisjoint((run.service.source_id, run.service.destination_id))
            _judge(run, about, watch, troubles, held_up=held_up)
    ServiceWatch.objects.bulk_create(
        watches.values(),
        update_conflicts=True,
        unique_fields=["service"],
        update_fields=["last_success_at", "empty_runs"],
    )


def _broken_connectors() -> set[int | None]:
    found = Trouble.objects.filter(kind=Kind.CONNECTOR, ended_at=None)
    return set(found.values_list("connector_id", flat=True))


def _judge(run: Run, about: About, watch: ServiceWatch, troubles: Troubles, *, held_up: bool) -> None:
    """One run. With `held_up` a connector of it is known to be broken, which was told and explains that it failed."""
    if run.status == RunStatus.STOPPED:
        return
    if run.status in ENDED_WELL:
        watch.last_success_at = run.ended_at
        troubles.well(Kind.RUN_FAILED, about)
    elif not held_up:
        troubles.wrong(about, _failed_run(run))
    _judge_records(run, about, troubles)
    if run.status in ENDED_WELL and run.trigger != Trigger.RESYNC:
        _judge_emptiness(run, about, watch, troubles)


def _failed_run(run: Run) -> Wrong:
    reason = masked(run.reason)
    facts = run_facts(run) | {"reason": one_line(reason, 500), "hint": one_line(run.hint, 500)}
    title = f"{run.service.name}: the run failed"
    return Wrong(Kind.RUN_FAILED, title, [without_numbers(reason)], lambda: facts)


def _judge_records(run: Run, about: About, troubles: Troubles) -> None:
    """A clean run alone is no recovery: records may be left that no run tries any more."""
    failed = run.failed + run.uncertain
    threshold = about.rules[0].failures or 1
    if failed >= threshold:
        found = failures_of(run)
        title = f"{run.service.name}: {counted(failed, 'record')} failed"
        troubles.wrong(about, Wrong(Kind.FAILURES, title, found.causes, partial(_failed_records, found), failed))
        return
    clean = not failed and run.status in ENDED_WELL
    if clean and troubles.has(Kind.FAILURES, service_id=run.service_id) and not is_anything_left(run.service_id):
        troubles.well(Kind.FAILURES, about)


def _failed_records(found: Failures) -> dict[str, Any]:
    failed = found.run.failed + found.run.uncertain
    return {**run_facts(found.run), "failures": found.first(), "failed": failed}


def _judge_emptiness(run: Run, about: About, watch: ServiceWatch, troubles: Troubles) -> None:
    """Records read again and found unchanged are none to move: a cursor that overlaps always reads some."""
    if run.ok + run.sent + run.failed + run.pending + run.uncertain:
        watch.empty_runs = 0
        troubles.well(Kind.EMPTY_RUNS, about)
        return
    watch.empty_runs += 1
    most = about.rules[0].empty_runs
    if most and watch.empty_runs >= most:
        title = f"{run.service.name}: nothing to move in the last {counted(watch.empty_runs, 'run')}"
        troubles.wrong(about, Wrong(Kind.EMPTY_RUNS, title, ["empty"], partial(run_facts, run)))


def run_facts(run: Run) -> dict[str, Any]:
    """A run as notices tell of it."""
    began = run.started_at or run.scheduled_for
    return {
        "run": {
            "id": str(run.pk),
            "at": began.isoformat(),
            "status": run.status,
            "pulled": run.pulled,
            "pushed": run.pushed,
            "failed": run.failed,
            "uncertain": run.uncertain,
            "pending": run.pending,
        }
    }
