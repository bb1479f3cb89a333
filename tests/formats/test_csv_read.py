from __future__ import annotations

import io
import itertools

import pytest

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats import BadRow, CsvFormat, Row


def good(rows):
    return [row.record for row in rows if isinstance(row, Row)]


def bad(rows):
    return [row for row in rows if isinstance(row, BadRow)]


def test_values_stay_text_with_their_zeros(read_file):
    rows = read_file(CsvFormat(), "good.csv")

    assert rows[0] == Row(
        {"order_number": "SO-9001", "email": "ada@example.com", "sku": "0012", "quantity": "2"}, "line 2"
    )


def test_a_quoted_cell_may_span_lines_and_the_next_line_number_is_right(read_file):
    rows = read_file(CsvFormat(), "quoted_cells_with_newlines.csv")

    assert rows[0].record["Note"] == 'Two lines:\r\n"fragile", keep dry'
    assert [row.place for row in rows] == ["line 2", "line 4"]
    assert rows[1].record == {"Item code": "SKU-2", "Note": "", "Date time": "'02/05/2024 10:00'"}


def test_a_broken_quote_costs_its_own_line_only(read_file):
    rows = read_file(CsvFormat(), "broken_quote.csv")

    (broken,) = bad(rows)
    assert str(broken.error) == 'line 2: a quote (") closes in the middle of a value'
    assert broken.raw == 'SO-1,ada@example.com,"SKU-1,2\r\n'
    assert [record["order_number"] for record in good(rows)] == ["SO-2", "SO-3"]


def test_a_quote_that_is_never_closed_is_reported_where_it_opens(read_file):
    rows = read_file(CsvFormat(), "quote_never_closed.csv")

    (broken,) = bad(rows)
    assert (broken.place, str(broken.error)) == ("line 3", 'line 3: a quote (") is opened here and never closed')
    assert [record["order_number"] for record in good(rows)] == ["SO-1", "SO-3"]


def test_an_open_quote_is_found_behind_a_cell_of_many_lines(read_bytes):
    rows = read_bytes(CsvFormat(), b'a,b\n"one\ntwo","three\n5,6\n')

    (broken,) = bad(rows)
    assert (broken.place, broken.error.place) == ("line 2", "line 3")
    assert good(rows) == [{"a": "5", "b": "6"}]


def test_a_byte_of_another_encoding_names_place_byte_and_encoding(read_file):
    rows = read_file(CsvFormat(), "wrong_encoding_cp1252.csv")

    (broken,) = bad(rows)
    assert str(broken.error) == "line 3, column 8: the byte 0xEB does not fit the encoding utf-8"
    assert "cp1252" in broken.error.hint
    assert broken.raw == "SO-2,zo?@example.com,SKU-2,1\r\n"
    assert [record["order_number"] for record in good(rows)] == ["SO-1", "SO-3"]


def test_the_right_encoding_reads_the_same_file(read_file):
    rows = read_file(CsvFormat(encoding="windows-1252"), "wrong_encoding_cp1252.csv")

    assert rows[1].record["email"] == "zoë@example.com"


def test_a_row_with_too_many_cells_is_bad(read_file):
    rows = read_file(CsvFormat(), "too_many_columns.csv")

    (broken,) = bad(rows)
    assert str(broken.error).startswith("line 3: 4 cells were expected, 5 found")
    assert len(good(rows)) == 2


def test_a_row_with_too_few_cells_is_bad_and_says_what_is_missing(read_file):
    (broken,) = bad(read_file(CsvFormat(), "too_few_columns.csv"))

    assert str(broken.error) == "line 2: 4 cells were expected, 2 found: nothing for 'sku' and what follows"


def test_the_cut_off_row_of_half_a_file_is_bad(read_file):
    rows = read_file(CsvFormat(), "half_file.csv")

    assert [type(row) for row in rows] == [Row, BadRow]
    assert rows[1].place == "line 3"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("duplicate_header.csv", "line 1: these columns come twice in the header: price, sku"),
        ("empty_header_name.csv", "line 1: these columns have no name in the header: 2, 4"),
    ],
)
def test_a_doubtful_header_is_refused(read_file, name, message):
    with pytest.raises(FormatError) as caught:
        read_file(CsvFormat(), name)

    assert str(caught.value) == message


