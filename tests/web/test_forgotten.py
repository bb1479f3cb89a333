"""A forgotten password: the same answer for everybody, a link that works once, and only from our own address."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.mails import link_in, path_in, sent, the_message
from tests.web.pages import checked, text_of
from tests.web.world import PASSWORD

NEW = "another quiet harbour"


@pytest.fixture
def visitor(world):
    return Client()


def forget(visitor, email="ada@example.com", **more):
    return visitor.post("/forgotten", {"email": email}, **more)


def set_new(visitor, path, password=NEW):
    response = visitor.get(path)
    assert response.status_code == 302
    return visitor.post(response["Location"], {"password1": password})


def test_the_link_sets_a_new_password(world, visitor):
    forget(visitor)
    message = the_message()
    assert message.to == ["ada@example.com"]
    assert set_new(visitor, path_in(message))["Location"] == "/forgotten/done"
    world.ada.refresh_from_db()
    assert world.ada.check_password(NEW)
    assert visitor.post("/sign-in", {"email": "ada@example.com", "password": NEW})["Location"] == "/"


@pytest.mark.parametrize("email", ["ada@example.com", "unknown@example.com", "gone@example.com", "x@evil.example\n"])
def test_the_answer_is_the_same_for_everybody(world, visitor, email):
    gone = world.person("gone@example.com", world.company, "user")
    gone.is_active = False
    gone.save()
    response = forget(visitor, email)
    assert (response.status_code, response["Location"]) == (302, "/forgotten/sent")
    assert len(sent()) == (1 if email.startswith("ada") else 0)
    page = visitor.get("/forgotten/sent")
    assert "If somebody with this address is here" in text_of(page)
    assert email.strip() not in text_of(page)
    checked(page)


def test_links_are_of_the_configured_address_whatever_host_is_claimed(visitor, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.BASE_URL = "https://topstitch.example"
    forget(visitor, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    message = the_message()
    assert link_in(message).startswith("https://topstitch.example/forgotten/")
    assert "evil" not in message.message().as_string()


def test_a_link_works_once(visitor):
    forget(visitor)
    path = path_in(the_message())
    set_new(visitor, path)
    again = Client().get(path)
    assert again.status_code == 200
    assert "no longer works" in text_of(again)
    checked(again)


def test_a_link_gets_too_old(visitor, settings):
    forget(visitor)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "no longer works" in text_of(visitor.get(path_in(the_message())))


def test_a_link_of_one_person_is_none_for_another(world, visitor):
    forget(visitor)
    path = path_in(the_message())
    other = path.replace("/forgotten/", "/forgotten/zz", 1)
    assert other != path
    assert "no longer works" in text_of(visitor.get(other))
    assert "no longer works" in text_of(visitor.get(path[:-1] + ("a" if path[-1] != "a" else "b")))


def test_a_weak_password_is_refused_beside_the_field(visitor):
    forget(visitor)
    page = set_new(visitor, path_in(the_message()), "password")
    assert page.status_code == 200
    assert "too short" in text_of(page)
    checked(page)


def test_a_new_password_ends_the_sessions_that_there_are_and_is_told(world, client, visitor):
    assert client.get("/services/").status_code == 200
    forget(visitor)
    set_new(visitor, path_in(the_message()))
    assert client.get("/services/").status_code == 302
    assert sent()[1].subject == "Your Topstitch account: you set a new password by a link"


def test_asking_often_is_stopped(visitor):
    answers = [forget(visitor).status_code for _ in range(7)]
    assert answers[-1] == 429
    assert len(sent()) <= 5
    checked(forget(visitor))


def test_nobody_is_signed_in_by_a_link_alone(visitor):
    forget(visitor)
    set_new(visitor, path_in(the_message()))
    assert visitor.get("/services/").status_code == 302


def test_the_message_is_plain_text_and_simple_html(visitor):
    forget(visitor)
    message = the_message()
    (html, kind) = message.alternatives[0]
    assert kind == "text/html"
    assert f'<a href="{link_in(message)}">' in html
    assert "src=" not in html


def test_without_a_mail_server_the_page_says_where_the_message_is(visitor, settings):
    assert "No mail server is set up here" in text_of(visitor.get("/forgotten/sent"))
    settings.EMAIL_URL = "smtp://mail.example"
    assert "No mail server" not in text_of(visitor.get("/forgotten/sent"))


def test_changing_it_oneself_needs_the_present_one_and_keeps_this_session(world, client):
    other = world.client(world.ada)
    page = client.post("/settings/account/password", {"oldpassword": "wrong", "password1": NEW})
    assert "This is not your present password" in text_of(page)
    checked(page)
    assert client.post("/settings/account/password", {"oldpassword": PASSWORD, "password1": NEW}).status_code == 302
    assert client.get("/services/").status_code == 200
    assert other.get("/services/").status_code == 302
    assert the_message().subject == "Your Topstitch account: you changed the password"
