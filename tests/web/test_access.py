"""Who sees what, and what every page says to the browser."""

from __future__ import annotations

import io
import logging
import re
import uuid

import pytest
from django.test import Client
from tests.web.pages import COMMON, addresses, checked

from topstitch.web.secret_paths import SecretPaths


@pytest.fixture
def shown(world):
    run = world.run(world.service(), pulled=1, failed=1)
    attempt = world.failure(run)
    world.payload(run, 5)
    return addresses(run, attempt)


def test_a_member_sees_every_screen(client, shown):
    for address in COMMON + shown:
        response = client.get(address)
        assert response.status_code == 200, address


def test_a_stranger_sees_nothing_of_it(world, shown):
    stranger = world.client(world.sam)
    for address in shown:
        assert stranger.get(address).status_code == 404, address
    for address in (
        "/",
        "/services/",
        "/reports/",
        "/reports/?q=5",
        "/reports/?service=orders",
        "/reports/?status=trouble",
    ):
        body = stranger.get(address).content.decode()
        assert "Orders to warehouse" not in body, address
        assert "#5" not in body, address


def test_a_person_without_a_company_sees_nothing(world, shown):
    nobody = world.person("nobody@example.com", world.other_group.company, "user")
    nobody.memberships.all().delete()
    for address in ("/", "/services/", "/reports/", *shown):
        response = world.client(nobody).get(address)
        assert response.status_code == 403
        assert "Orders to warehouse" not in response.content.decode()


def test_nobody_sees_anything_without_signing_in(world, shown):
    for address in COMMON + shown:
        response = Client().get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/sign-in?next=/"), address


def test_a_part_of_a_page_reloads_the_page_once_signed_out(shown):
    response = Client().get(shown[2], headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response["HX-Refresh"] == "true"
    assert "Location" not in response


def test_a_deactivated_person_is_out_at_once(world, client):
    world.ada.is_active = False
    world.ada.save()
    assert client.get("/services/").status_code == 302


def test_what_does_not_exist_is_a_kind_404(client):
    for address in ("/nothing", "/services/999", f"/runs/{uuid.uuid4()}", "/reports/999", "/runs/not-one"):
        response = client.get(address)
        assert response.status_code == 404, address
        assert "Go to Home" in response.content.decode()
        checked(response)


def test_every_answer_carries_the_policy(client, shown):
    for address in [*COMMON, *shown, "/nothing", "/sign-in", "/healthz"]:
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in response["Permissions-Policy"]
        assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


def test_every_page_is_well_formed_with_nothing_inline_and_nothing_from_elsewhere(client, shown):
    for address in [*COMMON, *shown]:
        if not address.endswith(".json"):
            checked(client.get(address))


def test_every_link_leads_somewhere(client, shown):
    links = set()
    for address in [*COMMON, *shown]:
        if not address.endswith(".json"):
            links |= {link.split("#")[0] for link in checked(client.get(address)).links if link.startswith("/")}
    assert len(links) > 10
    for link in links:
        assert client.get(link, follow=True).status_code == 200, link


def test_screens_only_answer_to_being_read(client, shown):
    for address in COMMON + shown:
        assert client.post(address).status_code == 405, address


def test_static_files_keep_for_ever_under_an_address_that_changes_with_them(client):
    page = checked(client.get("/services/"))
    files = [address for address in page.loads if address.startswith("/static/")]
    assert len([address for address in files if address.endswith(".css")]) > 4
    assert re.fullmatch(r"/static/[0-9a-f]{12}/topstitch/css/tokens.css", next(a for a in files if "tokens" in a))
    for address in files:
        response = client.get(address)
        assert response.status_code == 200
        assert "max-age=31536000" in response["Cache-Control"]
        assert b"".join(response.streaming_content)


def test_a_page_that_breaks_says_so_without_details(world, monkeypatch):
    client = world.client(world.ada)
    client.raise_request_exception = False
    monkeypatch.setattr("topstitch.web.home.views.begun", lambda scope: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "ZeroDivision" not in response.content.decode()
    checked(response)


def test_a_request_that_is_too_large_is_refused_before_it_is_read(client):
    for length, status in ((str(13 * 1024 * 1024), 413), ("9" * 40, 413), ("many", 413)):
        response = client.generic("POST", "/sign-in", b"x", CONTENT_LENGTH=length)
        assert response.status_code == status, length
    assert "12 MB" in client.generic("POST", "/sign-in", b"x", CONTENT_LENGTH=str(2**30)).content.decode()


@pytest.mark.parametrize(
    "path", ["/hooks/t0ps3cret", "/invitation/t0ps3cret", "/setup/t0ps3cret", "/forgotten/1-t0ps3cret"]
)
def test_an_address_that_is_a_secret_is_not_written_into_the_log(db, path):
    handler = next(h for h in logging.getLogger().handlers if any(isinstance(f, SecretPaths) for f in h.filters))
    written = io.StringIO()
    before = handler.setStream(written)
    try:
        Client().put(path)
        Client().get("/nothing/here")
    finally:
        handler.setStream(before)
    assert "t0ps3cret" not in written.getvalue()
    assert "/nothing/here" in written.getvalue()
