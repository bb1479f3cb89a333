"""The tab that runs a service by hand."""

from __future__ import annotations

import json

import pytest
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership
from topstitch.store.models import AuditEvent, Run, Service

SPEC = {
    "source": {
        "connector": "far UK",
        "entity": "orders",
        "filters": [{"field": "status", "op": "equals", "value": "open"}],
        "page_size": 50,
    },
    "destination": {"connector": "far UK", "entity": "sales"},
    "mapping": [{"to": "reference", "from": "id"}, {"to": "email", "from": "email"}],
}


@pytest.fixture
def service(world):
    made = world.service(spec=SPEC)
    made.source.name = "far UK"
    made.source.save()
    return made


@pytest.fixture
def advanced(world):
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)


def form(**changes):
    """As the untouched form is sent."""
    usual = {"source-page_size": "50", "source-max_attempts": "4", "source-zone": "UTC", "destination-zone": "UTC"}
    rows = {"filter": ["0"], "filter-0-field": "status", "filter-0-op": "equals", "filter-0-value": "open"}
    return {**usual, **rows, "destination-uncertain": "ask", "destination-mode": "usual", **changes}


def asked(client, service, **changes):
    return client.post(f"/services/{service.pk}/run", form(**changes))


def test_it_begins_with_the_services_own_settings(client, service):
    response = client.get(f"/services/{service.pk}/run")
    page = checked(response)
    assert "status equals open" in text_of(response)
    assert 'name="source-page_size" value="50"' in response.content.decode()
    assert page


def test_untouched_it_asks_for_a_plain_run_and_leads_to_it(world, client, service):
    response = asked(client, service)
    run = Run.objects.get()
    assert response["Location"] == f"/runs/{run.pk}"
    assert (run.options, run.trigger, run.person) == ({}, "manual", world.ada)
    assert AuditEvent.objects.latest("pk").verb == "run"


def test_what_is_changed_holds_for_this_run_alone(client, service):
    ids = {"run-ids": "5, 7\n7", "run-limit": "3", "run-force": "on", "run-keep_pushed": "on"}
    asked(client, service, **ids, **{"source-page_size": "10", "run-since": "2026-11-01T06:30"})
    assert Run.objects.get().options == {
        "ids": ["5", "7"],
        "limit": 3,
        "force": True,
        "keep_pushed": True,
        "since": "2026-11-01T06:30:00+00:00",
        "source": {"page_size": 10},
    }
    assert Service.objects.get().revision.number == 1


