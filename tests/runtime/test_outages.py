"""Systems that are away, refuse, throttle or lose answers while services run: work waits and goes on, in order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.runtime.world import until

pytestmark = pytest.mark.xdist_group("services")


def attempts(world, name):
    """The report of a service: one row an attempt."""
    return world.rows(
        "SELECT a.* FROM attempt a JOIN store_service s ON s.id = a.service_id WHERE s.name = %s ORDER BY a.id", name
    )


def sales_in_order(world, name):
    return [int(s["reference"].rpartition("-")[2]) for s in world.store.all("sales") if s["reference"].startswith(name)]


def paused(world, run):
    return until(lambda: (row := world.state(run)).status == "paused" and row, what="a pause")


def test_a_destination_that_goes_away_pauses_the_runs_and_uses_no_attempts(world):
    kinds = ("natural", "lookup", "ask")
    world.put(range(1, 41))
    world.control(delay=0.05)
    world.configure(*kinds, prefix="away-", concurrency=1)
    world.worker()
    runs = {kind: world.request(f"away-{kind}") for kind in kinds}
    until(lambda: all(len(world.arrivals(f"away-{kind}")) >= 5 for kind in kinds), what="the first records")
    world.kill_far_end()
    for run in runs.values():
        row = paused(world, run)
        assert "Far end" in row.reason
        assert row.ended_at is None
    world.start_far_end()

    for kind, run in runs.items():
        name, row = f"away-{kind}", world.ended(run)
        assert row.reason == ""
        assert row.failed == row.pending == 0
        # The one that was in flight may not have been answered for.
        assert row.uncertain <= (kind == "ask")
        assert set(world.arrivals(name)) == set(range(1, 41))
        assert max(world.arrivals(name).values()) <= (2 if kind == "natural" else 1)
        arrived = sales_in_order(world, name)
        assert arrived == sorted(arrived)
        assert {a.status for a in attempts(world, name)} <= {"ok", "uncertain"}
        items = "SELECT max(attempts) AS most FROM item i JOIN store_service s ON s.id = i.service_id WHERE s.name = %s"
        assert world.rows(items, name)[0].most <= (kind == "ask")


def test_a_source_that_is_away_at_the_start_is_waited_for_and_the_log_tells_so(world):
    world.put(range(1, 11))
    world.configure("natural", prefix="absent-")
    world.kill_far_end()
    world.worker()
    run = world.request("absent-natural")
    assert "no connection" in paused(world, run).reason
    world.start_far_end()
    assert world.ended(run).ok == 10
    lines = "SELECT message FROM log_line WHERE run_id = %s ORDER BY at, id"
    said = until(lambda: [line.message for line in world.rows(lines, run)], what="the log")
    assert any(line.startswith("Paused: the source is away") for line in said)
    assert any("is back; work goes on" in line for line in said)


def test_refused_credentials_pause_the_run_until_the_system_takes_them(world):
    world.put(range(1, 61))
    world.control(delay=0.05)
    world.configure("natural", prefix="refused-")
    world.worker()
    run = world.request("refused-natural")
    until(lambda: len(world.arrivals("refused-natural")) >= 5, what="the first records")
    world.control(token="another")
    assert "credentials" in paused(world, run).reason
    world.control(token="right")
    row = world.ended(run)
    assert (row.status, row.ok) == ("completed", 60)
    assert {a.status for a in attempts(world, "refused-natural")} == {"ok"}


def test_credentials_put_right_in_the_connector_let_the_paused_run_go_on(world):
    world.put(range(1, 31))
    world.control(token="new")
    world.configure("natural", prefix="fixed-")
    world.worker()
    run = world.request("fixed-natural")
    paused(world, run)
    world.apply({"connectors": {"natural": world.connector("far-natural", settings={"token": "new"})}})
    row = world.ended(run, 15)
    assert (row.status, row.ok, row.reason) == ("completed", 30, "")
    assert world.arrivals("fixed-natural") == dict.fromkeys(range(1, 31), 1)


def test_a_throttled_destination_is_left_alone_by_every_thread_for_as_long_as_it_asked(world):
    world.put(range(1, 61))
    world.control(delay=0.02, stamp=True)
    world.configure("natural", prefix="slow-", concurrency=8)
    world.fault("429", count=1, method="POST", skip=20, retry_after=3)
    world.worker()
    run = world.request("slow-natural")
    assert world.ended(run).ok == 60
    assert max(world.arrivals("slow-natural").values()) == 1
    moments = sorted(doc["at"] for doc in world.store.all("moments"))
    gaps = [after - before for before, after in pairwise(moments)]
    # Requests that were under way when the answer came may still arrive; then nothing for three seconds.
    assert max(gaps) >= 2.9
    assert {a.status for a in attempts(world, "slow-natural")} == {"ok"}


def test_answers_that_are_lost_after_the_write_are_settled_by_kind(world):
    kinds = ("natural", "lookup", "ask", "again")
    world.put(range(1, 21))
    world.configure(*kinds, prefix="lost-", concurrency=2)
    for kind in kinds:
        world.fault("lost", count=3, method="POST", skip=5, contains=f"lost-{kind}-")
    world.worker()
    runs = {kind: world.request(f"lost-{kind}") for kind in kinds}
    rows = {kind: world.ended(run) for kind, run in runs.items()}
    doubled = {kind: [n for n, times in world.arrivals(f"lost-{kind}").items() if times > 1] for kind in kinds}
    for kind, row in rows.items():
        assert set(world.arrivals(f"lost-{kind}")) == set(range(1, 21))
        assert row.uncertain == (3 if kind == "ask" else 0)
        assert row.ok + row.uncertain == 20
    assert doubled["lookup"] == doubled["ask"] == []
    assert 1 <= len(doubled["natural"]) <= 3
    assert 1 <= len(doubled["again"]) <= 3
    uncertain = [a for a in attempts(world, "lost-ask") if a.status == "uncertain"]
    assert len(uncertain) == 3
    assert all(a.message for a in uncertain)


@pytest.mark.slow
def test_a_storm_of_errors_is_waited_out_and_everything_arrives_once(world):
    world.put(range(1, 61))
    world.control(delay=0.02)
    world.configure("lookup", prefix="storm-", concurrency=4)
    world.fault("503", count=60, method="POST", skip=10)
    world.worker()
    row = world.ended(world.request("storm-lookup"), 90)
    # The first failures of a storm may be those of single records: they wait for the next run.
    assert row.failed == row.uncertain == 0
    assert row.pending <= 12
    assert row.ok == 60 - row.pending

    row = world.ended(world.request("storm-lookup"))
    assert (row.status, row.failed, row.pending) == ("completed", 0, 0)
    assert world.arrivals("storm-lookup") == dict.fromkeys(range(1, 61), 1)


def test_a_record_that_is_refused_fails_alone_while_the_rest_goes_through(world):
    world.put(range(1, 31))
    world.put([7], email="bad")
    world.configure("natural", prefix="poison-")
    world.worker()
    row = world.ended(world.request("poison-natural"))
    assert (row.status, row.ok, row.failed) == ("completed_with_failures", 29, 1)
    (failed,) = [a for a in attempts(world, "poison-natural") if a.status == "failed"]
    assert (failed.reference, failed.field) == ("#1007", "email")
