"""The pump with real threads: every record is sent once, has one outcome, and pages end in their order."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from tests.fakes.rig import ALL, Destination, Rig, until

from topstitch.engine import pump
from topstitch.engine.outcome import unmapped
from topstitch.errors import MappingError, RemoteRejected, TemporaryError
from topstitch.sdk.model import Verdict

pytestmark = pytest.mark.usefixtures("settled_at_once")


@pytest.mark.parametrize("idempotency", ALL)
@pytest.mark.parametrize("threads", [1, 8])
def test_every_record_is_sent_once_and_recorded_once(idempotency, threads):
    rig = Rig(idempotency=idempotency, threads=threads)
    ledger = rig.finish(rig.page(1, range(100)), rig.page(2, range(100, 150)))
    assert rig.destination.arrived == Counter(str(n) for n in range(150))
    assert Counter(r.key for r in ledger.results) == rig.destination.arrived
    assert [(end.number, end.counts.ok) for end in ledger.ends] == [(1, 100), (2, 50)]
    assert rig.failure is None


def test_records_go_out_in_batches_of_the_size_the_system_takes():
    rig = Rig(batch=10)
    rig.finish(rig.page(1, range(25)))
    assert [len(call) for call in rig.destination.calls] == [10, 10, 5]


def test_no_more_calls_at_once_than_threads():
    rig = Rig(threads=4)
    rig.destination.delay = 0.005
    rig.finish(rig.page(1, range(60)))
    assert 1 < rig.destination.most_in_flight <= 4


def test_the_last_answer_of_a_page_is_recorded_at_once(monkeypatch):
    monkeypatch.setattr(pump, "GROUP_SECONDS", 60)
    rig = Rig(threads=4)

    rig.finish(rig.page(1, range(30)))

    assert rig.ledger.ends[0].counts.ok == 30


def test_pages_end_in_the_order_of_their_beginnings():
    held = threading.Event()

    def hold(batch):
        held.wait(10)
        return rig.destination.take(batch)

    rig = Rig(Destination([hold]), threads=4)
    first, second = rig.page(1, [1]), rig.page(2, [2, 3])
    until(lambda: len(rig.ledger.results) == 2)
    assert not second.done.is_set()
    held.set()
    assert [end.number for end in rig.finish(first, second).ends] == [1, 2]


def test_an_empty_page_and_a_page_of_failures_end_too():
    rig = Rig()
    empty, failing = rig.page(1, []), rig.begin(2)
    error = MappingError("no number", row="Total")
    rig.pump.add_results(failing, [unmapped("7", "#7", 2, rig.pump._clock(), error)])
    rig.pump.seal(failing)
    ledger = rig.finish(empty, failing)
    assert [(end.number, end.counts.failed) for end in ledger.ends] == [(1, 0), (2, 1)]


def test_each_record_of_a_batch_has_its_own_verdict():
    def mixed(batch):
        return [Verdict.created("1"), Verdict.rejected("no email", field="email"), Verdict.of(TemporaryError("busy"))]

    rig = Rig(Destination([mixed]), batch=3)
    ledger = rig.finish(rig.page(1, "abc"))
    assert ledger.statuses() == {"a": "ok", "b": "failed", "c": "pending"}
    assert next(r for r in ledger.results if r.key == "b").problem.field == "email"


def test_an_exception_is_the_verdict_of_all():
    rig = Rig(Destination([RemoteRejected("the batch is refused")]), batch=3)
    ledger = rig.finish(rig.page(1, "abcd"))
    assert ledger.statuses() == {"a": "failed", "b": "failed", "c": "failed", "d": "ok"}


@pytest.mark.parametrize("idempotency", ["natural_key", "header", "lookup"])
@pytest.mark.parametrize("trouble", [KeyError("x"), [], RecursionError("deep")])
def test_a_systems_bug_is_settled_like_a_lost_answer(idempotency, trouble):
    script = [trouble if isinstance(trouble, BaseException) else (lambda batch: trouble)]
    rig = Rig(Destination(script), idempotency)
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses() == {"a": "ok", "b": "ok"}
    assert rig.destination.arrived == Counter("ab")


def test_a_systems_bug_at_a_destination_that_cannot_be_asked_is_uncertain():
    rig = Rig(Destination([KeyError("token")]), "none")
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses() == {"a": "uncertain", "b": "ok"}
    assert "KeyError" in next(r for r in ledger.results if r.key == "a").problem.message


def test_too_few_verdicts_are_never_dealt_out_by_guess():
    rig = Rig(Destination([lambda batch: [Verdict.created("1")]]), "none", batch=3)
    assert rig.finish(rig.page(1, "abc")).statuses() == {"a": "uncertain", "b": "uncertain", "c": "uncertain"}
