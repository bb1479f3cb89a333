"""The error desk's figures: counted as failures are recorded, settled by what became of the records."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from topstitch.engine.ports import Problem, Result, Status
from topstitch.store import desk
from topstitch.store.actions.runs import request_run
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Attempt, ErrorDay, ErrorGroup, Item, ServiceState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(world):
    return world.service()


@pytest.fixture
def ledger(service):
    made = PgLedger(service.pk, str(request_run(service).pk))
    yield made
    made.close()


def unknown_sku(sku):
    return Problem("rejected", "value", f"The SKU '{sku}' does not exist", "sku", "Create it.")


def result(key, problem=None, status=None, at=None):
    status = status or (Status.FAILED if problem else Status.OK)
    done = status is Status.OK
    return Result(
        str(key), f"#{key}", 1, status, "rejected" if problem else "created", at or datetime.now(UTC),
        content=b"c", counts=not done, problem=problem,
    )  # fmt: skip


def counted(group=None):
    desk.refresh()
    group = group or ErrorGroup.objects.get()
    group.refresh_from_db()
    return group.state, group.affected, group.recovered, group.seen


def test_records_that_fail_alike_are_one_group_with_its_days(ledger, service):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    ledger.record([result(1, unknown_sku("A1"), at=yesterday), result(2)])
    ledger.record([result(3, unknown_sku("B2")), result(4, unknown_sku("C3")), result(5)])
    group = ErrorGroup.objects.get()
    assert (group.service_id, group.error_class, group.error_key, group.place) == (
        service.pk,
        "value",
        "rejected",
        "sku",
    )
    assert group.sentence == "The SKU '…' does not exist"
    assert group.message == "The SKU 'C3' does not exist"
    assert (group.hint, group.seen, group.state, group.first_at) == ("Create it.", 3, "open", yesterday)
    assert sorted(group.days.values_list("day", "count")) == [(yesterday.date(), 1), (timezone.now().date(), 2)]
    assert counted() == ("open", 3, 0, 3)
    assert set(Attempt.objects.filter(cause=group.pk).values_list("key", flat=True)) == {"1", "3", "4"}


def test_groups_of_other_causes_are_others(ledger):
    ledger.record([result(1, unknown_sku("A")), result(2, Problem("unreachable", "connection", "no route"))])
    ledger.record([result(3, Problem("unknown", "intermittent", "lost"), Status.UNCERTAIN)])
    ledger.record([result(4, None, Status.UNCERTAIN)])
    assert ErrorGroup.objects.count() == 4
    assert ErrorGroup.objects.filter(sentence="The record is uncertain.").exists()


def test_a_group_whose_records_all_went_through_resolves_by_itself_and_comes_back(ledger):
    ledger.record([result(1, unknown_sku("A")), result(2, unknown_sku("B"))])
    ledger.record([result(1)])
    assert counted() == ("open", 1, 1, 2)
    ServiceState.objects.create(service_id=ledger.service_id, last_ended_at=timezone.now() + timedelta(minutes=1))
    ledger.record([result(2)])
    assert counted() == ("resolved", 0, 2, 2)
    group = ErrorGroup.objects.get()
    assert group.resolved_by_itself
    ledger.record([result(3, unknown_sku("C"))])
    group.refresh_from_db()
    assert (group.state, group.returned) == ("open", 1)
    assert counted() == ("open", 1, 2, 3)


def test_a_record_that_fails_for_another_reason_moves_there(ledger):
    ledger.record([result(1, unknown_sku("A"))])
    first = ErrorGroup.objects.get()
    ledger.record([result(1, Problem("rejected", "value", "no address"))])
    assert counted(first)[:3] == ("resolved", 0, 0)
    assert counted(ErrorGroup.objects.exclude(pk=first.pk).get())[:3] == ("open", 1, 0)


@pytest.mark.parametrize(
    ("until", "state"),
    [(None, "ignored"), (timedelta(days=1), "ignored"), (timedelta(days=-1), "open")],
    ids=["for ever", "until tomorrow", "until yesterday"],
)
def test_an_ignored_group_goes_on_counting_and_comes_back_when_its_time_is_over(ledger, until, state):
    ledger.record([result(1, unknown_sku("A"))])
    ErrorGroup.objects.update(state="ignored", ignored_until=until and timezone.now() + until)
    ledger.record([result(2, unknown_sku("B"))])
    assert counted() == (state, 2, 0, 2)


def test_a_failure_while_it_is_counted_is_not_lost(ledger):
    """Between counting and keeping the figures a record fails: the group stays open and is counted again."""
    ledger.record([result(1, unknown_sku("A"))])
    ledger.record([result(1)])

    def fail_meanwhile(execute, sql, params, many, context):
        if sql == desk.LOCK:
            thread = threading.Thread(target=ledger.record, args=([result(2, unknown_sku("B"))],))
            thread.start()
            thread.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_meanwhile):
        desk.refresh()
    assert ErrorGroup.objects.get().state == "open"
    assert counted() == ("open", 1, 1, 2)


def test_what_is_fresh_is_not_counted_again(ledger):
    ledger.record([result(1, unknown_sku("A"))])
    assert desk.refresh() == 1
    assert desk.refresh() == 0
    ServiceState.objects.create(service_id=ledger.service_id, last_ended_at=timezone.now() + timedelta(minutes=1))
    assert desk.refresh() == 1


def test_all_of_it_can_be_made_anew_from_the_report_and_decisions_stay(ledger):
    ledger.record([result(n, unknown_sku(f"A{n}")) for n in range(5)] + [result(9, Problem("a", "b", "other"))])
    ledger.record([result(0), result(1, Problem("a", "b", "other"))])
    desk.refresh()
    ErrorGroup.objects.filter(place="sku").update(state="ignored")
    told = ("id", "kin", "sentence", "place", "message", "hint", "state", "seen", "affected", "recovered", "first_at")
    before = list(ErrorGroup.objects.order_by("pk").values(*told))
    days = list(ErrorDay.objects.order_by("group_id").values("group_id", "day", "count"))
    items = list(Item.objects.order_by("key").values("key", "cause"))
    assert desk.rebuild() == 7
    assert list(ErrorGroup.objects.order_by("pk").values(*told)) == before

    Item.objects.update(cause=None)
    Attempt.objects.update(cause=None)
    ErrorDay.objects.all().delete()
    ErrorGroup.objects.all().delete()
    assert desk.rebuild() == 7
    opened = [{**row, "state": "open"} for row in before]
    assert list(ErrorGroup.objects.order_by("pk").values(*told)) == opened
    assert list(ErrorDay.objects.order_by("group_id").values("group_id", "day", "count")) == days
    assert list(Item.objects.order_by("key").values("key", "cause")) == items


def test_days_of_long_ago_are_forgotten(ledger):
    ledger.record([result(1, unknown_sku("A"), at=datetime.now(UTC) - timedelta(days=91)), result(2, unknown_sku("B"))])
    ledger.record([result(3, unknown_sku("A"), at=datetime.now(UTC) - timedelta(days=91))])
    desk.forget()
    assert list(ErrorDay.objects.values_list("day", flat=True)) == [timezone.now().date()]
