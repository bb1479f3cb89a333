"""Writes by name: connectors and their secrets, services and their revisions, runs and their slots, partitions."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connections, transaction
from django.utils import timezone
from tests.fakes.far_end import MAPPING, SLUG, system

from topstitch.engine.ports import Counts
from topstitch.engine.spec import Service as Spec
from topstitch.errors import AuthError, ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store import secrets
from topstitch.store.actions.connectors import save_connector, stored_values
from topstitch.store.actions.runs import (
    begin_run,
    complete_run,
    end_stopped,
    fail_run,
    mark_enqueued,
    request_run,
    run_slot,
    stop_run,
)
from topstitch.store.actions.services import Overtaken, change_service, plan_next, save_service, spec_of, switch_service
from topstitch.store.database import connect
from topstitch.store.models import AuditEvent, Connector, Run, Service
from topstitch.store.partitions import TABLES, drop_partitions, make_partitions

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "s3cret-of-the-shop"


@pytest.fixture
def shop(world):
    """A system with a secret, and a connector of it."""
    definition = system("secret-shop") | {
        "settings": {"shop": {"required": True}, "token": {"secret": True, "required": True}, "pin": {"secret": True}}
    }
    CATALOGUE.add(system_from_data(definition))
    return save_connector(world.group, "Shop", "secret-shop", {"shop": "acme", "token": SECRET}, environment="test")


def everywhere():
    """All that the audit log says."""
    return " ".join(f"{e.name} {e.before} {e.after}" for e in AuditEvent.objects.all())


# -- connectors -----------------------------------------------------------------------------------------------------


def test_secrets_are_encrypted_in_the_row_and_in_clear_for_use_only(shop):
    row = Connector.objects.get(pk=shop.pk)
    assert row.settings == {"shop": "acme"}
    assert SECRET.encode() not in bytes(row.sealed)
    assert stored_values(row) == {"shop": "acme", "token": SECRET}


def test_no_secret_is_in_the_audit_log(world, shop):
    save_connector(world.group, "Shop", "secret-shop", {"shop": "other", "token": SECRET + "2"}, environment="test")
    assert SECRET not in everywhere()
    assert [e.verb for e in AuditEvent.objects.filter(kind="connector").order_by("pk")] == ["create", "update"]
    assert AuditEvent.objects.get(kind="connector", verb="update").after["settings"] == {"shop": "other"}


def test_a_sealed_value_does_not_open_in_another_row(world, shop):
    other = save_connector(world.group, "Other", "secret-shop", {"shop": "x", "token": "y"}, environment="test")
    Connector.objects.filter(pk=other.pk).update(sealed=bytes(Connector.objects.get(pk=shop.pk).sealed))
    with pytest.raises(ConfigError, match=f"belong to connector:{shop.pk}"):
        stored_values(Connector.objects.get(pk=other.pk))


@pytest.fixture
def use_key(settings):
    """Sets the installation's keys, as after a restart."""

    def use(keys):
        settings.SECRET_KEYS = keys
        secrets._fernet.cache_clear()

    old = settings.SECRET_KEYS
    yield use
    use(old)


def test_under_another_key_they_do_not_open_and_after_a_rotation_they_do(shop, use_key, settings):
    old, new = settings.SECRET_KEYS, Fernet.generate_key().decode()
    use_key(new)
    with pytest.raises(ConfigError, match="cannot be read with this installation's key"):
        stored_values(shop)
    use_key(f"{new},{old}")
    assert stored_values(shop)["token"] == SECRET
    resealed = secrets.reseal(f"connector:{shop.pk}", bytes(shop.sealed))
    use_key(new)
    assert secrets.unseal(f"connector:{shop.pk}", resealed)["token"] == SECRET
    use_key("nonsense")
    with pytest.raises(ConfigError, match="not a valid key"):
        stored_values(shop)


