"""The first screen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.alerts.actions.expiry import set_expiry
from topstitch.store.actions.audit import audit
from topstitch.store.actions.figures import run_ended
from topstitch.store.models import Connector, DayVolume, ErrorGroup, Item, Run, Service, Worker

QUIET = "Every record is through by now, and everything ran that should have."


@pytest.fixture
def worker(world):
    """One that lives."""
    return Worker.objects.create(name="w1", host="here", pid=1, seen_at=timezone.now())


def ended(world, service, status="completed", *, ago=timedelta(0), **fields):
    run = world.run(service, status, ago=ago, **fields)
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - ago, started_at=timezone.now() - ago)
    run_ended(run.pk)
    return run


def cause(service, kin=1, *, affected=7, key="rejected", sentence="The e-mail address is not valid", **fields):
    now = timezone.now()
    return ErrorGroup.objects.create(
        id=service.pk * 1000 + kin, kin=kin, service=service, error_class="value", error_key=key, sentence=sentence,
        place="", message=sentence, hint="", first_at=now, last_at=now, seen=affected, affected=affected, **fields,
    )  # fmt: skip


def needs(response):
    """Words of what needs somebody, one text a row."""
    found = re.findall(r"<ul class=\"needs\".*?</ul>", response.content.decode(), re.S)
    rows = re.findall(r"<li>(.*?)</li>", "".join(found), re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_when_all_is_well_it_is_one_quiet_sentence(world, client, worker):
    ended(world, world.service(), pulled=3)
    response = client.get("/")
    checked(response)
    assert QUIET in text_of(response)
    assert needs(response) == []


def test_a_service_whose_run_failed_is_told_with_its_reason_and_its_run(world, client, worker):
    service = world.service()
    ended(world, service, "failed", ago=timedelta(minutes=20), reason="The shop refuses the credentials")
    last = ended(world, service, "failed", ago=timedelta(minutes=10), reason="The shop refuses the credentials")
    response = client.get("/")
    checked(response)
    (row,) = needs(response)
    assert row.startswith("Failed Orders to warehouse 2 runs in a row. The shop refuses the credentials")
    assert f'href="/runs/{last.pk}">See why' in response.content.decode()
    assert QUIET not in text_of(response)


def test_causes_are_told_with_how_much_they_hold_up(world, client, worker):
    service = world.service()
    ended(world, service, "completed_with_failures", failed=7)
    cause(service)
    cause(service, 2, sentence="Left alone", state="ignored")
    (row,) = needs(client.get("/"))
    assert row.startswith("Failed The e-mail address is not valid 7 records · value · in 1 service · not assigned")


def test_records_that_may_have_arrived_are_told_once(world, client, worker):
    service = world.service()
    run = ended(world, service, "completed_with_failures", uncertain=1)
    group = cause(service, 3, affected=1, key="answer_lost", sentence="The answer never came")
    item = world.item(world.attempt(run, "9", status="uncertain"), "uncertain")
    Item.objects.filter(pk=item.pk).update(cause=group.pk)
    (row,) = needs(client.get("/"))
    assert row.startswith("Uncertain Orders to warehouse 1 record, of which the answer never came")


def test_a_connector_that_is_away_is_told_once_for_all_that_waits_for_it(world, client, worker):
    services = [world.service(f"Service {n}") for n in range(3)]
    Connector.objects.update(status="unreachable", status_detail="No route to it", checked_at=timezone.now())
    world.run(services[0], "paused", reason="waits")
    response = client.get("/")
    checked(response)
    (row,) = needs(response)
    assert row.startswith("System unreachable far-end UK Far end. No route to it. 3 services need it")


def test_a_run_that_waits_for_another_reason_is_told(world, client, worker):
    world.run(world.service(), "paused", reason="The system asked for a pause")
    (row,) = needs(client.get("/"))
    assert row.startswith("Paused Orders to warehouse The system asked for a pause")


def test_what_did_not_run_is_told_unless_no_worker_runs_at_all(world, client, worker):
    service = world.service(next_due=timezone.now() - timedelta(minutes=5))
    (row,) = needs(client.get("/"))
    assert row.startswith("Did not run Orders to warehouse A run was due and has not started.")
    worker.delete()
    (row,) = needs(client.get("/"))
    assert row.startswith("Stopped No worker is running")
    assert Service.objects.get().pk == service.pk


def test_credentials_that_end_soon_are_told(world, client, worker):
    service = world.service()
    set_expiry(service.source, (timezone.now() + timedelta(days=5)).date())
    (row,) = needs(client.get("/"))
    assert row.startswith("Ends far-end UK Its credentials are valid until then. until in")


def test_more_than_a_few_are_folded_away_and_counted(world, client, worker):
    for n in range(9):
        cause(world.service(f"Service {n}"), n, affected=n + 1, sentence=f"Sentence {n}")
    response = client.get("/")
    checked(response)
    assert "Needs you 9" in text_of(response)
    assert len(needs(response)) == 6
    assert "<summary>1 more</summary>" in response.content.decode()
    assert "See all 9" in text_of(response)


def test_other_companies_are_not_told_of(world, client, worker):
    theirs = world.service("Theirs", group=world.other_group, next_due=timezone.now() + timedelta(minutes=3))
    ended(world, theirs, "failed", reason="secret reason")
    cause(theirs)
    DayVolume.objects.filter(service=theirs).update(ok=5)
    text = text_of(client.get("/"))
    assert "Theirs" not in text
    assert "secret reason" not in text
    assert "Theirs" in text_of(world.client(world.sam).get("/"))


def test_beside_it_stand_todays_volume_next_runs_and_changes(world, client, worker):
    service = world.service(next_due=timezone.now() + timedelta(minutes=10))
    ended(world, service)
    DayVolume.objects.all().delete()
    today = timezone.now().date()
    DayVolume.objects.create(service=service, day=today, ok=1200, failed=4)
    DayVolume.objects.create(service=service, day=today - timedelta(days=1), ok=900)
    audit("update", "service", service.pk, service.name, company=world.company, person=world.ada)
    audit("sign_in", "person", world.ada.pk, "ada@example.com", company=world.company, person=world.ada)
    response = client.get("/")
    checked(response)
    text = text_of(response)
    assert "1,204 transactions 4 did not go through 900 yesterday" in text
    assert "1,204 so far, 4 of them did not go through; 900 before" in response.content.decode()
    assert "Next runs Orders to warehouse in 10 minutes" in text
    assert "Orders to warehouse Service changed by ada@example.com just now" in text
    assert text.count("just now") == 1, "signing in changes nothing"


def test_what_somebody_did_alike_to_several_things_is_one_line(world, client, worker):
    ended(world, world.service())
    for n in range(4):
        audit("update", "connector", n, f"Shop {n}", company=world.company, person=world.ada)
    assert "Shop 3 and 3 more Connector changed by ada@example.com" in text_of(client.get("/"))


def test_changes_are_for_those_who_may_read_the_audit_log(world, worker):
    service = world.service()
    ended(world, service)
    audit("update", "service", service.pk, service.name, company=world.company, person=world.ada)
    manager = world.person("mo@example.com", world.company, Role.MANAGER)
    assert "Service changed by" not in text_of(world.client(manager).get("/"))


def test_an_empty_company_is_shown_the_way_to_its_first_sync(world, client, worker):
    response = client.get("/")
    checked(response)
    text = text_of(response)
    assert "Three steps to the first sync" in text
    assert re.search(r'aria-current="step">\s*<span class="sign">1<', response.content.decode())
    assert "Today" not in text
    world.service()
    world.connector(world.group, "odoo")
    page = client.get("/").content.decode()
    assert re.search(r'aria-current="step">\s*<span class="sign">3<', page)
    assert page.count("Done: ") == 2
    ended(world, Service.objects.get())
    assert "Three steps" not in text_of(client.get("/"))


def test_who_may_not_take_a_step_is_told_who_may(world, worker):
    uma = world.person("uma@example.com", world.company, Role.USER)
    assert "In your company administrators and managers do this." in text_of(world.client(uma).get("/"))


def test_an_open_page_hears_only_news(world, client, worker):
    service = world.service()
    ended(world, service)
    page = client.get("/").content.decode()
    (address,) = re.findall(r'hx-get="([^"]+)"', page)
    assert client.get(address, headers={"hx-request": "true"}).status_code == 204
    ended(world, service, "failed", reason="The shop refuses the credentials")
    news = client.get(address, headers={"hx-request": "true"})
    checked(news)
    assert "1 thing needs you." in text_of(news)
    assert '<div id="home"' in news.content.decode()
    assert "<html" not in news.content.decode()


def test_it_takes_few_questions_however_much_there_is(world, client, worker):
    def questions():
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    few = questions()
    for n in range(30):
        service = world.service(f"Service {n}", next_due=timezone.now() - timedelta(hours=1))
        ended(world, service, "failed", reason="no")
        cause(service, n)
        world.run(service, "paused")
        audit("update", "service", service.pk, service.name, company=world.company, person=world.ada)
    assert questions() <= few + 2 <= 22
