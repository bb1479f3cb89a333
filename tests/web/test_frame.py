"""What stands around every screen, and answers that are parts of pages."""

from __future__ import annotations

import json

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from tests.web.pages import checked

from topstitch.web import areas
from topstitch.web.answers import drawer_or_page, in_drawer, with_toast


def rail(client, path="/"):
    return client.get(path).content.decode().split('aria-label="Main"')[1].split("</nav>")[0]


def test_keys_and_names_of_areas_are_each_their_own():
    for part in ("slug", "name", "screen", "key"):
        values = [getattr(area, part) for area in areas.AREAS]
        assert len(set(values)) == len(values), part


def test_the_present_area_is_marked(client):
    assert '"/services/" data-go="s" aria-current="page"' in rail(client, "/services/")
    assert rail(client, "/services/").count("aria-current") == 1
    assert '"/" data-go="h" aria-current="page"' in rail(client, "/")


def test_a_figure_stands_beside_an_area_that_counts(client, monkeypatch):
    monkeypatch.setattr(areas, "_counts", {})
    areas.count_beside("reports")(lambda request: 1204)
    assert '<span class="badge">1,204' in rail(client)
    areas.count_beside("reports")(lambda request: 0)
    assert "badge" not in rail(client)


def test_the_rail_is_drawn_narrow_by_its_cookie_and_by_nothing_else(client):
    for value, drawn in (("narrow", "narrow"), ("wide", "wide"), ('"><script>', "wide")):
        client.cookies["rail"] = value
        assert f'data-rail="{drawn}"' in client.get("/").content.decode()


def test_a_part_for_a_drawer_is_not_a_page(client):
    part = client.get("/patterns/beside/1", headers={"HX-Target": "drawer"}).content.decode()
    assert "<html" not in part
    assert "drawer-head" in part
    checked(client.get("/patterns/beside/1"))


def test_answers_know_where_they_go():
    request = RequestFactory().get("/", headers={"HX-Target": "drawer"})
    assert in_drawer(request)
    assert not in_drawer(RequestFactory().get("/"))
    assert b"option" in drawer_or_page(request, "patterns/suggest.html", "404.html", {"names": ["a"]}).content


def test_a_toast_is_said_by_a_header_that_holds_any_words():
    said = json.loads(with_toast(HttpResponse(), "Grüße “x”\r\nSet-Cookie: a=b", "failed")["HX-Trigger"])
    assert said == {"toast": {"words": "Grüße “x”\r\nSet-Cookie: a=b", "kind": "failed"}}


def test_messages_of_pages_are_toasts():
    drawn = Template("{% include 'parts/toasts.html' %}").render(
        Context({"messages": [Message(constants.ERROR, "<b>"), Message(constants.SUCCESS, "Paused")]})
    )
    shown = drawn.split("<template")[0]
    assert 'is-failed"' in shown
    assert "&lt;b&gt;" in shown
    assert 'is-ok"' in shown
