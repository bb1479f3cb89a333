"""Connectors: the list, a connector's page, testing and removing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes.far_end import SLUG, far_end
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.sdk.practice import PracticeServer
from topstitch.store.models import AuditEvent, Connector, ConnectorBudget, DayVolume
from topstitch.web.components.health import health_strip, health_words
from topstitch.web.connectors.listing import TILES_A_PAGE


@pytest.fixture
def server():
    with PracticeServer([far_end()]) as server:
        yield server


def connect(world, name="Shop", **fields):
    usual = {"group": world.group, "system": SLUG, "environment": "test"}
    return Connector.objects.create(name=name, **{**usual, **fields})


# -- the list -------------------------------------------------------------------------------------------------------------


def test_each_environment_has_its_tab_and_the_first_with_connectors_is_shown(world, client):
    connect(world, "Sandbox")
    connect(world, "Play shop", environment="practice")
    response = client.get("/connectors/")
    checked(response)
    text = text_of(response)
    assert "Live 0 Test 1 Practice 1" in text
    assert "Sandbox" in text
    assert "Play shop" not in text
    assert "Play shop" in text_of(client.get("/connectors/?environment=practice"))


def test_an_empty_place_teaches(world, client):
    for environment, words in (
        ("live", "A connector is the link to one of your systems"),
        ("test", "vendor’s sandbox"),
        ("practice", "needs no account"),
    ):
        response = client.get(f"/connectors/?environment={environment}")
        assert words in text_of(response)
        checked(response)


def test_a_tile_says_how_it_is_and_who_uses_it(world, client):
    service = world.service()
    Connector.objects.filter(pk=service.source_id).update(
        status="refused", checked_at=datetime.now(UTC) - timedelta(minutes=5)
    )
    response = client.get("/connectors/?environment=live")
    text = text_of(response)
    assert "Failed authentication checked 5 minutes ago · 1 service" in text
    assert f'href="/connectors/{service.source_id}"' in response.content.decode()


def test_the_budget_used_is_drawn(world, client):
    shop = connect(world, "Slow shop", system="odoo", settings={"url": "https://x.odoo.com", "username": "a"})
    ConnectorBudget.objects.create(connector=shop, starts=[datetime.now(UTC).timestamp() + 60])
    assert "1 of 1 request in a second" in text_of(client.get("/connectors/"))


def test_the_list_is_narrowed_down_and_what_is_wrong_stands_first(world, client):
    connect(world, "Alpha")
    connect(world, "Beta", status="unreachable")
    elsewhere = world.add_group("DE")
    connect(world, "Gamma", group=elsewhere)
    names = ("Alpha", "Beta", "Gamma")

    def shown(query):
        text = text_of(client.get(f"/connectors/?environment=test&{query}"))
        return sorted((name for name in names if name in text), key=text.index)

    assert shown("") == ["Beta", "Alpha", "Gamma"]
    assert shown("q=alp") == ["Alpha"]
    assert shown("status=unreachable") == ["Beta"]
    assert shown(f"group={elsewhere.pk}") == ["Gamma"]
    assert "No connector fits." in text_of(client.get("/connectors/?environment=test&q=zzz"))
    assert client.get("/connectors/?environment=odd&status=odd&group=x&start=x").status_code == 200


def test_more_than_a_page_follows_with_few_questions(world, client, django_assert_max_num_queries):
    rows = [
        Connector(group=world.group, name=f"Shop {n:03}", system="shopify", environment="live")
        for n in range(TILES_A_PAGE + 5)
    ]
    Connector.objects.bulk_create(rows)
    client.get("/connectors/")
    with django_assert_max_num_queries(13):
        response = client.get("/connectors/")
    assert response.content.decode().count('class="tile connector"') == TILES_A_PAGE
    assert "Show the next connectors" in text_of(response)
    part = client.get(f"/connectors/?start={TILES_A_PAGE}", headers={"HX-Request": "true"}).content.decode()
    assert part.count('class="tile connector"') == 5
    assert "<html" not in part


def test_others_see_nothing_of_it(world, client):
    shop = connect(world)
    assert "Shop" not in text_of(world.client(world.sam).get("/connectors/"))
    assert world.client(world.sam).get(f"/connectors/{shop.pk}").status_code == 404


# -- a connector's page -------------------------------------------------------------------------------------------------


def test_the_page_says_who_uses_it_what_moved_and_what_failed(world, client, django_assert_max_num_queries):
    service = world.service()
    attempt = world.failure(world.run(service))
    DayVolume.objects.create(service=service, day=datetime.now(UTC).date(), ok=1200, failed=3, runs=14, bad_runs=1)
    service.source.checks.create(
        ok=True, status="operational", steps=[{"label": "Signed in", "ok": True, "detail": "x"}]
    )
    address = f"/connectors/{service.source_id}"
    client.get(address)
    with django_assert_max_num_queries(24):
        response = client.get(address)
    checked(response)
    text = text_of(response)
    for words in (
        "Orders to warehouse",
        "Syncs 14",
        "Transactions OK 1,200",
        "Signed in",
        attempt.message,
        attempt.reference,
    ):
        assert words in text


def test_a_page_of_very_many_services_stays_short(world, client, monkeypatch):
    monkeypatch.setattr("topstitch.web.connectors.views.SERVICES_SHOWN", 2)
    for n in range(4):
        service = world.service(f"Service {n}")
    response = client.get(f"/connectors/{service.source_id}")
    checked(response)
    assert "Services using it 4" in text_of(response)
    assert "The first 2 by name." in text_of(response)


def test_a_connector_without_a_past_has_a_page_too(world, client):
    response = client.get(f"/connectors/{connect(world).pk}")
    checked(response)
    assert "None yet." in text_of(response)
    assert "It was not tested yet." in text_of(response)


def test_those_who_only_read_get_no_buttons(world):
    shop = connect(world)
    rita = world.person("rita@example.com", world.company, Role.READ_ONLY)
    text = text_of(world.client(rita).get(f"/connectors/{shop.pk}"))
    assert "Test now" not in text
    assert "Remove" not in text


def test_health_is_said_in_words_as_well():
    from topstitch.store.queries.connectors import HealthDay

    day = datetime(2026, 11, 25, tzinfo=UTC).date()
    days = [HealthDay(day, 4, 4), HealthDay(day, 4, 1), HealthDay(day, 4, 0), HealthDay(day)]
    assert health_words(days) == "Last 4 days: 1 well, 1 with failures, 1 down, 1 not checked"
    assert "Wed 25 Nov: 1 of 4 checks good" in health_strip(days)
    assert health_words([]) == "Not checked in these days"


# -- testing --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_is_tested_now_and_the_steps_are_told(world, client, server):
    shop = connect(world, base_url=f"{server.url}/{SLUG}")
    part = client.post(f"/connectors/{shop.pk}/test", headers={"HX-Request": "true"})
    text = text_of(part)
    assert "Address reached" in text
    assert "Connector operational" in text
    assert 'hx-swap-oob="true"' in part.content.decode()
    shop.refresh_from_db()
    assert (shop.status, shop.checks.count()) == ("operational", 1)
    whole = client.post(f"/connectors/{shop.pk}/test", follow=True)
    checked(whole)
    assert "Address reached" in text_of(whole)


@pytest.mark.django_db(transaction=True)
def test_a_test_that_fails_says_what_to_do_in_four_parts(world, client):
    shop = connect(world, base_url="http://127.0.0.1:1")
    part = client.post(f"/connectors/{shop.pk}/test", headers={"HX-Request": "true"})
    text = text_of(part)
    for words in ("What happened", "takes no connection", "To what Shop", "Why Connection", "What you can do"):
        assert words in text
    shop.refresh_from_db()
    assert shop.status == "unreachable"


# -- removing -------------------------------------------------------------------------------------------------------------


def test_it_is_removed_once_its_name_is_typed(world, client):
    shop = connect(world)
    response = client.post(f"/connectors/{shop.pk}/remove", {"typed": "Shp"})
    assert "Type Shop to confirm it." in text_of(response)
    checked(response)
    response = client.post(f"/connectors/{shop.pk}/remove", {"typed": "Shop"}, follow=True)
    assert "Shop is removed" in response.content.decode()
    assert not Connector.objects.filter(pk=shop.pk).exists()
    assert AuditEvent.objects.get(verb="delete", kind="connector").person == world.ada


def test_one_that_is_used_stays_and_the_services_are_named(world, client):
    source = world.service().source
    response = client.post(f"/connectors/{source.pk}/remove", {"typed": source.name})
    assert "is used by Orders to warehouse" in text_of(response)
    checked(response)
    assert Connector.objects.filter(pk=source.pk).exists()
