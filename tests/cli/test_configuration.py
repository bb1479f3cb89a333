"""`apply` and `export`: the plan, what is wrong with file and line, and the round trip."""

from __future__ import annotations

import pytest
import yaml
from tests.runtime.far_end import definition
from tests.runtime.world import service

pytestmark = pytest.mark.xdist_group("commands")

BROKEN = """\
connectors:
  natural:
    system: far-natural
    environment: test
    settings:
      token: secret
services:
  Orders:
    source: {connector: natural, entity: orders}
    destination: {connector: natural, entity: sales}
    mapping:
      - {to: reference, from: id, do: [string.nothing]}
"""


@pytest.fixture
def document(world):
    """A document of everything, applied to nothing yet: its names are new."""

    def make(name):
        return {
            "systems": [definition(f"far-{name}", "natural_key")],
            "lookups": {f"{name}-table": {"pairs": {"a": "b"}}},
            "connectors": {name: world.connector(f"far-{name}")},
            "services": {name: {**service("natural", prefix=f"{name}-"), "active": False} | _ends(name)},
        }

    return make


def _ends(name):
    return {
        "source": {"connector": name, "entity": "orders"},
        "destination": {"connector": name, "entity": "sales"},
    }


def write(world, document, name="some.yaml"):
    file = world.folder / name
    file.write_text(document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False), "utf-8")
    return str(file)


def test_apply_shows_the_plan_and_applies_it_once(world, document):
    file = write(world, document("once"))
    planned = world.cli("apply", file, "--plan")
    assert planned.code == 0
    for line in ("+ system far-once", "+ lookup once-table", "+ connector once", "+ service once"):
        assert line in planned.out
    assert "(some.yaml:" in planned.out
    assert world.cli("apply", file, "--plan").out == planned.out

    applied = world.cli("apply", file, "--yes")
    assert applied.code == 0
    assert "Applied 4 changes." in applied.out
    again = world.cli("apply", file, "--yes")
    assert "Nothing to change." in again.out


def test_a_change_is_shown_value_by_value_and_secrets_never(world, document):
    before = document("changed")
    world.apply(before)
    after = document("changed")
    after["services"]["changed"]["source"]["page_size"] = 7
    after["connectors"]["changed"]["settings"] = {"token": "another-secret"}
    planned = world.cli("apply", write(world, after), "--plan", "--json")
    changes = {change["name"]: change for change in planned.json}
    assert changes["changed"]["verb"] == "update"
    assert any("page_size: nothing -> 7" in line for line in changes["changed"]["differences"])
    (connector,) = [change for change in planned.json if change["kind"] == "connector"]
    assert connector["differences"] == ["settings.token: *** -> ***"]
    assert "another-secret" not in planned.out


def test_apply_asks_and_does_nothing_without_a_yes(world, document):
    file = write(world, document("asked"))
    result = world.cli("apply", file)
    assert result.code == 1
    assert "Apply these changes?" in result.out + result.err
    assert "asked" not in [row["name"] for row in world.cli("connectors", "list", "--json").json]


def test_apply_as_json_never_asks_in_the_middle_of_it(world, document):
    result = world.cli("apply", write(world, document("silent")), "--json")
    assert [change["verb"] for change in result.json] == ["create"] * 4
    assert result.code == 1
    assert "--yes" in result.err


@pytest.mark.parametrize(
    ("wrong", "right", "place", "said"),
    [
        ("string.nothing", "string.trim", "", ""),
        ("string.trim", "string.nothing", ":12", "string.nothing"),
        ("entity: sales", "entity: salads", ":10", "salads"),
        ("    environment: test", "    enviroment: test", ":4", "no such key"),
        ("  natural:", "  natural: [", ":4", "not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(world, wrong, right, place, said):
    world.configure("natural")
    text = BROKEN.replace("string.nothing", "string.trim").replace(wrong, right)
    result = world.cli("apply", write(world, text, "wrong.yaml"), "--plan")
    if not said:
        assert result.code == 0, result
        return
    assert (result.code, result.out) == (1, "")
    assert f"wrong.yaml{place}" in result.err
    assert said in result.err


def test_a_folder_without_files_is_said(world, tmp_path):
    result = world.cli("apply", str(tmp_path), "--plan")
    assert result.code == 1
    assert "there is no YAML file" in result.err


def test_what_is_exported_can_be_applied_again_and_changes_nothing(world, document):
    world.apply(document("exported"))
    file = world.folder / "exported.yaml"
    assert world.cli("export", "-o", str(file)).code == 0
    text = file.read_text("utf-8")
    assert world.cli("export").out == text
    assert "token: right" not in text
    exported = yaml.safe_load(text)
    assert {"exported"} <= set(exported["services"])
    # Secrets are references to the environment; this world has them where the export asks for them.
    for connector in exported["connectors"].values():
        connector["settings"]["token"] = {"env": "FAR_TOKEN"}
    again = world.cli("apply", write(world, exported), "--plan")
    assert "Nothing to change." in again.out, again.out
