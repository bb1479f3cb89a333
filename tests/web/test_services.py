"""The services list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.alerts.actions.rules import switch_alerts
from topstitch.store.models import AuditEvent, Revision, Run, Service


def names(response):
    return re.findall(r'class="whole" data-row href="/services/\d+">([^<]+)<', response.content.decode())


@pytest.fixture
def several(world):
    world.europe = world.add_group("Europe")
    return [
        world.service("Orders to warehouse"),
        world.service("Stock to shop", source="peoplevox", entity="stock", active=False),
        world.service("Orders sweep", type="sweeper"),
        world.service("Bestellungen", group=world.europe),
    ]


def test_services_are_grouped_by_source_system_and_by_activity(client, several):
    text = text_of(client.get("/services/"))
    assert re.search(
        r"Far end 3 active .* Descartes Peoplevox 1 inactive|Peoplevox 1 inactive .* Far end 3 active", text
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=WAREHOUSE", ["Orders to warehouse"]),
        ("q=sweeper", ["Orders sweep"]),
        ("q=orders+far", ["Orders sweep", "Orders to warehouse"]),
        ("q=nothing+like+it", []),
        ("status=inactive", ["Stock to shop"]),
        ("status=active&q=stock", []),
        ("system=peoplevox", ["Stock to shop"]),
        ("entity=stock", ["Stock to shop"]),
        ("status=nonsense&group=nonsense&start=nonsense&entity=stock", ["Stock to shop"]),
    ],
)
def test_search_and_filters_narrow_the_list(client, several, query, expected):
    response = client.get(f"/services/?{query}")
    assert names(response) == expected
    checked(response)


def test_search_finds_a_service_by_its_id(client, several):
    assert names(client.get(f"/services/?q={several[1].pk}")) == ["Stock to shop"]
    assert names(client.get(f"/services/?q=%23{several[1].pk}")) == ["Stock to shop"]


def test_a_tab_shows_one_company_group(world, client, several):
    response = client.get(f"/services/?group={world.europe.pk}")
    assert names(response) == ["Bestellungen"]
    assert "All groups 4" in text_of(response)


def test_one_group_needs_no_tabs(world, client):
    world.service()
    assert "All groups" not in text_of(client.get("/services/"))


def test_a_service_that_waits_for_calls_says_so(world, client):
    world.service(spec={"schedules": [{"cron": "*/10 * * * *"}], "webhook": True})
    assert "Every 10 minutes; when it is called" in text_of(client.get("/services/"))
    Revision.objects.update(spec={"webhook": True})
    assert "When it is called" in text_of(client.get("/services/"))


def test_a_row_says_flow_schedule_and_last_run(world, client):
    service = world.service()
    world.run(service, "completed_with_failures", pulled=12, ok=10, failed=2, ago=timedelta(minutes=3))
    response = client.get("/services/")
    body = response.content.decode()
    assert 'aria-label="Far end orders to Far end sales"' in body
    assert "Every 10 minutes" in body
    assert "3 minutes ago" in body
    assert 'class="seam failing"' in body
    assert "Last 1 run: 1 with failures, 12 records pulled" in body


def test_a_seam_runs_while_its_service_does_and_is_grey_while_it_is_inactive(world, client):
    world.run(world.service(), "running")
    world.service("Off", active=False)
    body = client.get("/services/").content.decode()
    assert body.count('class="seam running"') == 1
    assert body.count('class="seam paused"') == 1


def test_a_long_list_comes_in_pages_without_loss_or_double(world, client):
    for number in range(205):
        world.service(f"Service {number:03}")
    seen, address = [], "/services/"
    while address:
        response = client.get(address, headers={"HX-Request": "true"} if seen else {})
        seen += names(response)
        more = re.search(r'<a class="button" href="(\?start=\d+)"', response.content.decode())
        address = f"/services/{more[1]}" if more else None
    assert seen == [f"Service {number:03}" for number in range(205)]


def test_the_number_of_queries_does_not_grow_with_the_list(world, client):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get("/services/")
        return len(seen)

    world.run(world.service())
    few = queries()
    for number in range(40):
        world.run(world.service(f"Service {number}"))
    assert queries() == few <= 10


def test_an_empty_list_says_what_to_do(client):
    response = client.get("/services/")
    assert "No services yet A service pulls one kind of record from one system" in text_of(response)
    checked(response)


def test_a_row_switches_its_service_and_shows_itself_anew(world, client):
    service = world.service()
    response = client.post(f"/services/{service.pk}/switch", {"active": "0"}, headers={"HX-Request": "true"})
    service.refresh_from_db()
    assert not service.active
    assert response.content.decode().strip().startswith("<tr>")
    assert "Inactive" in text_of(response)
    assert "is switched off" in response["HX-Trigger"]
    event = AuditEvent.objects.latest("pk")
    assert (event.person, event.after) == (world.ada, {"active": False})


def test_without_javascript_a_switch_leads_back_to_the_list_as_it_was(world, client):
    service = world.service(active=False)
    response = client.post(f"/services/{service.pk}/switch", {"active": "1", "back": "/services/?q=orders"})
    assert response["Location"] == "/services/?q=orders"
    assert Service.objects.get().active
    for elsewhere in ("//evil.example", "https://evil.example", "javascript:alert(1)"):
        response = client.post(f"/services/{service.pk}/switch", {"active": "1", "back": elsewhere})
        assert response["Location"] == f"/services/{service.pk}"


def test_run_now_starts_a_run_and_leads_to_it(world, client):
    service = world.service()
    response = client.post(f"/services/{service.pk}/run-now")
    run = Run.objects.get()
    assert response["Location"] == f"/runs/{run.pk}"
    assert (run.trigger, run.person, run.options) == ("manual", world.ada, {})


def test_a_service_that_is_switched_off_is_not_run(world, client):
    service = world.service(active=False)
    response = client.post(f"/services/{service.pk}/run-now", {"back": "/services/"}, follow=True)
    assert "switched off, and a service that is switched off does not run. Switch it on, or try it with a dry run." in (
        response.content.decode()
    )
    assert not Run.objects.exists()


def test_a_row_says_whether_failures_are_told(world, client):
    loud, quiet = world.service("Loud"), world.service("Quiet")
    switch_alerts(quiet, on=False, person=world.ada)
    rows = re.findall(r"<tr>.*?</tr>", client.get("/services/").content.decode(), re.S)
    told = {name: re.search(r">(On|Off)<", row)[1] for row in rows for name in ("Loud", "Quiet") if name in row}
    assert told == {"Loud": "On", "Quiet": "Off"}
    assert loud.pk


def test_those_who_only_read_are_offered_nothing_to_change(world):
    world.service()
    reader = world.client(world.person("r@example.com", world.company, Role.READ_ONLY))
    body = reader.get("/services/").content.decode()
    assert "View logs" in body
    for act in ("Run now", 'role="switch"', "Add service"):
        assert act not in body


def test_names_are_text_not_markup(world, client):
    world.service("<script>alert(1)</script>")
    response = client.get("/services/")
    assert "<script>alert(1)" not in response.content.decode()
    checked(response)
    checked(client.get(f"/services/{Service.objects.get().pk}"))
