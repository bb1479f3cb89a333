"""What is over goes in small parts, by one worker at a time; what interrupts it loses nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from tests.store.made import Made, now

from topstitch.runtime import retention
from topstitch.store import desk, housekeeping, partitions
from topstitch.store.actions.removal import forget_removed
from topstitch.store.database import connect
from topstitch.store.models import ErrorDay, Item, Run, RunPage, Service
from topstitch.store.partitions import drop_partitions, make_partitions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE item, attempt, log_line, stored_payload")
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    # The durable engine is not there.
    monkeypatch.setattr(
        retention, "PARTS", tuple(part for part in retention.PARTS if part is not retention.forget_workflows)
    )
    return Made()


def pages(run, count, **ago):
    for number in range(1, count + 1):
        RunPage.objects.create(run=run, number=number, complete=True, stored_at=now() - timedelta(**ago))


def removed(made):
    """A service with a history that was removed long ago."""
    service = made.service("Over")
    for key in range(5):
        made.item(service, key)
    pages(service.runs.first(), 3, days=1)
    Service.everything.filter(pk=service.pk).update(removed_at=now() - timedelta(days=31))
    return service


def test_pages_go_in_parts_until_none_is_over(made):
    run = made.run(made.service())
    pages(run, 5, days=8)
    pages(made.run(run.service), 2, days=6)
    left = [7]
    while retention.clean():
        left.append(RunPage.objects.count())
    assert left == [7, 5, 3]
    assert RunPage.objects.count() == 2


def test_figures_of_long_ago_go_in_parts(made):
    today = now().date()
    ErrorDay.objects.bulk_create(ErrorDay(group_id=1, day=today - timedelta(days=n), count=1) for n in (0, 91, 92, 93))
    assert desk.forget() is True
    assert desk.forget() is False
    assert ErrorDay.objects.get().day == today


def test_a_removed_service_with_a_long_history_goes_in_parts(made):
    removed(made)
    kept = made.service("Kept")
    made.item(kept)
    parts = 0
    while forget_removed(30):
        parts += 1
    assert parts > 5
    assert Item.objects.get().service == kept
    assert {run.service_id for run in Run.objects.all()} == {kept.pk}
    assert Service.everything.get() == kept


def test_what_is_killed_within_a_part_loses_nothing_and_goes_on(made, monkeypatch):
    service = removed(made)
    real = Service.delete
    monkeypatch.setattr(Service, "delete", lambda self: (real(self), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        all(forget_removed(30) for _ in range(100))
    left = Service.everything.get(pk=service.pk)
    assert left.revision is not None, "the last part was begun, and is taken back whole"
    monkeypatch.setattr(Service, "delete", real)
    while retention.clean():
        pass
    assert not Service.everything.exists()
    assert not Item.objects.exists()


def test_while_one_worker_cleans_another_leaves_it_to_it(made):
    pages(made.run(made.service()), 1, days=8)
    with connect("another worker") as other:
        other.execute("SELECT pg_advisory_lock(%s)", (retention.CLEANING,))
        assert retention.clean() is False
        assert RunPage.objects.exists()
    retention.clean()
    assert not RunPage.objects.exists()


def log(database, *days):
    for day in days:
        database.execute(
            "INSERT INTO log_line (at, run_id, level, step, reference, message)"
            " VALUES (%s, gen_random_uuid(), '', '', '', 'x')",
            (day,),
        )


def test_rows_that_came_before_their_day_was_made_go_in_parts_too(made, monkeypatch):
    monkeypatch.setattr(partitions, "BATCH", 2)
    with connect("test") as database:
        log(database, *[datetime(2001, 5, day, tzinfo=UTC) for day in range(1, 7)])
        drop_partitions(database, {"log_line": 1}, date(2001, 5, 7))
        assert database.execute("SELECT at::date FROM log_line_default").fetchall() == [(date(2001, 5, 6),)]


def test_a_day_that_somebody_reads_stays_until_the_next_time_and_keeps_nobody_waiting(made, monkeypatch):
    monkeypatch.setattr(partitions, "PATIENCE", "50ms")
    with connect("test") as database:
        make_partitions(database, date(2001, 5, 1))
        with transaction.atomic(), connection.cursor() as reader:
            reader.execute("SELECT count(*) FROM log_line")
            assert drop_partitions(database, {"log_line": 1}, date(2001, 5, 3)) == []
        assert drop_partitions(database, {"log_line": 1}, date(2001, 5, 3)) == [
            "log_line_20010430",
            "log_line_20010501",
        ]
        drop_partitions(database, dict.fromkeys(partitions.TABLES, 1), date(2001, 6, 1))