def test_a_dry_run_is_of_the_first_hundred_records_unless_told_otherwise(client, service):
    asked(client, service, dry="1")
    asked(client, service, dry="1", **{"run-limit": "7", "run-compare": "on"})
    first, second = Run.objects.order_by("created_at")
    assert first.options == {"dry": True, "limit": 100}
    assert second.options == {"dry": True, "limit": 7, "compare": True}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"run-limit": "0"}, "greater than or equal to 1"),
        (
            {"run-ids": " ".join(map(str, range(1001)))},
            "These are 1,001 ids; 1,000 are the most. Use a filter for so many.",
        ),
        ({"run-since": "2026-11-02T00:00", "run-until": "2026-11-01T00:00"}, "Choose a later moment."),
        ({"source-zone": "Europe/Nowhere"}, "is not a time zone"),
        ({"source-page_size": "none"}, "Enter a whole number."),
        ({"run-json": "{"}, "This is not JSON"),
        ({"run-json": '{"mapping": []}'}, "There is nothing called &#x27;mapping&#x27; to set. There are source,"),
        ({"run-json": '{"source": {"key": "x"}}'}, "key of the source is the same in every run"),
        ({"run-json": '{"filters": [{"field": "x", "op": "nearly"}]}'}, "filters 0 op"),
        ({"run-json": '{"filters": [{"field": "x", "op": "in_the_last"}]}'}, "needs an amount and a unit"),
        ({"run-json": '{"source": {"options": {"nothing": 1}}}'}, "unknown setting"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_runs(client, advanced, service, changes, said):
    response = asked(client, service, **changes)
    assert response.status_code == 200
    assert said in text_of(response)
    assert not Run.objects.exists()
    checked(response)


def test_filters_are_those_of_this_run_alone_unless_they_are_saved(client, service):
    closed = {"field": "status", "op": "equals", "value": "closed"}
    asked(client, service, **{"filter-0-value": "closed"})
    assert Run.objects.get().options == {"filters": [closed]}
    assert Service.objects.get().revision.number == 1
    asked(client, service, **{"filter-0-value": "closed", "run-save_settings": "on"})
    assert Service.objects.get().revision.spec["source"]["filters"] == [closed]
    assert Run.objects.latest("created_at").options == {}


def test_a_button_of_the_filters_runs_nothing_and_keeps_what_was_typed(client, service):
    response = asked(client, service, do="add", **{"run-ids": "5", "source-page_size": "7"})
    body = response.content.decode()
    assert not Run.objects.exists()
    assert body.count('name="filter"') == 2
    assert 'name="source-page_size" value="7"' in body
    assert ">5</textarea>" in body.replace("\n", "")
    checked(response)


def test_a_filter_that_cannot_be_says_so_and_nothing_runs(client, service):
    response = asked(client, service, **{"filter-0-field": ""})
    assert response.status_code == 200
    assert not Run.objects.exists()


def test_filters_as_json_are_those_of_this_run(client, advanced, service):
    row = {"field": "status", "op": "equals", "value": "closed"}
    asked(client, service, **{"run-json": json.dumps({"filters": [row]})})
    assert Run.objects.get().options == {"filters": [row]}


def test_json_is_for_advanced_editors_alone(client, service):
    assert "JSON editor" not in text_of(client.get(f"/services/{service.pk}/run"))
    asked(client, service, **{"run-json": '{"filters": []}'})
    assert Run.objects.get().options == {}


def test_settings_can_be_kept_as_the_services_own(world, client, service):
    asked(client, service, **{"source-page_size": "10", "run-ids": "5", "run-save_settings": "on"})
    service.refresh_from_db()
    assert (service.revision.number, service.revision.author) == (2, world.ada)
    assert service.revision.spec["source"]["page_size"] == 10
    run = Run.objects.get()
    assert (run.options, run.revision) == ({"ids": ["5"]}, service.revision)


def test_a_service_that_is_switched_off_is_only_tried(client, service):
    service.active = False
    service.save()
    response = client.get(f"/services/{service.pk}/run")
    assert "This service is switched off." in text_of(response)
    assert "switched off, and a service that is switched off does not run" in text_of(asked(client, service))
    asked(client, service, dry="1")
    assert Run.objects.get().is_dry


def test_the_head_of_a_service_tries_it(client, service):
    response = client.post(f"/services/{service.pk}/dry-run")
    run = Run.objects.get()
    assert response["Location"] == f"/runs/{run.pk}"
    assert run.options == {"dry": True, "limit": 100}


def test_of_another_company_there_is_nothing(world, service):
    other = world.client(world.sam)
    for path in ("run", "dry-run", "run-now", "switch"):
        assert other.post(f"/services/{service.pk}/{path}").status_code == 404
    assert not Run.objects.exists()


@pytest.fixture
def filed(world):
    """A service that writes files."""
    destination = {"connector": "files", "entity": "orders", "options": {"folder": "/inbound"}}
    made = world.service(spec={**SPEC, "destination": destination})
    made.destination = world.connector(world.group, system="sftp")
    made.destination_entity = "orders"
    made.save()
    return made


def files(**changes):
    """As the form of a destination of files is sent."""
    usual = {
        "folder": "/inbound",
        "granularity": "each record",
        "format": "csv",
        "existing": "overwrite",
        "group": "on",
    }
    usual |= {"group_by": "order_number", "create_folders": "on", "header": "on", **changes}
    return {f"destination-option-{name}": value for name, value in usual.items()}


def test_what_decides_where_records_go_is_changed_in_a_dry_run_alone(client, filed):
    response = asked(client, filed, **files(folder="/elsewhere"))
    assert "Folder (folder) of the destination is the same in every run" in text_of(response)
    assert "try it in a dry run" in text_of(response)
    assert not Run.objects.exists()
    checked(response)
    asked(client, filed, dry="1", **files(folder="/elsewhere"))
    assert Run.objects.get().options["destination"]["options"]["folder"] == "/elsewhere"
    asked(client, filed, **files(format="jsonl"))
    assert Run.objects.latest("created_at").options["destination"]["options"]["format"] == "jsonl"


def test_a_character_that_cannot_be_stored_is_told(client, advanced, service):
    row = {"field": "status", "op": "equals", "value": "a\x00b"}
    response = asked(client, service, **{"run-json": json.dumps({"filters": [row]})})
    assert "cannot be stored" in text_of(response)
    assert not Run.objects.exists()
