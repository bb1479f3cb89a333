"""Workers killed while a service with all that a mapping can ask runs: a payload script, a field script, a lookup, a sequence."""

from __future__ import annotations

import random
import time

import psutil
import pytest
from tests.fakes.far_end import MAPPING
from tests.runtime.far_end import definition
from tests.runtime.killing import CONCURRENCY
from tests.runtime.world import until

pytestmark = pytest.mark.xdist_group("kills")

ORDERS = 160
#: Two orders become one: the first of them, with the lines of both.
MERGE = """
def handle(data):
    merged = {}
    for order in data["payload"]:
        first = merged.setdefault(order["basket"], order)
        if first is not order:
            first["lines"] = first["lines"] + order["lines"]
    data["payload"] = list(merged.values())
    return data
"""
GREET = """
def handle(data):
    return {"payload": "Hello " + data["payload"].strip()}
"""


def rows(name):
    found = {"connector": "far", "entity": "orders", "match": "id", "give": "name"}
    return [
        {"to": "reference", "from": "id", "do": ["other.to_text", {"string.prefix": {"text": f"{name}-"}}]},
        *MAPPING[1:],
        {"to": "greeting", "from": "email", "do": [{"other.script": {"script": "Greet"}}]},
        {"to": "friend", "from": "friend", "do": [{"other.find": found}]},
        {"to": "invoice", "do": [{"other.sequence": {"name": name, "start": 1000}}]},
    ]


def configured(world, name):
    ends = {"connector": "far", "entity": "orders"}, {"connector": "far", "entity": "sales"}
    service = {"source": ends[0], "destination": ends[1], "script": "Merge", "mapping": rows(name)}
    world.apply(
        {
            "systems": [definition("far-lookup", "lookup", concurrency=CONCURRENCY)],
            "connectors": {"far": world.connector("far-lookup")},
            "scripts": {"Merge": {"code": MERGE}, "Greet": {"code": GREET}},
            "services": {name: service},
        }
    )


def put(world, first):
    """Orders of which two and two are one basket, each with a friend among them all."""
    for number in range(first, first + ORDERS):
        at = f"2026-02-01T{first // ORDERS:02d}:00:00Z"
        world.put([number], basket=(number - 1) // 2, friend=1 + number * 7 % (first + ORDERS - 1), updated_at=at)


def struck_down(world, worker):
    """The worker is killed, and another begins; what it had started ends by itself."""
    children = psutil.Process(worker.pid).children(recursive=True)
    world.kill(worker)
    until(lambda: not any(child.is_running() for child in children), what="the end of the sandbox's processes")
    return world.worker()


def moves(world, name, run):
    before = len(world.arrivals(name))
    return lambda: len(world.arrivals(name)) > before or world.state(run).ended_at


@pytest.mark.parametrize("most", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_workers_killed_while_scripts_lookups_and_sequences_are_asked_lose_and_double_nothing(world, most):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    name = f"asking{most}"
    configured(world, name)
    world.control(delay=0.02)
    worker, kills, total = world.worker(), 0, 0
    while kills < most:
        put(world, total + 1)
        total += ORDERS
        run = world.request(name)
        while kills < most:
            time.sleep(dice.uniform(0.0, 0.7))
            if world.state(run).ended_at:
                break
            worker, kills = struck_down(world, worker), kills + 1
            until(moves(world, name, run), what="a run that moves again")
        row = world.ended(run, 90)
        assert (row.status, row.failed) == ("completed", 0), (row, world.said())
    assert_all_arrived_once(world, name, total)


def assert_all_arrived_once(world, name, total):
    numbers = range(1, total, 2)
    assert world.arrivals(name) == dict.fromkeys(numbers, 1)
    sales = {number: world.store.get("sales", f"{name}-{number}") for number in numbers}
    assert sorted(sale["invoice"] for sale in sales.values()) == list(range(1000, 1000 + len(sales)))
    for number, sale in sales.items():
        # As many as the two orders had.
        assert len(sale["lines"]) == number % 3 + 1 + (number + 1) % 3 + 1
        assert sale["greeting"] == f"Hello Person{number}@Example.com"
        assert sale["friend"].startswith("#")
    assert world.items(name) == {"ok": len(sales)}
