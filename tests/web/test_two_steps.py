"""Second steps, recovery codes, passkeys, sessions."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.template.loader import get_template
from django.test import Client
from django.urls import get_resolver
from tests.web.mails import sent
from tests.web.pages import checked, text_of
from tests.web.test_permissions import patterns
from tests.web.world import PASSWORD

from topstitch.accounts.models import User
from topstitch.store.actions.invitations import invite
from topstitch.store.models import AuditEvent

APP = "/settings/account/security/app"


def enter(client, password=PASSWORD):
    return client.post("/sign-in", {"email": "ada@example.com", "password": password})


def code_of(secret, *, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def visitor(world):
    client = Client()
    enter(client)
    return client


def confirm(client, path):
    """What asks for the password once more gets it, and goes on."""
    response = client.get(path)
    assert response["Location"].startswith("/settings/account/confirm?next=")
    checked(client.get(response["Location"]))
    assert client.post(response["Location"], {"password": PASSWORD})["Location"] == path


@pytest.fixture
def secret(visitor):
    return add_app(visitor)


def add_app(visitor):
    """As a person does; gives the app's secret."""
    confirm(visitor, APP)
    page = visitor.get(APP)
    checked(page)
    assert "<svg" in page.content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.content.decode())[1]
    response = visitor.post(APP, {"code": code_of(secret)})
    assert response["Location"] == "/settings/account/security/codes"
    return secret


def codes(visitor):
    page = visitor.get("/settings/account/security/codes")
    checked(page)
    return re.findall(r"<li><code>(\w+)</code>", page.content.decode())


def at_the_second_step(world):
    client = Client()
    response = enter(client)
    assert response["Location"].startswith("/sign-in/code")
    return client


def test_with_an_app_the_password_alone_does_not_open(world, secret):
    client = at_the_second_step(world)
    assert client.get("/services/").status_code == 302
    page = client.get("/sign-in/code")
    checked(page)
    # A code works once: the one used for adding the app is spent.
    assert client.post("/sign-in/code", {"code": code_of(secret, steps=1)})["Location"] == "/"
    assert client.get("/services/").status_code == 200


def test_a_code_works_once(world, secret):
    code = code_of(secret, steps=1)
    at_the_second_step(world).post("/sign-in/code", {"code": code})
    again = at_the_second_step(world).post("/sign-in/code", {"code": code})
    assert "This code is not right" in text_of(again)


def test_wrong_codes_are_stopped_and_written_down(world, secret):
    client = at_the_second_step(world)
    for _ in range(5):
        assert "This code is not right" in text_of(client.post("/sign-in/code", {"code": "000000"}))
    assert "Too many attempts" in text_of(client.post("/sign-in/code", {"code": code_of(secret, steps=1)}))
    failed = AuditEvent.objects.filter(verb="sign_in_failed", company=world.company)
    assert failed.count() == 5
    assert failed[0].after == {"event": "wrong code"}


def test_a_recovery_code_works_once(world, visitor, secret):
    one, *_ = recovery = codes(visitor)
    assert len(set(recovery)) == 10
    assert at_the_second_step(world).post("/sign-in/code", {"code": one})["Location"] == "/"
    assert "This code is not right" in text_of(at_the_second_step(world).post("/sign-in/code", {"code": one}))


def test_secrets_are_sealed_in_the_database(world, secret):
    stored = Authenticator.objects.get(user=world.ada, type="totp").data["secret"]
    assert secret not in stored
    assert stored.startswith("gAAAA")


