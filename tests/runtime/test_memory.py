"""A worker's memory stays what it is, however many records pass through."""

from __future__ import annotations

import psutil
import pytest
from tests.runtime.world import service, until

pytestmark = [pytest.mark.xdist_group("services"), pytest.mark.slow]
MAPPING = [{"to": "reference", "from": "id", "do": ["other.to_text"]}, {"to": "text", "from": "text"}]
GROWTH, GROWTH_OF_RUNS = 30 * 1024 * 1024, 6 * 1024 * 1024


def run_of(world, worker, total):
    """A run of so many new records; the most memory that the worker had meanwhile, in bytes."""
    world.control(many=total)
    process, most = psutil.Process(worker.pid), 0
    run = world.request("bulk", force=True)
    while not world.state(run).ended_at:
        most = max(most, process.memory_info().rss)
        until(lambda: True)
    row = world.state(run)
    assert (row.status, row.ok) == ("completed", total)
    return most


@pytest.fixture
def worker(world):
    world.configure("natural")
    world.apply(
        {
            "services": {
                "bulk": {
                    **service("natural"),
                    "source": {"connector": "natural", "entity": "many", "page_size": 500},
                    "destination": {"connector": "natural", "entity": "bulk"},
                    "mapping": MAPPING,
                }
            }
        }
    )
    return world.worker()


def test_memory_does_not_grow_with_the_number_of_records(world, worker):
    few = run_of(world, worker, 20_000)
    many = run_of(world, worker, 100_000)
    print(f"20,000 records: {few / 1e6:.0f} MB; 100,000: {many / 1e6:.0f} MB")
    assert many - few < GROWTH
    assert world.store.get("swallowed", "count")["n"] == 120_000


def test_memory_does_not_grow_with_the_number_of_runs(world, worker):
    most = [run_of(world, worker, 10_000) for _ in range(12)]
    print(" ".join(f"{each / 1e6:.0f}" for each in most), "MB")
    assert max(most[-3:]) - max(most[:3]) < GROWTH_OF_RUNS
