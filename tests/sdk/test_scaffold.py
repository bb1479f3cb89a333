"""A new system from templates: its conformance run is the to-do list, and is green when that is done."""

from __future__ import annotations

import ast
import json
import tomllib

import pytest
from click.testing import CliRunner
from tests.sdk.support import ORDERS, change

from topstitch.cli.main import main
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, HOME
from topstitch.sdk.conformance import tier_of
from topstitch.sdk.scaffold import scaffold

TO_DO = {
    "folder.manifest": ("api_version", "links.api"),
    "folder.readme": ("'What it does'", "'Removal'"),
    "folder.tests": ("no tests/test_*.py with a test",),
    "settings.words": ("token",),
    "fields.samples": ("orders: there are no samples",),
    "write.accepts": ("no record to write",),
}


def test_a_new_folder_holds_every_file_of_a_system(tmp_path):
    files = {path.relative_to(tmp_path / "acme_two").as_posix() for path in scaffold("acme_two", tmp_path)}

    assert files == {
        "__init__.py",
        "manifest.toml",
        "system.py",
        "practice.py",
        "README.md",
        "icon.svg",
        "fields/orders.toml",
        "samples/orders.json",
        "tests/test_acme_two.py",
    }
    for path in tmp_path.rglob("*.py"):
        ast.parse(path.read_text("utf-8"))
    manifest = tomllib.loads((tmp_path / "acme_two" / "manifest.toml").read_text("utf-8"))
    assert (manifest["slug"], manifest["name"]) == ("acme_two", "Acme two")


def test_the_name_shown_to_people_can_be_given(tmp_path):
    scaffold("acme", tmp_path, name="ACME Retail Cloud")

    assert 'name = "ACME Retail Cloud"' in (tmp_path / "acme" / "manifest.toml").read_text("utf-8")


@pytest.mark.parametrize("slug", ["Acme", "9acme", "ac-me", "../acme", "a", ""])
def test_a_slug_that_is_no_python_name_is_refused(tmp_path, slug):
    with pytest.raises(ConfigError, match="cannot be a slug"):
        scaffold(slug, tmp_path)


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "acme").mkdir()

    with pytest.raises(ConfigError, match="there is a folder"):
        scaffold("acme", tmp_path)

    assert list((tmp_path / "acme").iterdir()) == []


def test_the_conformance_run_of_a_new_folder_is_the_to_do_list(workshop):
    answers = workshop.ask(workshop.begun())

    failed = {key: answer.detail for key, answer in answers.items() if answer.failed}
    assert set(failed) == set(TO_DO)
    for key, words in TO_DO.items():
        assert all(word in failed[key] for word in words), failed[key]
    assert tier_of(answers.values()) is None


def test_the_command_makes_a_folder_and_check_shows_the_list(tmp_path):
    run = CliRunner().invoke(main, ["systems", "new", "acme_cli", "--home", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert f"topstitch systems check acme_cli --home {tmp_path}" in run.output

    check = CliRunner().invoke(main, ["systems", "check", "acme_cli", "--home", str(tmp_path)])

    assert check.exit_code == 1
    assert "'Removal' is not written yet (TODO)" in check.output
    assert "tier: none yet" in check.output


def test_check_prints_the_tier_as_json(workshop):
    folder = workshop.finished()

    check = CliRunner().invoke(main, ["systems", "check", folder.name, "--home", str(workshop.home), "--json"])

    (report,) = json.loads(check.output)
    assert (check.exit_code, report["system"], report["tier"]) == (0, folder.name, "gold")
    assert {"system", "question", "state", "detail", "tier", "sentence", "seconds"} == set(report["answers"][0])


def test_check_of_an_unknown_question_names_those_there_are(tmp_path):
    run = CliRunner().invoke(main, ["systems", "check", "--only", "read.minds"])

    assert run.exit_code == 1 and "there is no question read.minds" in run.output and "read.pages" in run.output


def test_new_refuses_the_slug_of_a_built_in_system():
    slug = next(iter(CATALOGUE)).slug

    run = CliRunner().invoke(main, ["systems", "new", slug])

    assert run.exit_code == 1 and "already" in run.output
    assert not (HOME / slug / "tests" / f"test_{slug}_two.py").exists()


def test_a_new_system_reads_and_writes_its_practice_server(workshop):
    folder = workshop.begun()
    change(folder / "samples" / "orders.json", "[]", json.dumps(ORDERS))

    answers = workshop.ask(folder, "read.pages", "read.since", "write.accepts", "fault.lost")

    assert {answer.state for answer in answers.values()} == {"passed"}
