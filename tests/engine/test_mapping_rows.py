"""One mapping row: sources, functions, constants, conditions, empty results and errors."""

from __future__ import annotations

import copy

import pytest
from tests.engine.mapping_support import mapped, mapper

from topstitch.engine.mapping import RowError
from topstitch.errors import MappingError

UPPER, TRIM = "string.upper", "string.trim"


def test_a_row_copies_a_field_to_where_it_goes():
    record = {"a": {"b": [{"c": 1}]}, "x.y": 2}
    rows = [
        {"to": "plain", "from": "a.b[0].c"},
        {"to": "deep.er.field", "from": "a.b[0].c"},
        {"to": "list[1].sku", "from": '["x.y"]'},
        {"to": "attributes[name=Gift].value", "from": "a.b[0].c"},
    ]
    assert mapped(record, *rows) == {
        "plain": 1,
        "deep": {"er": {"field": 1}},
        "list": [None, {"sku": 2}],
        "attributes": [{"name": "Gift", "value": 1}],
    }


def test_one_source_may_fill_many_fields_and_many_sources_one():
    rows = [
        {"to": "first", "from": "a"},
        {"to": "again", "from": "a"},
        {"to": "both", "from": ["a", "b"], "do": [{"string.concatenate": {"joiner": "-"}}]},
    ]
    assert mapped({"a": "x", "b": "y"}, *rows) == {"first": "x", "again": "x", "both": "x-y"}


def test_a_constant_needs_no_source_and_may_have_functions():
    rows = [
        {"to": "a", "value": 7},
        {"to": "b", "value": "x", "do": UPPER},
        {"to": "c", "value": "x", "do": ["string.concatenate"]},
    ]
    assert mapped({}, *rows) == {"a": 7, "b": "X", "c": "x"}


def test_a_disabled_row_does_nothing_not_even_break():
    assert mapped({"a": 1}, {"to": "b", "from": "a", "enabled": False, "do": ["no.such"]}) == {}


@pytest.mark.parametrize("record", [{}, {"a": None}, {"a": {}}, {"a": "text"}, {"a": []}])
def test_an_empty_result_is_left_out_or_sent_as_null(record):
    assert mapped(record, {"to": "x", "from": "a.b"}) == {}
    assert mapped(record, {"to": "x", "from": "a.b", "empty": "null"}) == {"x": None}
    assert mapped(record, {"to": "x.y", "from": "a.b", "empty": "null"}) == {"x": {"y": None}}


def test_an_empty_text_is_a_value():
    assert mapped({"a": ""}, {"to": "x", "from": "a", "do": UPPER}) == {"x": ""}


@pytest.mark.parametrize(
    ("field", "op", "value", "filled"),
    [("kind", "equals", "gift", True), ("kind", "equals", "plain", False), ("lines", "is_empty", None, False)],
)
def test_a_row_with_a_condition_is_run_when_it_holds(field, op, value, filled):
    row = {"to": "x", "from": "kind", "when": [{"field": field, "op": op, "value": value}]}
    assert ("x" in mapped({"kind": "gift", "lines": [1]}, row)) is filled


def test_a_condition_that_does_not_hold_writes_no_null_either():
    row = {"to": "x", "from": "a", "empty": "null", "when": [{"field": "b", "op": "equals", "value": 1}]}
    assert mapped({"a": 1, "b": 2}, row) == {}


def test_two_rows_for_one_field_are_a_choice():
    rows = [
        {"to": "x", "value": "gift", "when": [{"field": "kind", "op": "equals", "value": "gift"}]},
        {"to": "x", "value": "plain", "when": [{"field": "kind", "op": "not_equals", "value": "gift"}]},
    ]
    assert mapped({"kind": "gift"}, *rows) == {"x": "gift"}
    assert mapped({"kind": "else"}, *rows) == {"x": "plain"}


def test_functions_run_in_order_and_leave_empty_values_alone():
    row = {"to": "x", "from": "a", "do": [TRIM, UPPER, {"string.prefix": {"text": "P-"}}]}
    assert mapped({"a": " q "}, row) == {"x": "P-Q"}
    assert mapped({"a": None}, row) == {}
    assert mapped({"a": 0}, row) == {"x": "P-0"}


def test_a_source_may_have_functions_of_its_own():
    row = {
        "to": "x",
        "from": [{"path": "a", "do": [UPPER]}, {"path": "b", "do": [{"other.fallback": {"value": "-"}}]}],
        "do": [{"string.concatenate": {"joiner": "/"}}],
    }
    assert mapped({"a": "q"}, row) == {"x": "Q/-"}


