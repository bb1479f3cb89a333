"""Runs with settings of their own, and what they keep of what they push."""

from __future__ import annotations

import pytest

from topstitch.runtime.preview import preview_service
from topstitch.store.actions.runs import request_run
from topstitch.store.models import RunPage, StoredPayload
from topstitch.store.payloads import unpacked
from topstitch.store.queries.runlog import payload_pages

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_size_for_one_run_is_that_of_this_run_alone(world):
    world.put(*range(1, 8))
    service = world.service(source={"cursor": "all"})
    run = world.run(service, source={"page_size": 2})
    assert (run.ok, RunPage.objects.filter(run=run).count()) == (7, 4)
    assert RunPage.objects.filter(run=world.run(service)).count() == 1


def test_what_is_pushed_is_kept_when_asked_for(world):
    world.put(1, 2)
    run = world.run(world.service(), keep_pushed=True)
    kept = unpacked(StoredPayload.objects.get(run=run, kind="pushed").body)
    assert [(row["key"], row["reference"], row["record"]["number"]) for row in kept] == [
        ("1", "#1001", "1001"),
        ("2", "#1002", "1002"),
    ]
    assert {page.kind for page in payload_pages(run)} == {"pulled", "pushed"}
    assert not StoredPayload.objects.filter(run=world.run(world.service()), kind="pushed").exists()


def test_a_page_begun_again_after_a_crash_shows_what_was_kept_once(world, mortal):
    world.put(*range(1, 5))
    service = world.service()
    run = request_run(service, options={"keep_pushed": True})
    assert mortal.run(run, "record", 1, "before")
    mortal.dead = False
    mortal.death = None
    world.go_on(run)
    assert StoredPayload.objects.filter(run=run, kind="pushed").count() >= 1
    assert [page.kind for page in payload_pages(run)] == ["pulled", "pushed"]


def test_a_preview_takes_settings_for_one_run_too(world):
    world.put(*range(1, 6))
    pages = list(preview_service(world.service(), {"source": {"page_size": 2}}))
    assert [page.counts.pulled for page in pages] == [2, 2, 1]
