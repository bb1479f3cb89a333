"""Previews of records, by the parts of a real run: what is shown is what a run then does."""

from __future__ import annotations

import json
from dataclasses import asdict

import orjson
import pytest
from django.db import connection
from tests.fakes.far_end import MAPPING, order

from topstitch.engine.preview import Given
from topstitch.engine.spec import MappingRow
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, LimitExceeded
from topstitch.runtime.preview import Wanted, preview_of
from topstitch.store.actions.scripts import Draft, save_script
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import Item, Run, RunPage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bodies(world, monkeypatch):
    """The body of every writing request, as it arrived, by reference."""
    arrived = {}
    answer = world.practice.answer

    def listening(request):
        if request.method == "POST":
            arrived[json.loads(request.body)["reference"]] = request.body.decode()
        return answer(request)

    monkeypatch.setattr(world.practice, "answer", listening)
    return arrived


def shown(service, *, spec=None, **wanted):
    return preview_of(service, Wanted(**wanted), spec=spec)


def by_key(preview):
    return {record.key: record for record in preview.records}


def test_the_requests_shown_are_those_that_a_run_then_sends(world, bodies):
    world.put(*range(1, 13))
    service = world.service()
    before = shown(service, limit=100)
    assert bodies == {}
    assert {str(record.fate) for record in before.records} == {"send"}
    world.run(service)
    assert {record.mapped["reference"]: record.requests[0]["body"] for record in before.records} == bodies
    assert len(bodies) == 12


def test_a_preview_remembers_and_sends_nothing(world):
    world.put(1)
    service = world.service()
    shown(service, ids=["1"])
    assert world.arrivals == {}
    assert not Item.objects.exists()
    assert not Run.objects.exists()
    assert not RunPage.objects.exists()


def test_every_row_is_shown_with_the_value_after_each_function(world):
    world.put(1)
    (record,) = shown(world.service(), ids=["1"]).records
    assert [row.to for row in record.rows] == [row["to"] for row in MAPPING]
    (email,) = (row for row in record.rows if row.to == "email")
    (one,) = email.passes
    assert [(source.path, source.value) for source in one.sources] == [("email", " Person1@Example.com ")]
    assert [step.value for step in one.steps] == ["Person1@Example.com", "person1@example.com"]
    assert one.value == record.mapped["email"] == "person1@example.com"
    (sku,) = (row for row in record.rows if row.to == "lines[*].sku")
    assert [(each.place, each.value) for each in sku.passes] == [((1,), "SKU-1-0"), ((2,), "SKU-1-1")]
    assert orjson.dumps(asdict(record), default=str)


def test_a_record_that_fails_names_row_function_element_and_value_and_shows_the_rest(world):
    lines = [{"sku": "a", "qty": 1}, {"sku": "b", "qty": "two"}]
    world.put(1, lines=lines, total="many")
    mapping = [*MAPPING, {"to": "lines[*].n", "from": "lines[*].qty", "do": ["other.to_integer"], "name": "Quantity"}]
    service = world.service(mapping=mapping)
    (record,) = shown(service, ids=["1"]).records
    assert record.fate == "failed"
    assert record.requests == ()
    total, line = record.failures
    assert (total.row, total.row_number, total.function, total.step, total.value) == (
        "total",
        4,
        "number.round",
        "1",
        "many",
    )
    assert (line.row, line.row_number, line.place, line.value) == ("Quantity", 8, (2,), "two")
    assert record.mapped["email"] == "person1@example.com"
    world.run(service)
    with connection.cursor() as cursor:
        cursor.execute("SELECT message FROM attempt")
        assert cursor.fetchall() == [(total.message,)]


FILTERS = [
    {"field": "email", "op": "contains", "value": "example"},
    {"field": "total", "op": "greater", "value": 50},
]


def test_a_record_that_a_filter_leaves_out_says_which_and_with_what_value(world):
    world.put(1, total="10.50")
    world.put(2, total="60.00")
    service = world.service(source={"filters": FILTERS})
    records = by_key(shown(service, limit=10))
    no = records["1"].filter
    assert (records["1"].fate, no.number, no.field, no.op, no.wanted, no.value) == (
        "filtered",
        2,
        "total",
        "greater",
        50,
        "10.50",
    )
    assert records["1"].rows == ()
    assert records["2"].fate == "send"
    assert shown(service, limit=10, filters=False).records[0].fate == "send"
    assert world.run(service).filtered == 1


