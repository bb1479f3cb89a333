"""The door."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.pages import checked, text_of
from tests.web.world import PASSWORD

WRONG = "E-mail address and password do not belong together."


@pytest.fixture
def visitor(world):
    return Client()


def try_to(visitor, email="ada@example.com", password=PASSWORD, query="", **more):
    return visitor.post(f"/sign-in{query}", {"username": email, "password": password, **more})


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
    assert "Too many tries" in text_of(response)
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
