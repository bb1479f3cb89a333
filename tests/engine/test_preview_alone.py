"""A mapping without a service: the same outcome as the mapper alone gives, whatever the record."""

from __future__ import annotations

from dataclasses import asdict

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.mapping_support import ENV

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.preview import Given
from topstitch.engine.preview.alone import preview_mapping
from topstitch.engine.spec import MappingRow
from topstitch.functions.signals import SkipRecord

ROWS = [
    MappingRow.model_validate(row)
    for row in (
        {"to": "a.b", "from": "a", "do": ["string.trim", "other.to_decimal"]},
        {"to": "c", "from": ["a", "b.c"], "do": [{"string.concatenate": {"joiner": " "}}], "on_error": "default"},
        {"to": "lines[*]", "from": "l", "when": [{"field": "l[*].n", "op": "greater", "value": 1}]},
        {"to": "lines[*].n", "from": "l[*].n", "do": ["other.to_integer"]},
        {"to": "lines[*].parts[*].x", "from": "l[*].p[*].x", "do": ["string.upper"]},
        {"to": "tags[*]", "from": "t[*]", "do": ["other.skip_field"]},
        {
            "to": "last",
            "from": "b.c",
            "do": [{"other.skip_record": {"op": "equals", "value": "void"}}],
            "empty": "null",
        },
    )
]
plain = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.sampled_from(["", " 1 ", "void", "x"]))
anything = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(list("abclnptx")), inner, max_size=4)
    ),
    max_leaves=20,
)
lines = st.lists(
    st.fixed_dictionaries({}, optional={"n": anything, "p": st.lists(st.fixed_dictionaries({"x": anything}))})
)
records = st.fixed_dictionaries(
    {}, optional={"a": anything, "b": anything, "l": st.one_of(lines, anything), "t": anything}
)


@settings(max_examples=300, deadline=None)
@given(records)
def test_what_is_shown_is_what_the_mapping_does(record):
    (shown,) = preview_mapping(ROWS, Given(records=[record]), ENV).records
    outcome = next(compile_mapping(ROWS, ENV).outcomes([("1", record)]))
    if isinstance(outcome, SkipRecord):
        assert (shown.fate, shown.reason) == ("left_out", str(outcome))
    elif isinstance(outcome, Exception):
        assert shown.fate == "failed"
        assert shown.failures[0].message == str(outcome)
    else:
        assert shown.fate == "mapped"
        assert orjson.dumps(shown.mapped) == orjson.dumps(outcome)
    assert [row.to for row in shown.rows] == [row.to for row in ROWS]
    assert orjson.dumps(asdict(shown), default=str)


def test_a_path_that_the_record_does_not_have_is_told_from_one_that_is_empty():
    rows = [
        MappingRow.model_validate({"to": to, "from": to}) for to in ("there", "nowhere", "lines[*].sku", "lines[*].x")
    ]
    record = {"there": None, "lines": [{"sku": None}, {}]}
    (shown,) = preview_mapping(rows, Given(records=[record]), ENV).records
    occurs = {row.to: [source.occurs for each in row.passes for source in each.sources] for row in shown.rows}
    assert occurs == {"there": [True], "nowhere": [False], "lines[*].sku": [True, True], "lines[*].x": [False, False]}
