"""Health checks: done by the clock, remembered, and told when something changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.fakes.far_end import SLUG, far_end

from topstitch.alerts.actions.expiry import set_expiry
from topstitch.alerts.checking import check_due, plan_next_check
from topstitch.alerts.models import ConnectorWatch
from topstitch.alerts.queries.troubles import history
from topstitch.sdk.practice import PracticeServer
from topstitch.store.actions.connector_checks import check_connector
from topstitch.store.models import AuditEvent, Connector, ConnectorCheck
from topstitch.store.models.connector import ConnectorStatus

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def desk(world):
    world.rule(addresses=["desk@example.com"])
    return world


def test_a_refused_connector_is_told_once_for_all_its_services(desk):
    services = [desk.service(f"Service {n}") for n in range(3)]
    connector = services[0].source
    desk.checked(connector, "refused", "401: the token has expired for jo@example.com")
    assert desk.work() == ["far-end UK (Far end) refuses our credentials"]
    text = desk.server.text()
    assert "Service 0, Service 1, Service 2" in text and "j***@example.com" in text
    desk.pass_time(minutes=10)
    desk.checked(connector, "refused", "401")
    for service in services:
        desk.ran(service, "failed", reason="401: the token has expired")
    assert desk.work() == [], "that the runs fail follows from it"
    desk.pass_time(minutes=10)
    desk.checked(connector, "operational")
    assert desk.work() == ["far-end UK: works again"]


def test_a_connector_that_was_removed_while_it_was_checked_keeps_no_alert_back(desk):
    gone, other = desk.service("Gone").source, desk.service("Other")
    desk.checked(gone, "refused", "401")
    Connector.everything.filter(pk=gone.pk).update(removed_at=timezone.now())
    desk.ran(other, "failed", reason="broken")
    desk.work()
    assert not ConnectorCheck.objects.filter(judged=False).exists()


def test_a_connector_that_is_away_is_told_when_it_is_away_at_the_next_look_too(desk):
    connector = desk.service().source
    desk.checked(connector, "operational")
    for status, told in (("unreachable", []), ("operational", []), ("unreachable", [])):
        desk.pass_time(minutes=15)
        desk.checked(connector, status)
        assert desk.work() == told
    desk.pass_time(minutes=1)
    desk.checked(connector, "unreachable", "the name has no address")
    assert desk.work() == ["far-end UK (Far end) cannot be reached"]


def test_silence_of_its_services_follows_from_a_broken_connector(desk):
    service = desk.service(next_due=desk.now + timedelta(minutes=5))
    desk.checked(service.source, "refused")
    desk.work()
    assert desk.live(hours=2) == []


def test_a_connector_that_no_running_service_uses_troubles_nobody(desk):
    service = desk.service(active=False)
    desk.checked(service.source, "refused")
    assert desk.work() == []
    assert history(service.source, since=desk.now).count() == 1


def test_every_recorded_check_is_history_whoever_asked_for_it(lasting_world):
    connector = lasting_world.service().source
    with PracticeServer([far_end()]) as far:
        Connector.objects.update(base_url=f"{far.url}/{SLUG}", environment="test")
        for _ in range(2):
            check_connector(Connector.objects.get(pk=connector.pk))
    assert [check.status for check in history(connector)] == ["operational", "operational"]
    Connector.objects.get(pk=connector.pk).save()
    assert ConnectorCheck.objects.count() == 2, "a save is no check"


@pytest.mark.django_db(transaction=True)
def test_connectors_in_use_are_checked_by_the_clock(lasting_world):
    with PracticeServer([far_end()]) as far:
        service = lasting_world.service()
        spare = lasting_world.connector(lasting_world.add_group("Spare"))
        connector = service.source
        Connector.objects.update(base_url=f"{far.url}/{SLUG}", environment="test")
        now = timezone.now()
        assert check_due(now) == 0, "whoever made it tested it"
        planned = ConnectorWatch.objects.get(connector=connector).next_check_at
        assert timedelta(minutes=4) < planned - now <= timedelta(minutes=15)
        assert check_due(planned) == 1
        connector.refresh_from_db()
        assert connector.status == ConnectorStatus.OPERATIONAL
        assert check_due(planned) == 0
        assert history(connector).count() == 1 and history(spare).count() == 0
    Connector.objects.filter(pk=connector.pk).update(checked_at=now - timedelta(minutes=15))
    watch = ConnectorWatch.objects.get(connector=connector)
    assert check_due(watch.next_check_at) == 1
    connector.refresh_from_db()
    assert connector.status == ConnectorStatus.UNREACHABLE
    again = ConnectorWatch.objects.get(connector=connector).next_check_at
    assert again - timezone.now() <= timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_a_connector_that_a_run_waits_for_is_checked_soon(lasting_world):
    service = lasting_world.service()
    now = timezone.now()
    check_due(now)
    lasting_world.run(service, "paused")
    assert check_due(now) == 1


def test_checks_by_the_clock_can_be_switched_off(desk, settings):
    settings.CHECK_MINUTES = 0
    desk.service()
    assert check_due(desk.now + timedelta(days=1)) == 0
    assert not ConnectorWatch.objects.exists()


def test_checks_are_spread(desk):
    connector = desk.service().source
    connector.status = ConnectorStatus.OPERATIONAL
    ConnectorWatch.objects.create(connector=connector)
    times = set()
    for _ in range(20):
        plan_next_check(connector, was_well=True)
        times.add(ConnectorWatch.objects.get().next_check_at)
    assert max(times) - min(times) > timedelta(seconds=60)


def test_credentials_that_end_are_told_two_weeks_and_three_days_before_and_when_they_have(desk):
    connector = desk.service(next_due=None).source
    set_expiry(connector, (desk.now + timedelta(days=20)).date(), person=desk.ada)
    told = [subject for _ in range(5 * 24) for subject in desk.leap(hours=5) if "credentials" in subject]
    endings = ("expire in 14 days", "expire in 3 days", "have expired")
    assert told == [f"The credentials of far-end UK {ending}" for ending in endings]
    set_expiry(connector, (desk.now + timedelta(days=365)).date(), person=desk.ada)
    desk.pass_time(minutes=10)
    assert desk.work() == ["far-end UK: works again"]
    assert AuditEvent.objects.filter(kind="connector", person=desk.ada).count() == 2
