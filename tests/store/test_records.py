"""The newest records of a service, as its runs have stored them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.store.made import now

from topstitch.runtime import records
from topstitch.runtime.records import recent_records, stored_record
from topstitch.store.models import RunPage
from topstitch.store.payloads import keep_payload

pytestmark = pytest.mark.django_db(transaction=True)


def run_of(service, *pages):
    """A run with pages of these orders; None: the page's payload is not kept any more."""
    run = service.runs.create(revision=service.revision, trigger="manual", scheduled_for=now())
    for number, orders in enumerate(pages, 1):
        RunPage.objects.create(run=run, number=number, stored_at=now())
        if orders is not None:
            keep_payload(run.pk, number, "pulled", [{"id": order, "name": f"#{order}"} for order in orders])
    return run


def test_the_newest_runs_records_come_first_each_once(world):
    service = world.service()
    run_of(service, [1, 2], [3])
    run_of(service, [3, 4])
    assert [each.record["id"] for each in recent_records(service, 10)] == [3, 4, 1, 2]
    assert len(recent_records(service, 2)) == 2
    assert stored_record(service)[1]["id"] == 3


def test_of_a_long_history_no_more_is_read_than_is_needed(world, monkeypatch):
    monkeypatch.setattr(records, "PAGES", 3)
    service = world.service()
    run_of(service, [1])
    run_of(service, None, None, None, None, [2])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert [each.record["id"] for each in recent_records(service, 1)] == [1]
    assert sum("stored_payload" in query["sql"] for query in asked) == 4
    run_of(service, [3], [4], [5])
    with CaptureQueriesContext(connection) as asked:
        assert [each.record["id"] for each in recent_records(service, 1)] == [3]
    assert sum("runpage" in query["sql"] for query in asked) == 1
