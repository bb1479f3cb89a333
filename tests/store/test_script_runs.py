"""Services with scripts, run against real servers: what arrives, what fails and what the log says."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import MAPPING

from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, ScriptError
from topstitch.store.actions.scripts import Draft, Variable, save_script
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import Attempt, Item, LogLine, StoredPayload
from topstitch.store.payloads import unpacked

pytestmark = pytest.mark.django_db(transaction=True)

GREET = """
def handle(data):
    if data["payload"] == "stop":
        raise ValueError("no greeting for stop")
    data["logs"].append("greeted " + data["payload"])
    return {**data, "payload": data["variables"]["word"] + " " + data["payload"].strip()}
"""
#: Orders of one customer become one; those without an e-mail are dropped.
MERGE = """
def handle(data):
    orders = {}
    for order in data["payload"]:
        if not order["email"]:
            continue
        merged = orders.setdefault(order["email"], {**order, "lines": []})
        merged["lines"] += order["lines"]
        merged["total"] = str(len(merged["lines"]))
    data["payload"] = list(orders.values())
    return data
"""
GREETED = {"to": "greeting", "from": "word", "do": [{"other.script": {"script": "Greet"}}]}


def save(world, name, code, **variables):
    draft = Draft(code, [Variable(key, default) for key, default in variables.items()])
    return save_script(world.group.company, name, draft)


def with_script(world, script, mapping=MAPPING):
    """The service, with a payload script."""
    service = world.service(mapping=mapping)
    spec = Spec.model_validate({**spec_of(service).model_dump(by_alias=True), "script": script})
    return save_service(world.group, service.name, spec)


def test_a_script_makes_a_field_and_fails_its_record_alone(world):
    save(world, "Greet", GREET, word="Hello")
    world.put(1, 2, word="Ada ")
    world.put(3, word="stop")
    world.put(4, word="Bob")
    run = world.run(world.service(mapping=[*MAPPING, GREETED]))

    assert (run.ok, run.failed) == (3, 1)
    assert world.store.get("sales", "1")["greeting"] == "Hello Ada"
    failed = Attempt.objects.get(run=run, status="failed")
    assert failed.error_class == "script"
    assert "no greeting for stop" in failed.message
    assert "line 4" in failed.message
    assert LogLine.objects.filter(run=run, step="script", message__endswith="greeted Ada ").count() == 1


def test_a_service_pins_a_version_or_follows_the_latest(world):
    save(world, "Greet", GREET, word="Hello")
    pinned = {**GREETED, "to": "pinned", "do": [{"other.script": {"script": "Greet", "version": 1}}]}
    own = {**GREETED, "to": "own", "do": [{"other.script": {"script": "Greet", "variables": {"word": "Dear"}}}]}
    service = world.service(mapping=[*MAPPING, GREETED, pinned, own])
    save(world, "Greet", GREET, word="Good day")
    world.put(1, word="Ada")
    world.run(service)

    sale = world.store.get("sales", "1")
    assert (sale["greeting"], sale["pinned"], sale["own"]) == ("Good day Ada", "Hello Ada", "Dear Ada")


def test_a_payload_script_merges_and_drops_records_and_a_second_run_knows_them(world):
    save(world, "Merge", MERGE)
    world.put(1, 2, email="ada@example.com")
    world.put(3, 4, email="bob@example.com")
    world.put(5, email="")
    service = with_script(world, {"name": "Merge"})
    run = world.run(service, keep_scripts=True)

    assert (run.pulled, run.filtered, run.ok) == (5, 3, 2)
    assert world.arrivals == {"1": 1, "3": 1}
    assert len(world.store.get("sales", "1")["lines"]) == 5
    kept = {p.kind: unpacked(p.body) for p in StoredPayload.objects.filter(run=run).exclude(kind="pulled")}
    assert [order["id"] for order in kept["script_input"]] == [1, 2, 3, 4, 5]
    assert [order["id"] for order in kept["script_output"]] == [1, 3]

    assert world.run(service).ok == 0


def test_what_a_payload_script_made_is_tried_again_as_it_was_made(world):
    save(world, "Merge", MERGE)
    world.put(1, 2, email="bad ada@example.com")
    world.put(3, email="bob@example.com")
    service = with_script(world, "Merge")
    assert (first := world.run(service)).failed == 1
    assert first.ok == 1

    # As if the far end had lacked something that may be there now.
    Item.objects.filter(status="failed").update(error_class="missing")
    again = world.run(service)
    assert again.failed == 1
    evidence = [a.evidence["mapped"] for a in Attempt.objects.filter(status="failed").order_by("id")]
    assert [len(mapped["lines"]) for mapped in evidence] == [5, 5]


def test_a_payload_script_that_fails_ends_the_run_and_loses_nothing(world):
    save(world, "Merge", "def handle(data):\n    return {'payload': data['payload'][0]['nothing']}\n")
    world.put(*range(1, 6))
    service = with_script(world, "Merge")
    with pytest.raises(ScriptError, match=r"page 1: .*Merge.*line 2"):
        world.run(service)
    assert not world.arrivals

    save(world, "Merge", "def handle(data):\n    return data\n")
    assert world.run(service).ok == 5
    assert world.arrivals == {str(n): 1 for n in range(1, 6)}


def test_a_payload_script_must_give_records(world):
    save(world, "Merge", "def handle(data):\n    return {'payload': 'text'}\n")
    world.put(1)
    with pytest.raises(ScriptError, match="str instead of a list of records"):
        world.run(with_script(world, "Merge"))


def test_a_service_with_a_script_that_is_not_there_cannot_be_saved(world):
    with pytest.raises(ConfigError, match="no script 'Greet'"):
        world.service(mapping=[*MAPPING, GREETED])
    with pytest.raises(ConfigError, match="no script 'Merge'"):
        with_script(world, "Merge")


ANSWERS = """
def handle(data):
    code = int(data["payload"] or 0)
    return {**data, "payload": "good", "response_code": code, "message": "because " + str(code)}
