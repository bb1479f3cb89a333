from __future__ import annotations

import io

import pytest

from topstitch.errors import ConfigError, FormatError
from topstitch.formats import BadRow, Grouped, Row, flatten, group_lines, open_format
from topstitch.formats.grouping import REMEMBERED

ORDERS = open_format({"kind": "csv", "group": {"key": ["order_number"], "lines": ["sku", "quantity"]}})


def numbers(rows):
    return [row.record["order_number"] for row in rows if isinstance(row, Row)]


def messages(rows):
    return [str(row.error) for row in rows if isinstance(row, BadRow)]


def test_consecutive_rows_become_one_record(read_file):
    assert read_file(ORDERS, "orders_with_lines.csv") == [
        Row(
            {
                "order_number": "SO-1",
                "email": "ada@example.com",
                "lines": [{"sku": "SKU-1", "quantity": "2"}, {"sku": "SKU-2", "quantity": "1"}],
            },
            "line 2",
        ),
        Row(
            {"order_number": "SO-2", "email": "bob@example.com", "lines": [{"sku": "SKU-1", "quantity": "1"}]}, "line 4"
        ),
    ]


def test_rows_that_come_back_later_are_reported(read_file):
    rows = read_file(ORDERS, "orders_rows_apart.csv")

    assert messages(rows) == ["line 4: SO-1 is left out: its rows are not together: others are at line 2"]


def test_rows_that_disagree_are_left_out(read_file):
    rows = read_file(ORDERS, "orders_rows_disagree.csv")

    assert messages(rows) == ["line 2: SO-1 is left out: its rows disagree about email (line 2, line 3)"]


def test_an_order_beside_a_broken_line_is_not_passed_on_in_part(read_file):
    rows = read_file(ORDERS, "orders_with_a_broken_line.csv")

    assert numbers(rows) == ["SO-1", "SO-4"]
    assert [text.split(":")[1].strip() for text in messages(rows)[1:]] == ["SO-2 is left out", "SO-3 is left out"]


def test_a_row_without_key_is_bad_and_so_are_its_neighbours(read_file):
    rows = read_file(ORDERS, "orders_without_number.csv")

    assert numbers(rows) == ["SO-3"]
    assert "order_number is empty" in messages(rows)[0]


def test_keys_are_remembered_in_bounded_memory():
    many = (Row({"k": str(at), "v": "x"}, f"line {at}") for at in range(REMEMBERED + 2))
    again = [Row({"k": "0", "v": "x"}, "line 0"), Row({"k": str(REMEMBERED), "v": "x"}, "line 9")]

    rows = list(group_lines([*many, *again], ["k"], ["v"]))

    assert [type(row) for row in rows[-2:]] == [Row, BadRow]


def test_flatten_is_the_inverse():
    record = {"order_number": "SO-1", "lines": [{"sku": "A"}, {"sku": "B"}]}

    flat = list(flatten(record))

    assert flat == [{"order_number": "SO-1", "sku": "A"}, {"order_number": "SO-1", "sku": "B"}]
    (row,) = group_lines([Row(row, "line 1") for row in flat], ["order_number"], ["sku"])
    assert row.record == record


def test_a_record_without_lines_keeps_its_row():
    assert list(flatten({"a": 1, "lines": []}, line_columns=["sku"])) == [{"a": 1, "sku": None}]


@pytest.mark.parametrize("lines", [[{"a": 2}], ["x"], {"sku": 1}])
def test_lines_that_cannot_be_rows_are_refused(lines):
    with pytest.raises(FormatError):
        list(flatten({"a": 1, "lines": lines}))


def test_grouped_records_are_written_and_counted():
    stream = io.BytesIO()

    count = ORDERS.write(
        [{"order_number": "1", "lines": []}, {"order_number": "2", "lines": [{"sku": "A"}] * 2}], stream
    )

    assert count == 2
    assert stream.getvalue() == b"order_number,sku,quantity\r\n1,,\r\n2,A,\r\n2,A,\r\n"


def test_wrong_grouping_is_refused():
    with pytest.raises(ConfigError, match=r"group\.lines"):
        Grouped(ORDERS, key=("a",), lines=("a",))
    with pytest.raises(ConfigError, match=r"group\.key"):
        Grouped(ORDERS, key=(), lines=("a",))
