"""The ledger against the real database: what it remembers, whatever is in it, and whatever becomes of the connections."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from tests.fakes.rig import until

from topstitch.engine.ports import Counts, Intent, LedgerLost, PageEnd, PageStart, Problem, Result, Status
from topstitch.errors import LimitExceeded
from topstitch.runtime.session import Sessions
from topstitch.store import database
from topstitch.store import ledger as ledgers
from topstitch.store.actions.runs import request_run
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Attempt, Item, LogLine, Run, RunPage, Service
from topstitch.store.runlog import PgRunLog

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def service(world):
    return world.service()


@pytest.fixture
def open_ledger(service):
    """Makes ledgers of new runs, and closes them."""
    opened = []

    def make(run=None):
        run = run or request_run(service)
        ledger = PgLedger(service.pk, str(run.pk))
        opened.append(ledger)
        return ledger

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    return open_ledger()


def page(number=1, records=(), **parts):
    return PageStart(number=number, cursor=None, next=None, records=records, **parts)


def result(key, status=Status.OK, *, page=1, content=b"c", **parts):
    parts = {"outcome": "created", "counts": status not in (Status.OK, Status.SENT), "at": datetime.now(UTC), **parts}
    return Result(key, f"#{key}", page, status, content=content, **parts)


def problem(kind="value", message="no"):
    return Problem(kind, kind, message)


def attempts_of(key):
    return Item.objects.get(key=key).attempts


# -- attempts -------------------------------------------------------------------------------------------------------


def test_failures_of_the_same_content_add_up_and_a_success_begins_anew(ledger):
    for expected in (1, 2, 3):
        ledger.record([result("7", Status.FAILED, problem=problem())])
        assert attempts_of("7") == expected
    ledger.record([result("7")])
    assert attempts_of("7") == 0
    assert Item.objects.get(key="7").error_class == ""


def test_a_changed_content_has_its_attempts_anew(ledger):
    for _ in range(3):
        ledger.record([result("7", Status.FAILED)])
    ledger.record([result("7", Status.FAILED, content=b"other")])
    assert attempts_of("7") == 1


def test_also_when_it_was_marked_before_it_was_sent(ledger):
    for _ in range(3):
        ledger.intend(1, [Intent("7", "#7", b"c")])
        ledger.record([result("7", Status.FAILED)])
    assert attempts_of("7") == 3
    ledger.intend(1, [Intent("7", "#7", b"other")])
    ledger.record([result("7", Status.FAILED, content=b"other")])
    assert attempts_of("7") == 1


def test_a_record_that_cannot_be_mapped_adds_up_and_keeps_the_content_last_sent(ledger):
    ledger.record([result("7")])
    for expected in (1, 2):
        ledger.record([result("7", Status.FAILED, content=b"")])
        assert attempts_of("7") == expected
    assert bytes(Item.objects.get(key="7").content) == b"c"


def test_an_outage_uses_up_no_attempt(ledger):
    ledger.record([result("7", Status.PENDING, counts=False)])
    assert attempts_of("7") == 0


def test_the_id_at_the_destination_is_kept_when_a_later_try_has_none(ledger):
    ledger.record([result("7", remote_id="R7")])
    ledger.record([result("7", Status.FAILED)])
    assert Item.objects.get(key="7").remote_id == "R7"


def test_of_two_results_of_one_item_in_a_group_the_later_stands_and_both_are_reported(ledger):
    ledger.record([result("7", Status.FAILED), result("7")])
    assert Item.objects.get(key="7").status == "ok"
    assert Attempt.objects.filter(key="7").count() == 2


# -- intend, withdraw, know -----------------------------------------------------------------------------------------


def test_what_is_marked_and_withdrawn_waits_without_a_row_in_the_report(ledger):
    ledger.intend(1, [Intent("7", "#7", b"c"), Intent("8", "#8", b"c")])
    assert ledger.know(["7"])["7"].status is Status.SENDING
    ledger.withdraw(["7"])
    ledger.withdraw([])
    known = ledger.know(["7", "8", "9"])
    assert {key: item.status for key, item in known.items()} == {"7": Status.WAITING, "8": Status.SENDING}
    assert known["8"].content == b"c"
    assert not Attempt.objects.exists()
    assert ledger.page_results(1) == Counts()


def test_what_has_its_result_is_not_withdrawn(ledger):
    ledger.intend(1, [Intent("7", "#7", b"c")])
    ledger.record([result("7")])
    ledger.withdraw(["7"])
    assert Item.objects.get(key="7").status == "ok"


def test_a_pages_figures_are_those_of_its_results(ledger):
    ledger.record([result("1"), result("2", Status.FAILED), result("3", Status.UNCERTAIN), result("4", page=2)])
    assert ledger.page_results(1) == Counts(ok=1, failed=1, uncertain=1)


# -- position -------------------------------------------------------------------------------------------------------


def test_a_new_run_stands_at_the_beginning(ledger):
    position = ledger.position()
    assert (position.open, position.next_pull, position.next_retry, position.cursor) == ([], 1, -1, None)
    assert not position.finished


def test_the_position_is_behind_the_last_page_stored(ledger):
    ledger.open_page(page(-1, [{"id": 9}]))
    ledger.open_page(PageStart(number=1, cursor=None, next={"after": 20}, records=[{"id": 1}], ack="file-1", high=NOW))
    ledger.record([result("1")], [PageEnd(number=1, counts=Counts(pulled=1, ok=1), watermark=NOW, state={"s": 1})])
    ledger.open_page(
        PageStart(
            number=2,
            cursor={"after": 20},
            next=None,
            records=[{"id": 2}],
            bad=[{"place": "l", "reason": "r", "raw": ""}],
            last=True,
        )
    )
    position = ledger.position()

    assert [(p.number, list(p.records), p.last) for p in position.open] == [
        (-1, [{"id": 9}], False),
        (2, [{"id": 2}], True),
    ]
    assert position.open[1].bad == [{"place": "l", "reason": "r", "raw": ""}]
    assert (position.next_pull, position.next_retry, position.cursor, position.finished) == (3, -2, None, True)
    assert position.acks == [(1, "file-1")]
    assert (position.counts.pulled, position.counts.ok) == (1, 1)
    assert position.high == NOW
    ledger.acknowledged(1)
    assert ledger.position().acks == []
    moved = Service.objects.get()
    assert (moved.watermark, moved.reader_state) == (NOW, {"s": 1})


def test_a_page_whose_payload_has_expired_ends_the_run_rather_than_being_taken_for_empty(ledger):
    ledger.open_page(page(1, [{"id": 1}]))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM stored_payload")
    with pytest.raises(LimitExceeded, match="page 1"):
        ledger.position()


def test_a_pages_end_counts_once_however_often_it_is_told(ledger):
    ledger.open_page(page())
    end = PageEnd(number=1, counts=Counts(pulled=2, ok=2))
    ledger.record([], [end])
    ledger.record([], [end])
    run = Run.objects.get()
    assert (run.pulled, run.ok) == (2, 2)


def test_the_cursor_never_goes_back(ledger):
    ledger.open_page(page())
    ledger.record([], [PageEnd(number=1, counts=Counts(), watermark=NOW)])
    ledger.record([], [PageEnd(number=1, counts=Counts(), watermark=NOW - timedelta(days=1), state=None)])
    assert Service.objects.get().watermark == NOW


# -- due ------------------------------------------------------------------------------------------------------------


def due(ledger, **choices):
    return [item.key for item in ledger.due(100, 4, **choices)]


def test_what_is_worth_another_try_is_due_to_the_next_run_oldest_first(ledger, open_ledger):
    rows = [
        result("done"),
        result("pending", Status.PENDING, problem=problem("intermittent")),
        result("refused", Status.FAILED, problem=problem("value")),
        result("away", Status.FAILED, problem=problem("connection")),
        result("reference", Status.FAILED, problem=problem("missing")),
        result("unsure", Status.UNCERTAIN, problem=problem("intermittent")),
    ]
    for row in rows:
        ledger.record([row])
    ledger.intend(1, [Intent("sending", "#s", b"c"), Intent("waiting", "#w", b"c")])
    ledger.withdraw(["waiting"])
    assert due(ledger) == []

    following = open_ledger()
    assert due(following) == ["pending", "away", "reference", "sending", "waiting"]
    assert due(following, settles=True) == ["pending", "away", "reference", "unsure", "sending", "waiting"]
    first = following.due(2, 4)
    assert [item.reference for item in first] == ["#pending", "#away"]
    assert due(following, after=first[-1].place) == ["reference", "sending", "waiting"]


def test_what_failed_too_often_is_not_due_but_what_only_waited_is(ledger, open_ledger):
    for _ in range(4):
        ledger.record([result("away", Status.FAILED, problem=problem("connection"))])
        ledger.record([result("unsure", Status.UNCERTAIN)])
    ledger.record([result("pending", Status.PENDING)])
    assert due(open_ledger(), settles=True) == ["pending"]


def test_stored_records_come_back_as_they_were_pulled_until_they_expire(ledger):
    records = [{"id": 1, "text": "é\x00\u2028", "big": 2**63, "nested": {"a": [None, True, 1.5]}}]
    ledger.open_page(page(1, records))
    assert ledger.stored(ledger.run_id, 1) == records
    assert ledger.stored(ledger.run_id, 2) == []
    assert ledger.stored("", 1) == []


def test_a_large_page_is_stored_and_read_again(ledger):
    records = [{"id": n, "text": f"{n} " + "some words of an order " * 40} for n in range(10_000)]
    ledger.open_page(page(1, records))
    assert ledger.stored(ledger.run_id, 1) == records


# -- whatever is in it ----------------------------------------------------------------------------------------------

ODD = [
    "a\x00b",
    "half \ud800 a character",
    "🧵 ключ \u202e",
    "x" * 512,
    "'; DROP TABLE item; --",
    "\\u0000",
    "\\\x00",
    "\r\n\t\\.",
    '"',
]


@pytest.mark.parametrize("odd", ODD)
def test_no_text_breaks_a_group(ledger, odd):
    trouble = Problem(odd, "value", odd, odd, odd, odd)
    rows = [
        result("plain"),
        result(
            "odd", Status.FAILED, problem=trouble, remote_id=odd, evidence={"mapped": {odd: [odd, 10**30, odd * 3]}}
        ),
    ]
    ledger.record(rows)
    kept = Attempt.objects.get(key="odd")
    shown = odd.replace("\x00", "\\0").replace("\ud800", "\\ud800")
    assert (kept.message, kept.remote_id) == (shown, shown)
    if odd.isprintable():
        assert kept.evidence["mapped"][odd][0] == odd
    assert Attempt.objects.filter(key="plain").exists()


@pytest.mark.parametrize("odd", ODD)
def test_no_text_breaks_a_page(ledger, odd):
    record = {"id": odd, odd: [odd, 10**30, {7: odd}]}
    bad = [{"place": odd, "reason": odd, "raw": odd}]
    ledger.open_page(
        PageStart(number=1, cursor=odd, next={"after": odd}, records=[record], bad=bad, ack=odd, state=odd)
    )
    ledger.paused(odd)
    (stored,) = ledger.position().open
    assert len(stored.records) == 1
    assert stored.bad[0]["reason"]


def test_no_text_breaks_the_log(service):
    run = request_run(service)
    log = PgRunLog(run.pk)
    for odd in ODD:
        log("info", "pull", odd, reference=odd)
    log.close()
    assert LogLine.objects.filter(run=run).count() == len(ODD)


def test_odd_orders_arrive_and_are_reported(world):
    for number, name in enumerate(ODD, 1):
        if "\ud800" not in name:
            world.put(number, name=name)
    run = world.run(world.service())
    assert run.status == "completed"
    assert run.ok == len(ODD) - 1


# -- connections ----------------------------------------------------------------------------------------------------


def kill(name):
    """End the server's side of the connections of this name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s", [name]
        )
        return cursor.fetchone()[0]


