"""Paths against field lists and samples: what never occurs, what was meant, what does not fit."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.engine.mapping.path_check import PathWatch, check_paths
from topstitch.engine.spec import MappingRow
from topstitch.sdk.fields import parse_field
from topstitch.values.paths import occurring


def listing(**lines):
    return [parse_field(path, line) for path, line in lines["lines"].items()]


SOURCE = listing(
    lines={
        "id": {"flags": "key"},
        "customer.email": {"type": "email"},
        "customer.emailVerified": {"type": "boolean"},
        "address": {"type": "object"},
        "tags": {"type": "array"},
        "lines[*]": {"type": "array"},
        "lines[*].sku": {},
        "lines[*].price": {"type": "money"},
        "variants[0].sku": {},
        "meta[*]": {"type": "array", "names": ["key"]},
        "meta[*].key": {},
        "meta[*].value": {"type": "any"},
        "secret": {"flags": "writeonly"},
    }
)
DESTINATION = listing(
    lines={
        "number": {},
        "note": {},
        "made_at": {"flags": "readonly"},
        "labels": {"type": "array"},
        "box": {"type": "object"},
        "items[*]": {"type": "array"},
        "items[*].code": {},
    }
)
SAMPLES = [{"id": 1, "loyalty": {"tier": "gold"}, "gifts": [{"note": "x"}], "none": None}]


def check(*rows, source=SOURCE, destination=DESTINATION, samples=SAMPLES):
    return check_paths([MappingRow.model_validate(row) for row in rows], source, destination, samples)


@pytest.mark.parametrize(
    "path",
    [
        "id",
        "customer.email",
        "address.street.number",
        "tags[0]",
        "lines[0].sku",
        "lines[*].@number",
        "variants[*].sku",
        "meta[key=gift].value",
        "meta[key=gift].value.deep[*].x",
        "loyalty.tier",
        "gifts[0].note",
        "none",
    ],
)
def test_what_is_listed_or_covered_or_in_a_sample_is_fine(path):
    assert check({"to": "items[*].code", "from": [path, "lines[*].sku"], "do": "string.concatenate"}) == []


@pytest.mark.parametrize(
    ("path", "problem", "close"),
    [
        ("customer.emial", "not in the field list and occurs in no sample", ("customer.email",)),
        ("customer.Email", "not in the field list", ("customer.email",)),
        ("email", "not in the field list", ("customer.email",)),
        ("loyalty.tear", "not in the field list", ("loyalty.tier",)),
        ("orders[0].id", "not in the field list", ("id",)),
        ("lines.sku", "lines is a list", ("lines[0].sku", "lines[*].sku")),
        ('lines["0"].sku', "lines is a list", ("lines[0].sku", "lines[*].sku")),
        ('lines["3"].sku', "lines is a list", ("lines[3].sku", "lines[*].sku")),
        ("gifts.note", "gifts is a list", ("gifts[0].note", "gifts[*].note")),
        ("customer[*].email", "customer is an object, not a list", ("customer.email",)),
        ("customer[0].email", "customer is an object", ("customer.email",)),
        ("id[0]", "id is a single value, not a list", ("id",)),
        ("id.part", "id is a single value: there is nothing below it", ("id",)),
        ("meta[name=gift].value", "elements of meta have no 'name'; they have key, value", ()),
        ("secret", "is only written", ()),
    ],
)
def test_what_never_occurs_or_cannot_be_is_told_with_what_was_meant(path, problem, close):
    (found,) = check({"to": "number", "from": [path, "id"], "do": "string.concatenate", "name": "Number"})
    assert problem in found.problem
    assert (found.label, found.path, found.side, found.part) == ("Number", path, "source", ("mapping", 0))
    assert found.close[: len(close)] == close


@pytest.mark.parametrize(
    ("path", "problem", "close"),
    [
        ("nubmer", "not in the field list", ("number",)),
        ("items[*].cod", "not in the field list", ("items[*].code",)),
        ("items.code", "items is a list", ("items[0].code", "items[*].code")),
        ("note[0]", "note is a single value", ("note",)),
        ("made_at", "is only read", ()),
    ],
)
def test_destinations_are_checked_likewise(path, problem, close):
    (found,) = check({"to": path, "value": "x"})
    assert problem in found.problem and found.side == "destination" and found.close[: len(close)] == close


def test_a_number_as_a_key_that_a_sample_really_has_is_fine():
    assert check({"to": "note", "from": 'by_year["0"].sum'}, samples=[{"by_year": {"0": {"sum": 1}}}]) == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"to": "note", "from": "tags"}, "takes one value, and the row gives a list"),
        ({"to": "note", "from": "lines[*].sku"}, "takes one value, and the row gives a list"),
        ({"to": "note", "from": "address"}, "takes one value, and the row gives an object"),
        ({"to": "labels", "from": "id"}, "takes a list, and the row gives one value"),
        ({"to": "box", "from": "id"}, "takes an object, and the row gives one value"),
        ({"to": "note", "value": ["a"]}, "takes one value, and the row gives a list"),
        ({"to": "note", "from": "id", "do": {"array.split": {"delimiter": ","}}}, "gives a list"),
        ({"to": "note", "from": "tags", "do": {"array.join": {"delimiter": ","}}}, ""),
        ({"to": "labels", "from": "tags"}, ""),
        ({"to": "items[*].code", "from": "lines[*].sku"}, ""),
        ({"to": "items[*].code", "from": "id"}, ""),
        ({"to": "items[*]", "from": "lines[*]"}, ""),
        ({"to": "labels[*]", "from": "lines[*].sku"}, ""),
        ({"to": "note", "from": "meta[key=a].value"}, ""),
        ({"to": "note", "value": None}, ""),
    ],
)
def test_a_list_for_one_value_and_the_reverse_are_told(row, problem):
    found = check(row)
    assert [each.problem for each in found if problem in each.problem] if problem else found == []


def test_rows_switched_off_are_not_checked_and_conditions_and_inputs_are():
    row = {
        "to": "note",
        "from": "id",
        "do": [{"function": "string.concatenate", "inputs": ["@value", "nowhere"]}],
        "when": [{"field": "neither", "op": "is_empty"}],
    }
    assert {found.path for found in check(row)} == {"nowhere", "neither"}
    assert check({**row, "enabled": False}) == []


def test_a_missing_field_list_is_told_once_and_its_paths_are_checked_against_samples():
    row = {"to": "whatever", "from": "anything"}
    assert [(found.side, found.path) for found in check(row, source=[], destination=[], samples=[])] == [
        ("source", ""),
        ("destination", ""),
    ]
    found = check(row, source=[], samples=[{"anything_else": 1}], destination=[])
    assert [each.path for each in found] == ["", "", "anything"]


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=4))
def test_what_occurs_in_a_sample_is_never_reported(record):
    rows = [MappingRow(to="note", sources=[path], do=["string.trim"]) for path, _ in occurring(record)]
    assert [
        found for found in check_paths(rows, [], DESTINATION, [record]) if found.path and found.side == "source"
    ] == []


def deep(levels):
    record = {"leaf": 1}
    for _ in range(levels):
        record = {"a": record, "b": [record]}
    return record


def test_hostile_samples_and_mappings_end_soon():
    began = time.perf_counter()
    wide = {f"key{n}": n for n in range(100_000)}
    rows = [{"to": "note", "from": f"kex{n}.{'y' * 900}"} for n in range(2000)]
    found = check(*rows, samples=[wide, {"l": [wide] * 1000}] * 50)
    assert len(found) == 2000
    line = {"leaf": 1}
    for _ in range(5000):
        line = {"a": line}
    check(rows[0], samples=[line, 5, None, ["x"], "text"])
    assert time.perf_counter() - began < 10


def watch(*paths, fields=()):
    return PathWatch([MappingRow(to="x", sources=[path]) for path in paths], fields)


def test_the_watch_tells_which_paths_gave_nothing_in_all_records():
    seen = watch(
        "a", "lines[*].x", "lines[*].y", "meta[key=k].value", "gone.deep", "id", "lines[*].@number", fields=SOURCE
    )
    assert seen.never() == []
    seen.see([{"a": None, "lines": [{"x": None}]}, {"a": 0, "lines": [{"x": 1}], "meta": [{"key": "z", "value": 1}]}])
    assert seen.never() == ["lines[*].y", "meta[key=k].value", "gone.deep"]
    seen.see([{"meta": [{"key": "k", "value": False}], "lines": [{"y": ""}]}])
    assert seen.never() == ["gone.deep"]


def test_a_watch_that_has_seen_everything_looks_no_more():
    seen = watch("a")
    seen.see([{"a": 1}])
    seen.see(pytest.fail for _ in iter(int, 1))  # endless: looking at it would never end
    assert seen.never() == [] and seen.records == 1


GROUPED = [
    {"to": "items[*]", "from": "lines", "do": [{"array.group": {"by": ["sku"], "into": "all"}}]},
    {"to": "items[*].code", "from": "lines[*].all[0].anything"},
]


def test_what_functions_have_made_of_a_list_is_not_looked_for_in_records():
    assert check(*GROUPED) == []
    assert PathWatch([MappingRow.model_validate(row) for row in GROUPED], SOURCE).never() == []
    kept = [{**GROUPED[0], "do": ["array.reverse"]}, GROUPED[1]]
    assert [found.path for found in check(*kept)] == ["lines[*].all[0].anything"]


def test_fields_that_a_function_names_are_checked_too():
    branch = {"other.if": {"op": "is_empty", "then": "field", "then_field": "customer.emial"}}
    assert [found.close for found in check({"to": "note", "from": "id", "do": [branch]})] == [("customer.email",)]