def test_a_connector_without_secrets_has_nothing_to_open():
    assert secrets.unseal("connector:1", b"") == {}
    assert secrets.reseal("connector:1", b"") == b""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"values": {"token": "x"}}, "shop"),
        ({"values": {"shop": "a", "token": "x", "tokn": "y"}}, "unknown setting 'tokn'"),
        ({"environment": "live"}, "stays one"),
        ({"system": SLUG}, "stays one|unknown setting"),
        ({"name": "New", "environment": "live", "base_url": "http://127.0.0.1"}, "base_url is for test"),
        ({"name": "New", "environment": "practice", "base_url": "http://127.0.0.1"}, "base_url is for test"),
        ({"base_url": "ftp://shop.example.com"}, "base_url"),
        ({"base_url": "https://ada:pw@shop.example.com"}, "must not hold a user name"),
        (
            {
                "name": "New",
                "system": "sftp",
                "values": {"host": "a", "username": "b"},
                "base_url": "https://a.example",
            },
            "base_url is for systems that are reached over HTTP",
        ),
        ({"system": "no-such-system"}, "no-such-system"),
    ],
)
def test_a_connector_that_cannot_be_is_refused_and_nothing_is_changed(world, shop, change, said):
    CATALOGUE.add(system_from_data(system()))
    given = {
        "name": "Shop",
        "system": "secret-shop",
        "values": {"shop": "a", "token": "b"},
        "environment": "test",
        **change,
    }
    name, slug, values = given.pop("name"), given.pop("system"), given.pop("values")
    with pytest.raises(ConfigError, match=said):
        save_connector(world.group, name, slug, values, **given)
    assert stored_values(Connector.objects.get(pk=shop.pk)) == {"shop": "acme", "token": SECRET}
    assert Connector.objects.count() == 1


# -- services -------------------------------------------------------------------------------------------------------


def spec(**parts):
    return Spec.model_validate(
        {
            "source": {"connector": "far", "entity": "orders"},
            "destination": {"connector": "far", "entity": "sales"},
            "mapping": MAPPING,
            **parts,
        }
    )


def test_paths_are_saved_in_one_notation(world):
    service = world.service()
    older = [{**row, "to": f"sales.0.{row['to'].replace('[*]', '.0')}"} for row in MAPPING]
    assert save_service(world.group, "Orders", spec(mapping=older)).revision == service.revision


def test_a_revision_is_made_when_something_changed_and_only_then(world):
    service = world.service()
    first = service.revision
    assert save_service(world.group, "Orders", spec()).revision == first
    changed = save_service(world.group, "Orders", spec(mapping=MAPPING[:2]), note="fewer rows")
    assert (changed.revision.number, changed.revision.note) == (2, "fewer rows")
    assert Service.objects.get().revisions.count() == 2
    back = save_service(world.group, "Orders", spec())
    assert back.revision.number == 3
    event = AuditEvent.objects.filter(kind="service", verb="update").first()
    assert event.before != event.after


def test_a_run_pins_the_revision_that_it_was_asked_for_with(world):
    service = world.service()
    run = request_run(service)
    save_service(world.group, "Orders", spec(mapping=MAPPING[:2]))
    assert begin_run(run.pk).revision.number == 1
    assert request_run(Service.objects.get()).revision.number == 2


def test_a_service_that_cannot_be_is_refused_and_nothing_is_changed(world):
    service = world.service()
    for wrong, said in (
        ({"source": {"connector": "nowhere", "entity": "orders"}}, "no connector 'nowhere'"),
        ({"mapping": [{"to": "x", "from": "a", "do": ["no.such"]}]}, "no.such"),
        ({"schedules": [{"cron": "* *"}]}, "five fields"),
    ):
        with pytest.raises(ConfigError, match=said):
            save_service(world.group, "Orders", spec(**wrong))
    assert Service.objects.get().revision == service.revision


def test_a_type_is_kept_until_another_is_given(world):
    world.service()
    assert save_service(world.group, "Orders", spec(), type="sweeper").type == "sweeper"
    assert save_service(world.group, "Orders", spec()).type == "sweeper"
    assert Service.objects.get().type == "sweeper"


def test_an_inactive_service_has_no_next_run(world):
    world.service()
    hourly = {"schedules": [{"cron": "0 * * * *"}]}
    service = save_service(world.group, "Orders", spec(**hourly))
    assert service.next_due is None
    service = save_service(world.group, "Orders", spec(**hourly), active=True)
    assert service.next_due > timezone.now()
    assert service.next_due.minute == 0
    switch_service(service, active=False)
    assert Service.objects.get().next_due is None