"""
CODED = {"to": "greeting", "from": "code", "do": [{"other.script": {"script": "Answers"}}]}


def test_a_script_fails_its_record_by_its_response_code_for_good_or_until_the_next_run(world):
    save(world, "Answers", ANSWERS)
    world.put(1)
    world.put(2, code=1)
    world.put(3, code=3)
    # So that the next run pulls neither of the two by itself.
    world.put(4, updated_at="2026-03-01T00:00:00Z")
    service = world.service(mapping=[*MAPPING, CODED])
    run = world.run(service)
    assert (run.ok, run.failed) == (2, 2)
    said = dict(Attempt.objects.filter(run=run, status="failed").values_list("key", "message"))
    assert said["2"] == "greeting: script 'Answers' version 1 answered with response code 1: because 1"
    assert "response code 3" in said["3"]

    assert set(world.run(service).attempts.values_list("key", flat=True)) == {"2"}


def test_a_script_ends_the_run_by_its_response_code(world):
    save(world, "Answers", ANSWERS)
    world.put(1)
    world.put(2, code=2)
    with pytest.raises(ScriptError, match="answered with response code 2: because 2"):
        world.run(world.service(mapping=[*MAPPING, CODED]))
    assert not world.arrivals


def test_a_payload_script_ends_the_run_by_any_response_code(world):
    save(world, "Merge", "def handle(data):\n    data['response_code'] = 3\n    return data\n")
    world.put(1)
    with pytest.raises(ScriptError, match="page 1: script 'Merge' version 1 answered with response code 3"):
        world.run(with_script(world, "Merge"))
    assert not world.arrivals


def test_a_payload_script_that_gives_no_records_of_a_page_tried_again_says_so(world):
    save(world, "Merge", MERGE)
    world.put(1, email="bad ada@example.com")
    service = with_script(world, "Merge")
    assert world.run(service).failed == 1
    Item.objects.filter(status="failed").update(error_class="missing")
    save(world, "Merge", "def handle(data):\n    return {'payload': 7}\n")
    with pytest.raises(ScriptError, match="page 1: the payload script gave int instead of a list of records"):
        world.run(service)
