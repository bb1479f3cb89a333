from __future__ import annotations

from pathlib import Path

import pytest

from topstitch.formats import CsvFormat, suggest

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("good.csv", CsvFormat()),
        ("quoted_cells_with_newlines.csv", CsvFormat()),
        ("semicolons_and_comma_decimals.csv", CsvFormat(delimiter=";", encoding="cp1252", decimal=",")),
        ("utf16_from_a_spreadsheet.csv", CsvFormat(delimiter="\t", encoding="utf-16")),
        ("utf8_with_mark.csv", CsvFormat(encoding="utf-8-sig")),
        ("old_mac_line_ends.csv", CsvFormat(line_ending="\r")),
    ],
)
def test_it_suggests_the_settings_of_a_file(name, settings):
    assert suggest((FIXTURES / name).read_bytes()) == settings


def test_rows_of_values_have_no_header():
    assert suggest(b"SO-1|2024-05-01|2\nSO-2|2024-05-02|1\n") == CsvFormat(
        delimiter="|", header=False, line_ending="\n"
    )


def test_a_sample_cut_in_the_middle_of_a_character_is_utf_8():
    sample = "sku,name\nA,Café\nB,Caf".encode() + b"\xc3"

    assert suggest(sample).encoding == "utf-8"


@pytest.mark.parametrize("sample", [b"", b"one column\nonly\n", b"\xff\xff\xff", b'"never closed,1\n'])
def test_a_poor_sample_still_gets_a_suggestion(sample):
    assert isinstance(suggest(sample), CsvFormat)
