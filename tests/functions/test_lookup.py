"""Lookup tables in memory: whatever the rows say and the value is, the first row that fits gives the answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.functions.lookup import MATCHES, TESTS, Table, folded
from topstitch.functions.registry import MISSING

LETTERS = st.text("aAbBß .", max_size=4)
FIELDS = st.sampled_from(["", "method", "carrier"])
ROWS = st.lists(st.tuples(LETTERS, LETTERS, st.sampled_from(["", *MATCHES]), FIELDS), max_size=40)
ASKED = {"reverse": st.booleans(), "match": st.sampled_from([*MATCHES, "row"]), "field": FIELDS}


def first_fit(rows, value, *, reverse, match, field):
    """What a reader of the guide would expect."""
    for left, right, own, of in rows:
        way = ("" if reverse else own) or ("exact" if match == "row" else match)
        text, answer = (right, left) if reverse else (left, right)
        if field and of not in ("", field):
            continue
        if way in TESTS:
            fits = text != "" and TESTS[way](value, text)
        else:
            fits = text == value if way == "exact" else folded(text) == folded(value)
        if fits:
            return answer
    return MISSING


@given(rows=ROWS, value=st.text("aAbBß .", max_size=8), **ASKED)
def test_the_first_row_that_fits_gives_the_answer(rows, value, reverse, match, field):
    asked = {"reverse": reverse, "match": match, "field": field}
    assert Table(rows).find(value, **asked) == first_fit(rows, value, **asked)


@pytest.mark.parametrize("value", ["\ud800", "a\ud800b", "\0", "a" * 5000])
def test_a_value_that_no_table_can_hold_is_not_found_or_found_by_its_parts(value):
    table = Table([("zz", "1"), ("b", "2", "ends_with"), ("aaaa", "3", "contains")])
    found = table.find(value, reverse=False, match="exact")
    assert found == {"a\ud800b": "2", "a" * 5000: "3"}.get(value, MISSING)
