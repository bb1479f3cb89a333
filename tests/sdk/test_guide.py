"""The guide for authors of systems is true: its commands run, its tables are complete."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from topstitch.cli.main import main
from topstitch.sdk.conformance import QUESTIONS
from topstitch.sdk.conformance.stage import Stage

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "add-a-system.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.+?)```", GUIDE, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("key", QUESTIONS)
def test_the_guide_names_every_question_with_its_tier_and_words(key):
    question = QUESTIONS[key]

    assert f"| `{key}` | {question.tier} | {question.sentence} |" in GUIDE


def test_the_guide_names_no_question_that_is_not_asked():
    assert set(re.findall(r"^\| `(\S+)` \| (?:bronze|silver|gold) \|", GUIDE, re.MULTILINE)) == set(QUESTIONS)


@pytest.mark.parametrize("name", re.findall(r"^    (\w+)(?:\(.*\))?  ", Stage.__doc__ or "", re.MULTILINE))
def test_the_guide_names_all_that_practice_may_add(name):
    assert name in GUIDE


def test_its_commands_make_a_system_and_give_the_to_do_list(tmp_path):
    commands = [shlex.split(line)[1:] for line in COMMANDS if line.startswith("topstitch ")]
    assert [command[:2] for command in commands] == [["systems", "new"], ["systems", "check"]]

    runs = [CliRunner().invoke(main, [*command, "--home", str(tmp_path)]) for command in commands]

    assert [run.exit_code for run in runs] == [0, 1]
    assert (tmp_path / "acme" / "system.py").exists()
    assert "folder.readme" in runs[1].output and "tier: none yet" in runs[1].output


def test_the_makefile_offers_what_the_guide_says():
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")

    assert "make new-system NAME=acme" in COMMANDS
    assert "topstitch systems new $(NAME)" in makefile
