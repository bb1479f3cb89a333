"""CSV of lookup tables: what is read, what is refused with which lines, and that nothing changes on the way."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError
from topstitch.functions.lookup import MATCHES
from topstitch.store.lookups.rows import Pair
from topstitch.store.lookups.table_csv import MAX_BYTES, read_pairs, write_pairs

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
CELL = st.one_of(
    TEXT, st.sampled_from(["=1+1", "'=x", "''@", "-5", "'-5", "+44", "-", '"', '""', "\r", "\n", ",", "\ufeff", " "])
)
PAIR = st.builds(Pair, CELL, CELL, st.sampled_from(["", *MATCHES]), CELL).filter(lambda p: p.left)


def read(text):
    return read_pairs(text if isinstance(text, bytes) else text.encode(), "t.csv")


def refusal(text):
    with pytest.raises(ConfigError) as caught:
        read(text)
    return str(caught.value)


@given(st.lists(PAIR, max_size=8, unique=True))
def test_what_is_written_is_read_again_exactly(pairs):
    assert read("".join(write_pairs(pairs, ways=True))).pairs == pairs
    bare = list(dict.fromkeys(Pair(*pair[:2]) for pair in pairs))
    assert read("".join(write_pairs(bare, ways=False))).pairs == bare


def test_no_cell_is_a_formula_for_a_spreadsheet():
    written = "".join(write_pairs([Pair(*p) for p in [("=1+1", "+44"), ("@x", "-5"), ("-x", "\tx")]], ways=False))
    assert written == "left_value,right_value\r\n'=1+1,'+44\r\n'@x,-5\r\n'-x,'\tx\r\n"


@pytest.mark.parametrize("head", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_any_line_ends_are_read(head, end):
    assert read(head + end.join(["left_value,right_value", "a,b", "", "c,d"])).pairs == [
        ("a", "b", "", ""),
        ("c", "d", "", ""),
    ]


def test_a_map_is_read_with_its_own_headers_and_spellings():
    text = "Field name,Match type,Match value,Output value\nmethod,Starts with,DHL,D\n,EXACT,x,\n,,y,z\n"
    assert read(text).pairs == [("DHL", "D", "starts_with", "method"), ("x", "", "exact", ""), ("y", "z", "", "")]


def test_lines_that_say_the_same_are_counted_and_left_out():
    parsed = read("left_value,right_value\na,b\na,b\na,c\n")
    assert ([tuple(p[:2]) for p in parsed.pairs], parsed.repeated) == ([("a", "b"), ("a", "c")], 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["line 1 must be left_value,right_value"]),
        ("left_value;right_value\na;b\n", ["line 1 must be", "left_value;right_value"]),
        ("right_value\na\n", ["line 1 must be"]),
        ("left_value,match_value,right_value\na,b,c\n", ["line 1 must be"]),
        (b"left_value,right_value\na,b\nc,\xff\n", ["line 3 is not UTF-8"]),
        ('left_value,right_value\na,b\nc,"d\ne,f\n', ["line 3 is not CSV"]),
        ('left_value,right_value\na,b\nc,"d"e\n', ["line 3 is not CSV"]),
        ("left_value,right_value\na\0,b\n", ["line 2: the left value holds a NUL"]),
        ('left_value,right_value\n"a\nb",c\nd\n', ["line 4: 1 cells instead of 2"]),
        ("left_value,right_value\n,\n", ["line 2: both values are empty"]),
        ("left_value,right_value,match_type\na,b,maybe\n", ["line 2: the match type 'maybe' is none of exact"]),
        ("left_value,right_value,match_type\n,b,contains\n", ["line 2: a row that looks for nothing"]),
        ("left_value,right_value\n" + "x" * 100_001 + ",b\n", ["line 2: the left value has 100,001 characters"]),
        (b"left_value,right_value\n" + b"x" * MAX_BYTES, ["larger than 5 MB"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, said):
    refused = refusal(text)
    for part in said:
        assert part in refused


def test_the_first_twenty_wrong_lines_are_told_and_how_many_more_there_are():
    refused = refusal("left_value,right_value\n" + "".join(f"{n}\n" for n in range(30)) + "a,b\n")
    assert "30 lines are wrong" in refused
    assert "line 21: 1 cells" in refused
    assert "line 22" not in refused
    assert "and 10 more" in refused


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for head in (b"", b"left_value,right_value\n", b"left_value,right_value,match_type,field_name\n"):
        with suppress(ConfigError):
            read(head + data)
