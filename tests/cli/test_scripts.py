"""`topstitch scripts`: saving, looking, trying."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from topstitch.cli.main import main

UPPER = """\
def handle(data):
    print("got", data["payload"])
    data["payload"] = data["payload"].upper() + data["variables"].get("suffix", "")
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "upper.py"
    path.write_text(UPPER)
    return path


def cli(*words):
    """The command in this process: for what needs no database."""
    return CliRunner().invoke(main, list(map(str, words)))


def test_a_file_is_tried_without_a_database(script, monkeypatch):
    monkeypatch.setattr("topstitch.cli.scripts.ready", lambda: pytest.fail("the database was started"))
    done = cli("scripts", "test", script, "--payload", '"dpd"', "--variable", "suffix=!")
    assert (done.exit_code, done.output) == (0, 'log: got dpd\n"DPD!"\n')


def test_a_payload_that_is_no_json_is_text(script):
    assert cli("scripts", "test", script, "--payload", "next day").output.endswith('"NEXT DAY"\n')


def test_a_sample_from_a_file_is_one_payload_or_one_each(script, tmp_path):
    sample = tmp_path / "sample.json"
    sample.write_text('["a", 5, "c"]')
    done = cli("scripts", "test", script, "--file", sample, "--each", "--json")
    assert done.exit_code == 1
    first, second, third = json.loads(done.stdout)
    assert (first["payload"], third["payload"]) == ("A", "C")
    assert second["error"]["line"] == 3
    assert "'int' object has no attribute 'upper'" in second["error"]["message"]
    whole = cli("scripts", "test", script, "--file", sample)
    assert "script 'upper.py', line 3" in whole.output and "'list' object" in whole.output


def test_an_endless_script_is_stopped(tmp_path):
    path = tmp_path / "loop.py"
    path.write_text("while True: pass\ndef handle(data): pass\n")
    done = cli("scripts", "test", path, "--timeout", "0.3")
    assert done.exit_code == 1
    assert "it ran longer than 0.3 seconds and was stopped" in done.output


@pytest.mark.xdist_group("commands")
def test_scripts_are_saved_shown_tried_and_found_where_they_are_used(world, script):
    file = str(script)
    assert world.cli("scripts", "list").out == "Nothing to show.\n"
    saved = world.cli("scripts", "save", "Shout", file, "--description", "Upper case", "--variable", "suffix=?")
    assert (saved.code, saved.out) == (0, "Shout version 1 saved.\n")
    assert world.cli("scripts", "save", "Shout", file).out == "Shout version 1 is the same already.\n"
    script.write_text(UPPER + "# more\n")
    assert world.cli("scripts", "save", "Shout", file, "--note", "more").out == "Shout version 2 saved.\n"

    rows = world.cli("scripts", "versions", "Shout", "--json").json
    assert [(row["version"], row["lines"], row["note"]) for row in rows] == [(2, 4, "more"), (1, 3, "")]
    shown = world.cli("scripts", "show", "Shout", "--version", "1").out
    assert "Shout, version 1 of 2" in shown and "suffix" in shown and shown.endswith(UPPER)
    assert world.cli("scripts", "test", "Shout", "--payload", "a").out == 'log: got a\n"A?"\n'
    assert world.cli("scripts", "uses", "Shout").out == "Nothing to show.\n"
    (row,) = world.cli("scripts", "list", "--json").json
    assert (row["name"], row["version"], row["used_by"], row["description"]) == ("Shout", 2, [], "Upper case")

    wrong = world.cli("scripts", "show", "Shut")
    assert wrong.code == 1
    assert "there is no script 'Shut'; there are 'Shout'" in wrong.err
    script.write_text("def handle(data:\n    pass\n")
    broken = world.cli("scripts", "save", "Shout", file)
    assert broken.code == 1
    assert "script 'Shout', line" in broken.err
