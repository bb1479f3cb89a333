"""The canvas of a service."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.alerts.actions.rules import switch_alerts
from topstitch.store.models.connector import ConnectorStatus


def names(response):
    return re.findall(r'<span class="name">([^<]+)</span> <b>([^<]+)</b>', response.content.decode())


def test_its_parts_stand_in_the_order_in_which_records_pass_them(world, client):
    service = world.service(next_due=datetime.now(UTC) + timedelta(minutes=4))
    response = client.get(f"/services/{service.pk}/canvas")
    assert [name for name, _ in names(response)] == ["Trigger", "Source", "Filters", "Mapping", "Destination", "Alerts"]
    said = text_of(response)
    assert "Trigger Every 10 minutes Next in 4 minutes" in said
    assert "Filters Every record" in said
    assert "Alerts On" in said
    checked(response)


def test_each_part_has_the_figure_of_the_last_runs(world, client):
    service = world.service()
    world.run(service, pulled=300, filtered=100, ok=196, failed=4, ago=timedelta(hours=1))
    world.run(service, pulled=40, filtered=28, ok=12)
    world.run(service, pulled=900, options={"dry": True})
    said = text_of(client.get(f"/services/{service.pk}/canvas"))
    assert "340 pulled" in said
    assert "212 of 340 kept" in said
    assert "4 failed" in said
    assert "Figures of the last 2 runs." in said


def test_while_a_run_goes_on_they_are_its_own_and_move(world, client):
    service = world.service()
    world.run(service, pulled=300, ok=300, ago=timedelta(hours=1))
    world.run(service, "running", pulled=50, ok=7)
    response = client.get(f"/services/{service.pk}/canvas", headers={"HX-Request": "true"})
    body = response.content.decode()
    assert body.lstrip().startswith('<section id="canvas" class="canvas running')
    assert 'hx-trigger="every 2s"' in body
    assert "50 pulled" in text_of(response)
    assert "Figures of the run that is going on." in text_of(response)


def test_required_fields_that_nothing_fills_are_counted(world, client):
    service = world.service(spec={**SPEC, "mapping": [{"to": "email", "from": "email"}]})
    service.destination, service.destination_entity = world.connector(world.group, "peoplevox"), "orders"
    service.save()
    said = text_of(client.get(f"/services/{service.pk}/canvas"))
    assert re.search(r"Mapping 1 row \d+ required missing", said)
    empty = world.service("Empty", spec={**SPEC, "mapping": []})
    assert "Nothing is mapped yet" in text_of(client.get(f"/services/{empty.pk}/canvas"))


SPEC = {"source": {"connector": "far", "entity": "orders"}, "destination": {"connector": "far", "entity": "sales"}}


def test_a_connector_that_is_down_a_script_and_silent_alerts_are_said(world, client):
    service = world.service(spec={**SPEC, "script": {"name": "Merge", "version": 3}}, active=False)
    service.source.status = ConnectorStatus.REFUSED
    service.source.save()
    switch_alerts(service, on=False, person=world.ada)
    said = text_of(client.get(f"/services/{service.pk}/canvas"))
    for words in (
        "Failed authentication",
        "Payload script Merge version 3",
        "Switched off",
        "Alerts Off",
        "Nobody is told",
    ):
        assert words in said


@pytest.mark.parametrize("runs", [0, 30])
def test_it_asks_few_questions(world, client, runs):
    service = world.service()
    for _ in range(runs):
        world.run(service)
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/services/{service.pk}/canvas")
    assert len(seen) <= 10


def test_what_cannot_be_read_is_said(world, client):
    service = world.service(spec={"from": "the future"})
    assert "cannot be shown" in text_of(client.get(f"/services/{service.pk}/canvas"))


def test_a_service_of_others_is_not_there(world):
    assert world.client(world.sam).get(f"/services/{world.service().pk}/canvas").status_code == 404
