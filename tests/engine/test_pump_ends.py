"""How the pump ends: stopped, closed, without its ledger. Nothing hangs, and nothing is recorded wrongly."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from tests.fakes.rig import Destination, Rig, until

from topstitch.engine.ports import Intent, LedgerLost
from topstitch.net.retry import Stopped
from topstitch.sdk.model import Verdict

pytestmark = pytest.mark.usefixtures("settled_at_once")


def test_a_stop_finishes_what_is_out_and_withdraws_the_rest():
    entered, go = threading.Event(), threading.Event()

    def hold(batch):
        entered.set()
        go.wait(10)
        return rig.destination.take(batch)

    rig = Rig(Destination([hold]))
    page = rig.page(1, "abcd")
    entered.wait(10)
    rig.stop.set()
    go.set()
    assert page.done.wait(10)
    rig.close()
    assert rig.ledger.statuses() == {"a": "ok"}
    assert sorted(rig.ledger.withdrawn) == ["b", "c", "d"]
    assert isinstance(rig.failure, Stopped)
    assert rig.ledger.ends == []


@pytest.mark.parametrize("as_verdict", [True, False])
def test_a_request_that_was_stopped_before_it_left_is_withdrawn(as_verdict):
    stopped = Verdict.of(Stopped()) if as_verdict else Stopped()
    rig = Rig(Destination([stopped]), "none")
    page = rig.page(1, "a")
    assert page.done.wait(10)
    rig.close()
    assert rig.ledger.results == []
    assert rig.ledger.withdrawn == ["a"]


def test_a_stop_does_not_withdraw_what_may_have_arrived():
    rig = Rig(Destination([Stopped()]), "lookup")
    page = rig.page(1, "a", uncertain=True)
    assert page.done.wait(10)
    rig.close()
    assert rig.ledger.withdrawn == []
    assert rig.ledger.results == []


def test_a_stop_during_an_outage_withdraws_everything():
    rig = Rig(threads=3)
    rig.destination.up = False
    page = rig.page(1, range(10))
    until(lambda: rig.destination.probes >= 1)
    rig.stop.set()
    assert page.done.wait(10)
    rig.close()
    assert sorted(rig.ledger.withdrawn, key=int) == [str(n) for n in range(10)]


def test_closing_sends_nothing_more():
    entered, go = threading.Event(), threading.Event()

    def hold(batch):
        entered.set()
        go.wait(10)
        return rig.destination.take(batch)

    rig = Rig(Destination([hold]))
    rig.page(1, range(50))
    entered.wait(10)
    closing = threading.Thread(target=rig.pump.close)
    closing.start()
    go.set()
    closing.join(20)
    assert not closing.is_alive()
    assert rig.destination.arrived == Counter({"0": 1})
    assert rig.ledger.statuses() == {"0": "ok"}
    assert len(rig.ledger.withdrawn) == 49


def test_closing_during_an_outage_does_not_wait_for_its_end():
    rig = Rig(threads=3)
    rig.breaker._first = rig.breaker._wait = 60.0
    rig.destination.up = False
    rig.page(1, range(10))
    until(lambda: rig.ledger.pauses)
    rig.close()


@pytest.mark.parametrize("call", ["record", "confirm", "paused"])
@pytest.mark.parametrize("idempotency", ["natural_key", "none"])
def test_a_lost_ledger_ends_the_pump_and_nothing_is_recorded_wrongly(call, idempotency):
    rig = Rig(idempotency=idempotency, threads=3)
    rig.ledger.lost.add(call)
    if call == "paused":
        rig.destination.up = False
    first, second = rig.page(1, range(3)), rig.page(2, range(3, 6))
    assert first.done.wait(10)
    assert second.done.wait(10)
    assert isinstance(rig.failure, LedgerLost)
    rig.ledger.lost.clear()
    rig.close()
    assert rig.ledger.ends == []
    if call == "record":
        assert rig.ledger.results == []


def test_a_page_begun_after_the_end_does_not_wait_for_ever():
    rig = Rig()
    rig.ledger.lost.add("record")
    assert rig.page(1, "a").done.wait(10)
    assert rig.page(2, "b").done.wait(10)
    rig.close()


def test_a_ledger_lost_at_the_last_group_of_a_page_ends_that_page_too():
    rig = Rig()
    real, calls = rig.ledger.record, []

    def record(results, ends=()):
        calls.append(len(ends))
        if ends:
            raise LedgerLost("the database went away")
        real(results, ends)

    rig.ledger.record = record
    assert rig.page(1, "abc").done.wait(10), "the page waits for ever"
    assert isinstance(rig.failure, LedgerLost)
    rig.close()


def test_an_unforeseen_error_of_the_recorder_ends_the_pump():
    rig = Rig()

    def record(results, ends=()):
        raise ZeroDivisionError("a bug")

    rig.ledger.record = record
    assert rig.page(1, "abc").done.wait(10)
    assert isinstance(rig.failure, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        rig.pump.drain(rig.begin(2))
    rig.close()


def test_where_nothing_can_be_asked_only_a_few_are_unrecorded_at_any_time():
    rig = Rig(idempotency="none", threads=4)
    work = rig.begin(1)
    tasks = [rig.task(work, n) for n in range(40)]
    for at in range(0, 40, 4):
        group = tasks[at : at + 4]
        rig.ledger.intend(1, [Intent(t.outgoing.key, "") for t in group])
        rig.pump.submit(work, group)
        rig.pump.drain(work)
    rig.pump.seal(work)
    rig.finish(work)
    assert rig.ledger.most_unrecorded <= 4
    assert len(rig.ledger.results) == 40


def test_a_thread_waits_for_its_record_before_it_sends_more_where_nothing_can_be_asked():
    rig = Rig(idempotency="none", threads=2)
    recording = threading.Event()
    real = rig.ledger.record

    def record(results, ends=()):
        recording.wait(10)
        real(results, ends)

    rig.ledger.record = record
    page = rig.page(1, range(20))
    until(lambda: len(rig.destination.calls) == 2)
    assert not page.done.wait(0.3)
    assert len(rig.destination.calls) == 2
    recording.set()
    rig.finish(page)
