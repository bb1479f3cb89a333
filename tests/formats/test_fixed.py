from __future__ import annotations

import pytest

from topstitch.errors import ConfigError, FormatError
from topstitch.formats import BadRow, FixedField, FixedFormat, Row

FIELDS = (("sku", 1, 10), FixedField("quantity", 11, 5, align="right", pad="0"), ("currency", 17, 3))
STOCK = FixedFormat(fields=FIELDS)


def test_blanks_are_dropped_and_zeros_stay(read_file):
    assert read_file(STOCK, "stock.txt") == [
        Row({"sku": "SKU-1", "quantity": "00012", "currency": "GBP"}, "line 1"),
        Row({"sku": "SKU-2", "quantity": "00003", "currency": "EUR"}, "line 2"),
    ]


def test_a_line_cut_off_is_bad_and_the_rest_goes_on(read_file):
    rows = read_file(STOCK, "line_cut_off.txt")

    assert [type(row) for row in rows] == [Row, BadRow, Row]
    assert str(rows[1].error) == "line 2: 19 characters were expected, 15 found"


def test_trimmed_lines_can_be_allowed(read_file):
    rows = read_file(FixedFormat(fields=FIELDS, short_lines="pad"), "line_cut_off.txt")

    assert rows[1].record == {"sku": "SKU-2", "quantity": "00003", "currency": ""}


def test_more_text_behind_the_last_field_is_bad_but_blanks_are_not(read_bytes):
    rows = read_bytes(FixedFormat(fields=[("a", 1, 2)]), b"ab  \nab x\n\n")

    assert rows[0].record == {"a": "ab"}
    assert str(rows[1].error) == "line 2: there is more after position 2: 'x'"


def test_lines_at_the_top_are_passed_over(read_bytes):
    (row,) = read_bytes(FixedFormat(fields=[("a", 1, 2)], skip_lines=1), b"HEADER LINE\nab\n")

    assert (row.record, row.place) == ({"a": "ab"}, "line 2")


def test_a_stray_byte_costs_its_line_only(read_bytes):
    rows = read_bytes(FixedFormat(fields=[("a", 1, 2)]), b"a\xe9\nab\n")

    assert "the byte 0xE9" in str(rows[0].error)
    assert rows[1].record == {"a": "ab"}


def test_writing_lays_fields_out(written):
    assert written(STOCK, [{"sku": "A", "quantity": 12, "currency": None}]) == b"A         00012    \r\n"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"sku": "12345678901"}, "record 1, field 'sku': the value is 11 characters long"),
        ({"sku": "a\nb"}, "record 1, field 'sku': the value is text with a line break"),
        ({"sku": ["a"]}, "record 1, field 'sku': the value is a list"),
        ({"other": 1}, "record 1: there is no field for other"),
    ],
)
def test_what_does_not_fit_is_refused_never_cut(written, record, message):
    with pytest.raises(FormatError) as caught:
        written(STOCK, [record])

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        "abc",
        ["abc"],
        [("a", 0, 1)],
        [("a", 1, 2), ("b", 2, 2)],
        [("a", 1, 1), ("a", 2, 1)],
        [("a", 1, 1, "middle")],
    ],
)
def test_wrong_fields_are_refused(fields):
    with pytest.raises(ConfigError, match="format setting"):
        FixedFormat(fields=fields)
