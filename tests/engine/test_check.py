"""Checking a service before it is saved: each mistake is told at the place where it stands."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import MAPPING, system

from topstitch.engine.check import check_service
from topstitch.engine.spec import Service
from topstitch.errors import ConfigError
from topstitch.sdk.file import system_from_data

ENTRY = system_from_data(system())


def check(source=(), destination=(), **parts):
    spec = {
        "source": {"connector": "a", "entity": "orders", **dict(source)},
        "destination": {"connector": "b", "entity": "sales", **dict(destination)},
        "mapping": MAPPING,
        **parts,
    }
    check_service(Service.model_validate(spec), ENTRY, ENTRY, place=lambda *parts: ".".join(map(str, parts)))


def test_a_sound_service_passes():
    check(schedules=[{"cron": "*/5 * * * *", "zone": "Europe/London"}])


@pytest.mark.parametrize("name", ["sync_id", "service_id", "service"])
def test_the_variables_of_every_run_may_be_used(name):
    check(mapping=[*MAPPING, {"to": "note", "value": 0, "do": [{"string.custom": {"text": f"by {{{name}}}"}}]}])
    check(mapping=[*MAPPING, {"to": "note", "value": 0, "do": [{"other.variable": {"name": name}}]}])


@pytest.mark.parametrize(
    ("case", "place", "said"),
    [
        ({"source": {"entity": "ordrs"}}, "source.entity", "no entity 'ordrs'"),
        ({"source": {"entity": "sales"}}, "source.entity", "does not let sales be read"),
        ({"destination": {"entity": "orders"}}, "destination.entity", "does not let orders be written"),
        ({"source": {"options": {"x": 1}}}, "source.options", "x"),
        ({"destination": {"options": {"x": 1}}}, "destination.options", "x"),
        ({"source": {"key": "a..b"}}, "source.key", "character"),
        ({"source": {"reference": "["}}, "source.reference", "character"),
        ({"source": {"zone": "Europe/Londn"}}, "source.zone", "Europe/London"),
        ({"destination": {"zone": "nowhere"}}, "destination.zone", "not a time zone"),
        (
            {
                "source": {
                    "filters": [{"field": "a", "op": "is_empty"}, {"field": "b", "op": "in_the_last", "value": 5}]
                }
            },
            "source.filters.1",
            "amount and a unit",
        ),
        ({"source": {"filters": [{"field": "b", "op": "between", "value": 5}]}}, "source.filters.0", "filter on b"),
        (
            {"source": {"filters": [{"field": "b", "op": "in_the_last", "value": {"amount": 99999, "unit": "year"}}]}},
            "source.filters.0",
            "before the year 1",
        ),
        ({"mapping": [*MAPPING, {"to": "x", "from": "y", "do": ["string.uper"]}]}, "mapping.7", "string.upper"),
        ({"mapping": [{"to": "x", "value": 1}, {"to": "l[*].x", "value": 1}]}, "mapping.1", "source list"),
        ({"schedules": [{"cron": "* * * * *"}, {"cron": "* * * *"}]}, "schedules.1", "five fields"),
        ({"schedules": [{"cron": "* * * * *", "zone": "x"}]}, "schedules.0", "not a time zone"),
    ],
)
def test_a_mistake_is_told_where_it_stands(case, place, said):
    with pytest.raises(ConfigError) as caught:
        check(**case)
    assert caught.value.place == place
    assert said in str(caught.value)


def test_a_service_onto_itself_is_refused():
    both = system()
    both["entities"]["orders"]["write"] = {"path": "/orders", "idempotency": "natural_key"}
    entry = system_from_data(both)
    spec = Service.model_validate(
        {"source": {"connector": "a", "entity": "orders"}, "destination": {"connector": "a", "entity": "orders"}}
    )
    with pytest.raises(ConfigError, match="the same entity of the same connector"):
        check_service(spec, entry, entry, place=lambda *parts: "")
