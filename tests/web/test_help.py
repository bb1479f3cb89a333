"""Help, diagnostics without secrets, and pages of what is not there or broke."""

from __future__ import annotations

import base64
import re
import uuid

import pytest
from django.test import Client
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.models import ConnectorToken
from topstitch.store.secrets import seal

PLANTED = "s3cr3t/Plänted+Value"
TOKEN = "tok-0123456789abcdef"


@pytest.fixture
def run(world):
    """A run whose connectors have secrets, which stand in its log in every spelling."""
    run = world.run(world.service(), "failed", reason=f"refused with {PLANTED}")
    connector = run.service.source
    connector.sealed = seal(f"connector:{connector.pk}", {"password": PLANTED})
    connector.status_detail = f"401 for {TOKEN}"
    connector.save()
    values = {"value": TOKEN, "expires_at": None, "refresh_token": "refresh-0123456789", "issued_at": 0.0, "extra": {}}
    ConnectorToken.objects.create(connector=connector, name="main", sealed=seal(f"token:{connector.pk}:main", values))
    coded = base64.b64encode(f"user:{PLANTED}".encode()).decode()
    world.line(run, f"Authorization: Basic {coded}", level="debug")
    world.line(run, f"GET https://shop.example/x?api_key=unknown-key-123&q={PLANTED}")
    world.line(run, '{"client_secret": "never-stored-1", "refresh": "refresh-0123456789"}')
    world.line(run, "Ada Lovelace <ada.lovelace@customer.example> rang from +44 20 7946 0018", reference="#1001")
    return run


SECRETS = (PLANTED, TOKEN, "refresh-0123456789", "unknown-key-123", "never-stored-1", "ada.lovelace@", "7946 0018")


def leaks(text):
    return [secret for secret in SECRETS if secret in text] + re.findall(r"Basic [A-Za-z0-9+/]{8,}", text)


def test_help_has_the_words_places_and_statuses_for_everybody(world, client):
    for person in (world.ada, world.person("rob@example.com", world.company, Role.READ_ONLY)):
        page = world.client(person).get("/help/")
        checked(page)
        said = text_of(page)
        for word in ("Where things are", "Lookup table", "Uncertain", "Failed records", "Topstitch 0."):
            assert word in said, word


def test_help_is_in_the_menu_of_the_person_and_diagnostics_where_there_is_something_to_diagnose(client, run):
    assert 'href="/help/"' in client.get("/").content.decode()
    assert "/help/diagnostics/" not in client.get("/").content.decode()
    service = f"/help/diagnostics/services/{run.service_id}"
    assert service in client.get(f"/services/{run.service_id}").content.decode()
    assert f"/help/diagnostics/runs/{run.pk}" in client.get(f"/runs/{run.pk}").content.decode()


@pytest.mark.parametrize("of", ["", "/services/{run.service_id}", "/runs/{run.pk}"])
def test_diagnostics_never_hold_a_secret_or_whom_a_record_is_about(client, run, of):
    address = f"/help/diagnostics{of.format(run=run)}"
    page = client.get(address)
    checked(page)
    assert leaks(page.content.decode()) == []
    file = client.get(f"{address}?download=1")
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert leaks(file.content.decode()) == []


def test_diagnostics_say_what_somebody_who_helps_needs(client, run):
    said = client.get(f"/help/diagnostics/runs/{run.pk}?download=1").content.decode()
    for part in (
        str(run.pk),
        "status: failed",
        f"service id: {run.service_id}",
        "topstitch: 0.",
        "postgresql: ",
        "#1001",
    ):
        assert part in said, part
    assert "reason: refused with ***" in said
    said = client.get(f"/help/diagnostics/services/{run.service_id}?download=1").content.decode()
    assert "mapping rows: " in said
    assert f"{run.pk} failed: no records refused with ***" in said
    said = client.get("/help/diagnostics?download=1").content.decode()
    assert "active services: 1" in said
    assert "status detail: 401 for ***" in said


def test_diagnostics_work_when_secrets_cannot_be_read(client, run):
    connector = run.service.source
    connector.sealed = seal("connector:0", {"password": "x"})
    connector.save()
    said = client.get(f"/help/diagnostics/runs/{run.pk}?download=1").content.decode()
    assert "masked by name only" in said


def test_diagnostics_of_another_company_are_not_there(world, run):
    stranger = world.client(world.sam)
    for address in (f"services/{run.service_id}", f"runs/{run.pk}"):
        assert stranger.get(f"/help/diagnostics/{address}").status_code == 404
    said = stranger.get("/help/diagnostics?download=1").content.decode()
    assert "active services: 0" in said
    assert "far" not in said


def test_what_is_not_there_has_a_reference_that_stands_in_the_log(client, caplog):
    page = client.get(f"/runs/{uuid.uuid4()}")
    checked(page)
    reference = re.search(r"Reference ([0-9a-f]{8})", text_of(page))
    assert reference
    assert any(reference[1] in record.getMessage() for record in caplog.records)


def test_what_broke_has_a_reference_that_stands_in_the_log_beside_the_cause(world, monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError("the roof is down")

    monkeypatch.setattr("topstitch.web.help.views.entries", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.ada)
    page = client.get("/help/")
    assert page.status_code == 500
    checked(page)
    reference = re.search(r"Reference ([0-9a-f]{8})", text_of(page))
    assert reference
    told = [record for record in caplog.records if reference[1] in record.getMessage()]
    assert "the roof is down" in str(told[0].exc_info[1])
    assert "roof" not in page.content.decode()
