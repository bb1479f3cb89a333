"""What did not happen in time: services that do not run when they are due, or never succeed.

Looked for once a minute. After Topstitch itself was away services get time to catch up before their silence counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from topstitch.alerts.models import AlertRule, Kind, Pulse, Trouble
from topstitch.alerts.names import span
from topstitch.alerts.noticing.about import about_service
from topstitch.alerts.noticing.alone import alone
from topstitch.alerts.noticing.expiry import judge_credentials
from topstitch.alerts.noticing.pulse import beat
from topstitch.alerts.noticing.troubles import About, Troubles, Wrong
from topstitch.alerts.queries.rules import Rules
from topstitch.alerts.telling.notices import Teller
from topstitch.engine.schedule import upcoming
from topstitch.engine.spec import Schedule
from topstitch.store.models import Run, Service
from topstitch.store.models.run import RunStatus

EVERY = timedelta(minutes=1)
#: A run that is later than this does not come by itself.
LATE = timedelta(minutes=15)
#: Slots that are looked at for the longest pause of a schedule: enough for one that rests at weekends.
SLOTS = 12

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
    with alone() as free:
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
    services = _watched_services()
    rules = Rules(service.group.company_id for service in services)
    open_now = Trouble.objects.filter(ended_at=None)
    troubles = Troubles(teller, open_now.filter(kind__in=(Kind.NO_SUCCESS, Kind.NOT_RUN)))
    broken = set(open_now.filter(kind=Kind.CONNECTOR).values_list("connector_id", flat=True))
    late = _late(teller.now)
    for service in services:
        rule = rules.of(service.pk, service.group.company_id)
        about = None
        silent_for = _silence(service, rule, teller.now)
        for kind, is_wrong in ((Kind.NO_SUCCESS, silent_for is not None), (Kind.NOT_RUN, service.pk in late)):
            probe = About(service.group.company_id, (), {}, service_id=service.pk)
            if not is_wrong:
                if troubles.has(kind, probe):
                    troubles.well(kind, about := about or about_service(service, rules))
            elif not catching_up and broken.isdisjoint((service.source_id, service.destination_id)):
                about = about or about_service(service, rules)
                troubles.wrong(about, _wrong(kind, service, teller.now, silent_for))


def _watched_services() -> list[Service]:
    services = Service.objects.filter(active=True).select_related("group", "source", "destination", "watch")
    return list(services.defer("reader_state", "source__sealed", "source__settings", "destination__sealed"))


def _late(now: datetime) -> set[int]:
    """Services whose time has passed without a run, or whose run has been queued in vain with no other before it."""
    late = set(Service.objects.filter(active=True, next_due__lt=now - LATE).values_list("pk", flat=True))
    going = Run.objects.filter(service=OuterRef("service"), status__in=(RunStatus.RUNNING, RunStatus.PAUSED))
    queued = Run.objects.filter(status=RunStatus.QUEUED, created_at__lt=now - LATE).filter(~Exists(going))
    return late | set(queued.values_list("service_id", flat=True))


def _silence(service: Service, rule: AlertRule, now: datetime) -> timedelta | None:
    """For how long it has not succeeded, if that is longer than it may be.

    The default is for services with a schedule, and gives those that run seldom the time they need.
    """
    since, hours = service.watch.watched_since, rule.no_success_hours
    if since is None or hours is None or not rule.on:
        return None
    silent = now - max(since, service.watch.last_success_at or since)
    if silent < timedelta(hours=hours):
        return None
    if rule.service_id is None and service.next_due is None:
        return None
    return silent if silent >= _longest_pause(service, now) * 1.5 else None


def _longest_pause(service: Service, now: datetime) -> timedelta:
    """Between two of its next slots; asked of the few that are silent only."""
    spec = service.revision.spec if service.revision else {}
    schedules = [Schedule.model_validate(each) for each in spec.get("schedules", ())]
    slots = upcoming(schedules, now, SLOTS)
    return max((b - a for a, b in pairwise(slots)), default=timedelta(0))


def _wrong(kind: Kind, service: Service, now: datetime, silent_for: timedelta | None) -> Wrong:
    if kind == Kind.NO_SUCCESS:
        assert silent_for is not None
        last = service.watch.last_success_at
        facts = {"last_success_at": last and last.isoformat()}
        return Wrong(kind, f"{service.name}: no successful run for {span(silent_for)}", ["silent"], facts)
    due = service.next_due
    facts = {"due": due.isoformat() if due and due < now else None}
    return Wrong(kind, f"{service.name}: did not run when it was due", ["late"], facts)
