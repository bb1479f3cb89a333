"""What did not happen in time: services that do not run when they are due, or never succeed.

Looked for once a minute. After Topstitch itself was away services get time to catch up before their silence counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from json import dumps, loads

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from topstitch.alerts.models import Kind, Pulse, Trouble
from topstitch.alerts.names import span
from topstitch.alerts.noticing.about import about_service
from topstitch.alerts.noticing.expiry import judge_credentials
from topstitch.alerts.noticing.locks import NOTICING
from topstitch.alerts.noticing.pulse import beat
from topstitch.alerts.noticing.troubles import Troubles, Wrong
from topstitch.alerts.queries.rules import Rules
from topstitch.alerts.telling.notices import Teller
from topstitch.engine.schedule import upcoming
from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError
from topstitch.store.housekeeping import alone
from topstitch.store.models import Run, Service
from topstitch.store.models.run import RunStatus

EVERY = timedelta(minutes=1)
#: A run that is later than this does not come by itself.
LATE = timedelta(minutes=15)
#: Slots that are looked at for the longest pause of a schedule: enough for one that rests at weekends.
SLOTS = 12
#: Such pauses that go by before a service is silent.
PATIENCE = 1.5
KINDS = frozenset([Kind.NO_SUCCESS, Kind.NOT_RUN])

WATCH = """
INSERT INTO alerts_servicewatch (service_id, watched_since, empty_runs)
SELECT id, %(now)s, 0 FROM store_service s
WHERE active AND NOT EXISTS (SELECT FROM alerts_servicewatch w WHERE w.service_id = s.id)
ON CONFLICT DO NOTHING;
UPDATE alerts_servicewatch w SET watched_since = %(now)s FROM store_service s
WHERE s.id = w.service_id AND s.active AND w.watched_since IS NULL;
UPDATE alerts_servicewatch w SET watched_since = NULL FROM store_service s
WHERE s.id = w.service_id AND NOT s.active AND w.watched_since IS NOT NULL;
UPDATE alerts_trouble t SET ended_at = %(now)s FROM store_service s
WHERE s.id = t.service_id AND NOT s.active AND t.ended_at IS NULL;
"""


def look(now: datetime | None = None) -> bool:
    """Look, if a minute has passed since the last time; whether it was done."""
    now = now or timezone.now()
    pulse = Pulse.objects.first()
    if pulse and now - pulse.seen_at < EVERY:
        return False
    with alone(NOTICING) as free:
        if not free:
            return False
        teller = Teller(now)
        pulse = beat(teller)
        _watch(now)
        _judge_services(teller, catching_up=now - pulse.since < LATE)
        judge_credentials(teller)
    return True


def _watch(now: datetime) -> None:
    """Services that were switched on or off since: what is off is in no trouble."""
    with connection.cursor() as cursor:
        cursor.execute(WATCH, {"now": now})


def _judge_services(teller: Teller, *, catching_up: bool) -> None:
    """Services whose connector is known to be broken are left out: that was told, once for all of them."""
    now, services = teller.now, _watched_services()
    rules = Rules(service.group.company_id for service in services)
    silent, late = _silent(services, rules, now), _late(now)
    open_now = Trouble.objects.filter(ended_at=None)
    broken = set(open_now.filter(kind=Kind.CONNECTOR).values_list("connector_id", flat=True))
    with Troubles(teller, open_now.filter(kind__in=KINDS)) as troubles:
        for service in services:
            held_up = not broken.isdisjoint((service.source_id, service.destination_id))
            found = [_silence(service, silent[service.pk])] if service.pk in silent else []
            found += [_lateness(service, now)] if service.pk in late else []
            for wrong in found if not (held_up or catching_up) else ():
                troubles.wrong(about_service(service, rules), wrong)
            for kind in KINDS - {wrong.kind for wrong in found}:
                if troubles.has(kind, service_id=service.pk):
                    troubles.well(kind, about_service(service, rules))


def _watched_services() -> list[Service]:
    services = Service.objects.filter(active=True).select_related("group", "source", "destination", "watch")
    return list(services.defer("reader_state", "source__sealed", "source__settings", "destination__sealed"))


def _late(now: datetime) -> set[int]:
    """Services whose time has passed without a run, or whose run has been queued in vain with no other before it."""
    late = set(Service.objects.filter(active=True, next_due__lt=now - LATE).values_list("pk", flat=True))
    going = Run.objects.filter(service=OuterRef("service"), status__in=(RunStatus.RUNNING, RunStatus.PAUSED))
    queued = Run.objects.filter(status=RunStatus.QUEUED, created_at__lt=now - LATE).filter(~Exists(going))
    return late | set(queued.values_list("service_id", flat=True))


def _silent(services: Sequence[Service], rules: Rules, now: datetime) -> dict[int, timedelta]:
    """For how long each service has not succeeded, of those where that is longer than it may be.

    The default is for services with a schedule, and gives those that run seldom the time they need.
    """
    found = {}
    for service in services:
        rule, watch = rules.of(service.pk, service.group.company_id), service.watch
        applies = rule.on and rule.no_success_hours is not None and (rule.service_id or service.next_due)
        if applies and watch.watched_since:
            silent = now - max(watch.watched_since, watch.last_success_at or watch.watched_since)
            if silent >= timedelta(hours=rule.no_success_hours or 0):
                found[service.pk] = silent
    pauses = _pauses(found, now)
    return {pk: silent for pk, silent in found.items() if silent >= pauses[pk] * PATIENCE}


def _pauses(services: Collection[int], now: datetime) -> dict[int, timedelta]:
    """The longest pause of each service's schedule."""
    rows = Service.objects.filter(pk__in=services).annotate(schedules=KeyTransform("schedules", "revision__spec"))
    found = dict(rows.values_list("pk", "schedules")) if services else {}
    return {pk: longest_pause(dumps(schedules or []), now.date()) for pk, schedules in found.items()}


@lru_cache(maxsize=4096)
def longest_pause(schedules: str, day: date) -> timedelta:
    """The longest pause between the next slots of schedules, given as JSON. Of one that nobody can read: none."""
    try:
        read = [Schedule.model_validate(each) for each in loads(schedules)]
        slots = upcoming(read, datetime.combine(day, time.min, UTC), SLOTS)
    except (ConfigError, ValueError):
        return timedelta(0)
    return max((after - before for before, after in pairwise(slots)), default=timedelta(0))


def _silence(service: Service, silent: timedelta) -> Wrong:
    last = service.watch.last_success_at
    title = f"{service.name}: no successful run for {span(silent)}"
    return Wrong(Kind.NO_SUCCESS, title, ["silent"], lambda: {"last_success_at": last and last.isoformat()})


def _lateness(service: Service, now: datetime) -> Wrong:
    due = service.next_due if service.next_due and service.next_due < now else None
    title = f"{service.name}: did not run when it was due"
    return Wrong(Kind.NOT_RUN, title, ["late"], lambda: {"due": due and due.isoformat()})
