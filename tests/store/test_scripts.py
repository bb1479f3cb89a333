"""Scripts in the store: versions, who uses them, who may change them, files."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import yaml
from django.db import connections
from django.utils import timezone
from tests.fakes.far_end import MAPPING, SLUG, system

from topstitch.accounts.models import Membership, User
from topstitch.engine.spec import Service as Spec
from topstitch.errors import Bug, ConfigError, ScriptError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.scripts import Draft, Variable, delete_script, may_edit_scripts, save_script
from topstitch.store.actions.services import save_service
from topstitch.store.files.apply import apply_plan
from topstitch.store.files.export import exported
from topstitch.store.files.plan import make_plan
from topstitch.store.models import AuditEvent, Script, ScriptVersion
from topstitch.store.queries.scripts import script_named, script_spec, version_of, who_uses

pytestmark = pytest.mark.django_db

CODE = (
    "def handle(data):\n    data['payload'] = data['payload'].upper() + data['variables']['suffix']\n    return data\n"
)
DRAFT = Draft(CODE, [Variable("suffix", "-UK", "put behind")], description="Upper case")


@pytest.fixture
def group():
    CATALOGUE.add(system_from_data(system()))
    made = create_company("Acme")
    save_connector(made, "far", SLUG, {}, environment="test", base_url="http://127.0.0.1:1")
    return made


def service(group, name="Orders", **parts):
    end = {"connector": "far", "entity": "orders"}
    content = {"source": end, "destination": {**end, "entity": "sales"}, "mapping": MAPPING, **parts}
    return save_service(group, name, Spec.model_validate(content))


def step(**args):
    return [*MAPPING, {"to": "note", "from": "note", "do": [{"other.script": {"script": "Shout", **args}}]}]


def test_a_new_version_is_made_only_when_something_changed(group):
    company = group.company
    assert save_script(company, "Shout", DRAFT).version == 1
    assert save_script(company, "Shout", DRAFT).version == 1
    assert save_script(company, "Shout", Draft(CODE.replace("\n", "\r\n"), DRAFT.variables)).version == 1
    assert save_script(company, "Shout", Draft(CODE + "\n# more\n", DRAFT.variables, note="a remark")).version == 2
    script = script_named(company, "Shout")
    assert script.description == "Upper case"
    assert [v.number for v in script.versions.order_by("number")] == [1, 2]
    assert version_of(script).note == "a remark"
    assert version_of(script, 1).code == CODE
    assert [event.verb for event in AuditEvent.objects.filter(kind="script").order_by("pk")] == ["create", "update"]


def test_a_description_changes_without_a_version(group):
    save_script(group.company, "Shout", DRAFT)
    script = save_script(group.company, "Shout", Draft(CODE, DRAFT.variables, description="Loud"))
    assert (script.version, script.description) == (1, "Loud")


def test_a_version_is_never_changed(group):
    version = version_of(save_script(group.company, "Shout", DRAFT))
    version.code = "x"
    with pytest.raises(Bug):
        version.save()


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("def handle(data):\n  return data[\n"), "line 3"),
        (Draft("def other(data): pass"), "there is no function handle(data)"),
        (Draft(CODE, timeout=121), "at most 120 seconds"),
        (Draft(CODE, timeout=float("nan")), "at most 120 seconds"),
        (Draft(CODE, memory=4), "memory is from 8"),
        (Draft(CODE, [Variable("a"), Variable("a")]), "each once"),
        (Draft(CODE, [Variable("a b")]), "'a b' cannot be the name of a variable"),
    ],
)
def test_what_cannot_run_is_not_saved(group, draft, said):
    with pytest.raises((ConfigError, ScriptError), match="Shout") as caught:
        save_script(group.company, "Shout", draft)
    assert said in str(caught.value)
    assert not Script.objects.exists()


def test_a_use_is_given_the_latest_version_or_the_one_it_pins_and_its_own_variables(group):
    company = group.company
    save_script(company, "Shout", DRAFT)
    save_script(company, "Shout", Draft(CODE + "#", [Variable("suffix", "!"), Variable("more")], timeout=60))
    latest = script_spec(company, "Shout")
    assert (latest.version, latest.variables, latest.timeout) == (2, {"suffix": "!", "more": ""}, 60)
    pinned = script_spec(company, "Shout", 1, {"suffix": "-DE"})
    assert (pinned.version, pinned.code, pinned.variables) == (1, CODE, {"suffix": "-DE"})
    with pytest.raises(ConfigError, match="has no version 3; its latest is 2"):
        script_spec(company, "Shout", 3)
    with pytest.raises(ConfigError, match="has no variable 'more'; it has suffix"):
        script_spec(company, "Shout", 1, {"more": "x"})
    with pytest.raises(ConfigError, match="there is no script 'Shaut'; there are 'Shout'"):
        script_spec(company, "Shaut")


def test_a_run_keeps_the_version_that_was_the_latest_when_it_began(group):
    script = save_script(group.company, "Shout", DRAFT)
    began = timezone.now()
    save_script(group.company, "Shout", Draft(CODE + "#", DRAFT.variables))
    assert script_spec(group.company, "Shout", at=began).version == 1
    assert script_spec(group.company, "Shout", at=timezone.now()).version == 2
    assert script_spec(group.company, "Shout", at=began - timedelta(days=1)).version == 2, "none was there: the latest"
    assert script.version == 1


def test_services_are_found_by_what_they_use_and_keep_a_script_from_being_deleted(group):
    script = save_script(group.company, "Shout", DRAFT)
    save_script(group.company, "Other", DRAFT)
    service(group, "A", mapping=step())
    service(group, "B", mapping=step(version=1), script={"name": "Shout", "variables": {"suffix": "?"}})
    service(group, "C", script="Other")
    service(group, "D")
    uses = [(use.service, use.where, use.version) for use in who_uses(script)]
    assert uses == [("A", "mapping", None), ("B", "payload script", None), ("B", "mapping", 1)]
    with pytest.raises(ConfigError, match="the script 'Shout' is used by A, B"):
        delete_script(script)
    service(group, "A")
    service(group, "B")
    delete_script(script)
    assert not ScriptVersion.objects.filter(script__name="Shout").exists()
    assert AuditEvent.objects.filter(kind="script", verb="delete", name="Shout").count() == 1


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"script": "Nowhere"}, "there is no script 'Nowhere'; there are 'Shout'"),
        ({"script": {"name": "Shout", "version": 9}}, "no version 9"),
        ({"mapping": step(variables={"x": "1"})}, "no variable 'x'; it has suffix"),
    ],
)
def test_a_service_that_names_what_is_not_there_is_not_saved(group, parts, said):
    save_script(group.company, "Shout", DRAFT)
    with pytest.raises(ConfigError, match="Orders") as caught:
        service(group, **parts)
    assert said in str(caught.value)


def test_only_administrators_change_scripts_unless_others_are_allowed(group, settings):
    people = {}
    for role in ("administrator", "manager", "read_only"):
        people[role] = User.objects.create_user(f"{role}@acme.example")
        Membership.objects.create(user=people[role], company=group.company, role=role)
    elsewhere = User.objects.create_user("x@y.example")
    Membership.objects.create(user=elsewhere, company=create_company("Other").company, role="administrator")
    allowed = {role: may_edit_scripts(person, group.company) for role, person in people.items()}
    assert allowed == {"administrator": True, "manager": False, "read_only": False}
    assert not may_edit_scripts(elsewhere, group.company)
    with pytest.raises(ConfigError, match="only administrators"):
        save_script(group.company, "Shout", DRAFT, person=people["manager"])
    settings.SCRIPT_ROLES = ["manager"]
    script = save_script(group.company, "Shout", DRAFT, person=people["manager"])
    assert version_of(script).author == people["manager"]
    with pytest.raises(ConfigError, match="only administrators"):
        delete_script(script, person=people["read_only"])


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_make_two_versions(group):
    save_script(group.company, "Shout", DRAFT)

    def save(n):
        try:
            save_script(group.company, "Shout", Draft(f"{CODE}# {n}\n", DRAFT.variables))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ScriptVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    assert Script.objects.get().version == 5


# -- files ----------------------------------------------------------------------------------------------------------

FILE = """\
scripts:
  Shout:
    file: shout.py
    description: Upper case
    variables:
      suffix: {default: -UK, help: put behind}
      other: x
  Quiet:
    code: |
      def handle(data):
          data["payload"] = data["payload"].lower()
    timeout: 60
