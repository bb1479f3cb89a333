"""Mappings that ask: other records of a connector, and sequences, in runs against real servers and the real ledger."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import MAPPING

from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.sdk.practice import json_reply
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import LogLine, SequenceNumber

pytestmark = pytest.mark.django_db(transaction=True)

FIND = {"connector": "far", "entity": "orders", "match": "id", "give": "email"}
PARENT = {"to": "parent", "from": "parent", "do": [{"other.find": FIND}, "string.trim"]}
NUMBERED = {"to": "invoice", "do": [{"other.sequence": {"name": "invoices", "start": 500}}]}


def test_a_field_is_looked_up_in_another_record_and_a_missing_one_fails_its_record_alone(world):
    world.put(1, 2, 3)
    world.put(4, 5, parent=2)
    world.put(6, parent=99)
    run = world.run(world.service(mapping=[*MAPPING, PARENT]))

    assert (run.ok, run.failed) == (5, 1)
    assert world.store.get("sales", "4")["parent"] == world.store.get("sales", "5")["parent"] == "Person2@Example.com"
    assert "parent" not in world.store.get("sales", "1")
    assert "far has no orders with 99 at 'id'" in run.attempts.get(status="failed").message


def test_records_keep_their_numbers_when_they_are_sent_again(world):
    world.put(*range(1, 31))
    service = world.service(mapping=[*MAPPING, NUMBERED])
    world.run(service)
    first = {sale["reference"]: sale["invoice"] for sale in world.store.all("sales")}
    assert sorted(first.values()) == list(range(500, 530))

    world.put(*range(1, 36), total="99.00", updated_at="2026-02-01T00:00:00Z")
    world.run(service)
    again = {sale["reference"]: sale["invoice"] for sale in world.store.all("sales")}
    assert {key: again[key] for key in first} == first
    assert sorted(set(again.values()) - set(first.values())) == list(range(530, 535))
    assert SequenceNumber.objects.count() == 35


def test_a_lookup_waits_for_the_system_when_it_is_away(world, impatient):
    world.put(1, 2, parent=3)
    world.put(3)
    service = world.service(mapping=[*MAPPING, PARENT])
    asked = []

    @world.practice.gate
    def away(request):
        if request.method == "GET" and request.path.startswith("/orders/"):
            asked.append(request.path)
            if len(asked) <= 5:
                return json_reply({"message": "closed for maintenance"}, 503)
        return None

    run = world.run(service)
    assert len(asked) > 5
    assert (run.status, run.ok, run.failed) == ("completed", 3, 0)
    assert world.store.get("sales", "2")["parent"] == "Person3@Example.com"
    assert LogLine.objects.filter(run=run, step="map", message__startswith="Paused: far").exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"connector": "elsewhere"}, "there is no connector 'elsewhere'"),
        ({"entity": "customers"}, "there is no entity 'customers'"),
    ],
)
def test_a_service_that_looks_up_where_nothing_is_cannot_be_saved(world, changed, problem):
    service = world.service()
    spec = spec_of(service).model_dump(by_alias=True)
    spec["mapping"].append({**PARENT, "do": [{"other.find": {**FIND, **changed}}]})
    with pytest.raises(ConfigError, match=problem):
        save_service(world.group, "Orders", Spec.model_validate(spec))