def test_switched_on_again_a_service_does_not_reach_back_over_the_time_it_was_off(world):
    service = world.service()
    Service.objects.update(covered_at=timezone.now() - timedelta(days=30), active=False)
    service.refresh_from_db()
    switch_service(service, active=True)
    assert Service.objects.get().covered_at is None


# -- runs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def due(world):
    """An active service whose slot has come."""
    world.service()
    service = save_service(world.group, "Orders", spec(schedules=[{"cron": "*/5 * * * *"}]), active=True)
    slot = datetime(2026, 1, 1, 10, tzinfo=UTC)
    Service.objects.update(next_due=slot)
    service.refresh_from_db()
    return service


def test_a_slot_is_one_run_and_the_next_one_is_planned(due):
    slot = due.next_due
    run = run_slot(due, slot)
    assert (run.trigger, run.scheduled_for, run.status) == ("schedule", slot, "queued")
    assert Service.objects.get().next_due > timezone.now()
    assert run_slot(due, slot) is None
    assert Run.objects.count() == 1


def test_two_workers_at_once_make_one_run_of_a_slot(due):
    slot, gate, made = due.next_due, threading.Barrier(2), []

    def work():
        mine = Service.objects.select_related("revision", "group__company").get(pk=due.pk)
        gate.wait(10)
        made.append(run_slot(mine, slot))
        connections.close_all()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 2
    assert Run.objects.count() == 1


def test_while_one_worker_makes_the_run_the_other_passes_by(due):
    slot, answers = due.next_due, []

    def other():
        answers.append(run_slot(Service.objects.select_related("revision").get(pk=due.pk), slot))
        connections.close_all()

    with transaction.atomic():
        run_slot(due, slot)
        thread = threading.Thread(target=other, daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "it waits for the other"
    assert answers == [None]
    assert Run.objects.count() == 1


def test_a_queued_run_absorbs_the_slots_that_pass_meanwhile(due):
    run_slot(due, due.next_due)
    later = datetime(2026, 1, 1, 10, 5, tzinfo=UTC)
    Service.objects.update(next_due=later)
    due.refresh_from_db()
    assert run_slot(due, later) is None
    assert Run.objects.count() == 1
    assert Service.objects.get().next_due > timezone.now()


def test_a_run_by_hand_does_not_absorb_a_slot(due):
    request_run(due)
    assert run_slot(due, due.next_due) is not None


def test_a_slot_of_a_service_switched_off_meanwhile_is_no_run(due):
    slot = due.next_due
    Service.objects.update(active=False)
    assert run_slot(due, slot) is None


def test_the_slots_missed_while_nobody_worked_are_one_run(due):
    run_slot(due, due.next_due)
    Run.objects.update(status="completed")
    due.refresh_from_db()
    assert due.next_due > timezone.now()


def test_a_run_without_a_configuration_cannot_be_asked_for(world):
    service = world.service()
    Service.objects.update(revision=None)
    service.refresh_from_db()
    with pytest.raises(ConfigError, match="no configuration yet"):
        request_run(service)
    with pytest.raises(ConfigError):
        spec_of(service)


def test_a_run_that_was_not_begun_is_stopped_at_once_and_one_that_was_is_asked_to(world):
    service = world.service()
    waiting, going = request_run(service), request_run(service)
    mark_enqueued(going)
    begin_run(going.pk)
    stop_run(waiting)
    stop_run(going)
    assert Run.objects.get(pk=waiting.pk).status == "stopped"
    asked = Run.objects.get(pk=going.pk)
    assert (asked.status, asked.stop_requested) == ("running", True)
    end_stopped(going.pk)
    assert Run.objects.get(pk=going.pk).status == "stopped"
    assert AuditEvent.objects.filter(verb="stop").count() == 2


def test_an_end_is_an_end(world):
    service = world.service()
    run = request_run(service)
    begin_run(run.pk)
    complete_run(run, Counts(pulled=1, ok=1), watermark=None, moves_cursor=True)
    fail_run(run.pk, AuthError("late"))
    end_stopped(run.pk)
    stop_run(run)
    begin_run(run.pk)
    ended = Run.objects.get(pk=run.pk)
    assert (ended.status, ended.reason, ended.stop_requested) == ("completed", "", False)


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        (Counts(pulled=1, ok=1), "completed"),
        (Counts(pulled=1, failed=1), "completed_with_failures"),
        (Counts(pulled=1, pending=1), "completed_with_failures"),
        (Counts(pulled=1, uncertain=1), "completed_with_failures"),
        (Counts(), "completed"),
    ],
)
def test_a_runs_end_says_how_it_went_and_moves_the_services_position(world, counts, status):
    service = world.service()
    run = request_run(service)
    high = datetime(2026, 1, 1, tzinfo=UTC)
    complete_run(run, counts, watermark=high, moves_cursor=True)
    assert Run.objects.get(pk=run.pk).status == status
    moved = Service.objects.get()
    assert (moved.watermark, moved.covered_at) == (high, run.scheduled_for)