services:
  Orders:
    source: {connector: far, entity: orders}
    destination: {connector: far, entity: sales}
    script: {name: Shout, variables: {suffix: "!"}}
    mapping: []
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "all.yaml").write_text(FILE)
    (tmp_path / "shout.py").write_text(CODE)
    return tmp_path


def test_a_file_makes_scripts_before_the_services_that_use_them(group, folder):
    plan = make_plan(folder, group)
    assert [(c.verb, c.kind, c.name) for c in plan.effective] == [
        ("create", "script", "Shout"),
        ("create", "script", "Quiet"),
        ("create", "service", "Orders"),
    ]
    apply_plan(plan, group)
    assert version_of(script_named(group.company, "Shout")).note == "From all.yaml:2"
    assert script_spec(group.company, "Quiet").timeout == 60
    assert [use.service for use in who_uses(script_named(group.company, "Shout"))] == ["Orders"]
    assert make_plan(folder, group).effective == []


def test_applying_shows_the_lines_that_change(group, folder):
    apply_plan(make_plan(folder, group), group)
    (folder / "shout.py").write_text(CODE.replace("upper", "lower"))
    (folder / "all.yaml").write_text(FILE.replace("other: x", "other: y"))
    (change,) = make_plan(folder, group).effective
    assert change.differences == [
        "variables: suffix='-UK', other='x' -> suffix='-UK', other='y'",
        "@@ -1,3 +1,3 @@",
        " def handle(data):",
        "-    data['payload'] = data['payload'].upper() + data['variables']['suffix']",
        "+    data['payload'] = data['payload'].lower() + data['variables']['suffix']",
        "     return data",
    ]
    apply_plan(make_plan(folder, group), group)
    assert script_named(group.company, "Shout").version == 2


