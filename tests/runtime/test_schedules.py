"""When runs begin: by schedule, once each, one at a time for a service, with the revision they began with."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.runtime.world import service, until

pytestmark = pytest.mark.xdist_group("services")

EVERY_MINUTE = [{"cron": "* * * * *"}]


def runs_of(world, name):
    return world.rows(
        "SELECT r.*, v.number FROM store_run r JOIN store_service s ON s.id = r.service_id"
        " JOIN store_revision v ON v.id = r.revision_id WHERE s.name = %s ORDER BY r.created_at",
        name,
    )


def make_due(world, name, when):
    """As if the clock had come to this slot."""
    world.rows("UPDATE store_service SET next_due = %s WHERE name = %s", when, name)


def far_from_a_full_minute():
    """The next slot of the schedule itself must not come while the test looks."""
    until(lambda: 2 < datetime.now(UTC).second < 45, 20)


def test_a_due_service_fires_once_with_two_workers(world):
    world.put(range(1, 6))
    world.configure("natural", prefix="due-", schedules=EVERY_MINUTE)
    far_from_a_full_minute()
    world.rows("UPDATE store_service SET next_due = NULL WHERE name = 'due-natural'")
    world.worker()
    world.worker()
    slot = datetime.now(UTC).replace(second=0, microsecond=0)
    make_due(world, "due-natural", slot)
    (run,) = until(lambda: runs_of(world, "due-natural"), what="the run of the slot")
    assert world.ended(run.id).status == "completed"
    time.sleep(1.5)
    (run,) = runs_of(world, "due-natural")
    assert (run.trigger, run.scheduled_for) == ("schedule", slot)
    (planned,) = world.rows("SELECT next_due FROM store_service WHERE name = 'due-natural'")
    assert planned.next_due == slot + timedelta(minutes=1)
    assert world.arrivals("due-natural") == dict.fromkeys(range(1, 6), 1)


def test_slots_missed_while_down_are_run_once_and_reach_back(world):
    now = datetime.now(UTC)
    recent = {"field": "updated_at", "op": "in_the_last", "value": {"amount": 10, "unit": "minute"}}
    world.put([1], updated_at=(now - timedelta(minutes=50)).isoformat())
    world.put([2], updated_at=(now - timedelta(minutes=5)).isoformat())
    world.put([3], updated_at=(now - timedelta(hours=3)).isoformat())
    source = {"filters": [recent], "cursor": "all"}
    world.configure("natural", prefix="missed-", schedules=EVERY_MINUTE, source=source)
    far_from_a_full_minute()
    # The last complete run was of an hour ago; then everything was down for sixty slots.
    slot = now.replace(second=0, microsecond=0) - timedelta(minutes=59)
    world.rows("UPDATE store_service SET covered_at = %s WHERE name = 'missed-natural'", slot - timedelta(minutes=1))
    make_due(world, "missed-natural", slot)
    world.worker()
    (run,) = until(lambda: runs_of(world, "missed-natural"), what="the run of the missed slots")
    assert world.ended(run.id).status == "completed"
    time.sleep(1.5)
    assert len(runs_of(world, "missed-natural")) == 1
    assert set(world.arrivals("missed-natural")) == {1, 2}


def test_a_run_keeps_the_revision_it_began_with_and_the_next_takes_the_new_one(world):
    world.put(range(1, 81))
    world.control(delay=0.05)
    world.configure("natural", prefix="edited-")
    world.worker()
    first = world.request("edited-natural")
    until(lambda: world.arrivals("edited-natural"), what="the first record")
    changed = service("natural", prefix="edited-")
    changed["mapping"][2] = {**changed["mapping"][2], "do": ["string.trim", "string.upper"]}
    world.apply({"services": {"edited-natural": changed}})
    assert world.state(first).ended_at is None
    assert world.ended(first).ok == 80
    assert world.store.get("sales", "edited-natural-80")["email"] == "person80@example.com"

    second = world.request("edited-natural", force=True)
    assert world.ended(second).ok > 0
    assert [run.number for run in runs_of(world, "edited-natural")] == [1, 2]
    assert "PERSON27@EXAMPLE.COM" in [sale["email"] for sale in world.store.all("sales")]


def test_stop_ends_a_run_and_nothing_more_is_sent(world):
    world.put(range(1, 101))
    world.control(delay=0.1)
    world.configure("lookup", prefix="stopped-")
    world.worker()
    run = world.request("stopped-lookup")
    until(lambda: world.arrivals("stopped-lookup"), what="the first record")
    assert world.cli("stop", run).code == 0
    row = world.ended(run, 10)
    assert (row.status, row.reason) == ("stopped", "Stopped by a person.")
    arrived = world.arrivals("stopped-lookup")
    assert len(arrived) < 100
    assert world.items("stopped-lookup")["ok"] == len(arrived)
    assert "sending" not in world.items("stopped-lookup")
    time.sleep(0.5)
    assert world.arrivals("stopped-lookup") == arrived

    after = world.ended(world.request("stopped-lookup"))
    assert after.status == "completed"
    assert world.arrivals("stopped-lookup") == dict.fromkeys(range(1, 101), 1)


def test_a_run_stopped_before_it_began_never_begins(world):
    world.put(range(1, 4))
    world.configure("natural", prefix="never-")
    run = world.request("never-natural")
    assert world.cli("stop", run).code == 0
    assert (world.state(run).status, world.state(run).reason) == ("stopped", "Stopped before it began.")
    world.worker()
    assert world.ended(world.request("never-natural", limit=1)).status == "completed"
    assert world.state(run).started_at is None
    assert len(world.arrivals("never-natural")) == 1


def test_a_run_stopped_while_it_waits_for_another_never_begins(world):
    world.put(range(1, 41))
    world.control(delay=0.1)
    world.configure("natural", prefix="behind-")
    world.worker()
    first = world.request("behind-natural")
    until(lambda: world.arrivals("behind-natural"), what="the first record")
    second = world.request("behind-natural", force=True)
    until(lambda: world.state(second).enqueued_at, what="the second in the queue")
    assert world.cli("stop", second).code == 0
    assert world.ended(first).status == "completed"
    assert world.ended(second).status == "stopped"
    assert world.arrivals("behind-natural") == dict.fromkeys(range(1, 41), 1)


def test_runs_of_a_service_follow_one_another_and_other_services_run_meanwhile(world):
    world.put(range(1, 61))
    world.control(delay=0.1)
    world.configure("natural", "lookup", prefix="turn-")
    world.worker()
    world.worker()
    first = world.request("turn-natural")
    until(lambda: world.arrivals("turn-natural"), what="the first record")
    second, other = world.request("turn-natural", force=True), world.request("turn-lookup", limit=4)
    assert world.ended(other).status == "completed"
    assert world.state(first).ended_at is None
    assert world.state(second).started_at is None
    ended, began = world.ended(first).ended_at, world.ended(second).started_at
    assert began >= ended
