"""Signing a connector in on its system's own page, and back."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import replace
from html import unescape

import pytest
from tests.fakes.signing import CLIENT, SECRET, SLUG, signing_shop, signing_system
from tests.web.pages import checked, text_of

from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import PracticeServer, json_reply
from topstitch.sdk.sign_in import SIGNED_IN
from topstitch.store.actions.connectors import change_connector, draft_of, stored_values
from topstitch.store.models import Connector
from topstitch.store.tokens import PgTokenStore

pytestmark = pytest.mark.django_db(transaction=True)
BACK = "/connectors/signed-in"


@pytest.fixture
def server():
    CATALOGUE.add(system_from_data(signing_system()))
    practice = signing_shop()
    with PracticeServer([practice]) as server:
        server.practice = practice
        yield server


def form(server, **changes):
    return {
        "name": "Signing",
        "base_url": f"{server.url}/{SLUG}",
        "s-client_id": CLIENT,
        "s-client_secret": SECRET,
        **changes,
    }


def begun(client, server, address=f"/connectors/add/{SLUG}?environment=test", **changes):
    """The page that leads to the system, and what its own page sends back."""
    response = client.post(address, form(server, **changes), follow=True)
    page = unescape(response.content.decode())
    link = re.search(r'href="(http://127[^"]+/oauth/authorize[^"]+)"', page)[1]
    with urllib.request.urlopen(link) as answer:
        said = json.load(answer)
    return response, {"code": said["code"], "state": said["state"]}


def test_one_goes_there_comes_back_and_it_is_tested_and_saved(world, client, server, settings):
    settings.BASE_URL = "https://topstitch.example"
    assert "Continue to sign in" in text_of(client.get(f"/connectors/add/{SLUG}"))
    response, answer = begun(client, server)
    checked(response, outward=True)
    assert "https://topstitch.example/connectors/signed-in" in text_of(response)
    assert SECRET not in response.content.decode()
    assert not Connector.objects.exists()
    back = client.get(BACK, {**answer, "account": "42"}, follow=True)
    assert "Signing is signed in and saved." in back.content.decode()
    one = Connector.objects.get()
    assert (one.status, one.settings["account"]) == ("operational", "42")
    assert PgTokenStore(one.pk).get(SIGNED_IN).refresh_token
    assert one.checks.get().ok
    again = client.get(BACK, answer)
    assert again.status_code == 400
    assert "was not begun here" in text_of(again)


@pytest.mark.parametrize("answer", [{}, {"state": "x"}, {"code": "made-up"}, {"state": "made-up", "code": "made-up"}])
def test_what_was_not_begun_here_saves_nothing_and_ends_nothing(client, server, answer):
    _, good = begun(client, server)
    response = client.get(BACK, answer)
    checked(response)
    assert response.status_code == 400
    assert not Connector.objects.exists()
    assert client.get(BACK, good).status_code == 302


def test_another_person_s_answer_is_nobody_s(world, client, server):
    _, answer = begun(client, server)
    assert world.client(world.sam).get(BACK, answer).status_code == 400
    assert not Connector.objects.exists()


def test_what_the_system_says_against_it_is_told_in_four_parts(client, server):
    _, answer = begun(client, server)
    refused = {"state": answer["state"], "error": "access_denied", "error_description": "The user said <no>"}
    response = client.get(BACK, refused)
    checked(response)
    text = text_of(response)
    for words in (
        "did not let the connector in",
        "Signing",
        "said no",
        "access_denied: The user said &lt;no&gt;",
        "Begin again",
    ):
        assert words in text
    assert not Connector.objects.exists()


def test_a_code_that_is_worn_and_a_client_that_is_wrong_are_told_in_the_vendor_s_words(client, server):
    _, answer = begun(client, server)
    server.practice.codes.clear()
    text = text_of(client.get(BACK, answer))
    assert "The code or token is not good" in text
    assert "Back to the form" in text
    _, answer = begun(client, server, **{"s-client_secret": "wrong"})
    assert "Client authentication failed" in text_of(client.get(BACK, answer))
    assert not Connector.objects.exists()
    # The secret that was typed waits in the form.
    assert "Kept: leave empty" in client.get(f"/connectors/add/{SLUG}?environment=test").content.decode()


def test_it_waits_only_so_long(client, server):
    _, answer = begun(client, server)
    session = client.session
    session["connector_sign_in"] = {**session["connector_sign_in"], "until": 0}
    session.save()
    assert client.get(BACK, answer).status_code == 400
    assert client.get("/connectors/sign-in")["Location"] == "/connectors/add"


@pytest.fixture
def saved(client, server):
    _, answer = begun(client, server)
    client.get(BACK, answer)
    return Connector.objects.get()


def test_signed_in_it_is_changed_like_any_other_and_keeps_its_sign_in(client, server, saved):
    before = PgTokenStore(saved.pk).get(SIGNED_IN)
    data = form(server, **{"s-client_secret": "", "zone": "Europe/London"})
    assert client.post(f"/connectors/{saved.pk}/settings", data)["Location"] == f"/connectors/{saved.pk}"
    assert Connector.objects.get().zone == "Europe/London"
    assert PgTokenStore(saved.pk).get(SIGNED_IN) == before


def test_one_signs_in_again(client, server, saved):
    before = PgTokenStore(saved.pk).get(SIGNED_IN)
    address = f"/connectors/{saved.pk}/settings"
    assert "Sign in again" in text_of(client.get(address))
    _, answer = begun(client, server, address, do="sign_in", **{"s-client_secret": ""})
    assert client.get(BACK, answer)["Location"] == f"/connectors/{saved.pk}"
    assert PgTokenStore(saved.pk).get(SIGNED_IN) != before
    assert stored_values(saved)["client_secret"] == SECRET


def test_another_client_has_to_sign_in(client, server, saved):
    response = client.post(f"/connectors/{saved.pk}/settings", form(server, **{"s-client_id": "client-8"}))
    assert response["Location"] == "/connectors/sign-in"
    assert Connector.objects.get().settings["client_id"] == CLIENT


@pytest.mark.parametrize("change", [{"s-account": "43"}, {"s-client_id": "client-8"}, {"base_url": ""}])
def test_a_sign_in_is_not_tried_with_another_account_client_or_address(client, server, saved, change):
    asked = []

    @server.practice.route("GET", "/elsewhere/account")
    def elsewhere(request):
        asked.append(request.headers.get("authorization"))
        return json_reply({})

    change = {"base_url": f"{server.url}/{SLUG}/elsewhere"} if "base_url" in change else change
    before = PgTokenStore(saved.pk).get(SIGNED_IN)
    address = f"/connectors/{saved.pk}/settings"
    said = text_of(client.post(address, form(server, do="test", **change)))
    assert "The connector is not signed in" in said
    assert not asked
    assert client.post(address, form(server, **change))["Location"] == "/connectors/sign-in"
    assert PgTokenStore(saved.pk).get(SIGNED_IN) == before


def test_a_sign_in_does_not_outlive_the_address_that_it_was_for(server, saved):
    change_connector(saved, replace(draft_of(saved), zone="Europe/London"))
    assert PgTokenStore(saved.pk).get(SIGNED_IN)
    change_connector(saved, replace(draft_of(saved), base_url=f"{server.url}/elsewhere"))
    assert PgTokenStore(saved.pk).get(SIGNED_IN) is None


def test_a_system_without_such_a_page_has_none(world, client):
    one = Connector.objects.create(group=world.group, name="Web", system="shopify", settings={"store": "acme"})
    response = client.post(
        f"/connectors/{one.pk}/settings",
        {"name": "Web", "do": "sign_in", "s-store": "acme", "s-auth_method": "token", "s-access_token": "x"},
    )
    assert response.status_code == 200
    assert "nothing to sign in to" in text_of(response)
