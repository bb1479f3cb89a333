"""Processes killed around what people and other systems ask for: calls, runs with settings of their own, dry runs, removals."""

from __future__ import annotations

import json
import random
import time
from urllib.request import Request, urlopen

import pytest
from tests.runtime.killing import CONCURRENCY
from tests.runtime.world import until

from topstitch.runtime.postgres import ensure_running
from topstitch.store.payloads import unpacked

pytestmark = pytest.mark.xdist_group("kills")


def struck(world, worker, run, *, times=2, longest=0.5):
    """The worker is killed so many times at random moments of a run, and each time another begins; the last of them."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice, kills = random.Random(seed), 0
    until(lambda: world.state(run).started_at, what="the beginning of the run")
    while kills < times and not world.state(run).ended_at:
        time.sleep(dice.uniform(0.0, longest))
        world.kill(worker)
        worker, kills = world.worker(), kills + 1
    assert kills, "it was over before anything was killed"
    return worker


# -- calls --------------------------------------------------------------------------------------------------------------


def called(world, token):
    """The run of a call that was answered, None where there was no answer."""
    call = Request(f"http://127.0.0.1:{world.port}/hooks/{token}", b"{}", method="POST")
    try:
        with urlopen(call, timeout=10) as answer:  # loopback
            return json.load(answer)["run"]
    except OSError:
        return None


def change(world, numbers):
    """Orders that a call tells of, changed after those before."""
    minute = f"2026-02-01T{numbers.start // 60:02d}:{numbers.start % 60:02d}:00Z"
    world.put(numbers, updated_at=minute)


def test_every_call_that_was_answered_is_delivered_once_whatever_is_killed_before_its_run_has_ended(world):
    world.configure("lookup", prefix="hooked-", webhook=True)
    world.rows("UPDATE store_service SET active = true WHERE name = 'hooked-lookup'")
    token = world.cli("token", "hooked-lookup").out
    web = world.start("web")
    change(world, range(1, 21))
    run = until(lambda: called(world, token), what="an answer")
    change(world, range(21, 41))
    assert called(world, token) == run
    # Answered, and no worker was there: what is left of the calls is what was stored.
    world.kill(web)
    world.kill_postmaster()
    ensure_running(world.home)
    world.control(delay=0.05)
    struck(world, world.worker(), run)
    assert world.ended(run).status == "completed"
    assert world.arrivals("hooked-lookup") == dict.fromkeys(range(1, 41), 1)


# -- settings of one run ------------------------------------------------------------------------------------------------


def test_a_run_with_settings_of_its_own_keeps_them_through_kills_and_leaves_the_services_position(world):
    world.put(range(1, 121))
    world.control(delay=0.05)
    world.configure("lookup", prefix="own-", concurrency=CONCURRENCY)
    filters = [{"field": "id", "op": "greater", "value": 40}]
    worker = world.worker()
    run = world.request("own-lookup", source={"page_size": 10}, filters=filters, keep_pushed=True)
    struck(world, worker, run)
    row = world.ended(run)
    assert (row.status, row.pulled, row.filtered, row.ok) == ("completed", 120, 40, 80)
    assert world.arrivals("own-lookup") == dict.fromkeys(range(41, 121), 1)
    pages = world.rows("SELECT counts FROM store_runpage WHERE run_id = %s AND complete", run)
    assert [page.counts["pulled"] for page in pages] == [10] * 12
    (position,) = world.rows("SELECT watermark, covered_at FROM store_service WHERE name = 'own-lookup'")
    assert (position.watermark, position.covered_at) == (None, None)


# -- dry runs -----------------------------------------------------------------------------------------------------------


def shown(world, run):
    """The pages that a dry run has stored, each with the records it would send."""
    pages = world.rows("SELECT page, body FROM stored_payload WHERE run_id = %s AND kind = 'dry_run' ORDER BY id", run)
    return [(page.page, [record["key"] for record in unpacked(page.body)]) for page in pages]


def test_a_dry_run_sends_nothing_however_often_it_is_killed_and_shows_each_record_once(world):
    world.put(range(1, 1001))
    world.configure("lookup", prefix="dry-")
    worker = world.worker()
    run = world.request("dry-lookup", dry=True, source={"page_size": 5})
    until(lambda: shown(world, run), what="the first page")
    struck(world, worker, run)
    row = world.ended(run)
    assert (row.status, row.pulled, row.ok) == ("completed", 1000, 0)
    pages = shown(world, run)
    assert [number for number, _ in pages] == list(range(1, 201))
    assert sorted(int(key) for _, keys in pages for key in keys) == list(range(1, 1001))
    assert world.store.all("sales") == world.store.all("arrivals") == []
    assert not world.items("dry-lookup")


# -- removals -----------------------------------------------------------------------------------------------------------


def test_a_service_that_is_removed_while_it_runs_sends_nothing_more_whoever_is_killed(world):
    world.put(range(1, 201))
    world.control(delay=0.05)
    world.configure("lookup", "ask", prefix="removed-", concurrency=CONCURRENCY)
    worker, names = world.worker(), ("removed-lookup", "removed-ask")
    runs = [world.request(name) for name in names]
    waiting = [world.request(name) for name in names]
    until(lambda: all(len(world.arrivals(name)) >= 10 for name in names), what="the first records")
    for name in names:
        assert world.cli("remove", name).code == 0
    world.kill(worker)
    before = {name: len(world.arrivals(name)) for name in names}
    world.worker()
    for run in [*runs, *waiting]:
        assert world.ended(run).status == "stopped"
    for name in names:
        assert world.arrivals(name).total() == len(world.arrivals(name)) <= before[name] + CONCURRENCY
        assert before[name] < 200
