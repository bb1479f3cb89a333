"""What a person gives for a preview: JSON and CSV, and what is wrong with it said with its place."""

from __future__ import annotations

import pytest

from topstitch.engine.preview.given import MAX_BYTES, MAX_RECORDS, given_csv, given_json
from topstitch.errors import FormatError, LimitExceeded, TopstitchError


def test_one_record_a_list_and_one_a_line():
    assert given_json(b'{"a": 1}', "x").records == [{"a": 1}]
    assert given_json(b'[{"a": 1}, {"a": 2}]', "x").records == [{"a": 1}, {"a": 2}]
    assert given_json(b'{"a": 1}\n\n{"a": 2}\n', "x", lines=True).records == [{"a": 1}, {"a": 2}]


def test_broken_json_is_told_with_line_and_column():
    with pytest.raises(FormatError, match=r"order\.json.*line 2, column"):
        given_json(b'{"a": 1,\n "b": }', "order.json")


def test_an_item_that_is_no_record_fails_alone():
    given = given_json(b'[{"a": 1}, 7, null]', "x")
    assert given.records == [{"a": 1}]
    assert [(bad.place, "a record must be an object" in bad.reason) for bad in given.bad] == [
        ("record 2", True),
        ("record 3", True),
    ]


@pytest.mark.parametrize("empty", [b"", b"  \n", b"[]", b"null"])
def test_nothing_at_all_is_refused(empty):
    with pytest.raises(FormatError, match="no record in it"):
        given_json(empty, "x")


def test_five_megabytes_and_a_thousand_records_are_the_most():
    with pytest.raises(LimitExceeded, match="larger than 5 MB"):
        given_json(b" " * (MAX_BYTES + 1), "x")
    with pytest.raises(LimitExceeded, match="more than 1,000 records"):
        given_json(b"[" + b",".join([b"{}"] * (MAX_RECORDS + 1)) + b"]", "x")


@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe\x00",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b"nul",
        b'"text"',
        b"{'a': 1}",
        b'{"a": 1} x',
    ],
)
def test_whatever_is_given_there_is_an_answer(hostile):
    try:
        given = given_json(hostile, "x")
    except TopstitchError:
        return
    assert given.bad
    assert not given.records


def test_csv_rows_whatever_their_delimiter_and_grouped_into_orders():
    assert given_csv(b"order;sku\n1;a\n1;b\n2;c\n", "x").records[0] == {"order": "1", "sku": "a"}
    data = b"\xef\xbb\xbforder,customer,sku,qty\n1,Ann,a,1\n1,Ann,b,2\n2,Bo,c,3\n"
    grouped = given_csv(data, "x", key=["order"], lines=["sku", "qty"]).records
    assert grouped[0] == {
        "order": "1",
        "customer": "Ann",
        "lines": [{"sku": "a", "qty": "1"}, {"sku": "b", "qty": "2"}],
    }
    assert len(grouped) == 2


def test_a_broken_csv_row_fails_alone_with_its_line():
    given = given_csv(b"a,b\n1,2\n3\n", "x")
    assert given.records == [{"a": "1", "b": "2"}]
    assert given.bad[0].place == "line 3"
