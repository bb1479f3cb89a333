"""A service run against real servers and the real ledger, in this process: what arrives and what the report says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.fakes.far_end import MAPPING, SLUG

from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.runs import request_run
from topstitch.store.models import Attempt, Item, LogLine

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_order_arrives_once_and_is_reported(world):
    world.put(*range(1, 51))
    run = world.run(world.service())

    assert world.arrivals == {str(n): 1 for n in range(1, 51)}
    assert (run.status, run.pulled, run.ok) == ("completed", 50, 50)
    assert Attempt.objects.filter(run=run, status="ok").count() == 50
    first = world.store.get("sales", "1")
    assert first == {
        "reference": "1",
        "number": "1001",
        "email": "person1@example.com",
        "total": 11.5,
        "lines": [{"sku": "SKU-1-0", "quantity": 1, "order": 1}, {"sku": "SKU-1-1", "quantity": 2, "order": 1}],
    }


def test_a_second_run_sends_nothing_new(world):
    world.put(*range(1, 11))
    service = world.service()
    world.run(service)
    run = world.run(service)

    assert sum(world.arrivals.values()) == 10
    assert run.ok == 0
    assert run.unchanged == run.pulled == 1  # the newest one, within the overlap


def test_a_rejected_record_fails_alone_with_its_field(world):
    world.put(*range(1, 11))
    world.put(5, email="bad")
    run = world.run(world.service())

    assert (run.status, run.ok, run.failed) == ("completed_with_failures", 9, 1)
    failed = Attempt.objects.get(run=run, status="failed")
    assert failed.reference == "#1005"
    assert "email is not valid" in failed.message
    assert failed.field == "email"
    assert failed.evidence["mapped"]["email"] == "bad"


def test_a_record_that_cannot_be_mapped_fails_alone(world):
    world.put(*range(1, 11))
    world.put(3, total="many")
    run = world.run(world.service())

    assert (run.ok, run.failed) == (9, 1)
    failed = Attempt.objects.get(run=run, status="failed")
    assert "total" in failed.message
    assert "many" in failed.message
    assert Item.objects.get(service=run.service, key="3").status == "failed"


def test_what_is_created_only_is_never_sent_again_unless_forced(world):
    world.put(1, 2)
    service = world.service(mode="create_only")
    world.run(service)
    world.put(1, 2, total="99.00")
    again = world.run(service)
    assert (again.ok, again.skipped) == (0, again.pulled)
    forced = world.run(service, ids=["1"], force=True)
    assert (forced.pulled, forced.ok) == (1, 1)
    assert world.arrivals == {"1": 2, "2": 1}


def test_a_change_is_sent_and_nothing_else(world):
    world.put(*range(1, 31))
    service = world.service(source={"cursor": "all"})
    world.run(service)
    world.put(7, total="99.00")
    run = world.run(service)
    assert (run.pulled, run.ok, run.unchanged) == (30, 1, 29)
    assert world.store.get("sales", "7")["total"] == 99
    assert Attempt.objects.filter(run=run).count() == 1


def test_a_record_that_comes_twice_in_a_page_is_sent_once_as_it_was_last(world):
    world.put(1)
    world.store.put("orders", 2, {**world.store.get("orders", 1), "total": "77.00"})
    run = world.run(world.service())
    assert world.arrivals == {"1": 1}
    assert (run.pulled, run.ok, run.skipped) == (2, 1, 1)
    assert world.store.get("sales", "1")["total"] == 77


def test_records_without_an_id_are_reported_and_stop_nothing(world):
    world.put(1, 2, 3)
    for number in (8, 9):
        world.store.put("orders", number, {"name": f"#{number}", "updated_at": "2026-01-01T00:00:00Z"})
    run = world.run(world.service())
    assert (run.ok, run.failed) == (3, 2)
    rows = Attempt.objects.filter(run=run, status="failed")
    assert {row.reference for row in rows} == {"page 1 record 4", "page 1 record 5"}
    assert len({row.key for row in rows}) == 2


def test_a_failing_record_is_reported_as_often_as_it_may_be_tried_and_then_left_alone(world):
    world.put(1, email="bad")
    service = world.service(source={"cursor": "all", "max_attempts": 3})
    outcomes = [(run.failed, run.skipped) for run in (world.run(service) for _ in range(5))]
    assert outcomes == [(1, 0), (1, 0), (1, 0), (0, 1), (0, 1)]
    world.put(1, email="good@example.com")
    assert world.run(service).ok == 1


def test_a_run_with_options_leaves_the_services_position_alone(world):
    world.put(*range(1, 11))
    service = world.service()
    world.run(service, limit=5)
    service.refresh_from_db()
    assert (service.watermark, service.covered_at) == (None, None)
    world.run(service)
    service.refresh_from_db()
    assert service.watermark is not None
    before = (service.watermark, service.covered_at)
    world.put(11)
    world.run(service, ids=["11"])
    world.run(service, since="2026-01-05T00:00:00+00:00")
    service.refresh_from_db()
    assert (service.watermark, service.covered_at) == before


def told(entry):
    """The far end with a source that wants to be told of complete pages; what it was told is in the list."""
    pages = []
    source, destination = entry.system.entities

    def acknowledge(connection, ack):
        pages.append(ack)

    def with_acks(connection, query, cursor):
        for number, page in enumerate(source.read.pages(connection, query, cursor), 1):
            yield replace(page, ack=f"{cursor or 0}/{number}", state={"last": number})

    read = replace(source.read, pages=with_acks, acknowledge=acknowledge)
    system = replace(entry.system, entities=[replace(source, read=read), destination])
    return replace(entry, made=system), pages


def test_the_source_is_told_of_each_complete_page_and_its_state_is_kept(world):
    world.put(*range(1, 51))
    service = world.service()
    entry, pages = told(CATALOGUE.get(SLUG))
    CATALOGUE.add(entry)
    run = world.run(service)
    assert pages == ["0/1", "0/2", "0/3"]
    assert not run.pages.filter(acknowledged=False).exists()
    service.refresh_from_db()
    assert service.reader_state == {"last": 3}


def test_a_crash_before_the_source_was_told_is_made_up_for(world, mortal):
    world.put(*range(1, 51))
    run = request_run(world.service("lookup"))
    entry, pages = told(CATALOGUE.get(SLUG))
    CATALOGUE.add(entry)
    assert mortal.run(run, "acknowledged", 1, "before")
    world.go_on(run)
    assert pages[:2] == ["0/1", "0/1"]
    assert {page.ack for page in run.pages.all()} <= set(pages)
    assert not run.pages.filter(acknowledged=False).exists()
    assert world.arrivals == {str(n): 1 for n in range(1, 51)}


def test_a_path_that_no_record_has_is_told_in_the_log(world):
    world.put(*range(1, 26))
    rows = [*MAPPING, {"to": "note", "from": "remarks.internal"}]
    run = world.run(world.service(mapping=rows))
    warnings = LogLine.objects.filter(run=run, level="warning").values_list("message", flat=True)
    assert list(warnings) == ["remarks.internal had no value in any of the first 25 records."]
