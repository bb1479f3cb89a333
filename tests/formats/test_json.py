from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from topstitch.errors import ConfigError, FormatError, LimitExceeded
from topstitch.formats import BadRow, JsonFormat, Row


def good(rows):
    return [row.record for row in rows if isinstance(row, Row)]


def bad(rows):
    return [row for row in rows if isinstance(row, BadRow)]


def test_records_are_read_at_a_path(read_file):
    rows = read_file(JsonFormat(record_path="data.orders"), "orders.json")

    assert rows == [
        Row({"number": "SO-1", "total": 12.5, "lines": [{"sku": "0012"}]}, "record 1"),
        Row({"number": "SO-2", "total": 8}, "record 2"),
    ]


def test_one_object_is_one_record(read_bytes):
    assert good(read_bytes(JsonFormat(), b' {"a": 1} ')) == [{"a": 1}]
    assert good(read_bytes(JsonFormat(record_path="order"), b'{"order": {"a": 1}}')) == [{"a": 1}]


def test_a_path_may_go_through_lists(read_bytes):
    data = b'{"b": [{"o": [{"a": 1}]}, {"o": {"a": 2}}, {"o": null}]}'

    assert good(read_bytes(JsonFormat(record_path="b[*].o"), data)) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf \n", b"[]", b"null"])
def test_no_records(read_bytes, data):
    assert read_bytes(JsonFormat(), data) == []


def test_a_path_that_does_not_occur_is_refused_with_what_there_is(read_file):
    with pytest.raises(FormatError, match=r"'data.order' does not occur; there is meta, orders, more"):
        read_file(JsonFormat(record_path="data.order"), "orders.json")


def test_a_path_through_something_else_is_refused_with_its_place(read_file):
    with pytest.raises(
        FormatError, match=r"line 1, column 19 \(byte 18\): this is a number, and the record path wants"
    ):
        read_file(JsonFormat(record_path="meta.page.x"), "orders.json")


def read_until_error(data, made):
    rows = []
    with pytest.raises(FormatError) as caught:
        rows.extend(made.read(io.BytesIO(data)))
    return rows, str(caught.value)


def test_half_a_file_is_refused_after_the_records_that_are_whole(read_file):
    with pytest.raises(FormatError, match=r"line 3, column 40 .*the file ends in the middle of a value"):
        read_file(JsonFormat(record_path="data.orders"), "half_file.json")


def test_records_before_the_break_are_yielded_first():
    rows, message = read_until_error(b'[{"a": 1}, {"a": 2}, {"a"', JsonFormat())

    assert good(rows) == [{"a": 1}, {"a": 2}]
    assert "it was cut off" in message


def test_a_document_that_ends_after_its_last_record_is_refused(read_file):
    with pytest.raises(FormatError, match="the file ends too early"):
        read_file(JsonFormat(record_path="data.orders"), "ends_after_the_last_record.json")


def test_broken_json_is_refused_with_line_column_and_byte(read_file):
    with pytest.raises(FormatError) as caught:
        read_file(JsonFormat(), "comma_missing.json")

    assert str(caught.value) == "line 2, column 20 (byte 40): this is no JSON: expecting ',' delimiter"


def test_the_byte_offset_counts_bytes_not_characters():
    _, message = read_until_error('[{"a": "éé"},\n x]'.encode(), JsonFormat())

    assert message.startswith("line 2, column 2 (byte 17)")


def test_lines_taken_for_a_document_get_a_hint(read_file):
    with pytest.raises(FormatError) as caught:
        read_file(JsonFormat(), "lines_taken_for_a_document.json")

    assert "set lines to true" in caught.value.hint


def test_nan_and_infinity_cost_their_record_only(read_file):
    rows = read_file(JsonFormat(), "nan_and_infinity.json")

    assert good(rows) == [{"n": 1}, {"n": 2}]
    assert [str(row.error) for row in bad(rows)] == [
        "record 2: NaN is no JSON value",
        "record 3: the number 1e999 is too large",
        "record 4: -Infinity is no JSON value",
    ]


def test_items_that_are_no_objects_are_bad(read_bytes):
    rows = read_bytes(JsonFormat(), b'[1, "x", null, [], true, {"a": 1}]')

    assert [str(row.error).split(",")[0] for row in bad(rows)] == [
        "record 1: this is a number",
        "record 2: this is text",
        "record 3: this is null",
        "record 4: this is a list",
        "record 5: this is true or false",
    ]
    assert good(rows) == [{"a": 1}]


def test_a_byte_of_another_encoding_costs_its_record_only(read_file):
    rows = read_file(JsonFormat(), "wrong_encoding_cp1252.json")

    assert good(rows) == [{"n": 1}, {"n": 3}]
    assert str(bad(rows)[0].error).endswith("the byte 0xEB does not fit the encoding utf-8")
    assert bad(rows)[0].error.place.startswith("line 2,")


