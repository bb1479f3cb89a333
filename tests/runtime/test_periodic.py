"""What a worker does now and then."""

from __future__ import annotations

import threading

from topstitch.runtime import periodic
from topstitch.runtime.periodic import Job, Periodic


def test_what_is_done_hourly_is_done_soon_after_the_start_and_for_as_long_as_there_is_more(monkeypatch):
    monkeypatch.setattr(periodic, "FIRST", 0.01)
    stop, done, left = threading.Event(), threading.Event(), [1, 2, 3]

    def work():
        left.pop()
        if not left:
            done.set()
        return bool(left)

    Periodic([Job("hourly", 3600.0, work)], stop).start()
    assert done.wait(10)
    stop.set()
