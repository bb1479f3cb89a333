from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from topstitch.errors import FormatError
from topstitch.formats import CsvFormat

OPEN = CsvFormat(line_ending="\n")


def test_columns_come_from_the_first_record_and_a_missing_key_is_empty(written):
    assert written(OPEN, [{"b": "1", "a": "2"}, {"a": "3"}]) == b"b,a\n1,2\n,3\n"


def test_given_columns_fix_the_order(written):
    assert written(CsvFormat(columns=("a", "b")), [{"b": "1", "a": "2"}]) == b"a,b\r\n2,1\r\n"


def test_given_columns_are_written_without_records_too(written):
    assert written(CsvFormat(columns=("a", "b")), []) == b"a,b\r\n"


def test_write_returns_the_number_of_records():
    assert OPEN.write(({"a": at} for at in range(3)), io.BytesIO()) == 3


def test_an_unknown_key_is_refused_and_named(written):
    with pytest.raises(FormatError, match=r"record 2: there is no column for c; the columns are a"):
        written(OPEN, [{"a": 1}, {"a": 1, "c": 2}])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (12, "12"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (0.1, "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.50"), "12.50"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 10, tzinfo=UTC), "2024-05-01T10:00:00+00:00"),
        ("007", "007"),
    ],
)
def test_values_become_plain_text(written, value, text):
    assert written(CsvFormat(header=False, line_ending="\n"), [{"a": value, "b": "x"}]).decode() == f"{text},x\n"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([1], "a list"),
        ({"x": 1}, "an object"),
        (float("nan"), "nan"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("1E+999999"), "more than 330 digits"),
        (b"x", "of type bytes"),
    ],
)
def test_values_without_text_form_are_refused_with_record_and_column(written, value, why):
    with pytest.raises(FormatError) as caught:
        written(OPEN, [{"a": 1}, {"a": value}])

    assert str(caught.value).startswith("record 2, column 'a': the value is ")
    assert why in str(caught.value)


def test_nested_values_can_be_written_as_json(written):
    record = {"a": [{"b": Decimal("1.50")}], "c": ""}

    assert written(CsvFormat(nested="json", header=False), [record]) == b'"[{""b"": ""1.50""}]",\r\n'


def test_decimal_comma_and_null_word(written):
    made = CsvFormat(delimiter=";", decimal=",", null="NULL", header=False, line_ending="\n")

    assert written(made, [{"a": Decimal("1.50"), "b": None, "c": "1.5"}]) == b"1,50;NULL;1.5\n"


def test_quoting_all(written):
    assert written(CsvFormat(quoting="all", line_ending="\n"), [{"a": 1, "b": None}]) == b'"a","b"\n"1",""\n'


def test_quoting_none_refuses_what_would_need_quotes(written):
    made = CsvFormat(quoting="none")

    assert written(made, [{"a": "x"}]) == b"a\r\nx\r\n"
    with pytest.raises(FormatError, match="record 1, column 'b': the value is text that needs quotes"):
        written(made, [{"a": "x", "b": "1,5"}])


def test_a_carriage_return_is_quoted_whatever_the_line_ending(written):
    assert written(OPEN, [{"a": "1\r2", "b": "3"}]) == b'a,b\n"1\r2",3\n'


def test_a_character_outside_the_encoding_is_refused_with_its_record(written):
    with pytest.raises(FormatError, match=r"record 2: the character '→' \(U\+2192\) cannot be written"):
        written(CsvFormat(encoding="cp1252"), [{"a": "é"}, {"a": "→"}])


@pytest.mark.parametrize(("encoding", "start"), [("utf-8-sig", b"\xef\xbb\xbfa\r\n"), ("utf-16", b"\xff\xfea\0")])
def test_a_byte_order_mark_is_written_once(written, encoding, start):
    data = written(CsvFormat(encoding=encoding), [{"a": "x"}, {"a": "y"}])

    assert data.startswith(start)
    assert data.count(start[:2]) == 1


def test_a_record_without_fields_is_refused(written):
    with pytest.raises(FormatError, match="record 1: it has no fields"):
        written(OPEN, [{}])
