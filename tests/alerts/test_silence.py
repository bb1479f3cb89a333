"""Dead-man alerts: what should have happened and did not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from topstitch.alerts.models import ServiceWatch, Trouble
from topstitch.store.models import Run, Service


@pytest.fixture
def desk(world):
    world.rule(addresses=["desk@example.com"])
    return world


def due(world, service, **span):
    Service.objects.filter(pk=service.pk).update(next_due=world.now + timedelta(**span))


def test_a_service_that_is_due_and_does_not_run_is_told_once_and_when_it_runs_again(desk):
    service = desk.service()
    due(desk, service, minutes=10)
    assert desk.live(minutes=24) == []
    assert desk.live(minutes=2) == ["Orders to warehouse: did not run when it was due"]
    assert "Was due" in desk.server.text() and "14:17 UTC" in desk.server.text()
    assert desk.live(minutes=60) == []
    due(desk, service, minutes=10)
    assert desk.live(minutes=2) == ["Orders to warehouse: works again"]


def test_a_queued_run_that_nobody_takes_is_told_but_not_one_behind_another(desk):
    stuck, waits = desk.service("Stuck"), desk.service("Waits")
    for service in (stuck, waits):
        due(desk, service, days=1)
        run = desk.run(service, "queued")
        Run.objects.filter(pk=run.pk).update(created_at=desk.now)
    desk.run(waits, "running")
    assert desk.live(minutes=20) == ["Stuck: did not run when it was due"]


def test_no_success_for_a_day_is_told(desk):
    service = desk.service()
    due(desk, service, days=30)
    desk.ran(service, ok=1)
    desk.work()
    for _ in range(4):
        assert desk.live(hours=5) == []
        desk.ran(service, "stopped")
    assert desk.live(hours=5) == ["Orders to warehouse: no successful run for 24 hours"]
    assert "Last one" in desk.server.text()
    desk.ran(service, ok=1)
    desk.pass_time(minutes=5)
    assert desk.work() == ["Orders to warehouse: works again"]


@pytest.mark.parametrize(("cron", "quiet_days"), [("0 6 * * 1", 10), ("0 6 * * 1-5", 4)])
def test_a_service_that_runs_seldom_has_the_time_it_needs(desk, cron, quiet_days):
    service = desk.service(
        spec={
            "source": {"connector": "far", "entity": "orders"},
            "destination": {"connector": "far", "entity": "sales"},
            "schedules": [{"cron": cron}],
        }
    )
    due(desk, service, days=30)
    desk.ran(service, ok=1)
    desk.work()
    for _ in range(quiet_days * 4):
        assert desk.leap(hours=6) == []
    assert len(desk.leap(days=1)) == 1


def test_services_without_a_schedule_are_silent_unless_they_say_how_long_they_may_be(desk):
    silent, watched = desk.service("Silent"), desk.service("Watched")
    desk.rule(watched, no_success_hours=2, addresses=["desk@example.com"])
    assert desk.live(hours=3) == ["Watched: no successful run for 2 hours"]
    assert silent.pk not in set(Trouble.objects.values_list("service_id", flat=True))


def test_a_service_that_was_switched_off_is_in_no_trouble(desk):
    service = desk.service()
    due(desk, service, minutes=1)
    assert len(desk.live(minutes=20)) == 1
    Service.objects.filter(pk=service.pk).update(active=False)
    assert desk.live(days=1) == []
    assert not Trouble.objects.filter(ended_at=None).exists()
    assert ServiceWatch.objects.get().watched_since is None
    Service.objects.filter(pk=service.pk).update(active=True, next_due=desk.now + timedelta(days=9))
    assert desk.live(hours=20) == [], "its time begins anew"


def test_that_we_were_away_is_told_once_and_services_get_time_to_catch_up(desk):
    services = [desk.service(f"Service {n}") for n in range(30)]
    for service in services:
        due(desk, service, minutes=5)
    desk.pass_time(minutes=2)
    desk.work()
    desk.pass_time(hours=30)
    assert desk.work() == ["Topstitch did not run for 30 hours"]
    assert "30 services with a schedule did not run" in desk.server.text()
    for service in services[1:]:
        desk.ran(service, ok=1)
        due(desk, service, days=1)
    subjects = desk.live(minutes=20)
    assert subjects == ["Harbour & Pine: 2 need attention"], "the one that did not come back"
    assert "Service 0: did not run" in desk.server.text() and "Service 0: no successful run" in desk.server.text()


def test_a_company_is_told_of_its_own_services_only(desk):
    from topstitch.store.models import Connector

    desk.service("Ours")
    far = Connector.objects.create(group=desk.other_group, name="theirs", system="far-end")
    theirs = Service.objects.create(
        group=desk.other_group, name="Theirs", source=far, destination=far, source_entity="o", destination_entity="s"
    )
    Service.objects.filter(pk=theirs.pk).update(active=True, next_due=desk.now)
    desk.live(minutes=20)
    assert desk.server.told == [("sam@example.com", "Theirs: did not run when it was due")]


def test_runs_with_nothing_to_move_are_told_when_there_are_too_many(desk):
    service = desk.service()
    desk.rule(service, empty_runs=3, addresses=["desk@example.com"])
    for expected in ([], [], ["Orders to warehouse: nothing to move in the last 3 runs"], []):
        desk.ran(service, pulled=5, skipped=5)
        assert desk.work() == expected
        desk.pass_time(minutes=10)
    desk.ran(service, pulled=1, ok=1)
    assert desk.work() == ["Orders to warehouse: works again"]
