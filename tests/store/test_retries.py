"""Records of earlier runs that are worth another try: which, in which order, from where, and when it ends."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from topstitch.engine.ports import Counts
from topstitch.engine.pull import Puller
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, TemporaryError
from topstitch.net.retry import Stopped
from topstitch.runtime.session import Sessions
from topstitch.sdk.rest import RestList
from topstitch.store.actions.runs import begin_run, complete_run, end_stopped, fail_run, request_run, run_slot
from topstitch.store.actions.services import change_service, save_service, spec_of, switch_service
from topstitch.store.models import Attempt, Item, Revision, Run, Service

pytestmark = pytest.mark.django_db(transaction=True)


def leave(service, *keys, status="pending", error_class="intermittent", attempts=1):
    """Items as a run in trouble leaves them."""
    Item.objects.filter(service=service, key__in=keys).update(status=status, error_class=error_class, attempts=attempts)


def statuses(service):
    return dict(Item.objects.filter(service=service).values_list("key", "status"))


def to_the_end(sessions, run_id):
    while sessions.step(run_id):
        pass
    sessions.finish(run_id)


@pytest.fixture
def done(world):
    """A service that has synced orders 1 to 5."""
    world.put(*range(1, 6))
    service = world.service("lookup")
    world.run(service)
    world.arrivals.clear()
    for number in range(1, 6):
        world.store.delete("sales", number)
    return service


def test_what_is_pending_is_pulled_again_by_its_id_and_sent_first(world, done):
    done = world.service("lookup", concurrency=1)
    leave(done, "1", "2")
    world.put(9)
    run = world.run(done)
    rows = list(Attempt.objects.filter(run=run).order_by("id").values_list("key", "page"))
    assert [page for _, page in rows] == [-1, -1, 1]
    assert {key for key, _ in rows[:2]} == {"1", "2"}
    assert (run.pulled, run.ok) == (4, 3)
    assert set(statuses(done).values()) == {"ok"}


def test_a_record_that_is_filtered_out_now_stays_as_it_is_and_is_looked_at_once(world):
    world.put(1, 2, status="open")
    service = world.service(source={"filters": [{"field": "status", "op": "equals", "value": "open"}]})
    world.run(service)
    leave(service, "1", "2")
    world.put(1, status="cancelled")
    world.arrivals.clear()
    run = world.run(service)
    assert statuses(service) == {"1": "pending", "2": "ok"}
    assert run.filtered >= 1
    assert run.pages.filter(number__lt=0).count() == 1


def test_a_relative_filter_does_not_keep_old_records_from_being_tried_again(world):
    window = {"field": "updated_at", "op": "in_the_last", "value": {"amount": 10, "unit": "minute"}}
    world.put(1)
    service = world.service(source={"filters": []})
    world.run(service)
    leave(service, "1")
    world.arrivals.clear()
    again = world.service(source={"filters": [window]})
    assert again.pk == service.pk
    world.run(again)
    assert world.arrivals == {"1": 1}
    assert statuses(service) == {"1": "ok"}


def test_a_record_that_is_gone_at_the_source_is_sent_as_it_was_stored(world, done):
    leave(done, "3")
    world.store.delete("orders", 3)
    world.run(done)
    assert world.arrivals == {"3": 1}
    assert statuses(done)["3"] == "ok"


def test_a_record_that_is_gone_everywhere_fails_once_under_its_reference(world, done):
    leave(done, "3")
    world.store.delete("orders", 3)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM stored_payload")
    run = world.run(done)
    failed = Attempt.objects.get(run=run, status="failed")
    assert (failed.key, failed.reference) == ("3", "#1003")
    assert "no longer in the source" in failed.message
    assert world.run(done).failed == 0


def test_a_record_that_comes_back_without_an_id_is_taken_from_its_stored_copy(world, done, monkeypatch):
    leave(done, "3")
    monkeypatch.setattr(RestList, "by_ids", lambda *args: [{"name": "no id"}])
    world.run(done)
    assert statuses(done)["3"] == "ok"


def test_more_than_a_page_of_them_come_in_several_pages_each_record_once(world):
    world.put(*range(1, 51))
    service = world.service(source={"page_size": 20})
    world.run(service)
    leave(service, *map(str, range(1, 51)))
    world.arrivals.clear()
    run = world.run(service)
    assert run.pages.filter(number__lt=0).count() == 3
    assert set(world.arrivals.values()) == {1}
    assert Attempt.objects.filter(run=run, page__lt=0).count() == 50


@pytest.mark.parametrize(
    ("error_class", "attempts", "tried"), [("value", 1, False), ("connection", 1, True), ("missing", 4, False)]
)
def test_a_failure_is_tried_again_when_its_reason_may_have_passed(world, done, error_class, attempts, tried):
    leave(done, "1", status="failed", error_class=error_class, attempts=attempts)
    world.run(done)
    assert ("1" in world.arrivals) is tried


def test_what_is_uncertain_is_looked_up_by_the_next_run_where_that_is_possible(world, done):
    world.store.put("sales", "1", {"reference": "1"})
    leave(done, "1", "2", status="uncertain")
    Item.objects.update(remote_id="")
    world.run(done)
    assert world.arrivals == {"2": 1}
    assert statuses(done) == {str(n): "ok" for n in range(1, 6)}


def test_what_is_uncertain_waits_for_a_person_where_nothing_can_be_asked(world):
    world.put(1, 2)
    service = world.service("none")
    world.run(service)
    leave(service, "1", status="uncertain")
    world.arrivals.clear()
    world.run(service)
    assert world.arrivals == {}
    run = world.run(service, ids=["1"], force=True)
    assert world.arrivals == {"1": 1}
    assert run.ok == 1
    assert statuses(service)["1"] == "ok"


def test_a_run_by_id_or_with_a_limit_tries_nothing_else_again(world, done):
    leave(done, "1")
    assert world.run(done, ids=["2"]).pages.filter(number__lt=0).count() == 0
    assert world.run(done, limit=1).pages.filter(number__lt=0).count() == 0
    assert statuses(done)["1"] == "pending"


def test_a_run_without_any_limit_of_records_left_moves_nothing(world, done):
    before = type(done).objects.get(pk=done.pk)
    world.run(done, limit=0)
    after = type(done).objects.get(pk=done.pk)
    assert (after.covered_at, after.watermark) == (before.covered_at, before.watermark)


def test_a_stopped_run_leaves_nothing_behind_that_the_next_does_not_send(world):
    world.put(*range(1, 41))
    service = world.service("none")
    run = request_run(service)
    sessions, run_id = Sessions(threading.Event()), str(run.pk)
    assert sessions.step(run_id)
    sessions.stop_requested(run_id)
    with pytest.raises(Stopped):
        to_the_end(sessions, run_id)
    sessions.forget(run_id)
    end_stopped(run_id)
    assert Run.objects.get(pk=run_id).status == "stopped"
    world.run(service)
    uncertain = Item.objects.filter(status="uncertain").count()
    assert uncertain == 0
    assert set(world.arrivals) == {str(n) for n in range(1, 41)}
    assert set(world.arrivals.values()) == {1}


def test_the_source_is_told_of_a_page_even_if_it_does_not_want_to_hear_it_but_not_when_stopped():
    told, lines = [], []

    class Ledger:
        def acknowledged(self, page):
            told.append(page)

    def puller(error):
        made = Puller.__new__(Puller)

        class Read:
            @staticmethod
            def acknowledge(connection, ack):
                raise error

        made._read, made._connection, made._ledger, made._log = Read, None, Ledger(), lambda *a, **k: lines.append(a)
        return made

    puller(TemporaryError("busy")).acknowledge(1, "file")
    assert told == [1]
    assert lines
    with pytest.raises(Stopped):
        puller(Stopped()).acknowledge(2, "file")
    assert told == [1]


# -- of services that only calls start ----------------------------------------------------------------------------------


@pytest.fixture
def called(world):
    """A service that calls start and no schedule, which has synced order 1."""
    world.put(1)
    service = world.service("lookup")
    spec = spec_of(service).model_copy(update={"webhook": True})
    service = save_service(world.group, service.name, spec, active=True)
    world.run(service)
    assert Service.objects.get().next_due is None
    return service


def due_in():
    """Minutes until the next run, None when none is planned."""
    due = Service.objects.get().next_due
    return due and round((due - timezone.now()) / timedelta(minutes=1))


def ends_with_pending(service, attempts):
    """A run that could not move order 1, as the system was away at every one of its tries."""
    leave(service, "1", attempts=attempts, status="pending" if attempts < 4 else "failed")
    complete_run(begin_run(request_run(service).pk), Counts(pending=1), watermark=None, moves_cursor=True)


def test_what_waits_is_tried_again_without_a_call_and_then_nothing_is_due(world, called):
    ends_with_pending(called, 1)
    assert due_in() == 10
    run = run_slot(called, Service.objects.get().next_due)
    assert (run.trigger, run.options) == ("webhook", {})
    assert due_in() is None
    assert world.go_on(run).ok == 1
    assert (statuses(called), due_in()) == ({"1": "ok"}, None)


def test_the_pauses_grow_and_it_ends_with_the_last_attempt(called):
    pauses = []
    for attempts in (1, 2, 3, 4):
        ends_with_pending(called, attempts)
        pauses.append(due_in())
    assert pauses == [10, 20, 40, None]


def test_what_a_failed_run_has_not_read_is_asked_for_again_a_few_times(called):
    pauses = []
    for _ in range(5):
        fail_run(request_run(called, trigger="webhook").pk, ConfigError("no such report"))
        pauses.append(due_in())
    assert pauses == [10, 20, 40, 80, None]


def test_a_run_that_a_person_asked_for_or_stopped_is_not_asked_for_again(called):
    fail_run(request_run(called).pk, ConfigError("no such report"))
    assert due_in() is None
    end_stopped(request_run(called, trigger="webhook").pk)
    assert due_in() is None


def test_saving_or_a_dry_run_leaves_what_is_planned_and_switching_off_does_not(world, called):
    ends_with_pending(called, 1)
    spec = spec_of(called)
    change_service(called, spec.model_copy(update={"mapping": spec.mapping[:3]}), force=True)
    world.run(called, dry=True)
    assert due_in() == 10
    switch_service(called, False)
    assert due_in() is None


def test_switched_on_again_it_tries_at_once_what_waited(called):
    ends_with_pending(called, 1)
    switch_service(called, False)
    switch_service(called, True)
    assert due_in() == 0
    leave(called, "1", status="ok")
    switch_service(called, False)
    switch_service(called, True)
    assert due_in() is None


def test_a_service_with_a_schedule_or_by_hand_alone_is_not_due_by_this(world, called):
    spec = spec_of(called)
    for changes in ({"schedules": [{"cron": "0 4 * * *"}]}, {"webhook": False}):
        save_service(world.group, called.name, Spec.model_validate(spec.model_dump(by_alias=True) | changes))
        before = Service.objects.get().next_due
        ends_with_pending(called, 1)
        assert Service.objects.get().next_due == before


def test_the_end_of_a_run_does_not_need_a_configuration_that_can_be_read(called):
    Revision.objects.update(spec={"of": "another version"})
    fail_run(request_run(called, trigger="webhook").pk, ConfigError("the revision cannot be read"))
    assert Run.objects.latest("created_at").status == "failed"
