"""Removing a service: what is gone at once, what stays for the report, and what is deleted in the end."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from tests.store.made import Made, now

from topstitch.engine.ports import Counts
from topstitch.errors import ConfigError
from topstitch.net.tokens import Token
from topstitch.sdk.trial import Trial
from topstitch.store.actions.companies import remove_group
from topstitch.store.actions.connector_checks import keep_trial
from topstitch.store.actions.connectors import change_connector, draft_of, remove_connector
from topstitch.store.actions.errors import close_records, settle_records
from topstitch.store.actions.removal import forget_removed, remove_service
from topstitch.store.actions.runs import complete_run, request_run, run_slot
from topstitch.store.actions.services import switch_service
from topstitch.store.models import (
    Attempt,
    AuditEvent,
    Connector,
    ConnectorCheck,
    ConnectorToken,
    ErrorGroup,
    Item,
    Revision,
    Run,
    Service,
)
from topstitch.store.queries.chosen import Chosen
from topstitch.store.queries.errors import desk_count
from topstitch.store.queries.home import open_causes
from topstitch.store.queries.report import ReportChoice, chosen_attempts
from topstitch.store.queries.resyncable import plans_of
from topstitch.store.queries.services import find_removed, find_service, service_index
from topstitch.store.queries.story import find_story
from topstitch.store.tokens import PgTokenStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(db):
    return Made()


@pytest.fixture
def service(made):
    return made.service(next_due=now())


def gone(service):
    remove_service(service, typed=service.name)
    return Service.everything.get(pk=service.pk)


def test_it_is_switched_off_its_runs_are_stopped_and_people_do_not_see_it(made, service):
    going, waiting = made.run(service, "running"), made.run(service, "queued")
    over = made.run(service)
    removed = gone(service)
    assert (removed.active, removed.next_due) == (False, None)
    assert Run.objects.get(pk=going.pk).stop_requested
    assert Run.objects.get(pk=waiting.pk).status == "stopped"
    assert not Run.objects.get(pk=over.pk).stop_requested
    assert find_service(made.scope, service.pk) is None
    assert service_index(made.scope) == []
    assert [entry.id for entry in service_index(made.scope, removed=True)] == [service.pk]
    assert find_removed(made.scope, service.pk) == service
    assert find_removed(Made("Other").scope, service.pk) is None
    event = AuditEvent.objects.get(verb="delete", kind="service")
    assert (event.object_id, event.name, event.before) == (str(service.pk), "Orders", {"active": True, "revision": 1})


def test_only_its_own_name_removes_it(service):
    for typed in ("", "orders", "Orders 2"):
        with pytest.raises(ConfigError, match="not its name"):
            remove_service(service, typed=typed)
    assert Service.objects.filter(pk=service.pk, removed_at=None).exists()


def test_its_report_and_its_part_in_stories_stay(made, service):
    made.item(service, "9", reference="#1001")
    gone(service)
    assert list(chosen_attempts(made.scope, ReportChoice()).values_list("key", flat=True)) == ["9"]
    story = find_story(made.scope, "#1001")
    assert [thing.way.removed for thing in story.things] == [True]


def test_a_removed_service_watches_nothing(made):
    orders = made.service("Orders", "shopify", "peoplevox")
    back = made.service("Despatches", "peoplevox", "shopify", "fulfilments")
    made.item(orders, "9", reference="#1001")
    gap = next(gap for gap in find_story(made.scope, "#1001").gaps if gap.kind == "fulfilments")
    assert gap.why == "waiting"
    gone(back)
    gap = next(gap for gap in find_story(made.scope, "#1001").gaps if gap.kind == "fulfilments")
    assert gap.why == "none"


def test_its_errors_wait_for_nobody(made, service):
    ErrorGroup.objects.create(
        id=1, kin=1, service=service, error_class="value", error_key="x", sentence="s", place="", message="", hint="",
        first_at=now(), last_at=now(), seen=3, affected=3,
    )  # fmt: skip
    assert desk_count(made.scope).causes == open_causes(made.scope).causes == 1
    gone(service)
    assert desk_count(made.scope).causes == open_causes(made.scope).causes == 0


def test_a_run_that_comes_to_its_end_meanwhile_ends_as_ever(made, service):
    run = made.run(service, "running")
    gone(service)
    complete_run(run, Counts(ok=1), watermark=now(), moves_cursor=True)
    assert Run.objects.get(pk=run.pk).status == "completed"


def test_nothing_starts_it_again(service):
    shown = Service.objects.get(pk=service.pk)
    for each in (gone(service), shown):
        with pytest.raises(ConfigError, match="was removed"):
            request_run(each)
    assert run_slot(shown, shown.next_due) is None


def test_its_name_is_free_and_its_id_is_not(made, service):
    gone(service)
    other = made.service(service.name)
    assert other.pk != service.pk
    with transaction.atomic(), pytest.raises(IntegrityError):
        made.service(service.name)


def test_when_its_report_is_over_nothing_is_left_but_the_audit_log(made, service):
    made.item(service, "9")
    kept = made.service("Kept")
    made.item(kept, "9")
    gone(service)
    assert not forget_removed(30)
    Service.everything.filter(pk=service.pk).update(removed_at=now() - timedelta(days=31))
    going = made.run(service, "running")
    assert not forget_removed(30)
    Run.objects.filter(pk=going.pk).update(status="stopped")
    assert forget_removed(30)
    assert list(Service.everything.values_list("name", flat=True)) == ["Kept"]
    assert Item.objects.get().service == kept
    assert {run.service_id for run in Run.objects.all()} == {r.service_id for r in Revision.objects.all()} == {kept.pk}
    assert AuditEvent.objects.filter(verb="delete", kind="service").exists()
    assert Attempt.objects.filter(service_id=service.pk).exists()  # the days of the report are dropped whole


def test_a_group_with_the_report_of_a_removed_service_stays(made, service):
    made.group.company.groups.create(name="Second", slug="second")
    gone(service)
    made.group.connectors.model.objects.filter(group=made.group).update(group=made.company.groups.get(slug="second"))
    with pytest.raises(ConfigError, match="1 removed service") as refused:
        remove_group(made.group)
    assert "once their reports are over" in refused.value.hint


def test_the_connector_of_a_removed_service_can_be_removed_with_its_credentials(made, service):
    connector = service.source
    change_connector(connector, replace(draft_of(connector), values={"store": "acme", "access_token": "planted"}))
    with pytest.raises(ConfigError, match="is used by Orders"):
        remove_connector(connector)
    gone(service)
    remove_connector(Connector.objects.get(pk=connector.pk))
    left = Connector.everything.get(pk=connector.pk)
    assert (left.settings, bytes(left.sealed), left.removed_at is not None) == ({}, b"", True)
    assert not Connector.objects.filter(pk=connector.pk).exists()
    assert find_removed(made.scope, service.pk).source.name == connector.name
    made.service("Again", source=connector.system)
    Service.everything.filter(pk=service.pk).update(removed_at=now() - timedelta(days=31))
    while forget_removed(30):
        pass
    assert not Connector.everything.filter(pk=connector.pk).exists()


def test_records_of_a_removed_service_are_not_synced_again_and_keep_nobody_else_from_it(made, service):
    made.item(service, "9", status="failed")
    gone(service)
    chosen = Chosen(attempts=[Attempt.objects.get(service_id=service.pk).pk])
    plans = plans_of(made.scope, chosen, ("best", "pull", "stored"))
    assert [[r.reason for r in plan.refused] for plan in plans.values()] == [["its service was removed"]] * 3


def test_what_is_decided_about_records_of_a_removed_service_is_in_the_audit_log(made, service):
    for key, status in (("8", "failed"), ("9", "uncertain"), ("10", "uncertain")):
        made.item(service, key, status=status)
    gone(service)
    rows = {key: [pk] for key, pk in Attempt.objects.values_list("key", "pk")}
    close_records(made.scope, Chosen(attempts=rows["8"]))
    settle_records(made.scope, Chosen(attempts=rows["9"]), arrived=True)
    settled = settle_records(made.scope, Chosen(attempts=rows["10"]), arrived=False)
    assert (settled.records, settled.runs) == (1, [])
    assert dict(Item.objects.values_list("key", "status")) == {"8": "closed", "9": "ok", "10": "failed"}
    told = AuditEvent.objects.filter(verb__in=("close", "settle")).order_by("pk")
    assert [(event.verb, event.name, event.after["named"]) for event in told] == [
        ("close", "Orders", ["#8"]),
        ("settle", "Orders", ["#9"]),
        ("settle", "Orders", ["#10"]),
    ]


def test_a_removed_service_is_not_switched_on_by_a_page_that_still_shows_it(service):
    shown = Service.objects.get(pk=service.pk)
    gone(service)
    with pytest.raises(ConfigError, match="it was removed"):
        switch_service(shown, True)
    assert not Service.everything.get(pk=service.pk).active


def test_a_test_that_ends_after_its_connector_was_removed_leaves_nothing(made, service):
    connector = service.source
    gone(service)
    remove_connector(Connector.objects.get(pk=connector.pk))
    keep_trial(connector, Trial([], None))
    assert not ConnectorCheck.objects.filter(connector=connector).exists()


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_renewed_after_its_connector_was_removed_is_not_stored(made, service):
    tokens = PgTokenStore(service.source_id)
    tokens.put("session", Token("before"))
    gone(service)
    remove_connector(Connector.objects.get(pk=service.source_id))
    tokens.put("session", Token("after"))
    assert tokens.get("session").value == "after"
    assert not ConnectorToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_renewed_while_its_connector_is_being_removed_is_forgotten_too(made, service):
    gone(service)
    tokens = PgTokenStore(service.source_id)
    renewal = threading.Thread(target=tokens.put, args=("session", Token("late")))
    with transaction.atomic():
        remove_connector(Connector.objects.get(pk=service.source_id))
        renewal.start()
        renewal.join(0.3)
        assert renewal.is_alive()
    renewal.join()
    assert not ConnectorToken.objects.exists()


def at_the_same_time(first, second):
    """`second` begins before the transaction of `first` ends, and waits for that; what it gave or raised."""
    came = []

    def other():
        try:
            came.append(second())
        except ConfigError as error:
            came.append(error)
        connections.close_all()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join()
    return came[0]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_asked_for_while_its_service_is_being_removed_is_none(made, service):
    shown = Service.objects.get(pk=service.pk)
    slots = []

    def remove():
        gone(service)
        thread = threading.Thread(
            target=lambda: (slots.append(run_slot(shown, shown.next_due)), connections.close_all())
        )
        thread.start()
        thread.join()

    assert "was removed" in str(at_the_same_time(remove, lambda: request_run(shown)))
    assert slots == [None]
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ask", [request_run, lambda service: run_slot(service, service.next_due)])
def test_a_service_that_is_removed_while_a_run_is_asked_for_takes_that_along(made, service, ask):
    ends = [{"connector": name, "entity": "orders"} for name in ("shopify", "odoo")]
    Revision.objects.update(spec={"source": ends[0], "destination": ends[1]})
    shown = Service.objects.get(pk=service.pk)
    at_the_same_time(lambda: ask(shown), lambda: gone(service))
    assert Run.objects.get().status == "stopped"


@pytest.mark.django_db(transaction=True)
def test_a_run_that_had_not_begun_when_its_service_was_removed_ends_with_a_word_and_sends_nothing(world):
    world.put(1)
    service = world.service()
    run = request_run(service)
    Service.everything.filter(pk=service.pk).update(removed_at=now())
    with pytest.raises(ConfigError, match="removed before it began"):
        world.go_on(run)
    assert not world.arrivals
