"""Running services from the command line, and reading what became of the records."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest
from tests.runtime.world import until

pytestmark = pytest.mark.xdist_group("commands")


@pytest.fixture
def worked(world):
    """With a worker, so that no command has to be one."""
    world.put(range(1, 13))
    world.lasting_worker()
    return world


@pytest.fixture
def alone(world):
    """Without one."""
    world.no_worker()
    return world


def test_run_tells_how_it_went_and_leaves_with_0(worked):
    worked.configure("natural", prefix="told-")
    result = worked.cli("run", "told-natural")
    assert result.code == 0
    assert result.out.startswith("Completed: sync ")
    assert "12" in result.out
    assert worked.arrivals("told-natural") == dict.fromkeys(range(1, 13), 1)


def test_run_as_json_gives_the_figures_and_nothing_else(worked):
    worked.configure("natural", prefix="figures-")
    shown = worked.cli("run", "figures-natural", "--json").json
    assert shown["status"] == "completed"
    assert (shown["pulled"], shown["ok"], shown["pushed"], shown["failed"]) == (12, 12, 12, 0)
    assert {"sync_id", "service", "trigger", "revision", "scheduled_for", "started_at", "ended_at", "reason"} <= set(
        shown
    )


def test_run_leaves_with_1_when_records_failed_and_says_where_to_look(worked):
    worked.put([3], email="bad")
    worked.configure("natural", prefix="bad-")
    result = worked.cli("run", "bad-natural")
    assert result.code == 1
    assert "topstitch report --sync" in result.out
    shown = worked.cli("report", "--service", "bad-natural", "--status", "failed", "--json").json
    assert [(row["reference"], row["field"], row["error_class"]) for row in shown] == [("#1003", "email", "value")]
    assert "email is not valid" in shown[0]["message"]
    assert shown[0]["evidence"]["mapped"]["email"] == "bad"


def test_run_leaves_with_2_when_the_run_could_not_go_on(worked):
    worked.configure("natural", prefix="broken-")
    worked.rows(
        "UPDATE store_revision SET spec = jsonb_set(spec, '{destination,entity}', '\"nothing\"') WHERE id ="
        " (SELECT revision_id FROM store_service WHERE name = 'broken-natural')"
    )
    result = worked.cli("run", "broken-natural")
    assert result.code == 2
    assert "nothing" in result.out


def test_run_one_record_by_its_id(worked):
    worked.configure("natural", prefix="one-")
    shown = worked.cli("run", "one-natural", "--id", "7", "--id", "9", "--json").json
    assert shown["ok"] == 2, shown["reason"]
    assert set(worked.arrivals("one-natural")) == {7, 9}


def test_run_since_and_limit_leave_the_services_position_alone(worked):
    worked.configure("natural", prefix="part-")
    shown = worked.cli("run", "part-natural", "--since", "2026-01-11", "--json").json
    assert (shown["pulled"], set(worked.arrivals("part-natural"))) == (3, {10, 11, 12})
    assert worked.cli("run", "part-natural", "--limit", "2", "--json").json["pulled"] == 2
    assert worked.cli("run", "part-natural", "--json").json["pulled"] == 12


def test_run_force_sends_again_what_was_done(worked):
    worked.configure("natural", prefix="forced-")
    worked.cli("run", "forced-natural")
    assert worked.cli("run", "forced-natural", "--id", "4", "--json").json["unchanged"] == 1
    assert worked.cli("run", "forced-natural", "--id", "4", "--force", "--json").json["ok"] == 1
    assert worked.arrivals("forced-natural")[4] == 2


def test_a_dry_run_shows_the_exact_requests_and_sends_nothing(world):
    world.put(range(1, 13))
    world.put([2], total="many")
    world.configure("natural", prefix="dry-")
    shown = world.cli("run", "dry-natural", "--dry-run", "--limit", "3", "--json").json
    shown = {row["reference"]: row for row in shown}
    assert set(shown) == {"#1001", "#1002", "#1003"}
    request = shown["#1001"]["request"]
    assert (request["method"], request["url"]) == ("POST", f"{world.far_url}/far-end/sales")
    assert json.loads(request["body"])["email"] == "person1@example.com"
    assert "right" not in json.dumps(request["headers"])
    assert "many" in shown["#1002"]["problem"]["message"]

    result = world.cli("run", "dry-natural", "--dry-run")
    assert result.code == 0
    assert "10 records would be sent or reported; nothing was." in result.out
    assert world.arrivals("dry-natural") == {}
    assert world.items("dry-natural") == {}
    assert (
        world.rows("SELECT 1 FROM store_run r JOIN store_service s ON s.id = r.service_id WHERE name = 'dry-natural'")
        == []
    )


def test_a_service_that_is_not_there_is_answered_with_those_that_are(world):
    world.configure("natural", prefix="here-")
    result = world.cli("run", "Here-naturel")
    assert result.code == 1
    assert "there is no service 'Here-naturel'; there are 'here-natural'" in result.err


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_date_that_is_none_is_refused_before_anything_runs(world, option):
    world.configure("natural", prefix="dated-")
    result = world.cli("run", "dated-natural", option, "yesterday")
    assert result.code == 2
    assert "'yesterday' is not a date such as 2026-01-31" in result.err


def test_runs_are_listed_newest_first(worked):
    worked.configure("natural", prefix="listed-")
    first = worked.cli("run", "listed-natural", "--json").json["sync_id"]
    second = worked.cli("run", "listed-natural", "--json").json["sync_id"]
    assert [run["sync_id"] for run in worked.cli("runs", "listed-natural", "--json").json] == [second, first]
    assert [run["sync_id"] for run in worked.cli("runs", "listed-natural", "--limit", "1", "--json").json] == [second]
    assert second in worked.cli("runs", "listed-natural").out
    assert worked.cli("runs", "nobody").code == 1


def test_the_report_finds_by_reference_run_and_status(worked):
    worked.configure("natural", prefix="report-")
    sync = worked.cli("run", "report-natural", "--json").json["sync_id"]
    rows = worked.cli("report", "--sync", sync, "--json").json
    assert len(rows) == 12
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["sync_id"] for row in rows} == {sync}
    (row,) = worked.cli("report", "#1005", "--service", "report-natural", "--json").json
    assert (row["key"], row["remote_id"], row["outcome"]) == ("5", "Sreport-natural-5", "created")
    assert worked.cli("report", "#1005", "--service", "report-natural", "--status", "failed", "--json").json == []
    assert worked.cli("report", "--sync", sync, "--status", "failed").out == "Nothing to show.\n"
    assert "#1005" in worked.cli("report", "--sync", sync).out


@pytest.mark.parametrize("words", [("stop", "abc"), ("report", "--sync", "abc")])
def test_a_sync_id_that_is_none_is_refused_in_words(world, words):
    result = world.cli(*words)
    assert result.code == 1
    assert "there is no run abc" in result.err


def test_stop_of_an_unknown_run_says_so(world):
    result = world.cli("stop", "00000000-0000-0000-0000-000000000000")
    assert (result.code, result.out) == (1, "")
    assert "there is no run 00000000" in result.err


def test_stop_of_a_run_that_is_over_says_so(worked):
    worked.configure("natural", prefix="past-")
    sync = worked.cli("run", "past-natural", "--json").json["sync_id"]
    result = worked.cli("stop", sync)
    assert result.code == 1
    assert "is over already" in result.err


def test_without_a_worker_the_command_is_one_itself_and_leaves(alone):
    alone.put(range(1, 13))
    alone.configure("natural", prefix="alone-")
    result = alone.run("run", "alone-natural", "--json")
    assert result.code == 0
    assert result.json["ok"] == 12
    assert alone.arrivals("alone-natural") == dict.fromkeys(range(1, 13), 1)


def test_it_follows_a_run_through_the_death_of_the_database(alone):
    alone.put(range(1, 41))
    alone.control(delay=0.1)
    alone.configure("lookup", prefix="through-")
    process = alone.start("run", "through-lookup", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: len(alone.arrivals("through-lookup")) >= 5, what="the first records")
    alone.kill_postmaster()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["ok"] == 40
    assert alone.arrivals("through-lookup") == dict.fromkeys(range(1, 41), 1)


def test_interrupted_while_it_is_a_worker_it_leaves_in_good_order_and_the_run_can_go_on(alone):
    alone.put(range(1, 201))
    alone.control(delay=0.1)
    alone.configure("ask", prefix="ctrl-c-")
    process = alone.start("run", "ctrl-c-ask", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: len(alone.arrivals("ctrl-c-ask")) >= 5, what="the first records")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "goes on with the next worker" in err
    assert "Traceback" not in err
    assert "sending" not in alone.items("ctrl-c-ask")
    (run,) = alone.cli("runs", "ctrl-c-ask", "--json").json
    alone.worker()
    row = alone.ended(run["sync_id"])
    assert (row.status, row.ok, row.uncertain) == ("completed", 200, 0)
    assert alone.arrivals("ctrl-c-ask") == dict.fromkeys(range(1, 201), 1)