def test_what_is_recorded_survives_the_loss_of_its_connection(ledger):
    assert kill("topstitch record") == 1
    ledger.record([result("7")])
    assert Item.objects.get(key="7").status == "ok"


def test_recording_waits_for_a_server_that_is_away(ledger, monkeypatch):
    real, refused = ledgers.connect, []

    def refusing(name):
        if len(refused) < 3:
            refused.append(name)
            raise psycopg.OperationalError("connection refused")
        return real(name)

    monkeypatch.setattr(ledgers, "connect", refusing)
    kill("topstitch record")
    ledger.record([result("7")])
    assert len(refused) == 3
    assert Item.objects.get(key="7").status == "ok"


def test_recording_is_given_up_in_the_end(ledger, monkeypatch):
    def refusing(name):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(ledgers, "connect", refusing)
    monkeypatch.setattr(ledgers, "PATIENCE", 0.3)
    kill("topstitch record")
    with pytest.raises(LedgerLost):
        ledger.record([result("7")])


def test_a_commit_whose_answer_was_lost_is_not_recorded_twice(ledger, monkeypatch):
    real, lost = PgLedger._once, []

    def losing(self, work):
        real(self, work)
        if not lost:
            lost.append(True)
            raise psycopg.OperationalError("the connection was lost after the commit")

    monkeypatch.setattr(PgLedger, "_once", losing)
    ledger.open_page(page())
    rows = [result("7", Status.FAILED), result("8")]
    ledger.record(rows, [PageEnd(number=1, counts=Counts(pulled=2, ok=1, failed=1))])
    assert lost
    assert Attempt.objects.count() == 2
    assert attempts_of("7") == 1
    assert Run.objects.get().pulled == 2


