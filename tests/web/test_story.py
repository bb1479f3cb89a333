"""One record's story as a page, and the ways that lead there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.store.models import Item


@pytest.fixture
def told(world):
    """An order that went to the warehouse after it had failed there, and that nobody despatched."""
    orders = world.service("Orders", source="shopify")
    first = world.failure(world.run(orders), "9", reference="#1001", at=datetime.now(UTC) - timedelta(days=2))
    world.item(first, "failed")
    last = world.attempt(world.run(orders), "9", reference="#1001", outcome="created", remote_id="SO-9001")
    Item.objects.filter(key="9").update(status="ok", remote_id="SO-9001", first_at=first.at, at=last.at)
    world.first, world.last = first, last
    return world


@pytest.mark.parametrize("asked", ["%231001", "1001", "9", "SO-9001"])
def test_what_happened_is_told_in_order(told, client, asked):
    page = client.get(f"/records/?q={asked}")
    said = text_of(page)
    assert "2 events in 1 service" in said
    assert said.index("refused by Far end") < said.index("created at Far end as SO-9001")
    assert "The e-mail address is not valid" in said
    assert f"/reports/{told.first.pk}" in page.content.decode()
    checked(page)


def test_it_says_what_the_record_is_called_where(told, client):
    said = text_of(client.get("/records/?q=1001"))
    assert "What it is called" in said
    assert re.search(r"#1001 Shopify, orders .* SO-9001 Far end, sales", said)


def test_what_nobody_watches_is_named(told, client):
    assert "No service watches refunds of Shopify." in text_of(client.get("/records/?q=1001"))


def test_what_came_before_the_report_is_only_remembered(told, client):
    item = Item.objects.get(key="9")
    world_item = {"service": item.service, "run": None, "page": 1, "attempts": 0, "content": b"", "error_class": ""}
    long_ago = datetime.now(UTC) - timedelta(days=90)
    Item.objects.create(
        **world_item, key="8", reference="#800", status="ok", remote_id="SO-1", first_at=long_ago, at=long_ago
    )
    said = text_of(client.get("/records/?q=800"))
    assert "Seen" in said
    assert "pulled from Shopify for the first time" in said


def test_without_a_name_or_of_nothing_it_teaches(told, client):
    assert "What happened to order 1001?" in text_of(client.get("/records/"))
    page = client.get("/records/?q=<b>nothing")
    assert "No service has seen it" in text_of(page)
    checked(page)


def test_what_others_have_is_not_told(told, world):
    page = world.client(world.sam).get("/records/?q=1001")
    assert "No service has seen it" in text_of(page)
    assert "SO-9001" not in text_of(page)


def test_a_whole_reference_typed_into_find_leads_there(told, client):
    assert client.get("/find?q=1001")["Location"] == "/records/?q=%231001"
    for words in ("100", "orders"):
        assert client.get(f"/find?q={words}").status_code == 200
    options = client.get("/find?q=1001", headers={"HX-Target": "options"})
    assert "/records/?q=%231001" in options.content.decode()


def test_a_reference_that_is_also_a_service_is_asked_about(told, client):
    told.service("1001")
    page = client.get("/find?q=1001")
    assert page.status_code == 200
    assert "Services 1" in text_of(page)


def test_it_takes_few_questions_however_long_it_is(told, client):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get("/records/?q=1001")
        return len(seen)

    few = queries()
    for number in range(20):
        run = told.run(told.service(f"Orders {number}", source="shopify"))
        told.item(told.attempt(run, str(number), reference="#1001", remote_id=f"S{number}"), "ok")
    assert queries() <= few + 1 <= 13
