"""Operators as tests of one value. What each means is told by the tests of filter rows; here: whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.values.conditions import OPERATORS, compile_test

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def every(expected):
    value = {"between": [expected, expected]}
    return {op: compile_test(op, value.get(op, expected)) for op in OPERATORS}


@given(JSON)
def test_any_value_is_answered(value):
    for expected in (5, "x", "2026-01-01"):
        assert {test(value) for test in every(expected).values()} <= {True, False}


HOSTILE = {"deep list": nested(100_000), "deep object": {"a": nested(100_000)}, "huge": 10**5000, "nan": float("nan")}


@pytest.mark.parametrize("name", [*HOSTILE, "long text"])
def test_a_hostile_value_is_not_like_any_other(name):
    value = HOSTILE.get(name, "a" * 10**6)

    for op in ("equals", "in", "less", "contains", "starts_with", "ends_with", "is_empty", "before", "between"):
        assert every("5")[op](value) is False
    for op in ("not_equals", "not_in", "is_not_empty"):
        assert every("5")[op](value) is True


@pytest.mark.parametrize(
    ("op", "expected", "value"),
    [
        ("equals", "10", "1_0"),
        ("equals", "", ["x"]),
        ("equals", "['x']", ["x"]),
        ("contains", "sku", {"sku": 1}),
        ("starts_with", "a list", [1]),
        ("less", "b", ["a"]),
        ("equals", 1, True),
    ],
)
def test_what_only_looks_alike_is_not_the_same(op, expected, value):
    assert compile_test(op, expected)(value) is False


def test_lists_and_objects_are_the_same_by_their_content():
    assert compile_test("equals", [1, {"a": 2}])([1, {"a": 2}])
    assert not compile_test("equals", [1])([2])