def test_half_a_character_is_bad(read_bytes):
    rows = read_bytes(JsonFormat(), b'[{"a": "\\ud800"}, {"a": "\\ud83d\\ude00"}]')

    assert len(bad(rows)) == 1
    assert good(rows) == [{"a": "😀"}]


def test_a_broken_line_does_not_end_the_file(read_file):
    rows = read_file(JsonFormat(lines=True), "broken_line.jsonl")

    assert [(row.record, row.place) for row in rows if isinstance(row, Row)] == [
        ({"n": 1}, "line 1"),
        ({"n": 6}, "line 6"),
    ]
    assert [row.error.place for row in bad(rows)] == ["line 2, column 8", "line 4", "line 5, column 10"]


def test_numbers_are_exact(read_bytes):
    data = b'{"i": 123456789012345678901234567890, "f": 0.1, "e": 1E2}'

    assert good(read_bytes(JsonFormat(), data)) == [{"i": 123456789012345678901234567890, "f": 0.1, "e": 100.0}]
    (record,) = good(read_bytes(JsonFormat(decimals=True), b'{"f": 12.50, "i": 3}'))
    assert (str(record["f"]), record["i"]) == ("12.50", 3)


def test_of_repeated_names_the_last_counts_unless_they_are_refused(read_bytes):
    data = b'[{"a": 1, "a": 2}, {"b": {"c": 1, "c": 1}}, {}]'

    assert good(read_bytes(JsonFormat(), data))[0] == {"a": 2}
    rows = read_bytes(JsonFormat(unique_names=True), data)
    assert [str(row.error) for row in bad(rows)] == [
        "record 1: these names come twice in one object: a",
        "record 2: these names come twice in one object: c",
    ]


def test_depth_is_bounded(read_bytes):
    deep = b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}"
    rows = read_bytes(JsonFormat(), b"[" + deep + b', {"a": 1}]')

    assert isinstance(rows[0].error, LimitExceeded)
    assert good(rows) == [{"a": 1}]


def test_a_hundred_thousand_levels_do_no_harm(read_bytes):
    data = b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    with pytest.raises(LimitExceeded, match="nested deeper than 64 levels"):
        read_bytes(JsonFormat(), data)
    rows = read_bytes(JsonFormat(lines=True), data + b'\n{"a": 1}')
    assert isinstance(rows[0].error, LimitExceeded)
    assert good(rows) == [{"a": 1}]


def test_a_record_without_end_is_refused_early():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += 65536
            return b'[{"a": "' + b"x" * 65528 if self.given == 65536 else b"x" * 65536

    stream = Endless()
    with pytest.raises(LimitExceeded, match=r"line 1, column 2 .*has more than 8,388,608 characters"):
        list(JsonFormat().read(stream))
    assert stream.given < 20_000_000


def test_big_siblings_of_the_records_are_passed_over_item_by_item(read_bytes):
    other = b'{"x": "' + b"y" * 1000 + b'"}'
    data = b'{"other": [' + b",".join([other] * 10_000) + b'], "orders": [{"a": 1}]}'

    assert good(read_bytes(JsonFormat(record_path="orders"), data)) == [{"a": 1}]


class Dribble(io.BytesIO):
    """Gives a byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


def test_values_cut_anywhere_by_the_network_are_read_whole():
    data = '{"o": [{"a": -12.5e+3, "b": "é\\u00e9\\"", "c": [true, null, "x"]}, {"d": 10}]}'.encode()

    rows = list(JsonFormat(record_path="o").read(Dribble(data)))

    assert good(rows) == json.loads(data)["o"]


def test_writing_frames_the_records_and_keeps_decimals(written):
    records = [{"a": Decimal("12.50"), "t": datetime(2024, 5, 1, tzinfo=UTC)}, {"b": ["é", None, True, 1e16]}]

    data = written(JsonFormat(record_path="data.orders"), records)

    assert data.decode() == (
        '{"data":{"orders":[\n{"a":12.50,"t":"2024-05-01T00:00:00+00:00"},\n{"b":["é",null,true,1e+16]}\n]}}\n'
    )


def test_writing_lines_and_nothing(written):
    assert written(JsonFormat(lines=True), [{"a": 1}, {"a": 2}]) == b'{"a":1}\n{"a":2}\n'
    assert written(JsonFormat(lines=True), []) == b""
    assert json.loads(written(JsonFormat(), [])) == []


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"a": [{"b": float("nan")}]}, "record 2: a[0].b is nan"),
        ({"a": {1: 2}, "d": Decimal(1)}, "record 2: a has the name 1"),
        ({"x": b"1"}, "record 2: x is of type bytes"),
    ],
)
def test_what_json_lacks_is_refused_with_its_path(written, record, message):
    with pytest.raises(FormatError) as caught:
        written(JsonFormat(), [{}, record])

    assert str(caught.value).startswith(message)


def test_settings_that_contradict_are_refused():
    with pytest.raises(ConfigError, match="record_path"):
        JsonFormat(lines=True, record_path="a")
    with pytest.raises(ConfigError, match="made of names"):
        JsonFormat(record_path="a[0]")
