"""What looking costs does not grow with the number of services, but for reading them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from topstitch.alerts.jobs import notice
from topstitch.alerts.noticing.runs import judge_runs
from topstitch.alerts.noticing.silence import look


def queries(work) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


@pytest.mark.parametrize("own", [False, True])
def test_looking_and_judging_clean_runs_take_as_many_questions_for_many_services_as_for_few(world, own):
    counts = []
    for number in (2, 40):
        for n in range(number):
            service = world.service(f"Service {number}-{n}")
            if own:
                world.rule(service, addresses=["desk@example.com"], failures=3)
            world.ran(service, ok=1)
        judged = queries(lambda: judge_runs(world.now))
        world.pass_time(minutes=2)
        counts.append((judged, queries(lambda: look(world.now))))
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 16


def test_a_worker_with_nothing_to_do_asks_twice(world):
    world.service()
    look()
    notice()
    assert queries(notice) == 2


def test_many_failing_runs_take_few_questions_each(world):
    world.rule(addresses=["desk@example.com"])
    for n in range(20):
        world.ran(world.service(f"Service {n}"), failed=2)
    assert queries(lambda: judge_runs(world.now)) <= 12 + 20 * 5