def test_a_function_of_all_values_in_the_middle_takes_the_value_so_far():
    row = {
        "to": "x",
        "from": "a",
        "do": [UPPER, {"string.concatenate": {"joiner": ","}}, {"string.suffix": {"text": "!"}}],
    }
    assert mapped({"a": "q"}, row) == {"x": "Q!"}


def test_a_constant_function_ignores_what_came_before():
    assert mapped({"a": "q"}, {"to": "x", "from": "a", "do": [{"string.custom": {"text": "{season}"}}]}) == {
        "x": "AW26"
    }


def test_named_inputs_are_read_from_the_record():
    row = {
        "to": "net",
        "from": "gross",
        "do": [
            {
                "function": "number.math",
                "args": {"operation": "subtract"},
                "inputs": ["@value", "tax", "shipping.price"],
            },
            {"number.round": {"places": 1}},
        ],
    }
    assert mapped({"gross": "100.00", "tax": 19, "shipping": {"price": 4.96}}, row) == {"net": 76}
    assert mapped({"gross": "100.00"}, row) == {"net": 100}
    other = {"to": "x", "from": "a", "do": [{"function": UPPER, "inputs": ["b"]}]}
    assert mapped({"a": "q", "b": "w"}, other) == {"x": "W"}
    assert mapped({"a": "q"}, other) == {}


def test_an_error_names_row_function_value_and_source():
    row = {"to": "total", "name": "Order total", "from": "amounts.total", "do": [TRIM, {"number.round": {"places": 2}}]}
    with pytest.raises(
        MappingError, match=r"Order total, function 2 \(number\.round\): 'many' is not a number"
    ) as caught:
        mapped({"amounts": {"total": " many "}}, row)
    error = caught.value
    assert (error.row, error.function, error.value, error.path) == (
        "Order total",
        "number.round",
        "many",
        "amounts.total",
    )


@pytest.mark.parametrize(
    ("row", "function", "value"),
    [
        ({"from": ["a", "b"], "do": [{"number.math": {"operation": "add"}}]}, "number.math", "x"),
        (
            {"from": "b", "do": [{"function": "number.math", "args": {"operation": "add"}, "inputs": ["@value", "a"]}]},
            "number.math",
            "x",
        ),
        (
            {"from": "b", "do": [{"function": "number.round", "args": {"places": 2}, "inputs": ["a"]}]},
            "number.round",
            "x",
        ),
        ({"from": [{"path": "a", "do": [{"number.round": {"places": 2}}]}]}, "number.round", "x"),
    ],
)
def test_an_error_names_its_function_wherever_that_stands(row, function, value):
    with pytest.raises(MappingError) as caught:
        mapped({"a": "x", "b": 1}, {"to": "out", **row})
    assert (caught.value.row, caught.value.function, caught.value.value) == ("out", function, value)


@pytest.mark.parametrize(
    ("choice", "out"),
    [
        ({"on_error": "empty"}, {}),
        ({"on_error": "empty", "empty": "null"}, {"x": None}),
        ({"on_error": "default", "default": 0}, {"x": 0}),
        ({"on_error": "default", "default": "none"}, {"x": "none"}),
        ({"on_error": "default"}, {}),
    ],
)
def test_an_error_may_leave_the_field_empty_or_write_a_default(choice, out):
    row = {"to": "x", "from": "a", "do": [{"number.round": {"places": 2}}], **choice}
    assert mapped({"a": "many"}, row) == out
    within = {**row, "to": "lines[*].x", "from": "items[*].a"}
    assert mapped({"items": [{"a": "many"}]}, within) == {"lines": [out]}


def test_one_rows_choice_does_not_cover_another_row():
    kind = {"from": "a", "do": [{"number.round": {"places": 2}}]}
    with pytest.raises(MappingError, match=r"^b, function"):
        mapped({"a": "many"}, {"to": "a", **kind, "on_error": "empty"}, {"to": "b", **kind})


def test_a_functions_own_bug_fails_the_record_with_its_name(monkeypatch):
    from topstitch.engine.mapping import chain

    real = chain.bind

    def broken(name, args, env):
        from dataclasses import replace

        def call(value):
            raise AssertionError("oops")

        return replace(real(name, args, env), call=call)

    monkeypatch.setattr(chain, "bind", broken)
    with pytest.raises(MappingError, match=r"x, function 1 \(string\.upper\): AssertionError: oops"):
        mapped({"a": "q"}, {"to": "x", "from": "a", "do": [UPPER]})
    assert mapped({"a": "q"}, {"to": "x", "from": "a", "do": [UPPER], "on_error": "default", "default": 1}) == {"x": 1}


