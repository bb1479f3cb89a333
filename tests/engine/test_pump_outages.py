"""The pump where the system as a whole is in trouble: it waits, loses no attempt, and goes on."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.fakes.rig import ALL, LOST, SAFE, Destination, Rig, lost_after_writing, until

from topstitch.engine.breaker import STORM
from topstitch.engine.ports import Status
from topstitch.errors import AuthError, RateLimited, TemporaryError

pytestmark = pytest.mark.usefixtures("settled_at_once")


@pytest.mark.parametrize("threads", [1, 4])
def test_after_an_outage_everything_goes_out_once_and_no_attempt_is_lost(threads):
    rig = Rig(threads=threads)
    rig.destination.up = False
    page = rig.page(1, range(30))
    until(lambda: rig.destination.probes >= 2)
    assert rig.ledger.results == []
    rig.destination.up = True
    ledger = rig.finish(page)
    assert rig.destination.arrived == Counter(str(n) for n in range(30))
    assert {r.outcome for r in ledger.results} == {"created"}
    assert ledger.pauses[0] == "Far end: connection refused"
    assert ledger.pauses[-1] == ""


def test_after_an_outage_records_go_out_in_their_order():
    rig = Rig()
    rig.destination.up = False
    page = rig.page(1, range(20))
    until(lambda: rig.destination.probes >= 1)
    rig.destination.up = True
    ledger = rig.finish(page)
    assert [r.key for r in ledger.results] == [str(n) for n in range(20)]


def test_a_batch_that_met_an_outage_goes_out_as_a_batch():
    rig = Rig(batch=10)
    rig.destination.up = False
    page = rig.page(1, range(10))
    until(lambda: rig.destination.probes >= 1)
    rig.destination.up = True
    rig.finish(page)
    assert [len(call) for call in rig.destination.calls if call] == [10] * len(rig.destination.calls)


def test_refused_credentials_pause_the_work():
    rig = Rig(Destination([AuthError("token expired")] * 3))
    assert rig.finish(rig.page(1, "abc")).statuses() == {"a": "ok", "b": "ok", "c": "ok"}


def test_a_permission_that_is_missing_for_one_record_is_no_outage():
    rig = Rig(Destination([AuthError("not allowed", key="forbidden")]))
    assert rig.finish(rig.page(1, "ab")).statuses() == {"a": "pending", "b": "ok"}
    assert rig.ledger.pauses == []


def test_a_rate_limit_pauses_for_as_long_as_it_says_and_costs_no_attempt():
    rig = Rig(Destination([RateLimited("slow down", retry_after=0.3)]))
    ledger = rig.finish(rig.page(1, range(5)))
    assert [r.key for r in ledger.results] == list("01234")
    assert {r.status for r in ledger.results} == {Status.OK}
    assert rig.destination.probes == 0


def test_a_storm_of_temporary_failures_is_an_outage():
    rig = Rig(Destination([TemporaryError("503")] * STORM))
    ledger = rig.finish(rig.page(1, range(20)))
    counted = Counter(r.status.value for r in ledger.results)
    assert counted == {"pending": STORM - 1, "ok": 20 - (STORM - 1)}
    assert rig.destination.probes >= 1


def test_failures_between_successes_are_no_storm():
    busy = TemporaryError("busy")
    script = [busy if n % 2 else None for n in range(40)]
    rig = Rig(Destination(script))
    ledger = rig.finish(rig.page(1, range(40)))
    assert Counter(r.status.value for r in ledger.results) == {"ok": 20, "pending": 20}
    assert ledger.pauses == []


def test_one_batch_with_lost_answers_is_no_storm_and_is_settled_at_once():
    rig = Rig(Destination([LOST]), batch=50)
    ledger = rig.finish(rig.page(1, range(50)))
    assert {r.status for r in ledger.results} == {Status.OK}
    assert ledger.pauses == []
    assert [len(call) for call in rig.destination.calls] == [50, 50]


@pytest.mark.parametrize("idempotency", ALL)
def test_after_too_long_an_outage_the_rest_is_pending_and_loses_no_attempt(idempotency):
    rig = Rig(idempotency=idempotency, threads=2, patience=0.1)
    rig.destination.up = False
    page = rig.page(1, range(10), attempts=3)
    ledger = rig.finish(page)
    assert {r.status for r in ledger.results} == {Status.PENDING}
    assert not any(r.counts for r in ledger.results)
    assert ledger.ends[0].counts.pending == 10
    assert rig.failure is None


@pytest.mark.parametrize("idempotency", SAFE)
def test_a_lost_answer_before_too_long_an_outage_stays_uncertain(idempotency):
    def lose(batch):
        rig.destination.up = False
        return lost_after_writing(rig.destination)(batch)

    def find(batch):
        if not rig.destination.up:
            raise TemporaryError("away", retry_after=None)
        return rig.destination.find(batch)

    rig = Rig(Destination([lose]), idempotency, patience=0.1, find=find)
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses()["a"] == "uncertain"
    assert ledger.statuses()["b"] == "pending"
