"""A process dies in the middle of a run; another one goes on: nothing is lost, and nothing is doubled that need not be."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from topstitch.engine import pump
from topstitch.errors import AuthError
from topstitch.store.actions.runs import fail_run, request_run
from topstitch.store.models import Attempt, Item, Run, RunPage

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = range(1, 61)


@pytest.fixture(autouse=True)
def small_groups(monkeypatch):
    """Many records of the ledger, so that there are many places to die at."""
    monkeypatch.setattr(pump, "GROUP", 5)


PLACES = [
    ("open_page", 1, "before"),
    ("open_page", 2, "after"),
    ("know", 2, "after"),
    ("intend", 1, "before"),
    ("intend", 2, "after"),
    ("record", 1, "before"),
    ("record", 2, "after"),
    ("record", 3, "before"),
    ("record", 4, "after"),
    ("position", 1, "after"),
]


def everything_arrived(world, run):
    assert set(world.arrivals) == {str(n) for n in ORDERS}
    assert run.status == "completed"
    assert (run.pulled, run.ok) == (60, 60)
    assert Item.objects.filter(service=run.service, status="ok").count() == 60
    assert not RunPage.objects.filter(run=run, complete=False).exists()


@pytest.mark.parametrize(("call", "number", "when"), PLACES)
@pytest.mark.parametrize("idempotency", ["natural_key", "lookup"])
def test_after_a_crash_at_any_place_the_run_goes_on(world, mortal, idempotency, call, number, when):
    world.put(*ORDERS)
    run = request_run(world.service(idempotency))
    assert mortal.run(run, call, number, when), "it should have died"
    run = world.go_on(run)

    everything_arrived(world, run)
    if idempotency == "lookup":
        assert set(world.arrivals.values()) == {1}
    assert Counter(Attempt.objects.filter(run=run).values_list("key", flat=True)) == Counter(str(n) for n in ORDERS)


@pytest.mark.parametrize("seed", range(4))
def test_after_many_crashes_too(world, mortal, seed):
    world.put(*ORDERS)
    run = request_run(world.service("lookup"))
    chance = random.Random(seed)
    for _ in range(12):
        call = chance.choice(["open_page", "know", "intend", "record", "page_results"])
        mortal.run(run, call, chance.randint(1, 3), chance.choice(["before", "after"]))
    everything_arrived(world, world.go_on(run))
    assert set(world.arrivals.values()) == {1}


@pytest.mark.parametrize(("call", "number", "when"), [*PLACES, ("record", 9, "before"), ("record", 17, "before")])
def test_where_nothing_can_be_asked_only_what_was_in_flight_is_uncertain(world, mortal, call, number, when):
    world.put(*ORDERS)
    run = request_run(world.service("none"))
    assert mortal.run(run, call, number, when)
    run = world.go_on(run)

    uncertain = set(Item.objects.filter(status="uncertain").values_list("key", flat=True))
    assert len(uncertain) <= 4
    assert run.uncertain == len(uncertain)
    assert run.ok + run.uncertain == run.pulled == 60
    assert set(world.arrivals) | uncertain == {str(n) for n in ORDERS}
    assert set(world.arrivals.values()) == {1}


def test_a_crashed_run_that_is_given_up_is_finished_by_the_next(world, mortal):
    world.put(*ORDERS)
    service = world.service("lookup")
    first = request_run(service)
    assert mortal.run(first, "record", 2, "before")
    fail_run(first.pk, AuthError("given up"))
    second = world.run(service)

    assert Run.objects.get(pk=first.pk).status == "failed"
    assert set(world.arrivals) == {str(n) for n in ORDERS}
    assert set(world.arrivals.values()) == {1}
    assert second.status == "completed"
    assert Item.objects.filter(status="ok").count() == 60


def test_a_crash_does_not_make_a_run_exceed_its_limit(world, mortal):
    world.put(*ORDERS)
    run = request_run(world.service("lookup"), options={"limit": 30})
    assert mortal.run(run, "open_page", 2, "after")
    run = world.go_on(run)
    assert run.pulled == 30
    assert len(world.arrivals) == 30


def test_a_changed_record_of_a_crashed_run_is_not_doubled_and_arrives_as_it_is_now(world, mortal):
    world.put(*ORDERS)
    service = world.service("lookup")
    first = request_run(service)
    assert mortal.run(first, "record", 1, "before")
    sent = set(world.arrivals)
    assert sent
    fail_run(first.pk, AuthError("given up"))
    world.put(*ORDERS, email="new@example.com")
    world.run(service)
    assert {sale["email"] for sale in world.store.all("sales")} == {"new@example.com"}


def test_pages_of_records_to_retry_survive_a_crash(world, mortal):
    world.put(*ORDERS)
    service = world.service("lookup")
    first = request_run(service)
    assert mortal.run(first, "intend", 1, "after")
    fail_run(first.pk, AuthError("given up"))
    second = request_run(service)
    assert mortal.run(second, "record", 1, "before")
    world.go_on(second)
    assert set(world.arrivals) == {str(n) for n in ORDERS}
    assert set(world.arrivals.values()) == {1}
    assert not Item.objects.exclude(status="ok").exists()
