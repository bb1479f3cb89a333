"""Causes and stories from the command line."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.xdist_group("commands")


@pytest.fixture
def failed(world):
    """An order that failed and one that went through, and a worker."""
    world.lasting_worker()
    world.put([1])
    world.put([2], email="bad")
    world.configure("natural", prefix="desk-")
    assert world.cli("run", "desk-natural").code == 1
    return world


def test_a_cause_is_listed_its_records_are_synced_again_and_the_story_told(failed):
    cards = failed.cli("errors", "list", "--json").json
    # Other tests of this home may have left records that failed alike: they share the cause.
    (card,) = [card for card in cards if "desk-natural" in card["services"]]
    assert (card["class"], card["field"]) == ("value", "email")
    assert "email is not valid" in failed.cli("errors", "list").out
    planned = failed.cli("errors", "retry", card["cause"], "--dry-run")
    assert (planned.code, planned.out) == (0, f"{card['records']} records would be synced again.\n")

    failed.put([2])
    retried = failed.cli("errors", "retry", card["cause"], "--json")
    assert (retried.code, retried.json["records"], retried.json["refused"]) == (0, card["records"], [])
    assert {failed.ended(run).status for run in retried.json["runs"]} == {"completed"}
    assert failed.cli("errors", "retry", card["cause"]).code == 1
    assert card["cause"] in [c["cause"] for c in failed.cli("errors", "list", "--state", "itself", "--json").json]

    told = failed.cli("story", "1002", "--json").json
    assert [event["status"] for event in told["events"] if event["service"] == "desk-natural"] == ["failed", "ok"]
    assert "desk-natural" in failed.cli("story", "#1002").out
    assert failed.cli("errors", "rebuild").code == 0


@pytest.mark.parametrize("words", [("errors", "retry", "7"), ("errors", "retry", "x"), ("story", "nobody-has-this")])
def test_what_is_not_there_is_said(world, words):
    result = world.cli(*words)
    assert result.code == 1
    assert result.err.startswith("Error: ")


def test_a_state_that_there_is_none_of_is_said(world):
    assert world.cli("errors", "list", "--state", "odd").code == 2
