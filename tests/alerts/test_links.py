"""Addresses in messages lead to screens."""

from __future__ import annotations

from uuid import uuid4

from topstitch.alerts.telling.links import report_link, run_link, service_link


def test_addresses_in_messages_are_those_of_screens(world):
    service = world.service()
    run = world.ran(service, failed=1)
    client = world.client(world.ada)
    for link in (report_link(str(run.pk)), run_link(str(run.pk)), service_link(service.pk)):
        path = link.removeprefix("https://sync.example.com")
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert (str(run.pk) if "/reports/" in path else service.name) in answer.content.decode()
    assert client.get(run_link(str(uuid4())).removeprefix("https://sync.example.com")).status_code == 404