def test_who_added_an_app_is_told_and_it_is_written_down(world, visitor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        add_app(visitor)
    assert [message.subject for message in sent()] == ["Your Topstitch account: you added an authenticator app"]
    assert AuditEvent.objects.filter(company=world.company, after={"event": "added an authenticator app"}).exists()


def test_changing_how_one_signs_in_asks_who_it_is_first(world, client):
    for path in (APP, "/settings/account/security/passkeys/add"):
        assert client.get(path)["Location"].startswith("/settings/account/confirm?next=")
        assert client.post(path, {"code": "1"})["Location"].startswith("/settings/account/confirm?next=")


def test_confirming_with_wrong_passwords_is_stopped(client):
    address = f"/settings/account/confirm?next={APP}"
    for _ in range(5):
        assert "This is not your password" in text_of(client.post(address, {"password": "wrong"}))
    assert "Too many attempts" in text_of(client.post(address, {"password": PASSWORD}))


def test_the_app_can_be_removed_and_the_codes_go_with_it(world, visitor, secret):
    checked(visitor.get(f"{APP}/remove"))
    assert visitor.post(f"{APP}/remove")["Location"] == "/settings/account/security"
    assert not Authenticator.objects.filter(user=world.ada).exists()
    assert enter(Client())["Location"] == "/"


def test_new_recovery_codes_end_the_old_ones(world, visitor, secret):
    old = codes(visitor)
    checked(visitor.get("/settings/account/security/codes/new"))
    visitor.post("/settings/account/security/codes/new")
    assert not set(old) & set(codes(visitor))
    file = visitor.get("/settings/account/security/codes/file")
    assert file["Content-Type"].startswith("text/plain")
    assert file.content.decode().split() == codes(visitor)


def test_adding_a_passkey_gives_the_browser_what_it_needs_without_an_inline_script(visitor):
    path = "/settings/account/security/passkeys/add"
    confirm(visitor, path)
    page = visitor.get(path)
    checked(page)
    body = page.content.decode()
    assert "challenge" in body
    assert "topstitch/js/passkeys.js" in body
    assert "&quot;name&quot;:&quot;Topstitch&quot;" in body
    assert "The browser gave no passkey" in text_of(visitor.post(path, {"name": "Laptop"}))


@pytest.mark.parametrize("credential", ["{}", "null", "[]", '{"id": "x"}', "not json", '{"rawId": 5, "response": {}}'])
def test_a_made_up_passkey_opens_nothing_and_breaks_nothing(world, credential):
    client = Client()
    client.get("/sign-in/passkey", headers={"Accept": "application/json"})
    response = client.post("/sign-in/passkey", {"credential": credential})
    assert (response.status_code, response["Location"]) == (302, "/sign-in")
    assert client.get("/services/").status_code == 302


def test_sessions_are_listed_and_ended_elsewhere(world, visitor):
    other = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"})
    enter(other)
    page = visitor.get("/settings/account/sessions")
    checked(page)
    assert "Firefox on Linux" in text_of(page)
    assert text_of(page).count("this one") == 1
    visitor.post("/settings/account/sessions")
    assert visitor.get("/services/").status_code == 200
    assert other.get("/services/").status_code == 302


def test_every_template_of_the_library_that_can_be_shown_is_ours():
    ours = "topstitch/web/templates"
    seen = set()
    for pattern in patterns(get_resolver()):
        view = getattr(pattern.callback, "view_class", None)
        name = getattr(view, "template_name", None)
        # Signing out takes a button: its page is never shown.
        if view and view.__module__.startswith("allauth") and name and name != "account/logout.html":
            seen.add(name)
            assert ours in get_template(name).origin.name, name
    assert len(seen) > 12


def test_the_overview_says_how_it_stands(world, visitor, secret):
    page = visitor.get("/settings/account/security")
    checked(page)
    assert "On" in text_of(page)
    assert "Show the codes" in text_of(page)


@pytest.mark.parametrize("credential", ["{}", "[1]", '{"id": "x"}', '{"id": "x", "rawId": "eA", "response": {}}'])
def test_a_made_up_passkey_is_not_added(world, visitor, credential):
    path = "/settings/account/security/passkeys/add"
    confirm(visitor, path)
    visitor.get(path)
    response = visitor.post(path, {"name": "Mine", "credential": credential})
    assert response.status_code == 200
    checked(response)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", ["{}", "[1]", '{"id": "x"}'])
def test_a_made_up_passkey_is_no_second_step(world, secret, credential):
    client = at_the_second_step(world)
    response = client.post("/sign-in/code", {"credential": credential})
    assert response.status_code == 200
    assert client.get("/services/").status_code == 302


def test_no_second_step_is_ever_that_of_an_address_which_was_not_offered(world):
    _, token = invite(world.company, "new@example.com", "user", person=world.ada)
    theirs = Client()
    joined = {"name": "New", "password": PASSWORD, "email": "victim@example.com"}
    assert theirs.post(f"/invitation/{token}", joined).status_code == 302
    theirs.post("/settings/account/save", {"name": "New", "email": "victim@example.com"})
    assert not User.objects.filter(email="victim@example.com").exists()
    assert User.objects.filter(email="new@example.com").exists()
