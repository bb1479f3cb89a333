"""The door."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.pages import checked, text_of
from tests.web.world import PASSWORD

from topstitch.store.models import AuditEvent

WRONG = "E-mail address and password do not belong together."


@pytest.fixture
def visitor(world):
    return Client()


def try_to(visitor, email="ada@example.com", password=PASSWORD, query="", **more):
    return visitor.post(f"/sign-in{query}", {"email": email, "password": password, **more})


def test_the_right_password_opens(visitor):
    response = try_to(visitor)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert visitor.get("/services/").status_code == 200


def test_the_address_may_be_in_capitals(visitor):
    assert try_to(visitor, " Ada@Example.COM ").status_code == 302


@pytest.mark.parametrize("email", ["ada@example.com", "unknown@example.com", "gone@example.com"])
def test_whatever_is_wrong_the_answer_is_the_same(world, visitor, email):
    gone = world.person("gone@example.com", world.company, "user")
    gone.is_active = False
    gone.save()
    password = PASSWORD if email.startswith("gone") else "wrong"
    response = try_to(visitor, email, password)
    assert response.status_code == 200
    assert WRONG in text_of(response)
    checked(response)


def test_it_goes_on_to_where_the_person_wanted_to_be(visitor):
    assert try_to(visitor, next="/reports/?status=failed")["Location"] == "/reports/?status=failed"


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_it_never_leads_elsewhere(visitor, there):
    assert try_to(visitor, next=there)["Location"] == "/"


def test_five_wrong_tries_pause_this_person_from_this_address(visitor):
    for _ in range(5):
        try_to(visitor, password="wrong")
    response = try_to(visitor)
    assert response.status_code == 429
    assert "Too many attempts" in text_of(response)
    assert try_to(visitor, "sam@example.com").status_code == 302


def test_the_right_password_forgets_the_wrong_ones(visitor):
    for _ in range(4):
        try_to(visitor, password="wrong")
    try_to(visitor)
    visitor.post("/sign-out")
    try_to(visitor, password="wrong")
    assert try_to(visitor).status_code == 302


def test_many_addresses_tried_from_one_place_pause_that_place(visitor):
    for number in range(30):
        try_to(visitor, f"guess{number}@example.com", "wrong")
    assert try_to(visitor, "sam@example.com").status_code == 429


def test_a_form_from_elsewhere_is_refused(world):
    strict = Client(enforce_csrf_checks=True)
    response = try_to(strict)
    assert response.status_code == 403
    assert "This form has expired" in text_of(response)
    checked(response)


def test_signing_out_takes_a_button_not_a_link(client):
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/services/").status_code == 302


def test_a_session_gets_a_new_key_at_the_door(visitor):
    visitor.get("/sign-in")
    session = visitor.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    visitor.cookies["sessionid"] = before
    try_to(visitor)
    assert visitor.session.session_key != before


def test_unknown_people_take_as_much_hashing_as_known_ones(visitor, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *a: hashed.append(1) or encode(*a))
    counts = []
    for email in ("ada@example.com", "unknown@example.com"):
        hashed.clear()
        try_to(visitor, email, "wrong")
        counts.append(len(hashed))
    assert counts[0] == counts[1] > 0


def test_guesses_from_elsewhere_do_not_lock_a_person_out(visitor):
    for _ in range(6):
        visitor.post("/sign-in", {"email": "ada@example.com", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    assert try_to(visitor).status_code == 302


def test_a_header_does_not_make_a_guesser_somebody_else(visitor):
    for number in range(6):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        response = visitor.post("/sign-in", {"email": "ada@example.com", "password": "wrong"}, headers=headers)
    assert response.status_code == 429


def test_proxies_that_are_trusted_are_believed_and_no_further(visitor, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(6):
        headers = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        response = visitor.post("/sign-in", {"email": "ada@example.com", "password": "wrong"}, headers=headers)
    assert response.status_code == 429
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.10"}
    assert (
        visitor.post("/sign-in", {"email": "ada@example.com", "password": PASSWORD}, headers=headers).status_code == 302
    )


def test_sign_ins_and_failures_are_in_the_audit_log_of_the_company_and_of_no_other(world, visitor):
    try_to(visitor, password="wrong")
    try_to(visitor)
    events = list(AuditEvent.objects.filter(kind="person", company=world.company).order_by("pk"))
    assert [(event.verb, event.person, event.after["event"]) for event in events] == [
        ("sign_in_failed", None, "wrong password"),
        ("sign_in", world.ada, "by password"),
    ]
    assert {event.address for event in events} == {"127.0.0.1"}
    assert not AuditEvent.objects.exclude(company=world.company).exists()


def test_a_stranger_cannot_fill_the_audit_log(visitor):
    try_to(visitor, "unknown@example.com", "wrong")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "address", ["/signup", "/accounts/login/", "/login/", "/email", "/accounts/signup/", "/password/reset/"]
)
def test_what_we_do_not_use_of_the_library_has_no_address(visitor, address):
    assert visitor.get(address).status_code == 404


def test_passwords_are_not_in_the_page_after_a_wrong_try(visitor):
    assert "not mine" not in try_to(visitor, password="not mine").content.decode()
