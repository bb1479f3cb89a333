"""If and else, leaving out a field or a record, and watching what a mapping does."""

from __future__ import annotations

import pytest
from tests.engine.mapping_support import ENV, mapped, mapper

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.trace import Note, Trace
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError
from topstitch.functions.signals import SkipRecord

UPPER = "string.upper"


def if_(**args):
    return {"other.if": args}


def test_a_branch_goes_on_with_the_chain_or_ends_it():
    row = {"to": "x", "from": "a", "do": [if_(op="starts_with", value="w"), UPPER]}
    assert mapped({"a": "web"}, row) == {"x": "WEB"}
    assert mapped({"a": "shop"}, row) == {"x": "shop"}


def test_a_branch_may_give_another_field_and_ask_another_field():
    step = if_(
        op="greater",
        value=100,
        field="total",
        then="field",
        then_field="big.code",
        otherwise="value",
        otherwise_value="S",
    )
    row = {"to": "x", "from": "a", "do": [step, UPPER]}
    assert mapped({"a": 1, "total": 250, "big": {"code": "xl"}}, row) == {"x": "xl"}
    assert mapped({"a": 1, "total": 99}, row) == {"x": "S"}


def test_fields_of_a_branch_are_read_as_sources_are_within_a_list():
    step = if_(
        op="is_empty",
        field="items[*].own",
        then="field",
        then_field="default",
        otherwise="field",
        otherwise_field="items[*].own",
    )
    rows = [{"to": "lines[*].w", "from": "items[*].sku", "do": [step]}]
    record = {"default": "main", "items": [{"sku": 1, "own": "north"}, {"sku": 2}]}
    assert mapped(record, *rows) == {"lines": [{"w": "north"}, {"w": "main"}]}


def test_a_branch_without_what_it_needs_is_refused():
    for args in ({"then": "field"}, {"then_field": "a"}, {"then": "null", "then_value": 1}):
        with pytest.raises(Exception, match=r"function other\.if"):
            mapper({"to": "x", "from": "a", "do": [if_(op="is_empty", **args)]})


def test_a_field_is_left_out_even_where_empty_ones_are_sent_as_null():
    row = {"to": "x", "from": "a", "empty": "null", "do": [{"other.skip_field": {"values": ["n/a"]}}]}
    assert mapped({"a": "v"}, row) == {"x": "v"}
    assert mapped({"a": "n/a"}, row) == mapped({"a": ""}, row) == mapped({}, row) == {}


def test_a_skipped_plain_value_is_no_element():
    row = {"to": "tags[*]", "from": "t[*].n", "empty": "null", "do": ["other.skip_field"]}
    assert mapped({"t": [{"n": "a"}, {"n": ""}, {}]}, row) == {"tags": ["a"]}


def test_a_record_is_left_out_with_the_reason():
    row = {"to": "x", "from": "state", "do": [{"other.skip_record": {"op": "in", "value": ["void", "test"]}}]}
    assert mapped({"state": "open"}, row) == {"x": "open"}
    with pytest.raises(SkipRecord, match="the value in 'void', 'test': it is 'void'"):
        mapped({"state": "void"}, row)
    with pytest.raises(SkipRecord):
        mapped({"state": "void"}, {**row, "on_error": "empty"})


def test_conditions_of_rows_may_be_relative_to_the_run():
    when = [{"field": "at", "op": "in_the_last", "value": {"amount": 2, "unit": "day"}}]
    row = {"to": "x", "from": "a", "when": when}
    assert mapped({"a": 1, "at": "2026-03-30T12:00:00Z"}, row) == {"x": 1}
    assert mapped({"a": 1, "at": "2026-03-29T11:59:59Z"}, row) == {}


def traced(record, *rows):
    trace = Trace()
    mapping = [MappingRow.model_validate(row) for row in rows]
    result = compile_mapping(mapping, ENV, trace=trace)(record)
    return result, [trace.of(row) for row in mapping]


def test_a_trace_shows_the_value_after_each_function():
    rows = [
        {"to": "x", "from": "a", "do": ["string.trim", UPPER]},
        {"to": "y", "value": 1, "when": [{"field": "b", "op": "equals", "value": 2}]},
        {"to": "lines[*].n", "from": "items[*].n", "do": [{"number.add": {"number": 1}}]},
    ]
    result, (x, y, n) = traced({"a": " k ", "b": 3, "items": [{"n": 1}, {"n": 2}]}, *rows)
    assert result == mapped({"a": " k ", "b": 3, "items": [{"n": 1}, {"n": 2}]}, *rows)
    assert x == [
        Note("read", "a", value=" k "),
        Note("function", "string.trim", " k ", "k", at="1"),
        Note("function", "string.upper", "k", "K", at="2"),
        Note("write", "x", "K", "K"),
    ]
    assert y == [Note("condition", "b equals", 3, False)]
    assert [note.value for note in n if note.step == "write"] == [2, 3]


def test_a_trace_shows_how_a_function_failed():
    trace = Trace()
    row = MappingRow.model_validate({"to": "x", "from": "a", "do": ["other.to_decimal"], "on_error": "empty"})
    assert compile_mapping([row], ENV, trace=trace)({"a": "dear"}) == {}
    assert trace.of(row)[1] == Note("function", "other.to_decimal", "dear", problem="'dear' is not a number", at="1")
    assert trace.of(row)[2] == Note("spared", problem="'dear' is not a number")


def test_two_fields_of_the_record_are_compared():
    step = if_(
        op="less_or_equal", value_field="to", then="value", then_value="yes", otherwise="value", otherwise_value="no"
    )
    row = {"to": "valid", "from": "since", "do": [step]}

    assert mapped({"since": 9, "to": "10"}, row) == {"valid": "yes"}
    assert mapped({"since": "11", "to": 10}, row) == {"valid": "no"}
    assert mapped({"since": 9}, row) == mapped({"to": 9}, row) == {"valid": "no"}


@pytest.mark.parametrize(
    ("op", "one", "other", "holds"),
    [
        ("equals", None, "", True),
        ("equals", 1, "1.0", True),
        ("not_equals", None, None, False),
        ("not_equals", "a", None, True),
        ("before", "2026-01-01", "2026-01-02T00:00:00Z", True),
        ("in", "b", ["a", "b"], True),
        ("contains", "abc", "b", True),
        ("contains", "abc", None, False),
        ("not_in", "a", [], True),
    ],
)
def test_fields_compare_as_fixed_values_do(op, one, other, holds):
    step = if_(op=op, field="a", value_field="b", then="value", then_value=1, otherwise="value", otherwise_value=0)
    assert mapped({"a": one, "b": other}, {"to": "x", "from": "c", "do": [step]}) == {"x": int(holds)}


def test_a_fixed_value_beside_a_field_is_refused_and_so_is_what_fields_cannot_be_compared_by():
    with pytest.raises(ConfigError, match="not both"):
        mapper({"to": "x", "from": "a", "do": [if_(op="greater", value=1, value_field="b")]})
    with pytest.raises(ConfigError, match="not by between"):
        mapper({"to": "x", "from": "a", "do": [if_(op="between", value_field="b")]})


def test_a_record_is_left_out_where_one_field_is_beyond_another():
    row = {"to": "x", "from": "a", "do": [{"other.skip_record": {"op": "greater", "value_field": "b"}}]}

    assert mapped({"a": 1, "b": 2}, row) == {"x": 1}
    with pytest.raises(SkipRecord, match="the value greater b: it is 3"):
        mapped({"a": 3, "b": 2}, row)
