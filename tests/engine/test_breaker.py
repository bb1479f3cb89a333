"""The breaker: an outage holds everybody, a probe lets them go, and nobody waits for ever."""

from __future__ import annotations

import threading
import time

import pytest
from tests.fakes.rig import PATIENCE, Destination, MemoryLedger, breaker, until

from topstitch.engine.breaker import STORM
from topstitch.engine.ports import LedgerLost
from topstitch.errors import AuthError, Unreachable

AWAY = Unreachable("connection refused")


class World:
    def __init__(self, **choices):
        self.destination, self.ledger, self.stop = Destination(), MemoryLedger(), threading.Event()
        self.breaker = breaker(self.destination, self.ledger, self.stop, **choices)

    def waiting(self):
        """A thread that waits for the flow; what it was told is in the list."""
        told = []

        def wait():
            try:
                told.append(self.breaker.wait())
            except BaseException as error:  # noqa: BLE001  # the test looks at it
                told.append(error)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        return thread, told


def ended(thread):
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it waits for ever"


def test_work_flows_until_something_is_wrong():
    assert World().breaker.wait() is True


def test_a_success_that_was_still_on_its_way_does_not_end_the_patience(monkeypatch):
    """The clock of a machine that has run for longer than the patience once made such an outage the last."""
    up_for_days = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: up_for_days() + 1e6)
    world = World(patience=60)
    world.destination.up = False
    world.breaker.trip(AWAY)
    until(lambda: world.destination.probes >= 1)
    world.breaker.success()
    probed = world.destination.probes
    until(lambda: world.destination.probes >= probed + 2)
    world.destination.up = True
    thread, told = world.waiting()
    ended(thread)
    assert told == [True]


def test_an_outage_holds_everybody_until_a_probe_succeeds():
    world = World()
    world.destination.up = False
    world.breaker.trip(AWAY)
    waiting = [world.waiting() for _ in range(3)]
    until(lambda: world.destination.probes >= 2)
    assert all(thread.is_alive() for thread, _ in waiting)
    world.destination.up = True
    for thread, told in waiting:
        ended(thread)
        assert told == [True]
    assert world.ledger.pauses == ["Far end: connection refused", ""]


def test_several_trips_are_one_outage():
    world = World(first_wait=0.2)
    for _ in range(5):
        world.breaker.trip(AWAY)
    assert world.breaker.wait()
    assert world.destination.probes == 1


def test_a_pause_is_kept_and_not_probed():
    world = World()
    began = time.monotonic()
    world.breaker.trip(AWAY, pause=0.3)
    assert world.breaker.wait()
    assert time.monotonic() - began >= 0.3
    assert world.destination.probes == 0


def test_patience_ends_and_says_why():
    world = World(patience=0.05)
    world.destination.up = False
    world.breaker.trip(AWAY)
    thread, told = world.waiting()
    ended(thread)
    assert told == [False]
    assert "connection refused" in str(world.breaker.dead)
    world.breaker.trip(AWAY)
    assert world.breaker.wait() is False


@pytest.mark.parametrize("pause", [None, 30])
def test_who_has_no_patience_waits_neither_for_a_probe_nor_for_a_pause(pause):
    world = World(patience=0)
    began = time.monotonic()
    world.breaker.trip(AWAY, pause=pause)
    assert world.breaker.wait() is False
    assert "connection refused" in str(world.breaker.dead)
    assert time.monotonic() - began < 2
    assert world.destination.probes == 0


def test_a_stop_ends_all_waiting():
    world = World(first_wait=30)
    world.breaker.trip(AWAY)
    thread, told = world.waiting()
    world.stop.set()
    ended(thread)
    assert told == [False]


def test_closing_ends_all_waiting_and_the_probe():
    world = World(first_wait=30)
    world.breaker.trip(AWAY)
    thread, told = world.waiting()
    world.breaker.close()
    ended(thread)
    assert told == [False]
    until(lambda: not any(t.name == "probe Far end" for t in threading.enumerate()))


def test_who_waits_hears_of_it_when_the_ledger_is_lost():
    world = World()
    world.ledger.lost.add("paused")
    world.breaker.trip(AWAY)
    thread, told = world.waiting()
    ended(thread)
    assert isinstance(told[0], LedgerLost)


def test_a_ledger_lost_while_it_comes_back_leaves_nobody_waiting():
    world = World(first_wait=0.1)
    world.breaker.trip(AWAY)
    until(lambda: world.ledger.pauses)
    world.ledger.lost.add("paused")
    thread, told = world.waiting()
    ended(thread)
    assert isinstance(told[0], LedgerLost)


def test_a_test_that_breaks_is_no_success():
    world = World(patience=0.1)

    def broken():
        raise KeyError("token")

    world.breaker._probe = broken
    world.breaker.trip(AWAY)
    thread, told = world.waiting()
    ended(thread)
    assert told == [False]
    assert "KeyError" in str(world.breaker.dead)


def test_a_system_whose_test_passes_but_whose_work_fails_is_given_up_too():
    world = World(patience=0.3)
    rounds = 0
    while world.breaker.wait():
        rounds += 1
        assert rounds < 200, "it goes round for ever"
        world.breaker.trip(AuthError("the token may not write"))
    assert "may not write" in str(world.breaker.dead)


def test_a_success_begins_anew():
    world = World(patience=0.3)
    began = time.monotonic()
    while time.monotonic() - began < 0.6:
        world.breaker.trip(AWAY)
        assert world.breaker.wait(), "patience ran out although records went through"
        world.breaker.success()


def test_a_storm_is_so_many_failures_without_a_success():
    world = World()
    for _ in range(STORM - 1):
        assert not world.breaker.failure()
    world.breaker.success()
    for _ in range(STORM - 1):
        assert not world.breaker.failure()
    assert world.breaker.failure()


@pytest.mark.parametrize("error", [AuthError("expired")])
def test_refused_credentials_are_probed_seldom(error):
    world = World(first_wait=0.01, longest_wait=0.2)
    world.destination.up = True

    def refused():
        world.destination.probes += 1
        if world.destination.probes < 3:
            raise AuthError("expired")

    world.breaker._probe = refused
    began = time.monotonic()
    world.breaker.trip(error)
    assert world.breaker.wait()
    assert time.monotonic() - began >= 0.4