def test_what_is_exported_can_be_applied_and_changes_nothing(group, folder, tmp_path):
    apply_plan(make_plan(folder, group), group)
    text = exported(group)
    assert "    code: |\n      def handle(data):\n" in text
    assert yaml.safe_load(text)["scripts"]["Shout"]["code"] == CODE
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "all.yaml").write_text(text)
    assert [c.name for c in make_plan(tmp_path / "again", group).effective if c.kind != "connector"] == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    file: shout.py\n", "", "all.yaml:2: a script has either code or file"),
        ("file: shout.py", "file: nowhere.py", "all.yaml:2: nowhere.py cannot be read: No such file"),
        (".lower()\n", ".lower(\n", "all.yaml:8: script 'Quiet', line"),
        ("timeout: 60", "timeout: 600", "all.yaml:8: Quiet: timeout is more than 0 and at most 120 seconds"),
        ("timeout: 60", "timeuot: 60", "all.yaml:12: scripts.Quiet.timeuot: there is no such key here"),
        ("name: Shout", "name: Shut", "all.yaml:14: there is no script 'Shut'"),
        ('suffix: "!"', 'sufix: "!"', "all.yaml:14: the script 'Shout' has no variable 'sufix'; it has suffix, other"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(group, folder, before, after, said):
    assert before in FILE
    (folder / "all.yaml").write_text(FILE.replace(before, after))
    with pytest.raises(ConfigError) as caught:
        make_plan(folder, group)
    assert str(caught.value).startswith(said)
    assert not Script.objects.exists()