def test_filters_by_age_are_not_asked_of_records_that_are_given(world):
    age = {"field": "updated_at", "op": "in_the_last", "value": {"amount": 1, "unit": "minute"}}
    service = world.service(source={"filters": [age, *FILTERS]})
    given = Given(records=[order(1, total="99.00"), order(2, total="1.00")])
    preview = shown(service, given=given)
    assert [record.fate for record in preview.records] == ["send", "filtered"]
    assert preview.records[1].filter.number == 3
    assert preview.not_asked == ["filter 1 (updated_at in_the_last): it counts back from the time of the run"]


def test_what_was_done_before_says_so_and_is_mapped_all_the_same(world):
    world.put(1, 2)
    service = world.service(mode="create_only", source={"cursor": "all"})
    world.run(service)
    (record,) = shown(service, ids=["1"]).records
    assert record.fate == "done"
    assert (record.known.status, record.known.remote_id) == ("ok", "S1")
    assert record.mapped["number"] == "1001"
    assert record.rows
    assert record.requests == ()


def test_unchanged_and_changed_records_are_told_apart(world):
    world.put(1, 2)
    service = world.service(source={"cursor": "all"})
    world.run(service)
    world.put(2, total="99.00")
    assert {key: str(each.fate) for key, each in by_key(shown(service, limit=5)).items()} == {
        "1": "unchanged",
        "2": "send",
    }
    assert world.run(service).unchanged == 1


def test_a_record_that_the_mapping_leaves_out_says_why(world):
    skip = {"to": "x", "from": "total", "do": [{"other.skip_record": {"op": "equals", "value": "0"}}]}
    world.put(1, total="0")
    (record,) = shown(world.service(mapping=[*MAPPING, skip]), ids=["1"]).records
    assert record.fate == "left_out"
    assert "'0'" in record.reason
    assert record.failures == ()


def test_a_record_without_an_id_and_one_that_comes_twice(world):
    given = Given(records=[order(1, total="1.00"), {"name": "#?"}, order(1, total="2.00")])
    records = shown(world.service(), given=given).records
    assert [str(record.fate) for record in records] == ["repeated", "failed", "send"]
    assert "no usable id" in records[1].failures[0].message
    assert records[2].mapped["total"] == 2


def test_ids_that_the_source_does_not_have_are_named(world):
    world.put(7)
    preview = shown(world.service(), ids=["7", "404"])
    assert [record.key for record in preview.records] == ["7"]
    assert preview.missing == ["404"]


def test_what_a_run_pulled_is_previewed_from_its_stored_page(world):
    world.put(*range(1, 31))
    service = world.service()
    run = world.run(service)
    for number in range(1, 31):
        world.store.delete("orders", number)
    assert [record.key for record in shown(service, run=run, page=2).records] == [str(n) for n in range(21, 31)]
    assert [record.key for record in shown(service, run=run, key="25").records] == ["25"]
    assert [record.key for record in shown(service, key="3").records] == ["3"]
    assert len(shown(service, run=run, limit=100).records) == 30


def test_what_is_not_stored_is_told_from_what_never_was(world):
    world.put(1)
    service = world.service()
    run = world.run(service)
    with pytest.raises(ConfigError, match="pulled no page 9; there are 1"):
        shown(service, run=run, page=9)
    with pytest.raises(ConfigError, match="pulled no record with the id '404'"):
        shown(service, run=run, key="404")
    with pytest.raises(ConfigError, match="has not met a record with the id '404'"):
        shown(service, key="404")
    other = world.service(name="Others")
    with pytest.raises(ConfigError, match="is one of the service 'Orders'"):
        shown(other, run=run)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE stored_payload")
    with pytest.raises(LimitExceeded, match="no longer stored"):
        shown(service, run=run)
    with pytest.raises(LimitExceeded, match="no longer stored"):
        shown(service, key="1")


def test_a_mapping_that_is_not_saved_yet_can_be_previewed(world):
    world.put(1)
    service = world.service()
    spec = spec_of(service)
    changed = spec.model_copy(update={"mapping": spec.mapping[:1]})
    (record,) = shown(service, ids=["1"], spec=changed).records
    assert record.mapped == {"reference": "1"}
    assert len(spec_of(service).mapping) == len(MAPPING)


