"""The last step of the wizard at a far end that answers: testing connectors, one record end to end."""

from __future__ import annotations

import threading
import time

import pytest
from tests.fakes.far_end import far_end
from tests.fakes.world import World
from tests.web.browser import Browser
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership, Role, User
from topstitch.engine.spec import FilterRow
from topstitch.sdk.practice import PracticeServer
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import Attempt, ConnectorCheck, Item

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db):
    practice = far_end()
    with PracticeServer([practice]) as server:
        yield World(server, practice)


@pytest.fixture
def client(world):
    ada = User.objects.create_user("ada@example.com", "a quiet harbour")
    Membership.objects.create(user=ada, company=world.group.company, role=Role.MANAGER)
    client = Browser()
    client.force_login(ada)
    return client


@pytest.fixture
def service(world):
    made = world.service()
    made.wizard_step = "activate"
    made.save()
    return made


def attempt(client, service, **data):
    return client.post(f"/services/{service.pk}/making/try", data, headers={"HX-Request": "true"})


def filtered(service, *rows):
    spec = spec_of(service)
    source = spec.source.model_copy(update={"filters": [FilterRow.model_validate(row) for row in rows]})
    save_service(service.group, service.name, spec.model_copy(update={"source": source}))


def test_one_record_is_shown_end_to_end_and_nothing_is_sent_or_remembered(world, client, service):
    world.put(5)
    response = attempt(client, service)
    said = text_of(response)
    assert "#1005" in said
    assert "the next that a run would take" in said
    assert "It would be sent like this." in said
    assert "/sales" in said
    assert response.context["tried"].requests[0]["body"]["email"] == "person5@example.com"
    assert (sum(world.arrivals.values()), Item.objects.count(), Attempt.objects.count()) == (0, 0, 0)


def test_without_javascript_it_is_a_page_of_its_own(world, client, service):
    world.put(5)
    response = client.post(f"/services/{service.pk}/making/try")
    assert "Back to the last look" in text_of(response)
    checked(response)


def test_a_record_that_fails_says_why_and_where(world, client, service):
    world.put(5, total="many")
    said = text_of(attempt(client, service))
    assert "is not a number" in said
    assert "Mapping row 4, total" in said
    assert "Open the mapper" in said


def test_a_record_that_the_filters_keep_is_looked_for_first(world, client, service):
    world.put(1, 2, 3)
    filtered(service, {"field": "name", "op": "equals", "value": "#1003"})
    assert "#1003" in text_of(attempt(client, service))
    filtered(service, {"field": "name", "op": "equals", "value": "#9"})
    said = text_of(attempt(client, service))
    assert "#1001" in said
    assert "the filters leave it out" in said


def test_another_record_is_asked_for_by_its_id(world, client, service):
    world.put(1, 7)
    assert "#1007" in text_of(attempt(client, service, wanted="7"))
    assert "no record with the id 99" in text_of(attempt(client, service, wanted="99"))


def test_without_a_record_or_a_sample_that_is_said(client, service):
    said = text_of(attempt(client, service))
    assert "Far end has no sample of orders" in said


def test_a_source_that_is_away_is_told_in_four_parts(world, client, service):
    service.source.base_url = "http://127.0.0.1:9"
    service.source.save()
    response = attempt(client, service)
    assert response.status_code == 200
    assert "What happened" in text_of(response)


def test_both_connectors_are_tested_where_they_stand(client, service):
    page = f"/services/{service.pk}/making"
    assert "has not passed a test yet" in text_of(client.get(f"{page}/activate"))
    response = client.post(f"{page}/check", headers={"HX-Request": "true"})
    assert "far answers and lets us in" in text_of(response)
    assert ConnectorCheck.objects.count() == 1, "one connector at both ends is tested once"
    assert client.post(f"{page}/check")["Location"] == f"{page}/activate"
    assert 'hx-trigger="submit"' in client.get(f"{page}/activate").content.decode(), (
        "tested lately, it is not tested again"
    )


@pytest.fixture
def slow(world, monkeypatch):
    """Everything at the far end takes longer than anybody waits."""
    monkeypatch.setattr("topstitch.web.wizard.trying.PATIENCE", 0.5)
    monkeypatch.setattr("topstitch.web.wizard.views.PATIENCE", 0.5)
    over = threading.Event()
    world.practice.gate(lambda request: over.wait(5) and None)
    yield
    over.set()


def test_a_far_end_that_is_slow_holds_nobody(slow, client, service):
    began = time.monotonic()
    assert "did not answer in time" in text_of(attempt(client, service))
    page = f"/services/{service.pk}/making/check"
    assert "did not answer in time" in text_of(client.post(page, headers={"HX-Request": "true"}))
    assert time.monotonic() - began < 2.5
