"""A service run against real servers and the real ledger, in this process: what arrives and what the report says."""

from __future__ import annotations

import pytest

from topstitch.store.models import Attempt, Item

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
