"""What may be different in one run alone."""

from __future__ import annotations

import pytest

from topstitch.engine.once import once, refuse_fixed
from topstitch.engine.spec import Service
from topstitch.engine.window import RunOptions
from topstitch.errors import ConfigError
from topstitch.sdk.model import Entity, Idempotency, Read, Setting, Write

SPEC = Service.model_validate(
    {
        "source": {
            "connector": "shop",
            "entity": "orders",
            "options": {"status": "any", "fields": "id"},
            "page_size": 50,
        },
        "destination": {"connector": "erp", "entity": "sales", "zone": "Europe/London"},
    }
)


def test_settings_for_one_run_stand_in_place_of_the_services_own():
    spec = once(SPEC, {"page_size": 5, "options": {"status": "open"}}, {"mode": "create_only"})
    assert (spec.source.page_size, spec.source.options) == (5, {"status": "open"})
    assert (spec.destination.mode, spec.destination.zone) == ("create_only", "Europe/London")
    assert SPEC.source.page_size == 50


def test_without_any_it_is_the_service_itself():
    assert once(SPEC, {}, {}) is SPEC


@pytest.mark.parametrize(
    ("source", "destination", "said"),
    [
        ({"key": "number"}, {}, "key of the source is the same in every run"),
        ({}, {"connector": "other"}, "connector of the destination is the same in every run"),
        ({"page_size": 0}, {}, "source page_size: "),
        ({}, {"mode": "sometimes"}, "destination mode: "),
    ],
)
def test_what_cannot_be_is_named(source, destination, said):
    with pytest.raises(ConfigError) as caught:
        once(SPEC, source, destination)
    assert said in caught.value.message
    assert caught.value.place


@pytest.mark.parametrize(
    ("source", "moves"), [({"page_size": 5}, True), ({"zone": "UTC"}, False), ({"options": {"status": "open"}}, False)]
)
def test_a_run_that_may_pull_other_records_leaves_the_services_position_alone(source, moves):
    assert RunOptions(source=source).moves_cursor is moves


ORDERS = Entity(
    name="orders",
    label="Orders",
    key="id",
    read=Read(
        pages=None, options=[Setting(name="id", label="Record id", fixed=True), Setting(name="status", label="Status")]
    ),
)
SALES = Entity(
    name="sales",
    label="Sales",
    key="id",
    write=Write(
        push=None,
        idempotency=Idempotency.NATURAL_KEY,
        options=[
            Setting(name="folder", label="Folder", default="/out", fixed=True),
            Setting(name="note", label="Note"),
        ],
    ),
)


def with_options(source, destination):
    ends = ("source", source), ("destination", destination)
    return SPEC.model_copy(update={side: getattr(SPEC, side).model_copy(update={"options": o}) for side, o in ends})


def test_what_does_not_decide_who_a_record_is_or_where_it_goes_may_be_another():
    own = with_options({"id": "number", "status": "any"}, {})
    refuse_fixed(
        own, with_options({"id": " number ", "status": "open"}, {"folder": "/out", "note": "x"}), ORDERS, SALES
    )


@pytest.mark.parametrize(
    ("source", "destination", "said"),
    [
        ({"id": "name"}, {}, r"Record id \(id\) of the source is the same in every run"),
        ({}, {}, r"Record id \(id\) of the source"),
        ({"id": "number"}, {"folder": "/in"}, r"Folder \(folder\) of the destination"),
    ],
)
def test_what_decides_who_a_record_is_or_where_it_goes_is_the_same_in_every_run(source, destination, said):
    with pytest.raises(ConfigError, match=said) as refused:
        refuse_fixed(with_options({"id": "number"}, {}), with_options(source, destination), ORDERS, SALES)
    assert "send records twice" in refused.value.message
    assert "dry run" in refused.value.hint