def test_a_run_with_options_moves_nothing_and_no_run_moves_anything_back(world):
    service = world.service()
    high = datetime(2026, 1, 1, tzinfo=UTC)
    Service.objects.update(watermark=high, covered_at=high + timedelta(days=3650))
    complete_run(request_run(service), Counts(), watermark=high + timedelta(days=1), moves_cursor=False)
    assert Service.objects.get().watermark == high
    complete_run(request_run(service), Counts(), watermark=high - timedelta(days=1), moves_cursor=True)
    assert Service.objects.get().watermark == high
    assert Service.objects.get().covered_at == high + timedelta(days=3650)


def test_an_odd_error_does_not_keep_a_run_from_ending(world):
    run = request_run(world.service())
    fail_run(run.pk, AuthError("no \x00 access \ud800", hint="\x00"))
    ended = Run.objects.get(pk=run.pk)
    assert (ended.status, ended.reason, ended.hint) == ("failed", "no \\0 access \\ud800", "\\0")


def test_planning_twice_is_planning_once(due):
    plan_next(due, spec_of(due))
    first = Service.objects.get().next_due
    plan_next(due, spec_of(due))
    assert Service.objects.get().next_due == first


# -- partitions -----------------------------------------------------------------------------------------------------

TODAY = date(2031, 5, 10)


@pytest.fixture
def database(transactional_db):
    with connect("test partitions") as made:
        yield made
        for name in partitions(made):
            if "_2031" in name:
                made.execute(f'DROP TABLE "{name}"')
        for table in TABLES:
            made.execute(f"DELETE FROM {table}_default")


def partitions(database, table=None):
    rows = database.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = ANY(%s::regclass[]) ORDER BY 1",
        ([table] if table else list(TABLES),),
    )
    return [name for (name,) in rows]


def log(database, at):
    database.execute(
        "INSERT INTO log_line (at, run_id, level, step, reference, message) VALUES (%s, gen_random_uuid(), '', '', '', 'x')",
        (at,),
    )


def test_days_are_made_ahead_and_twice_is_once(database):
    make_partitions(database, TODAY)
    made = [name for name in partitions(database, "log_line") if "2031" in name]
    assert made == [f"log_line_203105{day:02d}" for day in range(9, 14)]
    make_partitions(database, TODAY)
    make_partitions(database, TODAY + timedelta(days=1))
    assert len([name for name in partitions(database, "log_line") if "2031" in name]) == 6


def test_a_day_whose_rows_came_before_it_was_made_keeps_them_in_the_default(database):
    log(database, datetime(2031, 5, 10, 12, tzinfo=UTC))
    make_partitions(database, TODAY)
    assert "log_line_20310510" not in partitions(database, "log_line")
    assert "log_line_20310511" in partitions(database, "log_line")
    assert "attempt_20310510" in partitions(database, "attempt")
    assert database.execute("SELECT count(*) FROM log_line_default").fetchone() == (1,)


def test_old_days_are_dropped_and_old_rows_of_the_default_too(database):
    for hours in (-1, 0):
        log(database, datetime(2031, 5, 3, tzinfo=UTC) + timedelta(hours=hours))
    make_partitions(database, TODAY - timedelta(days=8))
    make_partitions(database, TODAY)
    dropped = drop_partitions(database, {"log_line": 7, "attempt": 30}, TODAY)
    # The second of May has its rows in the default: it came before its day was made.
    # Other tests may have left days of theirs.
    assert [name for name in dropped if "_2031" in name] == ["log_line_20310501"]
    assert "attempt_20310501" in partitions(database, "attempt")
    assert database.execute("SELECT count(*) FROM log_line WHERE at >= '2031-05-01'").fetchone() == (1,)
    assert drop_partitions(database, {"log_line": 7}, TODAY) == []


