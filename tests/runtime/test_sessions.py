"""The sessions of a worker: what an ended run leaves behind."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from topstitch.runtime.session import Sessions


class Tangled:
    """A session whose parts know each other."""

    def __init__(self):
        self.part = self

    def close(self):
        pass


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


def test_what_an_ended_run_leaves_behind_is_freed_and_only_then_is_it_looked_for(no_collector, monkeypatch):
    monkeypatch.setattr(Sessions, "_opened", lambda self, run_id: Tangled())
    sessions = Sessions(threading.Event())

    left = weakref.ref(sessions.get("run"))
    sessions.tidy()
    sessions.forget("run")
    assert left() is not None
    sessions.tidy()
    assert left() is None

    other = weakref.ref(Tangled())
    sessions.tidy()
    assert other() is not None
