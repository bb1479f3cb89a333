"""A trace says which element a step was about, and shows all that is wrong with a record at once."""

from __future__ import annotations

import pytest
from tests.engine.mapping_support import ENV

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.trace import MAX_NOTES, Trace
from topstitch.engine.spec import MappingRow
from topstitch.errors import MappingError
from topstitch.functions.signals import SkipRecord

NUMBER = "other.to_decimal"


def traced(record, *rows):
    trace = Trace()
    mapping = [MappingRow.model_validate(row) for row in rows]
    outcome = next(compile_mapping(mapping, ENV, trace=trace).outcomes([("k", record)]))
    plain = next(compile_mapping(mapping, ENV).outcomes([("k", record)]))
    if isinstance(plain, Exception):
        assert (type(outcome), str(outcome)) == (type(plain), str(plain))
    else:
        assert outcome == plain
    return outcome, trace, [trace.of(row) for row in mapping]


def test_the_second_line_is_named_when_its_value_fails():
    row = {"to": "lines[*].price", "from": "items[*].price", "do": [NUMBER]}
    outcome, trace, (notes,) = traced({"items": [{"price": "1"}, {"price": "dear"}, {"price": "3"}]}, row)
    assert isinstance(outcome, MappingError)
    (error,) = [note for note in notes if note.step == "error"]
    assert (error.place, error.number, error.problem) == ((2,), 2, str(outcome))
    assert [note.place for note in notes if note.step == "write"] == [(1,), (3,)]
    assert trace.built == {"lines": [{"price": 1}, {}, {"price": 3}]}


def test_a_failing_row_does_not_hide_the_others_and_the_first_failure_is_the_records():
    rows = [
        {"to": "a", "from": "x", "do": [NUMBER]},
        {"to": "b", "from": "y", "do": ["string.upper"]},
        {"to": "c", "from": "z", "do": [NUMBER], "name": "Third"},
    ]
    outcome, trace, (a, b, c) = traced({"x": "one", "y": "two", "z": "three"}, *rows)
    assert "'one' is not a number" in str(outcome)
    assert [note.step for note in a] == ["read", "function", "error"]
    assert b[-1].value == "TWO"
    assert c[-1].problem.startswith("Third, function 1 (other.to_decimal): 'three'")
    assert trace.built == {"b": "TWO"}


def test_elements_that_a_condition_leaves_out_keep_their_place_at_the_source():
    rows = [
        {"to": "lines[*]", "from": "items[*]", "when": [{"field": "items[*].n", "op": "greater", "value": 1}]},
        {"to": "lines[*].n", "from": "items[*].n"},
    ]
    _, _, (head, n) = traced({"items": [{"n": 1}, {"n": 2}, {"n": 3}]}, *rows)
    assert [(note.place, note.value) for note in head] == [((1,), False), ((2,), True), ((3,), True)]
    assert [(note.place, note.number) for note in n if note.step == "write"] == [((2,), 1), ((3,), 2)]


def test_in_nested_lists_every_list_has_its_place():
    row = {"to": "lines[*].taxes[*].rate", "from": "items[*].taxes[*].rate"}
    _, _, (notes,) = traced({"items": [{"taxes": [{"rate": 1}]}, {"taxes": [{"rate": 2}, {"rate": 3}]}]}, row)
    assert [note.place for note in notes if note.step == "write"] == [(1, 1), (2, 1), (2, 2)]


def test_one_line_to_several_names_the_line_and_the_part():
    rows = [
        {"to": "lines[*]", "from": "items[*].parts[*]"},
        {"to": "lines[*].sku", "from": "items[*].parts[*].sku"},
        {"to": "lines[*].order", "from": "id"},
    ]
    record = {"id": 7, "items": [{"parts": [{"sku": "a"}]}, {"parts": [{"sku": "b"}, {"sku": "c"}]}]}
    _, _, (_, sku, order) = traced(record, *rows)
    written = [(note.place, note.number) for note in sku if note.step == "write"]
    assert written == [((1, 1), 1), ((2, 1), 2), ((2, 2), 3)]
    assert [note.place for note in order if note.step == "read"] == [(1, 1), (2, 1), (2, 2)]


@pytest.mark.parametrize("policy", ["empty", "default"])
def test_an_error_that_a_policy_spares_ends_nothing(policy):
    row = {"to": "a", "from": "x", "do": [NUMBER], "on_error": policy, "default": 0}
    outcome, trace, (notes,) = traced({"x": "one"}, row)
    assert outcome == ({"a": 0} if policy == "default" else {})
    assert trace.stopped is None
    assert notes[-1].step == "spared"


def test_a_record_that_is_left_out_is_shown_whole_too():
    rows = [
        {"to": "a", "from": "x", "do": [{"other.skip_record": {"op": "equals", "value": "void"}}]},
        {"to": "b", "from": "y"},
        {"to": "c", "from": "z", "do": ["other.skip_field"]},
    ]
    outcome, _, (a, b, c) = traced({"x": "void", "y": 1, "z": ""}, *rows)
    assert isinstance(outcome, SkipRecord)
    assert a[-1].step == "skip"
    assert b[-1].value == 1
    assert [note.step for note in c][-1] == "skip"


def test_a_list_that_is_none_is_the_lists_error_and_the_rest_is_shown():
    rows = [{"to": "lines[*].n", "from": "items[*].n"}, {"to": "b", "from": "y"}]
    outcome, trace, (n, _) = traced({"items": "two", "y": 1}, *rows)
    assert "lines needs a list" in str(outcome)
    assert n == []
    assert trace.of(None)[-1].step == "error"
    assert trace.built == {"b": 1}


def test_a_function_says_where_in_its_row_it_stands():
    sources = [{"path": "a", "do": ["string.trim"]}, {"path": "b", "do": ["string.upper"]}]
    row = {"to": "x", "from": sources, "do": [{"string.concatenate": {"joiner": "-"}}, "string.lower"]}
    _, _, (notes,) = traced({"a": " k ", "b": "l"}, row)
    assert [note.at for note in notes if note.step == "function"] == [
        "source 1 function 1",
        "source 2 function 1",
        "1",
        "2",
    ]


def test_each_records_notes_are_kept_before_the_next_begins():
    kept = {}
    row = MappingRow.model_validate({"to": "x", "from": "a"})
    trace = Trace(keep=lambda key, seen: kept.update({key: (seen.of(row)[-1].value, seen.built)}))
    list(compile_mapping([row], ENV, trace=trace).outcomes([("1", {"a": 1}), ("2", {"a": 2})]))
    assert kept == {"1": (1, {"x": 1}), "2": (2, {"x": 2})}


def test_a_record_of_too_many_lines_is_shown_in_part_and_says_so():
    row = {"to": "lines[*].n", "from": "items[*].n"}
    outcome, trace, (notes,) = traced({"items": [{"n": n} for n in range(MAX_NOTES)]}, row)
    assert len(outcome["lines"]) == MAX_NOTES
    assert (len(notes), trace.left_off) == (MAX_NOTES, MAX_NOTES)


def test_an_element_that_is_in_no_list_counts_as_the_first():
    rows = [{"to": "a[*]", "from": "l[*].p[*]", "empty": "once"}, {"to": "a[*].s", "from": "l[*].s"}]
    trace = Trace()
    models = [MappingRow.model_validate(row) for row in rows]
    compile_mapping(models, ENV, trace=trace)({"l": [{"s": 1}, {"s": 2}]})
    assert [note.place for note in trace.of(models[1]) if note.step == "write"] == [(1, 1), (2, 1)]
