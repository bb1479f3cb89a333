"""Whole mapping tasks by rows and functions alone: twelve of those that integrators write scripts for.

What is expected of each case was worked out by a function that knows nothing of Topstitch.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.engine.test_recipes import end

from topstitch.engine.environment import RunEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.paths import canonical_rows
from topstitch.engine.spec import MappingRow
from topstitch.errors import MappingError
from topstitch.functions.lookup import Table
from topstitch.functions.signals import SkipRecord
from topstitch.store.files.yaml_text import load
from topstitch.values.json_text import json_bytes

TASKS = {path.stem: load(path.read_text("utf-8")) for path in sorted((Path(__file__).parent / "tasks").glob("*.yaml"))}
CASES = [
    pytest.param(task, case, id=f"{name}-{number}")
    for name, task in TASKS.items()
    for number, case in enumerate(task["cases"], 1)
]


@pytest.mark.parametrize(("task", "case"), CASES)
def test_the_task_is_done_to_the_last_digit(task, case):
    tables = {name: Table(pairs.items()) for name, pairs in task.get("lookups", {}).items()}
    source, _ = end(task.get("source"))
    destination, fields = end(task.get("destination"))
    rows = canonical_rows([MappingRow.model_validate(row) for row in task["mapping"]], source, destination, place=str)
    environment = RunEnvironment(now=datetime(2026, 4, 1, 12, tzinfo=UTC), tables=tables.__getitem__)
    mapper = compile_mapping(rows, environment, fields)

    if case.get("left_out"):
        with pytest.raises(SkipRecord):
            mapper(case["record"])
    elif "fails" in case:
        with pytest.raises(MappingError, match=case["fails"]):
            mapper(case["record"])
    else:
        assert sent(mapper(case["record"])) == sent(case["expected"])


def sent(record):
    """As JSON, in which 1 and true and "1" differ, and numbers have their own digits."""
    return written(json.loads(json_bytes(record), parse_float=Decimal))


def written(value):
    if isinstance(value, dict):
        return {key: written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [written(inner) for inner in value]
    return (type(value) is bool, value)
