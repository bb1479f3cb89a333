"""Syncing records again, corrected or not, and what people decide at the error desk: each takes what it can and says the rest."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from topstitch.accounts.models import Membership, User
from topstitch.errors import ConfigError
from topstitch.store import desk
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.errors import assign, close_records, comment, ignore, reopen, settle_records
from topstitch.store.actions.resync import edit_and_resync, resync
from topstitch.store.models import Attempt, AuditEvent, ErrorGroup, ErrorNote, Item, Run
from topstitch.store.queries.chosen import Chosen
from topstitch.store.queries.errors import ErrorChoice, affected_records, desk_count, error_cards, find_card, notes_of
from topstitch.store.queries.report import ReportChoice
from topstitch.store.queries.resyncable import plan_resync, waiting_resync
from topstitch.store.queries.scope import Scope

pytestmark = pytest.mark.django_db(transaction=True)
BAD = "bad@example.com"


@pytest.fixture
def scope(world):
    return Scope((world.group.company_id,))


@pytest.fixture
def ada(world):
    person = User.objects.create_user("ada@example.com", "a quiet harbour")
    Membership.objects.create(user=person, company=world.group.company)
    return person


@pytest.fixture
def failed(world):
    """A service with two orders that went through and two whose e-mail address is refused."""
    world.put(1, 2)
    world.put(3, 4, email=BAD)
    service = world.service()
    world.run(service)
    desk.refresh()
    return service


def statuses():
    return dict(Item.objects.order_by("key").values_list("key", "status"))


def rows(*keys):
    return [Attempt.objects.filter(key=key).latest("id").pk for key in keys]


def everything():
    return Chosen(causes=ErrorGroup.objects.values_list("pk", flat=True))


def reasons(plan):
    return {refusal.reason: (refusal.count, refusal.examples) for refusal in plan.refused}


# -- syncing again ------------------------------------------------------------------------------------------------------


def test_what_was_mended_at_the_source_is_pulled_again_and_goes_through(world, scope, failed, ada):
    world.put(3)
    plan = resync(scope, Chosen(attempts=rows("1", "3", "4")), person=ada)
    assert [item.key for item in plan.takes] == ["3", "4"]
    assert reasons(plan) == {"it has gone through already": (1, ["#1001"])}
    (run,) = plan.runs
    assert (run.trigger, run.person, run.options) == ("resync", ada, {"stored": "else", "ids": ["3", "4"]})
    ended = world.go_on(run)
    assert (ended.pulled, ended.ok, ended.failed) == (2, 1, 1)
    assert statuses() == {"1": "ok", "2": "ok", "3": "ok", "4": "failed"}
    assert Attempt.objects.filter(key="3").count() == 2
    (event,) = AuditEvent.objects.filter(verb="resync")
    assert (event.person, event.after["records"], event.after["named"]) == (ada, 2, ["#1003", "#1004"])


def test_a_persons_try_begins_with_all_its_attempts(world, scope, failed):
    Item.objects.filter(key="3").update(attempts=99)
    world.put(3)
    world.go_on(resync(scope, Chosen(attempts=rows("3"))).runs[0])
    assert statuses()["3"] == "ok"


def test_the_stored_copy_is_sent_when_that_is_asked_for(world, scope, failed):
    world.put(3, 4)
    world.go_on(resync(scope, everything(), way="stored").runs[0])
    assert statuses()["3"] == "failed"
    world.go_on(resync(scope, everything(), way="pull").runs[0])
    assert statuses() == {"1": "ok", "2": "ok", "3": "ok", "4": "ok"}
    desk.refresh()
    assert ErrorGroup.objects.get().resolved_by_itself


def test_what_the_source_no_longer_has_is_taken_from_its_copy_or_says_so(world, scope, failed):
    for key in (3, 4):
        world.store.delete("orders", key)
    world.go_on(resync(scope, Chosen(attempts=rows("3")), way="pull").runs[0])
    world.go_on(resync(scope, Chosen(attempts=rows("4"))).runs[0])
    last = {key: Attempt.objects.filter(key=key).latest("id") for key in "34"}
    assert last["3"].message.endswith("it is no longer in the source")
    assert last["3"].cause != last["4"].cause
    assert last["4"].message.endswith("email is not valid")


def test_an_expired_copy_is_said_before_anything_runs(scope, failed):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE stored_payload")
    plan = resync(scope, everything(), way="stored")
    assert (plan.records, plan.runs) == (0, [])
    assert reasons(plan) == {"its stored copy has expired: run the service for its time": (2, ["#1003", "#1004"])}


def test_a_source_that_cannot_be_asked_by_id_gives_its_copies(world, scope):
    world.put(3, email=BAD)
    service = world.service(source={"key": "name"})
    world.run(service)
    assert "send the stored copy" in next(iter(reasons(plan_resync(scope, everything(), way="pull"))))
    run = world.go_on(resync(scope, everything()).runs[0])
    assert (run.pulled, run.failed) == (1, 1)


def test_what_is_waiting_already_is_not_taken_twice(scope, failed):
    resync(scope, everything())
    again = resync(scope, everything())
    assert reasons(again) == {"it is being synced again already": (2, ["#1003", "#1004"])}
    assert waiting_resync(failed.pk, "3") == Run.objects.get(trigger="resync")
    assert waiting_resync(failed.pk, "1") is None


@pytest.mark.parametrize("second", ["resync", "settle", "close"])
def test_of_two_people_at_once_the_second_finds_what_the_first_has_asked_for(world, scope, failed, second):
    Item.objects.filter(key="1").update(status={"resync": "ok", "settle": "uncertain", "close": "failed"}[second])
    chosen, plans = Chosen(attempts=rows("1")), []
    act = {
        "resync": lambda: resync(scope, chosen, again=True),
        "settle": lambda: settle_records(scope, chosen, arrived=False),
        "close": lambda: close_records(scope, chosen),
    }[second]

    def other():
        plans.append(act())
        connections.close_all()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        (run,) = resync(scope, chosen, again=True).runs
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join()
    assert reasons(plans[0]) == {"it is being synced again already": (1, ["#1001"])}
    assert list(Run.objects.filter(trigger="resync")) == [run]
    assert "closed" not in statuses().values()


def test_what_went_through_is_sent_again_only_when_that_is_said(world, scope, failed):
    plan = resync(scope, Chosen(attempts=rows("1")), again=True)
    assert plan.runs[0].options["force"] is True
    world.go_on(plan.runs[0])
    assert world.arrivals["1"] == 2


def test_an_uncertain_record_is_sent_again_only_where_somebody_says_so(world, scope):
    world.put(7)
    service = world.service("none")
    world.run(service)
    Item.objects.update(status="uncertain")
    plan = resync(scope, Chosen(items=Item.objects.values_list("pk", flat=True)))
    (reason,) = reasons(plan)
    assert "may have arrived already, and Far end cannot be asked" in reason
    world.go_on(resync(scope, Chosen(items=Item.objects.values_list("pk", flat=True)), again=True).runs[0])
    assert (statuses(), world.arrivals["7"]) == ({"7": "ok"}, 2)


def test_an_uncertain_record_that_can_be_settled_keeps_the_key_it_was_sent_with(world, scope):
    world.put(7)
    world.run(world.service("lookup"))
    Item.objects.update(status="uncertain", remote_id="")
    plan = resync(scope, Chosen(items=Item.objects.values_list("pk", flat=True)), again=True)
    assert "force" not in plan.runs[0].options
    world.go_on(plan.runs[0])
    assert (statuses(), world.arrivals["7"]) == ({"7": "ok"}, 1)


def test_a_resync_of_many_goes_in_pages_and_runs(world, scope, monkeypatch):
    monkeypatch.setattr("topstitch.store.actions.resync.IDS_A_RUN", 30)
    for number in range(50):
        world.put(number, email=BAD)
    world.run(world.service())
    for number in range(50):
        world.put(number)
    plan = resync(scope, Chosen(choice=ReportChoice(status="failed")))
    assert [len(run.options["ids"]) for run in plan.runs] == [30, 20]
    assert [world.go_on(run).ok for run in plan.runs] == [30, 20]
    assert set(statuses().values()) == {"ok"}


def test_more_than_can_be_watched_over_are_taken_next_time(world, scope, failed, monkeypatch):
    monkeypatch.setattr("topstitch.store.queries.chosen.MOST_RECORDS", 1)
    for chosen in (everything(), Chosen(choice=ReportChoice(status="failed"))):
        plan = plan_resync(scope, chosen)
        assert (plan.records, plan.more) == (1, True)


def test_a_resync_moves_nothing_of_the_services_own_position(world, scope, failed):
    failed.refresh_from_db()
    before = failed.watermark, failed.covered_at
    world.put(3, updated_at="2027-01-01T00:00:00Z")
    world.go_on(resync(scope, everything()).runs[0])
    failed.refresh_from_db()
    assert (failed.watermark, failed.covered_at) == before


def test_records_of_others_are_not_there(failed):
    other = Scope((create_company("Other").company_id,))
    for chosen in (everything(), Chosen(attempts=rows("3")), Chosen(choice=ReportChoice()), Chosen(items=[1, 2, 3])):
        assert plan_resync(other, chosen).records == 0
    assert error_cards(other, ErrorChoice()) == ([], False)
    assert find_card(other, ErrorGroup.objects.get().kin) is None
    assert (assign(other, [ErrorGroup.objects.get().pk], None), desk_count(other).causes) == (0, 0)


# -- with a correction --------------------------------------------------------------------------------------------------


def test_a_corrected_record_is_sent_and_the_change_is_kept_in_the_audit_log(world, scope, failed, ada):
    attempt = Attempt.objects.get(pk=rows("3")[0])
    record = world.store.get("orders", 3) | {"email": "good@example.com"}
    plan = edit_and_resync(scope, attempt, record, person=ada)
    assert "good@example.com" not in str(plan.runs[0].options)
    world.go_on(plan.runs[0])
    assert statuses()["3"] == "ok"
    assert world.store.get("sales", "3")["email"] == "good@example.com"
    event = AuditEvent.objects.get(verb="edit")
    assert (event.before, event.after, event.name) == ({"email": BAD}, {"email": "good@example.com"}, "#1003")


def test_the_mapped_record_can_be_corrected_too(world, scope, failed, ada):
    attempt = Attempt.objects.get(pk=rows("3")[0])
    mapped = attempt.evidence["mapped"]
    mapped = {**mapped, "email": "good@example.com", "note": "by hand"}
    mapped.pop("total")
    world.go_on(edit_and_resync(scope, attempt, mapped, mapped=True, person=ada).runs[0])
    assert world.store.get("sales", "3") == mapped
    event = AuditEvent.objects.get(verb="edit")
    assert event.before == {"email": BAD, "total": attempt.evidence["mapped"]["total"], "note": None}
    assert event.after == {"email": "good@example.com", "total": None, "note": "by hand"}


def test_a_correction_goes_through_when_the_source_is_empty_and_the_copy_gone(world, scope, failed):
    attempt = Attempt.objects.get(pk=rows("3")[0])
    record = world.store.get("orders", 3) | {"email": "good@example.com"}
    world.store.delete("orders", 3)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE stored_payload")
    world.go_on(edit_and_resync(scope, attempt, record).runs[0])
    assert statuses()["3"] == "ok"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "is a JSON object"),
        ({}, "at least one field"),
        ({"email": "x"}, "no id any more"),
        ({"id": 4}, "is another one: its id is '4', not '3'"),
        ({"id": 3, "note": "x" * 1_000_001}, "1000000 are the most"),
        ({"id": 3, "note": {1, 2}}, "cannot be written as JSON"),
    ],
)
def test_a_correction_that_is_no_such_record_is_refused(scope, failed, record, said):
    with pytest.raises(ConfigError, match=said):
        edit_and_resync(scope, Attempt.objects.get(pk=rows("3")[0]), record)
    assert not Run.objects.filter(trigger="resync").exists()


def test_what_went_through_is_not_corrected_by_mistake(world, scope, failed):
    plan = edit_and_resync(scope, Attempt.objects.get(pk=rows("1")[0]), world.store.get("orders", 1))
    assert list(reasons(plan)) == ["it has gone through already"]
    assert not Run.objects.filter(trigger="resync").exists()


# -- decisions ----------------------------------------------------------------------------------------------------------


def test_a_card_says_what_a_cause_did(world, scope, failed):
    ((card,), more) = error_cards(scope, ErrorChoice())
    assert not more
    assert card.sentence.endswith("refused the record (HTTP 422): email is not valid")
    assert (card.place, card.affected, card.seen, card.state) == ("email", 2, 2, "open")
    assert [service.pk for service in card.services] == [failed.pk]
    assert card.systems == ["far-end"]
    assert (len(card.spark), card.spark[-1]) == (14, (timezone.now().date(), 2))
    found, more = affected_records(card)
    assert [(record.reference, record.status, record.message) for record in found] == [
        ("#1003", "failed", card.message),
        ("#1004", "failed", card.message),
    ]
    assert {record.attempt_id for record in found} == set(rows("3", "4"))
    assert desk_count(scope) == type(desk_count(scope))(1, 2, 1)


def test_records_of_a_card_are_paged_over_its_services(world, scope):
    for number in range(7):
        world.put(number, email=BAD)
    for name in ("A", "B"):
        world.run(world.service(name=name))
    desk.refresh()
    ((card,), _) = error_cards(scope, ErrorChoice())
    assert (card.affected, len(card.groups)) == (14, 2)
    seen, after, more = [], None, True
    while more:
        found, more = affected_records(card, after=after, size=4)
        seen += [(record.service_id, record.key) for record in found]
        after = found[-1].id
    assert len(seen) == len(set(seen)) == 14


def test_cards_are_paged_and_chosen(world, scope, failed):
    for number in range(9):
        ErrorGroup.objects.create(
            id=number, kin=number, service=failed, error_class="missing", error_key="k", sentence=f"No SKU 50% {number}",
            place="sku", message="m", hint="h", first_at=timezone.now(), last_at=timezone.now() - timedelta(hours=number % 3),
            seen=1, affected=number % 4, counted_at=timezone.now(),
        )  # fmt: skip
    for most in (False, True):
        seen, after, more = [], "", True
        while more:
            cards, more = error_cards(scope, ErrorChoice(most_first=most), after=after, size=3)
            seen += [card.kin for card in cards]
            after = cards[-1].anchor
        assert len(seen) == len(set(seen)) == 10
    assert len(error_cards(scope, ErrorChoice(error_class="missing"))[0]) == 9
    assert len(error_cards(scope, ErrorChoice(text="50% 7"))[0]) == 1
    assert error_cards(scope, ErrorChoice(text="5_%"))[0] == []
    assert error_cards(scope, ErrorChoice(services=[]))[0] == []
    assert len(error_cards(scope, ErrorChoice(), after="nonsense")[0]) == 10


def test_closed_records_are_left_alone_until_they_change_and_resolve_their_cause(world, scope, failed, ada):
    plan = close_records(scope, Chosen(attempts=rows("1", "3", "4")), note="entered by hand", person=ada)
    assert reasons(plan) == {"it has gone through already": (1, ["#1001"])}
    assert statuses() == {"1": "ok", "2": "ok", "3": "closed", "4": "closed"}
    group = ErrorGroup.objects.get()
    assert (group.state, group.resolved_by, group.affected) == ("resolved", ada, 0)
    assert [card.kin for card in error_cards(scope, ErrorChoice(state="resolved"))[0]] == [group.kin]
    assert error_cards(scope, ErrorChoice(state="itself"))[0] == []
    assert AuditEvent.objects.get(verb="close").after == {
        "records": 2,
        "named": ["#1003", "#1004"],
        "note": "entered by hand",
    }
    run = world.run(failed, since="2026-01-01T00:00:00+00:00")
    assert (run.ok, run.failed) == (0, 0)
    world.put(3)
    world.run(failed, since="2026-01-01T00:00:00+00:00")
    assert statuses()["3"] == "ok"


def test_closing_takes_only_what_failed(world, scope, failed):
    Item.objects.filter(key="3").update(status="pending")
    Item.objects.filter(key="4").update(status="uncertain")
    plan = close_records(scope, everything())
    assert plan.records == 0
    assert len(plan.refused) == 2
    assert ErrorGroup.objects.get().state == "open"


def test_what_a_person_found_settles_an_uncertain_record(world, scope, failed):
    Item.objects.filter(key__in="34").update(status="uncertain")
    assert settle_records(scope, Chosen(attempts=rows("3", "1")), arrived=True).records == 1
    assert statuses()["3"] == "ok"
    world.put(4)
    plan = settle_records(scope, Chosen(attempts=rows("4")), arrived=False)
    assert "force" not in plan.runs[0].options
    world.go_on(plan.runs[0])
    assert statuses()["4"] == "ok"


def test_causes_are_given_to_people_of_the_company(scope, failed, ada):
    group = ErrorGroup.objects.get()
    assert assign(scope, [group.pk], ada, person=ada) == 1
    (card,) = error_cards(scope, ErrorChoice(state="assigned", assignee=ada.pk))[0]
    assert card.assignees == [ada.pk]
    assert error_cards(scope, ErrorChoice(state="new"))[0] == []
    stranger = User.objects.create_user("sam@example.com", "a quiet harbour")
    with pytest.raises(ConfigError, match="does not belong to Acme"):
        assign(scope, [group.pk], stranger)
    assign(scope, [group.pk], None, person=ada)
    assert desk_count(scope).unassigned == 1
    told = [
        (e.before["assignee"], e.after["assignee"]) for e in AuditEvent.objects.filter(verb="assign").order_by("pk")
    ]
    assert told == [(None, "ada@example.com"), ("ada@example.com", None)]


def test_ignored_causes_are_hidden_until_their_time_and_can_be_shown_again(scope, failed, ada):
    group = ErrorGroup.objects.get()
    ignore(scope, [group.pk], until=timezone.now() + timedelta(days=1), note="the vendor knows", person=ada)
    assert error_cards(scope, ErrorChoice())[0] == []
    (card,) = error_cards(scope, ErrorChoice(state="ignored"))[0]
    assert card.note.text == "the vendor knows"
    reopen(scope, [group.pk], person=ada)
    assert len(error_cards(scope, ErrorChoice())[0]) == 1
    ignore(scope, [group.pk], person=ada)
    desk.refresh()
    assert ErrorGroup.objects.get().state == "ignored"
    ErrorGroup.objects.update(ignored_until=timezone.now() - timedelta(seconds=1))
    desk.refresh()
    assert ErrorGroup.objects.get().state == "open"
    with pytest.raises(ConfigError, match="over already"):
        ignore(scope, [group.pk], until=timezone.now() - timedelta(days=1))
    assert [event.verb for event in AuditEvent.objects.filter(kind="error").order_by("pk")] == [
        "ignore",
        "reopen",
        "ignore",
    ]


def test_what_is_written_to_a_cause_is_kept(scope, failed, ada):
    group = ErrorGroup.objects.get()
    comment(scope, [group.pk], " asked the warehouse ", person=ada)
    comment(scope, [group.pk], "they mend it", person=ada)
    card = find_card(scope, group.kin)
    assert [note.text for note in notes_of(card)] == ["asked the warehouse", "they mend it"]
    assert card.note.text == "they mend it"
    for nothing in ("  ", "x" * 5000):
        with pytest.raises(ConfigError, match="a note has"):
            comment(scope, [group.pk], nothing)
    assert ErrorNote.objects.count() == 2