def test_losing_the_lock_is_final(ledger):
    assert ledger.lock()
    ledger.intend(1, [Intent("7", "#7")])
    assert kill("topstitch run") == 1
    for call in (
        lambda: ledger.intend(1, [Intent("8", "#8")]),
        lambda: ledger.open_page(page()),
        lambda: ledger.withdraw(["7"]),
        ledger.position,
    ):
        with pytest.raises(LedgerLost):
            call()
    assert Item.objects.get(key="7").status == "sending"
    ledger.record([result("7")])
    assert Item.objects.get(key="7").status == "ok"


def test_one_ledger_at_a_time_holds_a_service(open_ledger):
    first, second = open_ledger(), open_ledger()
    assert first.lock()
    assert not second.lock()
    first.close()
    # The server lets go of it when it notices that the connection has ended, which under load is a moment later.
    until(second.lock)


def test_without_a_server_there_is_no_ledger(service, monkeypatch):
    def refusing(name):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(ledgers, "connect", refusing)
    with pytest.raises(LedgerLost, match="cannot be reached"):
        PgLedger(service.pk, "6f1f5a3e-6d0c-4f1e-9c52-8c0a7c1d2b11")


def test_the_second_session_of_a_service_waits_for_the_first(world, service):
    world.put(*range(1, 30))
    first, second = request_run(service), request_run(service)
    one, other = Sessions(threading.Event()), Sessions(threading.Event())
    assert one.step(str(first.pk))
    done = []

    def work():
        from django.db import connections

        while other.step(str(second.pk)):
            pass
        done.append(other.finish(str(second.pk)).engine.counts)
        other.forget(str(second.pk))
        connections.close_all()

    waiting = threading.Thread(target=work, daemon=True)
    waiting.start()
    waiting.join(0.8)
    assert waiting.is_alive(), "two runs of one service at a time"
    while one.step(str(first.pk)):
        pass
    one.finish(str(first.pk))
    one.forget(str(first.pk))
    waiting.join(20)
    assert done
    assert set(world.arrivals.values()) == {1}


@pytest.mark.parametrize("name", ["topstitch run", "topstitch record"])
def test_a_run_goes_on_when_a_connection_is_killed_under_it(world, name):
    world.put(*range(1, 101))
    run = request_run(world.service("lookup"))
    sessions, run_id = Sessions(threading.Event()), str(run.pk)
    steps = 0
    while sessions.step(run_id):
        steps += 1
        if steps in (1, 3):
            assert kill(name) >= 1
    counts = sessions.finish(run_id).engine.counts
    sessions.forget(run_id)
    assert (counts.pulled, counts.ok) == (100, 100)
    assert world.arrivals == {str(n): 1 for n in range(1, 101)}
    assert Attempt.objects.filter(run=run).count() == 100
    assert not RunPage.objects.filter(complete=False).exists()


def test_patience_ends_with_the_error():
    def never():
        raise psycopg.OperationalError("away")

    with pytest.raises(psycopg.OperationalError):
        database.patiently(never, 0.2)