def test_a_field_inside_another_rows_plain_value_is_that_records_error():
    rows = [{"to": "a", "from": "text"}, {"to": "a.b", "from": "text"}]
    with pytest.raises(MappingError, match=r"a\.b has no room") as caught:
        mapped({"text": "x"}, *rows)
    assert caught.value.row == "a.b"
    with pytest.raises(MappingError, match="has no room"):
        mapped({"text": "x", "items": [1]}, rows[0], {"to": "a.list[*].n", "from": "items[*].n"})


def test_an_object_may_be_copied_and_changed_without_touching_the_source():
    record = {"address": {"city": "Leeds", "lines": ["1 High Street"]}}
    before = copy.deepcopy(record)
    rows = [
        {"to": "ship", "from": "address"},
        {"to": "ship.city", "value": "York"},
        {"to": "ship.lines[0]", "value": "2"},
    ]
    assert mapped(record, *rows) == {"ship": {"city": "York", "lines": ["2"]}}
    assert record == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"to": "x", "from": "a", "do": ["string.uper"]}, "string.upper"),
        ({"to": "x", "from": "a", "do": [{"string.prefix": {"tekst": "P"}}]}, "tekst"),
        ({"to": "x", "from": "a..b"}, "character"),
        ({"to": "x[", "from": "a"}, "character"),
        ({"to": "x", "from": "a", "when": [{"field": "b", "op": "in"}]}, "`in` needs a value"),
        ({"to": "lines[*].x", "value": 1}, "none of its rows has a source list"),
        ({"to": "x", "from": "a", "do": [{"function": "string.upper", "inputs": ["b["]}]}, "character"),
        ({"to": "x", "from": ["a", "b"]}, "has 2 sources, and no function to combine them"),
        ({"to": "x", "from": ["a", "b"], "do": ["string.upper"]}, "first function, string.upper, takes one value"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_name(row, said):
    good = {"to": "fine", "from": "a"}
    with pytest.raises(RowError) as caught:
        mapper(good, row)
    assert said in str(caught.value)
    assert caught.value.place == f"mapping row '{row['to']}'"
    assert caught.value.row.to == row["to"]


def test_a_branch_may_be_asked_of_another_field():
    row = {"to": "x", "from": "a", "do": [{"other.if": {"op": "equals", "value": "yes"}, "inputs": ["b"]}, UPPER]}
    assert mapped({"a": "q", "b": "yes"}, row) == {"x": "YES"}
    assert mapped({"a": "q", "b": "no"}, row) == {"x": "no"}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({UPPER: {}, "inputs": ["a", "b"]}, "string.upper takes one value, but has 2 inputs"),
        ({"string.custom": {"text": "x"}, "inputs": ["a"]}, "string.custom takes no value, but has 1 inputs"),
        ({"other.if": {"op": "is_empty"}, "inputs": ["a", "b"]}, "other.if takes one value, but has 2 inputs"),
    ],
)
def test_inputs_that_a_function_would_not_look_at_are_refused(step, said):
    with pytest.raises(RowError, match=said):
        mapper({"to": "x", "from": "a", "do": [step]})


def test_functions_of_a_source_and_of_the_row_are_told_apart():
    row = {"to": "x", "from": {"path": "a", "do": ["other.to_decimal"]}, "do": [TRIM]}
    with pytest.raises(MappingError, match=r"^x, source 1 function 1 \(other\.to_decimal\): 'many'"):
        mapped({"a": "many"}, row)


def test_a_default_that_cannot_be_written_names_its_row():
    row = {"to": "x", "from": "a", "do": ["other.to_decimal"], "on_error": "default", "default": float("nan")}
    with pytest.raises(MappingError, match=r"^x: NaN is not a number") as caught:
        mapped({"a": "many"}, row)
    assert caught.value.row == "x"


def test_a_text_has_no_elements():
    assert mapped({"a": "red", "b": ["red"]}, {"to": "x", "from": "a[0]"}, {"to": "y", "from": "b[0]"}) == {"y": "red"}


def test_what_is_nested_without_end_fails_its_record():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(MappingError, match=r"^x: the value has lists or objects in each other, more than 200 deep"):
        mapped({"a": deep}, {"to": "x", "from": "a"})
    with pytest.raises(MappingError, match=r"^lines needs a list, the source has an object of 1"):
        mapped({"a": {"b": deep}}, {"to": "lines[*].x", "from": "a[*].x"})
