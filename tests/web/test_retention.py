"""What is kept, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store import retention
from topstitch.store.models import Attempt, AuditEvent, LogLine, StoredPayload
from topstitch.store.retention import forget_early

BLANK = {"keep_report_days": "", "keep_log_days": "", "keep_payload_days": ""}


def save(client, **days):
    return client.post("/settings/kept", {**BLANK, **days})


def test_everybody_of_the_company_reads_how_long_things_are_kept(world, settings):
    settings.KEEP_REPORT_DAYS, settings.KEEP_LOG_DAYS, settings.KEEP_PAYLOAD_DAYS = 45, 1, 3
    uma = world.client(world.person("uma@example.com", world.company, Role.READ_ONLY))
    response = uma.get("/settings/kept")
    checked(response)
    text = text_of(response)
    assert "Left empty: 45 days, the most that the server keeps." in text
    assert "Which alerts went to whom. 90 days" in text
    assert "so that none is sent twice. for ever" in text
    assert 'href="/settings/kept" aria-current="page"' in response.content.decode()
    assert "Save" not in text
    assert save(uma, keep_log_days="1").status_code == 403


def test_a_company_keeps_things_shorter_and_the_audit_log_tells_of_it(world, client):
    assert save(client, keep_report_days="10", keep_payload_days="1").status_code == 302
    world.company.refresh_from_db()
    assert (world.company.keep_report_days, world.company.keep_log_days) == (10, None)
    event = AuditEvent.objects.get(kind="company")
    assert (event.person, event.before["keep_report_days"], event.after["keep_report_days"]) == (world.ada, None, 10)
    save(client, keep_report_days="10", keep_payload_days="1")
    assert AuditEvent.objects.filter(kind="company").count() == 1
    assert 'name="keep_report_days" value="10"' in client.get("/settings/kept").content.decode()


@pytest.mark.parametrize("days", ["31", "0", "-1", "many"])
def test_never_longer_than_the_server_and_what_cannot_be_is_said(world, client, days):
    response = save(client, keep_report_days=days)
    checked(response)
    assert 'id="id_keep_report_days_error"' in response.content.decode()
    world.company.refresh_from_db()
    assert world.company.keep_report_days is None


def old(world, service, **ago):
    """A try, a line and a payload of some time ago."""
    at = timezone.now() - timedelta(**ago)
    run = world.run(service)
    world.attempt(run, at=at)
    LogLine.objects.filter(pk=world.line(run).pk).update(at=at)
    StoredPayload.objects.filter(pk=world.payload(run, 1).pk).update(at=at)


def left():
    return Attempt.objects.count(), LogLine.objects.count(), StoredPayload.objects.count()


def test_what_is_older_goes_and_others_keep_theirs(world, client, monkeypatch):
    mine, theirs = world.service(), world.service("Theirs", group=world.other_group)
    for service in (mine, theirs):
        old(world, service, days=1)
        old(world, service, days=4)
    assert forget_early() is False
    assert left() == (4, 4, 4)
    save(client, keep_report_days="3", keep_payload_days="2", keep_log_days="2")
    monkeypatch.setattr(retention, "BATCH", 1)
    assert forget_early() is True, "there may be more"
    assert forget_early() is False
    assert left() == (3, 3, 3)
    assert Attempt.objects.filter(service=theirs).count() == 2
    save(client, keep_log_days="1")
    forget_early()
    assert left() == (3, 3, 3), "yesterday is within a day"


def test_the_page_takes_few_questions(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get("/settings/kept")