def test_a_mapping_that_is_not_saved_yet_may_be_in_the_older_notation(world):
    world.put(1)
    service = world.service()
    row = MappingRow.model_validate({"to": "sales.0.items.0.code", "from": "orders.0.lines.0.sku"})
    changed = spec_of(service).model_copy(update={"mapping": [row]})
    (record,) = shown(service, ids=["1"], spec=changed).records
    assert record.mapped == {"items": [{"code": " sku-1-0 "}, {"code": " sku-1-1 "}]}


def test_a_system_without_samples_says_what_to_do(world):
    with pytest.raises(ConfigError, match="has no sample of orders"):
        shown(world.service(), sample=True)


def test_rows_that_are_off_and_lists_without_elements_say_so(world):
    world.put(1, lines=[])
    off = {"to": "off", "value": 1, "enabled": False}
    (record,) = shown(world.service(mapping=[*MAPPING, off]), ids=["1"]).records
    states = {row.to: row.state for row in record.rows}
    assert states["off"] == "disabled"
    assert states["lines[*].sku"] == "never"
    assert states["email"] == "written"


def test_secrets_are_masked_in_the_requests(world):
    world.put(1)
    service = world.service()
    (record,) = shown(service, ids=["1"]).records
    assert set(record.requests[0]) == {"method", "url", "headers", "body"}
    assert "authorization" not in record.requests[0]["headers"] or "***" in str(record.requests[0]["headers"])


MERGE = """
def handle(data):
    orders = {}
    for order in data["payload"]:
        if order["email"]:
            merged = orders.setdefault(order["email"], {**order, "lines": []})
            merged["lines"] += order["lines"]
    data["logs"].append(str(len(orders)) + " customers")
    data["payload"] = list(orders.values())
    return data
"""


@pytest.fixture
def scripted(world):
    save_script(world.group.company, "Merge", Draft(MERGE, []))
    service = world.service()
    spec = Spec.model_validate({**spec_of(service).model_dump(by_alias=True), "script": "Merge"})
    return save_service(world.group, service.name, spec)


def test_a_payload_script_is_shown_at_work_and_a_run_sends_what_it_made(world, scripted, bodies):
    world.put(1, 2, email="ann@example.com")
    world.put(3, email="")
    world.put(4, email="bo@example.com")
    preview = shown(scripted)
    assert {record.key: str(record.fate) for record in preview.records} == {
        "1": "send",
        "4": "send",
        "2": "dropped",
        "3": "dropped",
    }
    assert (len(preview.script.before), len(preview.script.after)) == (4, 2)
    assert any("2 customers" in line for line in preview.script.logs)
    run = world.run(scripted)
    sent = [record for record in preview.records if record.requests]
    assert {record.mapped["reference"]: record.requests[0]["body"] for record in sent} == bodies
    assert [record.key for record in shown(scripted, run=run, key="4").records] == ["4"]
    assert [record.key for record in shown(scripted, ids=["4"]).records] == ["4"]
    assert shown(scripted, ids=["2"]).records[0].fate == "dropped"


SHOUT = """
def handle(data):
    data["payload"] = data["payload"].upper()
    return data
"""


def test_a_script_of_a_field_is_a_step_like_others(world):
    save_script(world.group.company, "Shout", Draft(SHOUT, []))
    row = {"to": "loud", "from": "name", "do": [{"other.script": {"script": "Shout"}}]}
    world.put(1, name="quiet")
    (record,) = shown(world.service(mapping=[*MAPPING, row]), ids=["1"]).records
    (step,) = record.rows[-1].passes[0].steps
    assert (step.function, step.given, step.value) == ("other.script", "quiet", "QUIET")
    assert record.fate == "send"


def test_a_sequence_shows_numbers_and_gives_none_away(world):
    row = {"to": "invoice", "from": "id", "do": [{"other.sequence": {"name": "invoices", "start": 100}}]}
    world.put(1, 2)
    service = world.service(mapping=[*MAPPING, row])
    for _ in range(2):
        assert [record.mapped["invoice"] for record in shown(service).records] == [100, 101]
