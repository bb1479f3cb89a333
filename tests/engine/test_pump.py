"""The pump with real threads: every record has one outcome, in every kind of trouble, and nothing hangs."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from tests.fakes.rig import Destination, Rig, until

from topstitch.engine import pump
from topstitch.engine.breaker import STORM
from topstitch.engine.outcome import unmapped
from topstitch.engine.ports import LedgerLost, Status
from topstitch.errors import AnswerLost, AuthError, MappingError, RateLimited, RemoteRejected, TemporaryError
from topstitch.net.retry import Stopped
from topstitch.sdk.model import Verdict

LOST = AnswerLost("timed out")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Lost answers are settled without the usual waits."""
    monkeypatch.setattr(pump, "SETTLE_SECONDS", 0.005)


SAFE = ["natural_key", "header", "lookup"]
ALL = [*SAFE, "none"]


def lost_after_writing(destination):
    """The record is written, then the answer is lost."""

    def write(batch):
        destination.take(batch)
        raise LOST

    return write


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


# -- lost answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("idempotency", ["natural_key", "header"])
def test_a_lost_answer_is_settled_by_sending_again_where_that_is_safe(idempotency):
    rig = Rig(idempotency=idempotency)
    rig.destination.script.append(lost_after_writing(rig.destination))
    assert rig.finish(rig.page(1, "a")).statuses() == {"a": "ok"}
    assert rig.destination.arrived["a"] == 2


def test_a_lost_answer_is_settled_by_looking_the_record_up():
    rig = Rig(idempotency="lookup")
    rig.destination.script += [lost_after_writing(rig.destination), LOST]
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses() == {"a": "ok", "b": "ok"}
    assert rig.destination.arrived == Counter("ab")
    assert {r.remote_id for r in ledger.results} == {"Ra", "Rb"}


def test_a_record_that_arrived_with_older_content_is_updated():
    rig = Rig(idempotency="lookup")
    rig.destination.arrived["a"] = 1
    seen = []
    rig.destination.script.append(lambda batch: seen.append(batch[0].remote_id) or [Verdict.updated("Ra")])
    ledger = rig.finish(rig.page(1, "a", uncertain=True, same=False))
    assert seen == ["Ra"]
    assert [r.outcome for r in ledger.results] == ["updated"]


def test_a_record_that_arrived_as_it_is_is_not_sent_again():
    rig = Rig(idempotency="lookup")
    rig.destination.arrived["a"] = 1
    assert rig.finish(rig.page(1, "ab", uncertain=True)).statuses() == {"a": "ok", "b": "ok"}
    assert rig.destination.calls == [["b"]]


@pytest.mark.parametrize(
    "trouble",
    [TemporaryError("busy"), RemoteRejected("no such filter"), KeyError("bug"), "too many", AnswerLost("lost")],
)
def test_while_the_lookup_fails_nothing_is_sent(trouble):
    asked = []

    def find(batch):
        asked.append(len(batch))
        if len(asked) < 3:
            if isinstance(trouble, str):
                return [None] * 5
            raise trouble
        return rig.destination.find(batch)

    rig = Rig(idempotency="lookup", find=find)
    rig.destination.script.append(lost_after_writing(rig.destination))
    assert rig.finish(rig.page(1, "a")).statuses() == {"a": "ok"}
    assert rig.destination.arrived == Counter("a")
    assert len(asked) == 3


def test_a_lookup_that_never_answers_leaves_the_record_uncertain():
    def find(batch):
        raise RemoteRejected("no such filter")

    rig = Rig(idempotency="lookup", find=find)
    rig.destination.script.append(LOST)
    ledger = rig.finish(rig.page(1, "a"))
    assert ledger.statuses() == {"a": "uncertain"}
    assert len(rig.destination.calls) == 1


def test_without_any_way_to_tell_a_person_is_asked():
    rig = Rig(Destination([LOST]), "none")
    ledger = rig.finish(rig.page(1, "ab"))
    assert ledger.statuses() == {"a": "uncertain", "b": "ok"}
    assert len(rig.destination.calls) == 2


def test_unless_the_service_is_told_to_send_again():
    rig = Rig(Destination([LOST]), "none", send_again=True)
    assert rig.finish(rig.page(1, "ab")).statuses() == {"a": "ok", "b": "ok"}
    assert len(rig.destination.calls) == 3


def test_an_answer_that_is_lost_again_and_again_ends_uncertain():
    rig = Rig(Destination([LOST] * 5))
    ledger = rig.finish(rig.page(1, "a"))
    assert ledger.statuses() == {"a": "uncertain"}
    assert len(rig.destination.calls) == 5


@pytest.mark.parametrize("idempotency", ALL)
def test_what_a_dead_process_left_in_flight_is_settled_first(idempotency):
    rig = Rig(idempotency=idempotency)
    rig.destination.arrived["a"] = 1
    ledger = rig.finish(rig.page(1, "ab", uncertain=True))
    wanted = {"a": "uncertain", "b": "uncertain"} if idempotency == "none" else {"a": "ok", "b": "ok"}
    assert ledger.statuses() == wanted
    assert rig.destination.arrived["a"] == (2 if idempotency in ("natural_key", "header") else 1)


# -- the system as a whole in trouble -------------------------------------------------------------------------------


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


# -- ends -----------------------------------------------------------------------------------------------------------


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
    from topstitch.engine.ports import Intent

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
