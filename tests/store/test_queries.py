"""Named reads for the screens."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from topstitch.accounts.models import Membership, User
from topstitch.store.models import Company, CompanyGroup, Connector, Revision, Run, Service
from topstitch.store.queries.engine_state import engine_state
from topstitch.store.queries.keyset import window
from topstitch.store.queries.runs import find_run, last_runs, runs_of, sync_id_bounds
from topstitch.store.queries.scope import Scope, scope_of_person
from topstitch.store.queries.services import Choice, find_service, matching, service_index
from topstitch.store.queries.volumes import daily_volumes

pytestmark = pytest.mark.django_db


def make_service(company="Acme", name="Orders", **fields):
    owner, _ = Company.objects.get_or_create(name=company, slug=company.lower())
    group, _ = CompanyGroup.objects.get_or_create(company=owner, name="Main", slug="main")
    connector, _ = Connector.objects.get_or_create(group=group, name="far", system="far")
    service = Service.objects.create(
        group=group,
        name=name,
        source=connector,
        destination=connector,
        source_entity="orders",
        destination_entity="sales",
        **{"active": True, **fields},
    )
    service.revision = Revision.objects.create(service=service, number=1, spec={})
    service.save()
    return service


def make_run(service, at, status="completed", **fields):
    run = Run.objects.create(
        service=service, revision=service.revision, trigger="schedule", status=status, scheduled_for=at, **fields
    )
    Run.objects.filter(pk=run.pk).update(created_at=at)
    return run


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def scope_of(service):
    return Scope((service.group.company_id,))


def test_a_scope_is_the_companies_of_a_person():
    mine, other = make_service("Acme"), make_service("Other")
    person = User.objects.create_user("ada@example.com", "a quiet harbour")
    Membership.objects.create(user=person, company=mine.group.company)
    scope = scope_of_person(person.pk)
    assert scope.names == ("Acme",)
    assert [entry.id for entry in service_index(scope)] == [mine.pk]
    assert find_service(scope, other.pk) is None
    assert find_run(scope, make_run(other, NOON).pk) is None
    assert last_runs(scope, [mine.pk, other.pk]) == {}


def test_a_scope_of_no_company_holds_nothing():
    service = make_service()
    make_run(service, NOON, "failed")
    nothing = Scope(())
    assert service_index(nothing) == []
    assert last_runs(nothing, [service.pk]) == {}
    assert list(nothing.attempts()) == []


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("count", [0, 1, 5, 6, 11])
def test_a_window_moves_to_the_end_and_back(descending, count):
    for number in range(count):
        Company.objects.create(name=str(number), slug=f"c{number}")
    everything = list(Company.objects.order_by("-pk" if descending else "pk"))

    def page(**where):
        return window(Company.objects.all(), by="pk", size=5, descending=descending, **where)

    pages = [page()]
    while pages[-1].has_later:
        pages.append(page(after=pages[-1].rows[-1].pk))
    assert [row for one in pages for row in one.rows] == everything
    assert not pages[0].has_earlier
    for earlier, later in pairwise(pages):
        back = page(before=later.rows[0].pk)
        assert back.rows == earlier.rows
        assert back.has_later
        assert back.has_earlier == (earlier is not pages[0])


def test_last_runs_are_the_newest_of_each_service():
    busy, quiet, new = make_service(name="Busy"), make_service(name="Quiet"), make_service(name="New")
    for minute in range(25):
        make_run(busy, NOON + timedelta(minutes=minute), pulled=minute)
    make_run(quiet, NOON, "failed", failed=3, pending=1)
    found = last_runs(scope_of(busy), [busy.pk, quiet.pk, new.pk])
    assert [run.pulled for run in found[busy.pk]] == list(range(24, 4, -1))
    assert [(run.status, run.troubled) for run in found[quiet.pk]] == [("failed", 4)]
    assert new.pk not in found


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("a", "a" + "0" * 31, "a" + "f" * 31),
        ("12345678-ABCD", "12345678abcd" + "0" * 20, "12345678abcd" + "f" * 20),
    ],
)
def test_the_beginning_of_a_sync_id_bounds_it(text, low, high):
    assert sync_id_bounds(text) == (uuid.UUID(low), uuid.UUID(high))


@pytest.mark.parametrize("text", ["", "xyz", "1" * 33, "--"])
def test_what_is_no_beginning_of_a_sync_id_finds_nothing(text):
    assert sync_id_bounds(text) is None


def test_runs_of_a_service_are_its_own():
    one, other = make_service(), make_service(name="Other")
    mine = make_run(one, NOON)
    make_run(other, NOON)
    assert runs_of(one).rows == [mine]
    assert runs_of(one, sync_id="zz").rows == []


def test_volumes_have_every_day_and_its_borders_are_utc():
    service = make_service()
    make_run(service, datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), ok=5, sent=1, failed=2, pending=1)
    make_run(service, datetime(2026, 3, 2, 0, 0, 0, tzinfo=UTC), ok=7, unchanged=3)
    make_run(service, datetime(2026, 3, 4, tzinfo=UTC), ok=100)
    days = daily_volumes(service, date(2026, 3, 1), date(2026, 3, 3))
    assert [(day.ok, day.failed, day.unchanged, day.runs) for day in days] == [(6, 3, 0, 1), (7, 0, 3, 1), (0, 0, 0, 0)]


def test_a_choice_keeps_what_meets_all_of_it():
    service = make_service(name="Orders to Warehouse")
    index = service_index(scope_of(service))
    assert matching(index, Choice(text="warehouse ORDERS", status="active", system="far", entity="orders")) == index
    assert matching(index, Choice(text="warehouse stock")) == []
    assert matching(index, Choice(group=service.group_id + 1)) == []


def test_the_engine_is_held_up_when_a_run_waits_for_long():
    service = make_service()
    assert engine_state().oldest_waiting is None
    make_run(service, datetime.now(UTC) - timedelta(seconds=5), "queued")
    assert not engine_state().held_up
    make_run(service, datetime.now(UTC) - timedelta(minutes=5), "queued")
    assert engine_state().held_up
