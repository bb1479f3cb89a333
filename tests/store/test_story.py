"""One record's story over all services, and what nobody watches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.store.made import Made

from topstitch.store.models import Attempt
from topstitch.store.queries.story import find_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(db):
    return Made()


def told(story):
    return [(thing.way.name, thing.key, thing.link) for thing in story.things]


def test_an_order_is_followed_to_its_despatch_and_back(made):
    orders = made.service("Orders", "shopify", "peoplevox")
    despatches = made.service("Despatches", "peoplevox", "shopify", "fulfilments")
    stock = made.service("Stock", "peoplevox", "shopify", "stock")
    made.item(orders, "9", reference="#1001", remote_id="SO-9001", ago=timedelta(hours=5))
    made.item(despatches, "D7", "failed", reference="SO-9001", remote_id="", ago=timedelta(hours=1))
    made.item(stock, "9", reference="SO-9001")
    made.item(orders, "10", reference="#1002", remote_id="SO-9002")
    for asked in ("1001", "#1001", "9", "SO-9001", "D7"):
        story = find_story(made.scope, asked)
        names = [name for name, _, _ in told(story)]
        assert names[:2] == ["Orders", "Despatches"], asked
    story = find_story(made.scope, "#1001")
    assert told(story) == [
        ("Orders", "9", "its reference"),
        ("Despatches", "D7", "what Orders made at Descartes Peoplevox"),
    ]
    assert [(event.thing.way.name, event.attempt.status) for event in story.events] == [
        ("Orders", "ok"),
        ("Despatches", "failed"),
    ]


def test_what_only_happens_to_be_called_alike_is_another_story(made):
    orders = made.service("Orders", "shopify", "odoo")
    products = made.service("Products", "shopify", "odoo", "products")
    customers = made.service("Customers", "woocommerce", "odoo", "customers")
    made.item(orders, "1", reference="500")
    made.item(products, "2", reference="500x", remote_id="1")
    made.item(customers, "500y", reference="nobody")
    assert told(find_story(made.scope, "500")) == [("Orders", "1", "its reference")]


def test_ids_of_other_kinds_of_a_system_are_other_ids(made):
    made.item(made.service("Orders", "shopify", "odoo"), "1", reference="#1", remote_id="55")
    made.item(made.service("Refunds", "odoo", "shopify", "refunds"), "55", reference="R55")
    made.item(made.service("Orders back", "odoo", "shopify"), "55", reference="S55")
    assert [name for name, _, _ in told(find_story(made.scope, "#1"))] == ["Orders", "Orders back"]


def test_references_are_shared_within_a_family_of_kinds(made):
    made.item(made.service("Orders", "shopify", "odoo"), "1", reference="#7001")
    made.item(made.service("Refunds", "shopify", "odoo", "refunds"), "R1", reference="7001")
    story = find_story(made.scope, "R1")
    assert told(story) == [
        ("Orders", "1", "the same reference as in Refunds"),
        ("Refunds", "R1", "its source id"),
    ]


def test_a_sku_is_told_of_all_services_that_know_it(made):
    for kind in ("products", "stock", "prices"):
        made.item(made.service(kind, "odoo", "shopify", kind), "1", reference="AB-1")
    assert len(find_story(made.scope, "ab-1").things) == 3


def test_gaps_are_named(made):
    orders = made.service("Orders", "shopify", "peoplevox")
    made.item(orders, "1", reference="#1")
    gaps = {gap.kind: (gap.why, gap.sentence) for gap in find_story(made.scope, "#1").gaps}
    assert gaps["refunds"] == ("none", "No service watches refunds of Shopify.")
    refunds = made.service("Refunds", "shopify", "odoo", "refunds", active=False)
    (gap,) = [gap for gap in find_story(made.scope, "#1").gaps if gap.kind == "refunds"]
    assert (gap.why, gap.sentence, gap.service_id) == (
        "off",
        "Refunds, which watches refunds of Shopify, is switched off.",
        refunds.pk,
    )
    type(refunds).objects.filter(pk=refunds.pk).update(active=True)
    (gap,) = [gap for gap in find_story(made.scope, "#1").gaps if gap.kind == "refunds"]
    assert (gap.why, gap.sentence) == ("waiting", "Refunds has not seen it so far.")
    made.item(refunds, "R1", reference="#1")
    assert [gap for gap in find_story(made.scope, "#1").gaps if gap.kind == "refunds"] == []


def test_a_record_whose_attempts_have_expired_is_remembered(made):
    orders = made.service("Orders", "shopify", "odoo")
    made.item(orders, "1", reference="#1", remote_id="S1", ago=timedelta(days=200), tried=False)
    ((event),) = find_story(made.scope, "#1").events
    assert (event.attempt, event.thing.remote_id) == (None, "S1")


def test_attempts_of_others_with_the_same_reference_are_not_told(made):
    orders = made.service("Orders", "shopify", "odoo")
    made.item(orders, "1", reference="#1")
    made.attempt(orders, "2", reference="#1")
    (thing,) = [thing for thing in find_story(made.scope, "1").things if thing.key == "1"]
    assert len(thing.tries) == 1
    assert Attempt.objects.count() == 2


def test_a_story_ends_somewhere(made, monkeypatch):
    monkeypatch.setattr("topstitch.store.queries.story.MOST_THINGS", 10)
    for number in range(15):
        made.item(made.service(f"S{number}", "odoo", "shopify", "stock"), "1", reference="ALL")
    story = find_story(made.scope, "all")
    assert (len(story.things), story.more) == (10, True)


@pytest.mark.parametrize("asked", ["", "  ", "nothing", "%", "#", "\\", "' OR 1=1"])
def test_nothing_is_called_so(made, asked):
    made.item(made.service(), "1", reference="", remote_id="")
    assert find_story(made.scope, asked) is None


def test_the_stories_of_others_are_not_told(made):
    made.item(made.service(), "1", reference="#1", remote_id="S1")
    other = Made("Other")
    other.service()
    for asked in ("#1", "1", "S1"):
        assert find_story(other.scope, asked) is None


def test_the_last_try_of_what_has_no_reference_is_told(made):
    customers = made.service("Customers", "shopify", "odoo", "customers")
    item = made.item(customers, "gid/7", "failed", reference="")
    made.attempt(customers, "gid/8", reference="")
    story = find_story(made.scope, "gid/7")
    assert [(event.thing.item_id, event.attempt.status) for event in story.events] == [(item.pk, "failed")]
