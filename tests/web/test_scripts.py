"""Custom scripts on the screens: the list, the editor and its test box, versions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.scripts import shared_sandbox
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.scripts import Draft, Variable, save_script
from topstitch.store.models import AuditEvent, ErrorGroup, Script

CODE = 'def handle(data):\n    data["payload"] = data["payload"].upper()\n    return data\n'
USUAL = {"code": CODE, "timeout": "10", "memory": "128", "description": "", "note": ""}


@pytest.fixture(scope="module", autouse=True)
def _sandbox():
    yield
    shared_sandbox().close()


@pytest.fixture
def script(world):
    return save_script(world.company, "shout", Draft(CODE, description="Upper case"), person=world.ada)


@pytest.fixture
def reader(world):
    """Somebody who may look."""
    return world.client(world.person("max@example.com", world.company, Role.MANAGER))


def using(world, name, *, version=None, payload=False):
    """A service that uses the script."""
    args = {"script": "shout"} | ({"version": version} if version else {})
    spec = {
        "source": {"connector": "far", "entity": "orders"},
        "destination": {"connector": "far", "entity": "sales"},
        "mapping": [] if payload else [{"to": "x", "from": ["id"], "do": [{"function": "other.script", "args": args}]}],
    }
    return world.service(name, spec=spec | ({"script": {"name": "shout"}} if payload else {}))


def failing(service, message, affected=3):
    now = datetime.now(UTC)
    return ErrorGroup.objects.create(
        id=1,
        kin=1,
        service=service,
        error_class="script",
        error_key="script",
        sentence="…",
        place="",
        message=message,
        hint="",
        first_at=now,
        last_at=now,
        seen=affected,
        affected=affected,
    )


def attempt(client, script, sample, **more):
    return client.post(f"/scripts/{script.pk}", {**USUAL, "sample": sample, "do": "try", **more})


# -- the list -----------------------------------------------------------------------------------------------------------


def test_an_empty_list_teaches_and_offers_beginnings_to_those_who_may(client, reader):
    page = client.get("/scripts/")
    checked(page)
    assert "No scripts yet" in text_of(page)
    assert "/scripts/new?from=records" in page.content.decode()
    assert "/scripts/new" not in reader.get("/scripts/").content.decode()


def test_the_list_says_where_each_is_used_and_what_fails_by_it(world, client, script):
    service = using(world, "Orders to warehouse")
    using(world, "Returns", payload=True)
    failing(service, "script 'shout' version 1, line 2: KeyError: x")
    page = client.get("/scripts/")
    checked(page)
    said = text_of(page)
    assert "shout Upper case mapping, payload script Orders to warehouse and 1 more 1 just now" in said
    assert "3 records" in said
    assert "No script fits" in text_of(client.get("/scripts/?q=zzz"))


def test_the_list_asks_as_much_for_many_scripts_as_for_one(world, client, script):
    client.get("/scripts/")
    with CaptureQueriesContext(connection) as few:
        client.get("/scripts/")
    for number in range(10):
        save_script(world.company, f"s{number}", Draft(CODE))
    with CaptureQueriesContext(connection) as many:
        client.get("/scripts/")
    assert len(many) == len(few) <= 10


# -- the editor ---------------------------------------------------------------------------------------------------------


def test_a_new_script_begins_with_code_that_runs(client):
    for slug in ("value", "records", "functions", "refuse"):
        page = client.get(f"/scripts/new?from={slug}")
        checked(page)
        form = page.context["form"]
        sent = {**USUAL, "code": form.initial["code"], "sample": form.initial["sample"], "do": "try"}
        rows = [row for row in form.variables if row["name"]]
        sent |= {f"variable_{part}": [row[part] for row in rows] for part in ("name", "default", "help")}
        outcome = client.post("/scripts/new", sent).context["outcome"]
        assert outcome.error is None
        assert [call.result.error for call in outcome.calls] == [None], slug


def test_a_script_is_added_with_its_variables_and_written_down(world, client):
    rows = {"variable_name": ["rate", ""], "variable_default": ["0.2", ""], "variable_help": ["of VAT", ""]}
    answer = client.post("/scripts/new", {**USUAL, **rows, "name": "vat", "do": "save"})
    made = Script.objects.get()
    assert answer["Location"] == f"/scripts/{made.pk}"
    assert made.versions.get().variables == [{"name": "rate", "default": "0.2", "help": "of VAT"}]
    assert AuditEvent.objects.get(kind="script").person == world.ada
    page = client.post("/scripts/new", {**USUAL, "name": "vat"})
    checked(page)
    assert "there is a script &#x27;vat&#x27; already" in text_of(page)


def test_saving_makes_a_version_and_says_whom_it_concerns(world, client, script):
    using(world, "Orders to warehouse")
    using(world, "Orders to Berlin", version=1)
    page = client.get(f"/scripts/{script.pk}")
    checked(page)
    said = text_of(page)
    assert "Saving makes version 2, which Orders to warehouse uses from the next run on." in said
    assert "Orders to Berlin stays at version 1." in said
    client.post(f"/scripts/{script.pk}", {**USUAL, "code": CODE + "# more\r\n", "note": "A remark", "do": "save"})
    latest = script.versions.latest("number")
    assert (latest.number, latest.code, latest.note, latest.author) == (2, CODE + "# more\n", "A remark", world.ada)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "def handle(data):\n    return data[\n"}, "line 3"),
        ({"code": "x = 1"}, "there is no function handle(data)"),
        ({"code": ""}, "This field is required"),
        ({"code": "#" * 103_000}, "A script has at most 100 KB"),
        ({"timeout": "121"}, "less than or equal to 120"),
        ({"timeout": "nan"}, "Enter a number"),
        ({"memory": "4"}, "greater than or equal to 8"),
        (
            {"variable_name": ["a b"], "variable_default": [""], "variable_help": [""]},
            "cannot be the name of a variable",
        ),
    ],
)
def test_what_cannot_be_saved_says_where_it_is_wrong_and_keeps_what_was_typed(client, script, change, said):
    page = client.post(f"/scripts/{script.pk}", {**USUAL, "note": "typed", **change})
    checked(page)
    assert said in text_of(page)
    assert 'value="typed"' in page.content.decode()
    assert script.versions.count() == 1


def test_a_wrong_line_is_marked_in_the_editor(client, script):
    page = client.post(f"/scripts/{script.pk}", {**USUAL, "code": "def handle(data):\n    return data[\n"})
    assert 'data-error-line="3"' in page.content.decode()


def test_those_who_may_not_change_scripts_read_them(reader, script):
    page = reader.get(f"/scripts/{script.pk}")
    checked(page)
    assert "def handle(data):" in text_of(page)
    assert "<textarea" not in page.content.decode()
    assert reader.post(f"/scripts/{script.pk}", {**USUAL, "do": "try", "sample": "1"}).status_code == 403


def test_the_page_of_a_script_asks_little(world, client, script):
    for number in range(5):
        using(world, f"Service {number}")
    client.get(f"/scripts/{script.pk}")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/scripts/{script.pk}")
    assert len(seen) <= 12


def test_what_failed_by_it_is_told_beside_it(world, client, script):
    service = using(world, "Orders to warehouse", payload=True)
    failing(service, "script 'shout' version 1, line 2: KeyError: x")
    world.run(service, "failed", reason="page 1: script 'shout' version 1, line 2: ValueError")
    world.run(service, "failed", reason="script 'other' version 1")
    said = text_of(client.get(f"/scripts/{script.pk}"))
    assert "3 records of Orders to warehouse" in said
    assert said.count("Run ended") == 1


def test_a_script_is_removed_when_its_name_is_typed_and_no_service_uses_it(world, client, script):
    service = using(world, "Orders to warehouse")
    address = f"/scripts/{script.pk}/remove"
    assert client.post(address, {"typed": "shout"})["Location"] == f"/scripts/{script.pk}"
    assert "is used by Orders to warehouse" in client.get(f"/scripts/{script.pk}").content.decode()
    service.revision = None
    service.save()
    client.post(address, {"typed": "shou"})
    assert Script.objects.exists()
    assert client.post(address, {"typed": "shout"})["Location"] == "/scripts/"
    assert not Script.objects.exists()


# -- the test box -------------------------------------------------------------------------------------------------------


def test_a_draft_is_tried_without_being_saved(client, script):
    page = attempt(client, script, '"ada"', code=CODE.replace("upper", "title"))
    checked(page)
    assert "1 call in" in text_of(page)
    assert "&quot;Ada&quot;" in page.content.decode()
    assert "title" in page.context["form"]["code"].value()
    assert script.versions.count() == 1
    assert AuditEvent.objects.filter(kind="script").count() == 1


def test_an_error_has_its_line_and_logs_are_shown(client, script):
    code = 'def handle(data):\n    print("looking at", data["payload"])\n    return data["nothing"]\n'
    page = attempt(client, script, '"ada"', code=code)
    checked(page)
    said = text_of(page)
    assert "line 3: KeyError" in said
    assert "Go to line 3" in said
    assert "looking at ada" in said


def test_each_of_a_list_is_a_call_and_one_that_fails_harms_no_other(client, script):
    page = attempt(client, script, '["a", 1, "c"]', each="on")
    checked(page)
    said = text_of(page)
    assert "3 calls in" in said
    assert "AttributeError" in said
    assert "&quot;A&quot;" in page.content.decode()
    assert "&quot;C&quot;" in page.content.decode()
    assert "the payload is no list" in text_of(attempt(client, script, '"a"', each="on"))


def test_more_calls_than_anybody_reads_are_left_out(client, script):
    assert "5 more of the list were left out" in text_of(
        attempt(client, script, str(["a"] * 25).replace("'", '"'), each="on")
    )


def test_a_loop_without_an_end_is_stopped(client, script):
    page = attempt(client, script, "1", code="def handle(data):\n    while True:\n        pass\n", timeout="0.2")
    assert "it ran longer than 0.2 seconds and was stopped" in text_of(page)


def test_the_sandbox_has_no_way_out(client, script):
    page = attempt(client, script, "1", code="def handle(data):\n    open('/etc/passwd')\n")
    assert "root:" not in text_of(page)
    assert "Scripts have no files, no network" in text_of(page)


def test_lookup_tables_of_the_company_and_no_others_are_there(world, client, script):
    save_lookup(world.company, "carriers", [("Express", "DHL")])
    save_lookup(world.other_group.company, "theirs", [("Express", "SECRET-CARRIER")])
    code = 'def handle(data):\n    data["payload"] = other_map(data["payload"], table="{}")\n'
    assert "&quot;DHL&quot;" in attempt(client, script, '"Express"', code=code.format("carriers")).content.decode()
    theirs = attempt(client, script, '"Express"', code=code.format("theirs"))
    assert "SECRET-CARRIER" not in text_of(theirs)
    assert "there is no lookup table" in text_of(theirs)


def test_variables_are_given_and_response_codes_told_in_words(client, script):
    code = 'def handle(data):\n    data["message"] = data["variables"]["why"]\n    data["response_code"] = 3\n'
    rows = {"variable_name": ["why"], "variable_default": ["no address"], "variable_help": [""]}
    said = text_of(attempt(client, script, "1", code=code, **rows))
    assert "Response code 3 The record fails." in said
    assert "Message: no address" in said


def test_with_javascript_only_the_result_comes_back(client, script):
    data = {**USUAL, "sample": '"ada"', "do": "try"}
    page = client.post(f"/scripts/{script.pk}", data, headers={"HX-Request": "true", "HX-Target": "tried"})
    checked(page)
    assert b"<html" not in page.content
    wrong = client.post(
        f"/scripts/{script.pk}", {**data, "code": ""}, headers={"HX-Request": "true", "HX-Target": "tried"}
    )
    assert "It was not run: something above is wrong. Code : This field is required." in text_of(wrong)


# -- versions -----------------------------------------------------------------------------------------------------------


def test_versions_show_what_changed_who_stays_at_them_and_can_be_restored(world, client, script):
    changed = Draft(CODE.replace("upper", "lower"), [Variable("x")], timeout=20, note="Lower case")
    save_script(world.company, "shout", changed, person=world.ada)
    using(world, "Orders to Berlin", version=1)
    page = client.get(f"/scripts/{script.pk}/versions")
    checked(page)
    assert "2 just now ada@example.com Lower case" in text_of(page)
    assert "Orders to Berlin" in text_of(page)
    page = client.get(f"/scripts/{script.pk}/versions/2")
    checked(page)
    assert "1 line added 1 line removed" in text_of(page)
    assert "timeout Changed 10.0 20.0" in text_of(page)
    client.post(f"/scripts/{script.pk}/versions/1/restore")
    latest = script.versions.latest("number")
    assert (latest.number, latest.code, latest.timeout, latest.note) == (3, CODE, 10, "Version 1 restored")
    assert client.get(f"/scripts/{script.pk}/versions/9").status_code == 404