def test_payloads_are_kept_for_their_days(database, world):
    run = request_run(world.service())
    for day in (1, 9):
        database.execute(
            "INSERT INTO stored_payload (at, run_id, page, kind, body) VALUES (%s, %s, %s, 'pulled', '')",
            (datetime(2031, 5, day, tzinfo=UTC), run.pk, day),
        )
    drop_partitions(database, {"stored_payload": 7}, TODAY)
    assert database.execute("SELECT page FROM stored_payload").fetchall() == [(9,)]


@pytest.fixture
def ends(world):
    """A service, its configuration, and that with another destination and with another source."""
    service = world.service(source={"filters": [{"field": "email", "op": "equals", "value": "nobody"}]})
    spec = spec_of(service)
    save_connector(world.group, "other", SLUG, {}, environment="test", base_url="http://127.0.0.1:1/x")
    to, of = (
        {side: getattr(spec, side).model_copy(update={"connector": "other"})} for side in ("destination", "source")
    )
    return service, spec, spec.model_copy(update=to), spec.model_copy(update=of)


def test_a_service_that_has_moved_records_keeps_its_ends(world, ends):
    service, spec, to_other, of_other = ends
    world.put(1, email="nobody")
    save_service(world.group, service.name, to_other)
    save_service(world.group, service.name, spec)
    world.run(service)

    for moved in (to_other, of_other):
        with pytest.raises(ConfigError, match="cannot be changed once it has"):
            save_service(world.group, service.name, moved)


def test_a_service_that_has_only_read_records_keeps_its_source(world, ends):
    service, spec, to_other, of_other = ends
    world.put(1)
    world.run(service, dry=True)
    save_service(world.group, service.name, of_other)
    save_service(world.group, service.name, spec)
    assert world.run(service).filtered == 1

    with pytest.raises(ConfigError, match="once it has read records"):
        save_service(world.group, service.name, of_other)
    save_service(world.group, service.name, to_other)


def test_a_service_keeps_its_ends_while_its_first_run_waits_or_is_under_way(world, ends):
    service, spec, to_other, of_other = ends
    run = request_run(service)
    for begun in (False, True):
        if begun:
            begin_run(run.pk)
        for moved in (to_other, of_other):
            with pytest.raises(ConfigError, match="while a run of it waits or is under way"):
                save_service(world.group, service.name, moved)
    assert save_service(world.group, service.name, spec.model_copy(update={"webhook": True})).revision.number == 2
    end_stopped(run.pk)
    save_service(world.group, service.name, to_other)


def test_a_run_that_is_asked_for_while_the_ends_are_changed_has_the_new_ones(world, ends):
    service, _, to_other, _ = ends
    asked = []

    def ask():
        asked.append(request_run(service))
        connections.close_all()

    thread = threading.Thread(target=ask, daemon=True)
    with transaction.atomic():
        save_service(world.group, service.name, to_other)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(20)
    assert asked[0].revision.spec["destination"]["connector"] == "other"


def test_a_service_that_is_called_otherwise_meanwhile_is_changed_all_the_same_and_makes_no_second_one(world):
    service = world.service()
    spec = spec_of(service)
    Service.objects.filter(pk=service.pk).update(name="Called otherwise")
    changed = change_service(service, spec.model_copy(update={"webhook": True}), base=service.revision.number)
    assert (changed.pk, changed.name, changed.revision.number) == (service.pk, "Called otherwise", 2)
    assert Service.objects.count() == 1


def test_a_service_that_was_removed_meanwhile_is_not_made_again(world):
    service = world.service()
    spec = spec_of(service)
    Service.objects.filter(pk=service.pk).update(removed_at=datetime.now(UTC))
    with pytest.raises(ConfigError, match="it was removed"):
        change_service(service, spec.model_copy(update={"webhook": True}))
    assert Service.objects.count() == 0


def test_what_was_edited_must_be_the_latest(world):
    service = world.service()
    first, spec = service.revision.number, spec_of(service)
    change_service(service, spec.model_copy(update={"webhook": True}), base=first)
    with pytest.raises(Overtaken, match="saved revision 2 after revision 1"):
        change_service(service, spec.model_copy(update={"mapping": spec.mapping[:2]}), base=first)
