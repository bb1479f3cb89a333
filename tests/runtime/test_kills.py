"""Processes killed while services run: nothing lost, and doubled only what was in flight where nothing could prevent it.

The long form is `python -m tests.runtime.kill_loop 100`.
"""

from __future__ import annotations

import os
import random
import signal
import time

import psutil
import pytest
from tests.runtime.killing import CONCURRENCY, Killer, count, judge, one_round, report
from tests.runtime.world import KINDS, until

from topstitch.runtime.postgres import ensure_running, status

pytestmark = pytest.mark.xdist_group("kills")


def everything_arrived(world, kind, total):
    return set(world.arrivals(kind)) == set(range(1, total + 1))


def begun(world, kind, least=1):
    until(lambda: len(world.arrivals(kind)) >= least, what=f"{least} records of {kind}")


def processes_of(parent):
    """What a parent runs, by its first word: `web`, `worker`, `practice`."""
    found = {}
    for child in psutil.Process(parent.pid).children():
        words = child.cmdline()
        if "topstitch" in words:
            found[words[words.index("topstitch") + 1]] = child
    return found


def start_up(world, *words):
    """`topstitch up` that has begun to work."""
    parent = world.start("up", "--no-practice", *words)
    until(lambda: set(processes_of(parent)) == {"web", "worker"}, what="web and worker")
    until(lambda: world.alive_pid(processes_of(parent)["worker"].pid), what="a worker that works")
    return parent


def test_random_kills_lose_nothing_and_double_only_what_was_in_flight(world):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    world.control(delay=0.02)
    world.configure(*KINDS, concurrency=CONCURRENCY)
    killer = Killer(world, random.Random(seed))
    weapons = ["worker", "worker", "postmaster", "both"]
    one_round(killer, range(1, 301), lambda runs: killer.in_the_middle_of(runs, weapons, 5))
    tallies = count(world, range(1, 301))
    print(report(killer, tallies))
    assert sum(killer.kills.values()) >= 2
    judge(tallies, sum(killer.kills.values()))
    assert_what_is_stored_is_right(world)


def assert_what_is_stored_is_right(world):
    """However often a record arrived: it is stored as it should be, and reported once."""
    for number in (1, 150, 300):
        sale = world.store.get("sales", f"natural-{number}")
        assert sale["email"] == f"person{number}@example.com"
        assert len(sale["lines"]) == number % 3 + 1
    assert world.items("natural") == {"ok": 300}
    reported = world.rows(
        "SELECT key FROM attempt a JOIN store_service s ON s.id = a.service_id WHERE s.name = 'natural'"
    )
    assert len(reported) == len({row.key for row in reported}) == 300


def test_children_leave_when_their_parent_is_killed_and_the_next_parent_goes_on(world):
    world.put(range(1, 201))
    world.control(delay=0.03)
    world.configure("lookup", "ask", prefix="parent-")
    parent = start_up(world)
    children = processes_of(parent)
    runs = [world.request("parent-lookup"), world.request("parent-ask")]
    begun(world, "parent-lookup", 20)
    world.kill(parent)
    for child in children.values():
        child.wait(25)

    start_up(world)
    assert [world.ended(run).status for run in runs] == ["completed", "completed"]
    assert world.arrivals("parent-lookup") == dict.fromkeys(range(1, 201), 1)
    # The worker of a killed parent comes to rest in good order: nothing is left in doubt even here.
    assert world.arrivals("parent-ask") == dict.fromkeys(range(1, 201), 1)


def test_the_parent_starts_a_killed_web_worker_and_database_again(world):
    world.put(range(1, 201))
    world.control(delay=0.03)
    world.configure("lookup", prefix="up-")
    parent = start_up(world)
    first = processes_of(parent)
    run = world.request("up-lookup")
    begun(world, "up-lookup", 20)
    first["web"].kill()
    world.kill_postmaster()
    begun(world, "up-lookup", len(world.arrivals("up-lookup")) + 20)
    first["worker"].kill()
    assert world.ended(run).status == "completed"
    assert world.arrivals("up-lookup") == dict.fromkeys(range(1, 201), 1)
    second = until(lambda: len(now := processes_of(parent)) == 2 and now, what="both children")
    assert {child.pid for child in second.values()}.isdisjoint({child.pid for child in first.values()})
    until(lambda: world.answers("/healthz"), what="the web process")

    parent.send_signal(signal.SIGTERM)
    assert parent.wait(40) == 0
    assert status(world.home).state == "stopped"
    assert not [child for child in second.values() if child.is_running()]


def test_after_a_power_cut_the_next_start_goes_on(world):
    world.put(range(1, 201))
    world.control(delay=0.03)
    world.configure("lookup", "ask", prefix="cut-")
    parent = start_up(world)
    victims = [parent, *processes_of(parent).values()]
    runs = [world.request("cut-lookup"), world.request("cut-ask")]
    begun(world, "cut-lookup", 20)
    begun(world, "cut-ask", 20)
    for victim in victims:
        os.kill(victim.pid, signal.SIGSTOP)
    world.kill_postmaster()
    for victim in victims:
        os.kill(victim.pid, signal.SIGKILL)

    start_up(world)
    rows = [world.ended(run) for run in runs]
    assert rows[0].status == "completed"
    assert world.arrivals("cut-lookup") == dict.fromkeys(range(1, 201), 1)
    assert set(world.arrivals("cut-ask").values()) == {1}
    assert rows[1].uncertain <= CONCURRENCY
    assert world.items("cut-ask") == {"ok": 200 - rows[1].uncertain} | (
        {"uncertain": rows[1].uncertain} if rows[1].uncertain else {}
    )


