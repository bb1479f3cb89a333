"""What the first screen says, and the figures behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from tests.store.made import Made

from topstitch.engine.ports import Counts, PageEnd, PageStart
from topstitch.errors import Unreachable
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.audit import audit
from topstitch.store.actions.connector_checks import check_connector
from topstitch.store.actions.figures import run_ended
from topstitch.store.actions.runs import complete_run, end_stopped, fail_run, request_run
from topstitch.store.ledger import PgLedger
from topstitch.store.models import (
    ConnectorBudget,
    ConnectorCheck,
    ConnectorToken,
    DayVolume,
    ErrorGroup,
    Item,
    Run,
    Service,
    ServiceState,
)
from topstitch.store.queries import home
from topstitch.store.queries.connectors import budget_use, checks_of, health_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def made(db):
    return Made()


def ended(made, service, status="completed", *, pulled=1, at=None, **fields):
    run = made.run(service, status, pulled=pulled, ended_at=at or timezone.now(), **fields)
    run_ended(run.pk)
    return run


def state(service):
    return ServiceState.objects.get(service=service)


# -- figures ------------------------------------------------------------------------------------------------------------


def test_the_end_of_a_run_says_how_its_service_goes(made):
    service = made.service(next_due=NOW + timedelta(minutes=10))
    ended(made, service, at=NOW, scheduled_for=NOW)
    assert (state(service).last_status, state(service).last_success_at, state(service).gap) == ("completed", NOW, 600)
    first = ended(made, service, "failed", at=NOW + timedelta(minutes=10), scheduled_for=NOW)
    last = ended(made, service, "completed_with_failures", at=NOW + timedelta(minutes=20), scheduled_for=NOW)
    now = state(service)
    assert (now.bad_runs, now.bad_since, now.last_run) == (2, first.ended_at, last.pk)
    assert now.last_success_at == last.ended_at
    ended(made, service, at=NOW + timedelta(minutes=30))
    assert (state(service).bad_runs, state(service).bad_since) == (0, None)


def test_runs_of_chosen_records_say_nothing_about_the_service(made):
    service = made.service()
    ended(made, service, "failed", at=NOW)
    for fields in ({"trigger": "resync"}, {"options": {"ids": ["1"]}}, {"status": "stopped"}):
        ended(made, service, at=NOW + timedelta(hours=1), **fields)
    now = state(service)
    assert (now.bad_runs, now.last_status, now.last_ended_at) == (1, "failed", NOW + timedelta(hours=1))


def test_empty_runs_are_counted_and_the_longest_row_of_them_is_kept(made):
    service = made.service()
    for pulled in (1, 0, 0, 0, 5, 0):
        ended(made, service, pulled=pulled)
    now = state(service)
    assert (now.full_runs, now.empty_runs, now.longest_empty) == (2, 1, 3)


@pytest.mark.django_db(transaction=True)
def test_figures_a_day_come_from_pages_and_ends_and_each_end_counts_once(world):
    service = world.service()
    run = request_run(service)
    ledger = PgLedger(service.pk, str(run.pk))
    for number in (1, 2):
        ledger.open_page(PageStart(number=number, cursor=None, next=None, records=[]))
        end = PageEnd(number=number, counts=Counts(pulled=5, ok=3, failed=2))
        ledger.record([], [end])
        ledger.record([], [end])
    ledger.close()
    complete_run(run, Counts(pulled=10, ok=6, failed=4), watermark=None, moves_cursor=True)
    complete_run(run, Counts(), watermark=None, moves_cursor=True)
    fail_run(str(run.pk), Unreachable("late"))
    end_stopped(str(run.pk))
    day = DayVolume.objects.get()
    assert (day.pulled, day.ok, day.failed, day.runs, day.bad_runs) == (10, 6, 4, 1, 1)
    assert state(service).bad_runs == 1
    for late in (request_run(service), request_run(service)):
        fail_run(str(late.pk), Unreachable("away"))
    assert (state(service).bad_runs, DayVolume.objects.get().runs) == (3, 3)


# -- needs somebody -----------------------------------------------------------------------------------------------------


def test_failing_services_are_the_active_ones_with_bad_last_runs(made):
    bad, worse, off, good = (made.service(name, active=name != "Off") for name in ("Bad", "Worse", "Off", "Good"))
    ended(made, good)
    ended(made, bad, "completed_with_failures", failed=3)
    for service in (worse, off):
        ended(made, service, "failed", reason="no way")
    found = home.failing_services(made.scope)
    assert [(f.name, f.status, f.reason, f.failed) for f in found] == [
        ("Worse", "failed", "no way", 0),
        ("Bad", "completed_with_failures", "", 3),
    ]
    assert home.failing_services(Made("Other").scope) == []


def test_open_causes_are_the_largest_and_say_how_much_there_is(made):
    now = timezone.now()
    for number in range(8):
        ErrorGroup.objects.create(
            id=number, kin=number // 2, service=made.service(f"S{number}"), error_class="value", error_key="k", place="",
            sentence=f"s{number // 2}", message="", hint="", first_at=now, last_at=now, seen=1, affected=number,
            state="ignored" if number == 7 else "open",
        )  # fmt: skip
    found = home.open_causes(made.scope, limit=2)
    assert (found.causes, found.records, found.unassigned) == (4, 21, 4)
    assert [(top.kin, top.records, top.services) for top in found.top] == [(2, 9, 2), (3, 6, 1)]
    assert home.open_causes(Made("Other").scope) == home.OpenCauses(0, 0, 0, [])


def test_what_did_not_happen_is_missed(made):
    now = timezone.now()
    late = made.service("Late", next_due=now - timedelta(minutes=5))
    made.service("On time", next_due=now - timedelta(seconds=30))
    made.service("Off", next_due=now - timedelta(days=1), active=False)
    silent, night, dry, paused = (made.service(name) for name in ("Silent", "Night", "Dry", "Paused"))
    parts = {"last_ended_at": now}
    ServiceState.objects.create(service=silent, gap=600, last_success_at=now - timedelta(minutes=61), **parts)
    ServiceState.objects.create(service=night, gap=8 * 3600, last_success_at=now - timedelta(hours=9), **parts)
    full = {"full_runs": 20, "longest_empty": 4, **parts}
    ServiceState.objects.create(service=dry, empty_runs=8, last_success_at=now, **full)
    ServiceState.objects.create(service=paused, empty_runs=7, last_success_at=now, **full)
    found = home.missing_runs(made.scope)
    assert [(m.kind, m.name, m.runs, m.usual) for m in found] == [
        ("overdue", "Late", 0, 0),
        ("silent", "Silent", 0, 0),
        ("empty", "Dry", 8, 4),
    ]
    assert found[0].since == late.next_due


def test_paused_runs_and_connectors_that_are_away_are_told(made):
    service = made.service()
    waiting = made.run(service, "paused")
    made.run(service, "running")
    connector = made.connector("odoo")
    type(connector).objects.filter(pk=connector.pk).update(status="unreachable")
    assert home.paused_runs(made.scope) == [waiting]
    (away,) = home.connectors_down(made.scope)
    assert (away.connector_id, away.status, away.services) == (connector.pk, "unreachable", [service.pk])
    assert home.connectors_down(Made("Other").scope) == []
    type(service).objects.filter(pk=service.pk).update(active=False)
    assert home.connectors_down(made.scope) == [], "nothing needs it"


def test_records_that_may_have_arrived_are_counted_by_service(made):
    now = timezone.now()
    service = made.service()
    parts = {
        "service": service,
        "error_class": "intermittent",
        "place": "",
        "sentence": "lost",
        "message": "",
        "hint": "",
    }
    times = {"first_at": now, "last_at": now, "seen": 3, "affected": 3}
    ErrorGroup.objects.create(id=1, kin=1, error_key="answer_lost", **parts, **times)
    ErrorGroup.objects.create(id=2, kin=2, error_key="unreachable", **parts, **times)
    for key, status, cause in (("1", "uncertain", 1), ("2", "uncertain", 1), ("3", "pending", 1), ("4", "pending", 2)):
        Item.objects.filter(pk=made.item(service, key, status).pk).update(cause=cause)
    (found,) = home.uncertain_records(made.scope)
    assert (found.service_id, found.records, found.last_at) == (service.pk, 2, now)
    assert home.uncertain_records(Made("Other").scope) == []


def test_how_far_a_company_has_come(made):
    assert home.begun(made.scope) == home.Begun(0, 0, ran=False)
    service = made.service()
    assert home.begun(made.scope) == home.Begun(2, 1, ran=False)
    ended(made, service)
    assert home.begun(made.scope) == home.Begun(2, 1, ran=True)
    assert home.begun(Made("Other").scope) == home.Begun(0, 0, ran=False)


def test_next_are_the_active_services_that_run_soonest(made):
    now = timezone.now()
    made.service("Later", next_due=now + timedelta(hours=2))
    made.service("Off", active=False, next_due=now)
    made.service("By hand")
    made.service("Soon", next_due=now + timedelta(minutes=1))
    assert [service.name for service in home.next_services(made.scope)] == ["Soon", "Later"]


def test_what_ends_soon_is_told_and_what_renews_itself_is_not(made, monkeypatch):
    shop = made.connector("shopify")
    now = timezone.now()
    for name, expires, made_at in (
        ("key", now + timedelta(days=5), now - timedelta(days=90)),
        ("access", now + timedelta(minutes=20), now - timedelta(minutes=40)),
        ("later", now + timedelta(days=60), now - timedelta(days=90)),
    ):
        ConnectorToken.objects.create(connector=shop, name=name, sealed=b"", expires_at=expires)
        ConnectorToken.objects.filter(name=name).update(updated_at=made_at)
    assert [(e.kind, e.what) for e in home.expiring(made.scope)] == [("token", "key")]
    day = (now + timedelta(days=30)).date().isoformat()
    monkeypatch.setitem(CATALOGUE.get("shopify").manifest, "sunset", day)
    assert [(e.kind, e.what) for e in home.expiring(made.scope)] == [("token", "key"), ("version", "shopify")]


# -- moves --------------------------------------------------------------------------------------------------------------


def test_volumes_are_todays_with_yesterdays(made):
    day = NOW.date()
    orders, stock, quiet = made.service("Orders"), made.service("Stock"), made.service("Quiet")
    DayVolume.objects.create(service=orders, day=day, ok=5, sent=1, failed=2, unchanged=99)
    DayVolume.objects.create(service=orders, day=day - timedelta(days=1), ok=7, pending=1)
    DayVolume.objects.create(service=stock, day=day - timedelta(days=1), ok=3)
    DayVolume.objects.create(service=stock, day=day - timedelta(days=2), ok=1000)
    DayVolume.objects.create(service=quiet, day=day, unchanged=4)
    found = home.volumes(made.scope, today=day)
    assert [(v.name, v.done, v.bad, v.yesterday) for v in found.services] == [("Orders", 6, 2, 8), ("Stock", 0, 0, 3)]
    assert (found.done, found.bad, found.yesterday) == (6, 2, 11)


def test_changes_are_what_people_did_to_things(made):
    for verb in ("create", "run", "update", "resync", "delete", "export", "stop"):
        audit(verb, "service", 1, "Orders", company=made.company)
    audit("update", "service", 1, "Theirs", company=Made("Other").company)
    assert [event.verb for event in home.changes(made.scope)] == ["delete", "update", "create"]


# -- connectors -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_checks_are_kept_with_their_steps_and_not_for_ever(world, impatient, monkeypatch):
    monkeypatch.setattr("topstitch.store.actions.connector_checks.KEEP_CHECKS", 3)
    connector = world.service().source
    assert check_connector(connector)[-1].ok
    (check,) = checks_of(connector)
    assert (check.ok, check.status, check.detail) == (True, "operational", "")
    assert check.steps[-1]["ok"] is True
    type(connector).objects.filter(pk=connector.pk).update(base_url="http://127.0.0.1:1")
    connector.refresh_from_db()
    for _ in range(4):
        check_connector(connector)
    newest = checks_of(connector)
    assert [check.ok for check in newest] == [False] * 3
    assert newest[0].steps[-1]["ok"] is False
    assert newest[0].detail
    assert health_of([connector.pk]) == {connector.pk: type(health_of([connector.pk])[connector.pk])(3, 0)}
    ConnectorCheck.objects.create(connector=connector, ok=True, status="operational")
    assert health_of([connector.pk])[connector.pk].share == 0.25


def test_a_rate_budget_is_read(made):
    shop = made.connector("shopify")
    public = {setting.name for setting in CATALOGUE.get("shopify").system.settings if not setting.secret}
    practice = CATALOGUE.get("shopify").practice_settings
    shop.settings = {name: value for name, value in practice.items() if name in public}
    empty = budget_use(shop)
    assert empty is not None
    assert (empty.used, empty.paused_until) == (0, None)
    now = timezone.now().timestamp()
    ConnectorBudget.objects.create(connector=shop, starts=[now - 10_000, now, now], closed_until=now + 60)
    used = budget_use(shop)
    assert used.used == 2
    assert used.paused_until is not None
    assert budget_use(made.connector("no such system")) is None


def test_a_service_that_goes_takes_its_figures_with_it(made):
    service = made.service()
    ended(made, service, "failed")
    Run.objects.all().delete()
    Service.objects.filter(pk=service.pk).update(revision=None)
    service.revisions.all().delete()
    Service.objects.get(pk=service.pk).delete()
    assert not ServiceState.objects.exists()
    assert not DayVolume.objects.exists()
