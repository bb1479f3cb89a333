"""Dry runs that a worker does: they tell what would be sent, and leave no trace in the service."""

from __future__ import annotations

import pytest

from topstitch.alerts.models import Trouble
from topstitch.alerts.noticing.runs import judge_runs
from topstitch.store.models import Attempt, DayVolume, Item, LogLine, Run, Service, ServiceState, StoredPayload
from topstitch.store.payloads import unpacked
from topstitch.store.queries.runs import last_runs
from topstitch.store.queries.scope import Scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tried(world):
    """A service with a record that would fail, and its dry run."""
    world.put(*range(1, 6))
    world.put(3, total="many")
    return world.run(world.service(source={"page_size": 2}), dry=True)


def test_it_tells_what_would_be_sent_and_what_would_fail(world, tried):
    assert (tried.status, tried.pulled, tried.failed, tried.ok) == ("completed_with_failures", 5, 1, 0)
    pages = StoredPayload.objects.filter(run=tried, kind="dry_run").order_by("page")
    rows = [row for page in pages for row in unpacked(page.body)]
    assert [row["key"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert "many" in rows[2]["problem"]["message"]
    assert rows[0]["request"]["method"] == "POST"
    lines = list(LogLine.objects.filter(run=tried, level="error").values_list("reference", "message"))
    assert lines[0][0] == "#1003"


def test_nothing_arrives_and_nothing_is_remembered(world, tried):
    assert world.arrivals == {}
    assert not Item.objects.exists()
    assert not Attempt.objects.exists()
    assert not DayVolume.objects.exists()
    assert not ServiceState.objects.exists()
    assert Service.objects.get().watermark is None


def test_it_says_nothing_of_how_the_service_does(world, tried):
    company = tried.service.group.company_id
    assert last_runs(Scope((company,)), [tried.service_id]) == {}
    judge_runs()
    assert not Trouble.objects.exists()


def test_it_keeps_to_the_ids_and_the_limit(world):
    world.put(*range(1, 8))
    service = world.service(source={"page_size": 2})
    assert world.run(service, dry=True, limit=3).pulled == 3
    assert world.run(service, dry=True, ids=["4"]).pulled == 1


def test_it_sets_each_record_beside_what_the_destination_has_when_asked_to(world):
    world.put(1)
    service = world.service(source={"cursor": "all"})
    plain, beside = world.run(service, dry=True), world.run(service, dry=True, compare=True)
    rows = [unpacked(StoredPayload.objects.get(run=run, kind="dry_run").body)[0] for run in (plain, beside)]
    assert ["difference" in row for row in rows] == [False, True]


def test_begun_again_it_counts_anew(world):
    world.put(*range(1, 6))
    service = world.service(source={"page_size": 2})
    run = world.run(service, dry=True)
    Run.objects.filter(pk=run.pk).update(status="running", ended_at=None)
    assert world.go_on(run).pulled == 5


def test_begun_again_it_shows_nothing_of_the_first_time(world):
    world.put(*range(1, 6))
    service = world.service(source={"page_size": 2})
    run = world.run(service, dry=True)
    Run.objects.filter(pk=run.pk).update(status="running", ended_at=None)
    for key in range(1, 6):
        world.store.delete("orders", key)
    world.put(9, total="many")
    assert world.go_on(run).pulled == 1
    (page,) = StoredPayload.objects.filter(run=run)
    assert [row["key"] for row in unpacked(page.body)] == ["9"]
