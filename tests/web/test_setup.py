"""The first start: one link, for one person, once."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership, User
from topstitch.store.actions.companies import default_group
from topstitch.store.models import AuditEvent, Company
from topstitch.web.account.first import setup_link, setup_token

FORM = {"company": "Harbour & Pine", "name": "Ada", "email": "Ada@Example.com", "password": "a quiet harbour"}


@pytest.fixture(autouse=True)
def _nobody(db):
    cache.clear()


def begin(client, token=None, **more):
    return client.post(f"/setup/{token or setup_token()}", {**FORM, **more})


def test_who_opens_the_link_becomes_administrator_and_is_in():
    client = Client()
    checked(client.get(f"/setup/{setup_token()}"))
    assert begin(client)["Location"] == "/"
    membership = Membership.objects.get()
    assert (membership.role, membership.user.email, membership.company.name) == (
        "administrator",
        "ada@example.com",
        "Harbour & Pine",
    )
    assert client.get("/settings/audit").status_code == 200
    assert AuditEvent.objects.filter(verb="sign_in", person=membership.user).exists()


def test_a_company_that_files_made_is_taken_over():
    default_group()
    begin(Client())
    assert [company.name for company in Company.objects.all()] == ["Harbour & Pine"]


def test_the_link_is_dead_once_somebody_is_there():
    begin(Client())
    for client in (Client(),):
        page = client.get(f"/setup/{setup_token()}")
        assert page.status_code == 404
        checked(page)
        assert begin(client, email="eve@example.com").status_code == 404
    assert User.objects.count() == 1


def test_a_guessed_link_opens_nothing_and_guessing_is_stopped():
    client = Client()
    for number in range(5):
        assert begin(client, token=f"{number:040x}").status_code == 404
    assert client.get(f"/setup/{setup_token()}").status_code == 404
    assert not User.objects.exists()


def test_the_link_is_of_the_configured_address(settings):
    settings.BASE_URL = "https://topstitch.example"
    assert setup_link() == f"https://topstitch.example/setup/{setup_token()}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"password": "short"}, "too short"),
        ({"email": "no address"}, "valid email address"),
        ({"company": ""}, "required"),
        ({"name": "\x00"}, "Null characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(change, says):
    page = begin(Client(), **change)
    assert page.status_code == 200
    assert says in text_of(page)
    checked(page)
    assert not User.objects.exists()


def test_a_form_from_elsewhere_is_refused():
    assert begin(Client(enforce_csrf_checks=True)).status_code == 403


def test_the_door_says_how_to_begin_while_nobody_is_there():
    assert "Nobody is here yet" in text_of(Client().get("/sign-in"))
    begin(Client())
    assert "Nobody is here yet" not in text_of(Client().get("/sign-in"))
