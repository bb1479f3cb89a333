"""Alerts from the command line, and a worker that sends them."""

from __future__ import annotations

import pytest
from tests.alerts.mail_server import MailServer
from tests.runtime.world import until

ALERTS = {
    "alerts": {
        "groups": {"Desk": {"addresses": ["desk@example.com"]}},
        "default": {"groups": ["Desk"]},
    }
}


@pytest.fixture
def server(world):
    with MailServer() as started:
        world.environment["TOPSTITCH_EMAIL_URL"] = f"smtp+plain://127.0.0.1:{started.port}"
        yield started
    del world.environment["TOPSTITCH_EMAIL_URL"]


def test_a_worker_tells_of_a_run_that_fails_and_the_command_line_who_was_told(world, server):
    world.configure("natural")
    world.apply(ALERTS)
    world.put([1])
    world.put([2], email="bad")
    worker = world.worker()
    run = world.request("natural")
    assert world.ended(run).status == "completed_with_failures"
    until(lambda: server.mails, what="a mail")
    assert server.told == [("desk@example.com", "natural: 1 record failed")]
    assert run in server.text()
    wrong = world.cli("alerts", "list", "--json").json
    assert [row["what"] for row in wrong] == ["natural: 1 record failed"]
    told = until(lambda: [r for r in world.cli("alerts", "list", "--told", "--json").json if r["state"] == "sent"])
    assert [(row["recipient"], row["subject"]) for row in told] == [("desk@example.com", "natural: 1 record failed")]
    world.kill(worker)


def test_the_test_says_who_took_it(world, server):
    world.apply(ALERTS)
    taken = world.run("alerts", "test", "Desk")
    assert (taken.code, taken.out) == (0, "ok   desk@example.com\n")
    assert server.subjects == ["Test of the notification group Desk"]
    server.refusal = "550 no such person"
    refused = world.run("alerts", "test", "Desk", "--json")
    assert refused.code == 1
    assert "550 no such person" in refused.json[0]["problem"]
    missing = world.run("alerts", "test", "Nobody")
    assert missing.code == 1 and "there are Desk" in missing.err


def test_groups_are_listed(world):
    world.apply(ALERTS)
    assert {"name": "Desk", "people": [], "addresses": ["desk@example.com"], "channels": []} in world.cli(
        "alerts", "list", "--groups", "--json"
    ).json
