"""Working fields: what rows make for other rows, and what is never sent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine.mapping_support import ENV, mapped, mapper
from tests.engine.test_mapping_asking import DOUBLE, Answers, made, page

from topstitch.engine.mapping import RowError, compile_mapping
from topstitch.engine.mapping.asking import Asks
from topstitch.engine.mapping.path_check import PathWatch, check_paths
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.spec import MappingRow
from topstitch.errors import MappingError
from topstitch.sdk.fields import Field

TIMES = {"number.math": {"operation": "multiply"}}
LINE = {"to": "@work.lines[*].total", "from": ["lines[*].qty", "lines[*].price"], "do": [TIMES, "number.round"]}
SUM = {"to": "total", "from": "@work.lines[*].total", "do": ["array.sum"]}
ORDER = {"lines": [{"qty": 3, "price": "0.335"}, {"qty": 1, "price": "1.005"}]}


def test_totals_are_of_lines_as_they_were_worked_out():
    assert mapped(ORDER, LINE, SUM) == {"total": 2.02}


def test_working_fields_are_not_sent_and_the_record_stays_as_it_was():
    record = {"a": 1}
    assert mapped(record, {"to": "@work.x", "from": "a"}) == {}
    assert record == {"a": 1}


def test_numbers_keep_all_their_digits_until_they_are_sent():
    seen = {}

    def keep(_key, trace):
        seen.update({note.what: note.value for notes in trace.notes.values() for note in notes if note.step == "write"})

    trace = Trace(keep=keep)
    rows = [
        {"to": "@work.x", "from": "a", "do": ["other.to_decimal"]},
        {"to": "x", "from": "@work.x", "do": ["other.to_text"]},
    ]
    compiled = compile_mapping([MappingRow.model_validate(row) for row in rows], ENV, (), trace)
    (out,) = compiled.outcomes([("1", {"a": "12345678901234567890.12"})])

    assert out == {"x": "12345678901234567890.12"}
    assert seen["@work.x"] == Decimal("12345678901234567890.12")


def test_one_working_field_is_made_of_another():
    rows = (
        LINE,
        {"to": "@work.by", "from": "@work.lines", "do": [{"array.group": {"by": "total", "into": "all"}}]},
        {"to": "kinds[*].of", "from": "@work.by[*].total"},
        {"to": "kinds[*].count", "from": "@work.by[*].all", "do": ["array.count"]},
    )
    assert mapped({"lines": [{"qty": 1, "price": 2}, {"qty": 2, "price": 1}, {"qty": 1, "price": 1}]}, *rows) == {
        "kinds": [{"of": 2, "count": 2}, {"of": 1, "count": 1}]
    }


def test_an_object_has_keys_that_were_worked_out():
    rows = (
        {"to": "@work.stock[*].channel", "from": "channels[*]", "do": ["string.lower"]},
        {"to": "@work.stock[*].qty", "from": "free"},
        {"to": "stock", "from": "@work.stock", "do": [{"array.to_object": {"key": "channel", "value": "qty"}}]},
    )
    assert mapped({"free": 4, "channels": ["WEB", "Pos"]}, *rows) == {"stock": {"web": 4, "pos": 4}}


def test_conditions_inputs_and_named_fields_see_working_fields():
    if_big = {"op": "greater", "value": 5, "then": "value", "then_value": "y", "otherwise": "null"}
    big = {"to": "@work.big", "from": "n", "do": [{"other.if": if_big}]}
    rows = (
        big,
        {"to": "a", "value": 1, "when": [{"field": "@work.big", "op": "equals", "value": "y"}]},
        {"to": "b", "from": "n", "do": [{"function": "string.concatenate", "inputs": ["@value", "@work.big"]}]},
        {"to": "c", "from": "n", "do": [{"other.if": {"op": "is_empty", "field": "@work.big", "then": "null"}}]},
    )
    assert mapped({"n": 9}, *rows) == {"a": 1, "b": "9y", "c": 9}
    assert mapped({"n": 1}, *rows) == {"b": "1"}


@pytest.mark.parametrize(
    "rows",
    [
        [SUM],
        [{"to": "@work.a", "from": "@work.b"}, {"to": "@work.b", "from": "x"}],
        [{"to": "@work.a", "from": "@work.a"}],
        [{"to": "x", "from": "y", "when": [{"field": "@work.gone", "op": "is_empty"}]}],
        [{"to": "x", "from": "y", "do": [{"function": "array.collect", "inputs": ["@value", "@work.gone"]}]}],
        [{"to": "x", "from": "y", "do": [{"other.if": {"op": "is_empty", "field": "@work.gone"}}]}],
        [LINE | {"enabled": False}, SUM],
        [{"to": "x", "from": "@work"}],
        [{"to": "@work", "from": "x"}],
        [{"to": "@work[*].x", "from": "x[*]"}],
        [{"to": "@work[0]", "from": "x"}],
    ],
)
def test_a_working_field_that_is_not_there_is_refused_when_the_mapping_is_read(rows):
    with pytest.raises(RowError, match="@work"):
        mapper(*rows)


def test_a_working_field_that_fails_names_its_row():
    with pytest.raises(MappingError, match=r"@work\.x, function 1"):
        mapped({"a": "many"}, {"to": "@work.x", "from": "a", "do": ["number.round"]})


def test_what_asks_may_be_a_working_field_and_those_made_of_it_wait_for_the_answer():
    mapper, answers = made(
        {"to": "@work.two", "from": "n", "do": [DOUBLE]},
        {"to": "@work.four", "from": "@work.two", "do": [DOUBLE]},
        {"to": "eight", "from": ["@work.four", "zero"], "do": ["other.fallback", DOUBLE]},
    )
    assert page(mapper, {"n": 1, "zero": 100}, {"n": 3, "zero": 100}) == [{"eight": 8}, {"eight": 24}]
    assert answers.asked == [[1, 3], [2, 6], [4, 12]]


def test_an_asking_record_alone_has_its_working_fields():
    answers = Answers()
    rows = [{"to": "@work.two", "from": "n", "do": [DOUBLE]}, {"to": "x", "from": "@work.two"}]
    env = replace(ENV, others=answers, asks=Asks())
    assert compile_mapping([MappingRow.model_validate(row) for row in rows], env)({"n": 4}) == {"x": 8}


def test_no_one_is_warned_about_working_fields():
    rows = [MappingRow.model_validate(row) for row in (LINE, SUM)]
    fields = [Field(path=path, label=path, type="number") for path in ("lines[*].qty", "lines[*].price")]
    watch = PathWatch(rows)
    watch.see([ORDER])

    assert watch.never() == []
    assert check_paths(rows, fields, [Field(path="total", label="Total", type="number")]) == []


def test_to_write_into_a_working_field_leaves_what_it_was_made_of_as_it_is():
    record = {"customer": {"name": "Ada", "tags": ["a"]}}
    rows = [
        {"to": "@work.who", "from": "customer"},
        {"to": "@work.who.name", "value": "Bob"},
        {"to": "@work.who.tags[0]", "value": "b"},
        {"to": "who", "from": "@work.who"},
    ]
    assert mapped(record, *rows) == {"who": {"name": "Bob", "tags": ["b"]}}
    assert record == {"customer": {"name": "Ada", "tags": ["a"]}}


def test_a_record_that_is_no_object_has_no_working_fields():
    with pytest.raises(MappingError, match="a list of 1 is no object, and so has no working fields"):
        mapped([{"a": 1}], {"to": "@work.x", "value": 1}, {"to": "x", "from": "@work.x"})
