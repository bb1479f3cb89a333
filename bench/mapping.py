"""Mapping alone, in one process: by hand, by rows and functions, and with one of the fields made by a custom script."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import yaml

from bench.hand import map_order
from bench.orders import order
from bench.product import CONFIGURATION, SERVICE
from topstitch.engine.environment import Nobody, RunEnvironment
from topstitch.engine.mapping import Mapper, compile_mapping
from topstitch.engine.mapping.asking import Answer, Asks
from topstitch.engine.spec import MappingRow, Step
from topstitch.functions.lookup import Table
from topstitch.scripts import Sandbox, ScriptCall, ScriptSpec

ORDERS, PAGE, ROUNDS = 2000, 250, 9
#: The field that the script makes, in place of two functions.
FIELD = "ship_city"
CODE = "def handle(data):\n    data['payload'] = data['payload'].strip().upper()\n    return data\n"

Records = Sequence[dict[str, Any]]


class Scripted(Nobody):
    """Answers with the script."""

    def __init__(self, sandbox: Sandbox, environment: RunEnvironment) -> None:
        self._sandbox, self._environment = sandbox, environment

    def script(self, name: str, version: int | None, variables: object) -> Answer:
        """All values of a page at once."""
        spec = ScriptSpec(name, 1, CODE)

        def answer(values: Sequence[Any]) -> Sequence[Any]:
            calls = [ScriptCall(value) for value in values]
            return [each.error or each.payload for each in self._sandbox.run_batch(spec, calls, self._environment)]

        return answer


def measure() -> dict[str, float]:
    """Microseconds of wall time a record: `hand`, `rows`, `script`; the best of rounds in turn, as others use the machine too."""
    content = yaml.safe_load(CONFIGURATION.read_text("utf-8"))
    rows = [MappingRow.model_validate(row) for row in content["services"][SERVICE]["mapping"]]
    tables = {name: Table(list(table["pairs"].items())) for name, table in content["lookups"].items()}
    environment = RunEnvironment(now=datetime.now(UTC), tables=tables.__getitem__)
    # Each its own city, so that no answer serves twice.
    records = [_with_a_city_of_its_own(order(index), index) for index in range(ORDERS)]
    with Sandbox() as sandbox:
        asking = replace(environment, others=Scripted(sandbox, environment), asks=Asks())
        ways: dict[str, Callable[[Records], object]] = {
            "hand": lambda page: [map_order(record) for record in page],
            "rows": _mapped(compile_mapping(rows, environment)),
            "script": _mapped(compile_mapping([_scripted(row) for row in rows], asking)),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(ROUNDS + 1):
            for name, way in ways.items():
                taken = _timed(way, records)
                if number:
                    times[name].append(taken)
    return {name: min(taken) for name, taken in times.items()}


def _with_a_city_of_its_own(record: dict[str, Any], index: int) -> dict[str, Any]:
    address = record["shipping_address"]
    return {**record, "shipping_address": {**address, "city": f"{address['city']} {index}"}}


def _scripted(row: MappingRow) -> MappingRow:
    step = Step(function="other.script", args={"script": "upper"})
    return row.model_copy(update={"do": [step]}) if row.to == FIELD else row


def _mapped(mapper: Mapper) -> Callable[[Records], object]:
    return lambda page: list(mapper.outcomes((str(record["id"]), record) for record in page))


def _timed(way: Callable[[Records], object], records: Records) -> float:
    began = time.perf_counter()
    for at in range(0, len(records), PAGE):
        way(records[at : at + PAGE])
    return (time.perf_counter() - began) * 1e6 / len(records)
