"""Dry runs: the records that a real run would send, and none of them sent."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import SLUG, system

from topstitch.runtime.preview import preview_service
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.models import Item, Service

pytestmark = pytest.mark.django_db(transaction=True)


def dry(service, **options):
    return list(preview_service(service, options))


def test_it_shows_the_exact_requests_and_sends_nothing(world):
    world.put(*range(1, 31))
    world.put(3, total="many")
    pages = dry(world.service())
    previews = [preview for page in pages for preview in page.previews]
    assert len(previews) == 30
    first = next(preview for preview in previews if preview.key == "1")
    assert (first.reference, first.mapped["number"]) == ("#1001", "1001")
    assert first.request["method"] == "POST"
    assert first.request["url"].endswith(f"/{SLUG}/sales")
    assert "person1@example.com" in first.request["body"]
    broken = next(preview for preview in previews if preview.key == "3")
    assert "'many' is not a number" in broken.problem.message
    assert world.arrivals == {}
    assert not Item.objects.exists()
    assert Service.objects.get().watermark is None


def test_it_knows_what_was_done_before(world):
    world.put(*range(1, 6))
    service = world.service(source={"cursor": "all"})
    world.run(service)
    world.put(2, total="99.00")
    (page,) = dry(service)
    assert [preview.key for preview in page.previews] == ["2"]
    assert page.counts.unchanged == 4


def test_a_limit_and_ids_are_kept(world):
    world.put(*range(1, 51))
    service = world.service()
    assert sum(page.counts.pulled for page in dry(service, limit=25)) == 25
    assert [p.key for page in dry(service, ids=["7", "404"]) for p in page.previews] == ["7"]


def test_ids_are_looked_for_among_all_where_the_source_cannot_be_asked_by_them(world):
    world.put(*range(1, 51))
    service = world.service()
    definition = system()
    del definition["entities"]["orders"]["read"]["one"]
    CATALOGUE.add(system_from_data(definition))
    assert [p.key for page in dry(service, ids=["7", "33"]) for p in page.previews] == ["7", "33"]