def test_a_worker_that_is_told_to_end_leaves_nothing_in_doubt(world):
    world.put(range(1, 151))
    world.control(delay=0.05)
    world.configure("ask", "natural", prefix="rest-")
    runs = {kind: world.request(f"rest-{kind}") for kind in ("ask", "natural")}
    for _ in range(2):
        worker = world.worker()
        begun(world, "rest-ask", len(world.arrivals("rest-ask")) + 10)
        world.kill(worker, signal.SIGTERM)
        assert worker.returncode == 0
        assert "sending" not in world.items("rest-ask") + world.items("rest-natural")
        assert "uncertain" not in world.items("rest-ask") + world.items("rest-natural")
        assert {world.state(run).ended_at for run in runs.values()} == {None}
    world.worker()
    assert [world.ended(run).status for run in runs.values()] == ["completed", "completed"]
    for kind in runs:
        assert world.arrivals(f"rest-{kind}") == dict.fromkeys(range(1, 151), 1)


def test_where_nothing_tells_doubles_apart_no_more_records_are_on_their_way_than_threads(world):
    world.put(range(1, 41))
    world.control(delay=0.1)
    world.configure("ask", prefix="few-", concurrency=2, source={"page_size": 2})
    world.worker()
    run = world.request("few-ask")
    most = 0
    while not world.state(run).ended_at:
        most = max(most, world.items("few-ask")["sending"])
        time.sleep(0.02)
    assert most == 2
    assert world.arrivals("few-ask") == dict.fromkeys(range(1, 41), 1)


def test_a_run_that_the_durable_engine_gave_up_is_begun_again(world):
    world.put(range(1, 101))
    world.control(delay=0.05)
    world.configure("lookup", prefix="given-up-")
    worker = world.worker()
    run = world.request("given-up-lookup")
    begun(world, "given-up-lookup", 10)
    world.kill(worker)
    world.rows("UPDATE dbos.workflow_status SET status = 'ERROR' WHERE workflow_uuid = %s", run)
    world.worker()
    assert world.ended(run).status == "completed"
    assert world.arrivals("given-up-lookup") == dict.fromkeys(range(1, 101), 1)


def test_a_run_that_ended_is_not_gone_on_with(world):
    world.put(range(1, 101))
    world.control(delay=0.05)
    world.configure("natural", prefix="over-and-done-")
    worker = world.worker()
    run = world.request("over-and-done-natural")
    begun(world, "over-and-done-natural", 10)
    world.kill(worker)
    # As if it had been killed between the run's end and the durable engine's note of it.
    world.rows("UPDATE store_run SET status = 'failed', ended_at = now() WHERE id = %s", run)
    before = world.arrivals("over-and-done-natural")
    world.worker()
    finished = "SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = %s AND status = 'SUCCESS'"
    until(lambda: world.rows(finished, run), what="the end of the workflow")
    assert world.arrivals("over-and-done-natural") == before
    assert world.state(run).status == "failed"


def test_another_worker_takes_over_from_a_dead_one(world):
    world.put(range(1, 301))
    world.control(delay=0.1)
    world.configure("lookup", prefix="over-")
    doomed = world.worker()
    run = world.request("over-lookup")
    begun(world, "over-lookup", 10)
    world.worker()
    world.kill(doomed)
    died, before = time.monotonic(), len(world.arrivals("over-lookup"))
    begun(world, "over-lookup", before + 5)
    assert time.monotonic() - died < 16
    assert world.ended(run).status == "completed"
    assert world.arrivals("over-lookup") == dict.fromkeys(range(1, 301), 1)


@pytest.mark.slow
def test_a_stalled_worker_keeps_its_runs_and_doubles_nothing(world):
    world.put(range(1, 101))
    world.control(delay=0.1)
    world.configure("lookup", "ask", prefix="stalled-")
    stalled = world.worker()
    runs = [world.request("stalled-lookup"), world.request("stalled-ask")]
    begun(world, "stalled-lookup", 10)
    begun(world, "stalled-ask", 10)
    stalled.send_signal(signal.SIGSTOP)
    world.worker()
    time.sleep(0.5)
    before = world.arrivals("stalled-lookup"), world.arrivals("stalled-ask")
    time.sleep(1.5)
    assert (world.arrivals("stalled-lookup"), world.arrivals("stalled-ask")) == before
    stalled.send_signal(signal.SIGCONT)
    assert [world.ended(run).status for run in runs] == ["completed", "completed"]
    assert world.arrivals("stalled-lookup") == world.arrivals("stalled-ask") == dict.fromkeys(range(1, 101), 1)


def test_a_worker_that_was_stalled_while_another_took_over_sends_nothing_more(world):
    world.put(range(1, 101))
    world.control(delay=0.2)
    world.configure("lookup", "ask", prefix="fenced-")
    stalled = world.worker()
    runs = [world.request("fenced-lookup"), world.request("fenced-ask")]
    begun(world, "fenced-lookup", 6)
    begun(world, "fenced-ask", 6)
    stalled.send_signal(signal.SIGSTOP)
    # Its locks end with its connections, as when a network or a machine fails.
    world.kill_postmaster()
    ensure_running(world.home)
    world.worker()
    begun(world, "fenced-lookup", len(world.arrivals("fenced-lookup")) + 10)
    stalled.send_signal(signal.SIGCONT)
    lookup, ask = [world.ended(run) for run in runs]
    assert lookup.status == "completed"
    assert world.arrivals("fenced-lookup") == dict.fromkeys(range(1, 101), 1)
    assert max(world.arrivals("fenced-ask").values()) == 1
    assert ask.uncertain <= CONCURRENCY
    assert stalled.wait(20) == 75