def test_a_missing_column_is_refused_with_those_there_are(read_file):
    with pytest.raises(FormatError, match=r"missing in the header: price; it has order_number, email"):
        read_file(CsvFormat(columns=("sku", "price")), "good.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_byte_order_mark_wins_over_the_setting(read_file, encoding):
    (row,) = read_file(CsvFormat(encoding=encoding), "utf8_with_mark.csv")

    assert row.record == {"sku": "0012", "name": "Café"}


@pytest.mark.parametrize("made", [CsvFormat(encoding="utf-16"), CsvFormat(encoding="utf-16", header=False)])
def test_a_stray_byte_is_told_in_the_encoding_really_read(read_bytes, made):
    with pytest.raises(FormatError, match="the byte 0x80 does not fit the encoding utf-8"):
        raise read_bytes(made, b"\xef\xbb\xbfa,b\n1,\x80\n")[-1].error


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_utf_16_is_read(read_file, encoding):
    (row,) = read_file(CsvFormat(encoding=encoding, delimiter="\t"), "utf16_from_a_spreadsheet.csv")

    assert row.record == {"sku": "0012", "name": "Café"}


def test_half_a_utf_16_character_is_refused_with_its_line(read_bytes):
    with pytest.raises(FormatError, match=r"line 3: the bytes 32 are no utf-16-le text"):
        read_bytes(CsvFormat(encoding="utf-16-le"), "a\n1\n2".encode("utf-16-le")[:-1])


def test_nul_bytes_cost_their_line_only(read_file):
    rows = read_file(CsvFormat(), "nul_bytes.csv")

    (broken,) = bad(rows)
    assert str(broken.error) == "line 3, column 4: there is a NUL byte (0x00)"
    assert broken.raw == "2,b??\r\n"
    assert good(rows) == [{"sku": "1", "name": "a"}, {"sku": "3", "name": "c"}]


@pytest.mark.parametrize("name", ["old_mac_line_ends.csv", "blank_lines.csv"])
def test_any_line_ends_and_blank_lines_are_fine(read_file, name):
    assert good(read_file(CsvFormat(), name)) == [{"sku": "1", "name": "a"}, {"sku": "2", "name": "b"}]


def test_without_header_columns_are_given_or_counted(read_bytes):
    assert good(read_bytes(CsvFormat(header=False, columns=("a", "b")), b"1,2\n3,4\n"))[0] == {"a": "1", "b": "2"}
    assert good(read_bytes(CsvFormat(header=False), b"1,2\n3,4\n")) == [
        {"column_1": "1", "column_2": "2"},
        {"column_1": "3", "column_2": "4"},
    ]


def test_a_null_word_is_read_as_none(read_bytes):
    assert good(read_bytes(CsvFormat(null="NULL"), b"a,b\nNULL,\n")) == [{"a": None, "b": ""}]


def test_quoting_none_takes_quotes_as_they_are(read_bytes):
    assert good(read_bytes(CsvFormat(quoting="none"), b'a,b\n"1,5" pipe\n')) == [{"a": '"1', "b": '5" pipe'}]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"a,b\n", b"\n\n"])
def test_a_file_without_rows_has_no_records(read_bytes, data):
    assert read_bytes(CsvFormat(), data) == []


def test_a_cell_over_its_limit_is_bad_and_the_rest_goes_on(read_bytes):
    rows = read_bytes(CsvFormat(max_cell=10), b"a,b\n1,12345678901\n2,x\n")

    assert isinstance(rows[0].error, LimitExceeded)
    assert "column 'b' is longer than 10 characters" in str(rows[0].error)
    assert good(rows) == [{"a": "2", "b": "x"}]


def test_too_many_columns_in_the_header_are_refused(read_bytes):
    with pytest.raises(LimitExceeded, match="line 1: 5,001 columns"):
        read_bytes(CsvFormat(), ",".join(f"c{at}" for at in range(5001)).encode())


class Endless(io.RawIOBase):
    """Gives a header, and then the same bytes for ever; counts them."""

    def __init__(self, header: bytes, again: bytes) -> None:
        self.parts = itertools.chain([header], itertools.repeat(again))
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        part = next(self.parts)
        self.given += len(part)
        return part


def test_a_line_without_end_is_refused_early():
    stream = Endless(b"a,b\n1,2\n3,", b"x" * 65536)
    rows = CsvFormat().read(stream)

    assert next(rows).record == {"a": "1", "b": "2"}
    with pytest.raises(LimitExceeded, match="line 3: the record that begins here is longer"):
        next(rows)
    assert stream.given < 10_000_000


def test_a_quote_without_end_costs_its_line_and_the_rest_is_read():
    stream = Endless(b'a,b\n1,"2\n', b"3,4\n" * 16384)
    rows = CsvFormat().read(stream)

    assert next(rows).error.place == "line 2"
    assert next(rows) == Row({"a": "3", "b": "4"}, "line 3")


def test_quotes_broken_over_and_over_end_in_an_error_not_in_hours():
    stream = Endless(b"a,b\n", b'b","\n' * 16384)

    with pytest.raises(FormatError, match="too many broken quotes"):
        for _ in CsvFormat().read(stream):
            pass
