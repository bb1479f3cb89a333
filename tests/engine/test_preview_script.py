"""A payload script in a preview: what went in, what came out, what it dropped, and how it failed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.engine.mapping_support import ENV
from tests.fakes.far_end import MAPPING, SLUG, order, system

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.preview import Given, preview_records
from topstitch.engine.setup import RunInfo, Side
from topstitch.engine.spec import Service
from topstitch.engine.window import RunOptions
from topstitch.errors import ScriptError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.connection import Connection
from topstitch.sdk.file import system_from_data


def previewed(script, *records, filters=()):
    entry = system_from_data(system())
    CATALOGUE.add(entry)
    ends = [
        Side(
            Connection(entry=entry, settings={}, origin="http://127.0.0.1:9", private_hosts=["127.0.0.1"], dry=True),
            entity,
        )
        for entity in (entry.entity("orders"), entry.entity("sales"))
    ]
    spec = Service.model_validate(
        {
            "source": {"connector": SLUG, "entity": "orders", "filters": list(filters)},
            "destination": {"connector": SLUG, "entity": "sales"},
            "mapping": MAPPING,
        }
    )
    trace = Trace()
    return preview_records(
        spec,
        *ends,
        compile_mapping(spec.mapping, ENV, trace=trace),
        trace,
        info=RunInfo(run_id="r", service_id="1", now=datetime.now(UTC), create_only=False, options=RunOptions()),
        know=lambda keys: {},
        clock=lambda: datetime.now(UTC),
        given=Given(records=list(records)),
        script=script,
    )


def test_what_went_in_and_what_came_out():
    shown = previewed(lambda records, page: [{**record, "total": "1.00"} for record in records], order(1), order(2))
    assert [record["total"] for record in shown.script.before] == ["11.50", "12.50"]
    assert [record["total"] for record in shown.script.after] == ["1.00", "1.00"]
    assert [record.mapped["total"] for record in shown.records] == [1, 1]


def test_records_that_it_drops_adds_and_that_never_reached_it():
    keep = {"field": "id", "op": "less", "value": 3}
    shown = previewed(lambda records, page: [*records[1:], order(9)], order(1), order(2), order(3), filters=[keep])
    fates = {record.key: str(record.fate) for record in shown.records}
    assert fates == {"2": "send", "9": "send", "1": "dropped", "3": "filtered"}
    assert len(shown.script.before) == 2


def test_a_script_that_fails_fails_every_record_that_reached_it():
    def broken(records, page):
        raise ScriptError("line 3: there is no 'x'", line=3)

    shown = previewed(broken, order(1), order(2))
    assert [str(record.fate) for record in shown.records] == ["failed", "failed"]
    assert shown.script.failure.message == "line 3: there is no 'x'"
    assert len(shown.script.before) == 2


@pytest.mark.parametrize("made", [None, {"id": 1}, [1], "text"])
def test_what_is_no_list_of_records_is_the_scripts_failure(made):
    shown = previewed(lambda records, page: made, order(1))
    assert "the payload script gave" in shown.script.failure.message
    assert [str(record.fate) for record in shown.records] == ["failed"]
