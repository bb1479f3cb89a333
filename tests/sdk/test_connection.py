"""What a system's code is given at run time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def connection(far):
    return far.connect({"things": {"read": {"path": "/all", "paging": {"none": {}}}}})


def test_a_remembered_value_is_made_once_though_many_threads_need_it(connection):
    made, together = [], threading.Barrier(8)

    def make():
        made.append(1)
        # Whoever else would make it comes now, while this one is at it.
        threading.Event().wait(0.05)
        return len(made)

    def work(_):
        together.wait(5)
        return connection.remember("location", make)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(8))) == [1] * 8


def test_a_value_that_could_not_be_made_is_tried_again(connection):
    tries = iter([ZeroDivisionError, None])

    def make():
        if error := next(tries):
            raise error
        return "found"

    with pytest.raises(ZeroDivisionError):
        connection.remember("location", make)

    assert connection.remember("location", make) == "found"


def test_a_value_may_need_another(connection):
    assert connection.remember("outer", lambda: connection.remember("inner", lambda: 1) + 1) == 2
