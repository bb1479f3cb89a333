"""The pure parts: CSV, cells, clauses, dates, fates of rows, quick-setup files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from topstitch.sdk import FormatError, MissingReference, RemoteRejected
from topstitch.systems.peoplevox import clauses, moments
from topstitch.systems.peoplevox.cells import as_cell
from topstitch.systems.peoplevox.moments import as_iso, earliest_wall_time, latest_wall_time, unquoted
from topstitch.systems.peoplevox.practice_clause import ClauseError, compile_clause
from topstitch.systems.peoplevox.reading import is_last
from topstitch.systems.peoplevox.saving import fates_of
from topstitch.systems.peoplevox.service import Answer
from topstitch.systems.peoplevox.system import SYSTEM
from topstitch.systems.peoplevox.tables import read_names, read_table, write_table
from topstitch.systems.peoplevox.templates import QUICK_SETUP

LONDON = ZoneInfo("Europe/London")


def wall(*parts):
    """A time as the clock on the wall of the warehouse shows it."""
    return datetime(*parts)  # noqa: DTZ001 - that is the point


def test_a_cell_may_hold_commas_quotes_and_line_breaks():
    rows, bad = read_table('\nA,B\n"1,2","say ""hi""\nthere"\n\n3,4\n', "page 1")

    assert rows == [{"A": "1,2", "B": 'say "hi"\nthere'}, {"A": "3", "B": "4"}]
    assert not bad


def test_a_row_that_does_not_fit_the_header_is_reported_and_the_rest_is_read():
    rows, bad = read_table("A,B\n1\n2,3\n", "Item types, page 4")

    assert rows == [{"A": "2", "B": "3"}]
    assert (bad[0].place, bad[0].reason) == ("Item types, page 4, line 2", "2 cells were expected, 1 found")


@pytest.mark.parametrize("text", ["A,A\n1,2", "A,\n1,2", 'A,B\n1,"2'])
def test_broken_csv_is_refused(text):
    with pytest.raises(FormatError, match="page 1"):
        read_table(text, "page 1")


def test_no_rows_are_no_rows():
    assert read_table("", "page 1") == read_table("A,B\n", "page 1") == ([], [])


@pytest.mark.parametrize(
    ("number", "size", "total", "count", "last"),
    [
        (1, 10, 25, 10, False),
        (3, 10, 25, 5, True),
        (2, 10, 20, 10, True),
        (1, 10, 0, 0, True),
        (1, 10, 0, 10, False),
        (2, 10, 0, 4, True),
    ],
)
def test_the_last_page_is_known_even_without_a_total(number, size, total, count, last):
    assert is_last(number, size, total, count) is last


def test_written_csv_begins_with_its_header_and_quotes_every_cell():
    text = write_table(["A", "B"], [{"A": 'x"y', "B": "1\n2"}, {"A": "", "B": ","}])

    assert text == 'A,B\n"x""y","1\n2"\n"",","'


def test_names_of_templates_lose_their_brackets():
    assert read_names("[Item code],[On hand]\r\n") == ["Item code", "On hand"]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, "money", ""),
        (Decimal("1E+3"), "money", "1000"),
        (0.1, "decimal", "0.1"),
        ("7.0", "integer", "7"),
        (7.0, "decimal", "7"),
        (Decimal("7.50"), "decimal", "7.50"),
        (7.0, "money", "7.0"),
        (1e16, "text", "10000000000000000"),
        (True, "text", "true"),
        ("Yes", "boolean", "true"),
        ("False", "boolean", "false"),
        ("2026-07-01T09:00:00Z", "datetime", "2026-07-01 10:00:00"),
        ("2026-07-01 09:00:00", "datetime", "2026-07-01 09:00:00"),
        ("2026-07-01", "datetime", "2026-07-01 00:00:00"),
        (date(2026, 7, 1), "datetime", "2026-07-01 00:00:00"),
        ("soon", "datetime", "soon"),
        (datetime(2026, 1, 1, 9, tzinfo=UTC), "datetime", "2026-01-01 09:00:00"),
        ("a\r\nb", "text", "a\nb"),
    ],
)
def test_values_become_what_peoplevox_takes(value, kind, expected):
    assert as_cell(value, kind, LONDON) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [("a", "integer"), (True, "money"), (float("nan"), "money"), ("x\x00", "text"), ("\ud800", "text"), ({}, "text")],
)
def test_values_that_fit_no_cell_are_refused(value, kind):
    with pytest.raises(ValueError, match=r"number|control|surrogate|fit"):
        as_cell(value, kind, LONDON)


@pytest.mark.parametrize("text", ["'03/07/2017 06:03'", "'03/07/2017 06:03:21'", " '03/07/2017' "])
def test_dates_lose_their_single_quotes(text):
    assert unquoted(text).startswith("03/07/2017")


def test_apostrophes_are_no_date():
    assert unquoted("'tis") is None
    assert moments.local_dates({"Name": "'tis nice'"}, frozenset(), LONDON, ("%d/%m/%Y",)) == {"Name": "'tis nice'"}


def test_a_date_that_cannot_be_read_keeps_its_text():
    cells = moments.local_dates({"A": "'99/99/2017 06:03'", "B": "soon"}, frozenset({"B"}), LONDON, ("%d/%m/%Y %H:%M",))

    assert cells == {"A": "99/99/2017 06:03", "B": "soon"}


def test_dates_are_day_first_and_carry_the_offset_of_their_season():
    assert as_iso("03/07/2017 06:03", LONDON, ("%d/%m/%Y %H:%M",)) == "2017-07-03T06:03:00+01:00"


def test_the_repeated_hour_loses_no_record_at_either_end():
    before, after = datetime(2026, 10, 25, 0, 45, tzinfo=UTC), datetime(2026, 10, 25, 1, 20, tzinfo=UTC)

    # 00:45 UTC is 01:45 on the clock, and 01:10 UTC is 01:10: later, though the clock shows less.
    assert earliest_wall_time(before, LONDON) <= wall(2026, 10, 25, 1, 0)
    assert latest_wall_time(after, LONDON) >= wall(2026, 10, 25, 1, 50)
    quiet = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    assert earliest_wall_time(quiet, LONDON) == wall(2026, 6, 1, 13, 0)
    assert latest_wall_time(quiet, LONDON) - wall(2026, 6, 1, 13, 0) <= timedelta(seconds=1)


def test_clauses_are_spelt_as_the_grammar_has_them():
    moment = wall(2024, 1, 31, 9, 5, 0)

    assert clauses.compared("[Despatch date]", ">=", moment) == "[Despatch date] >= DateTime(2024,01,31,09,05,00)"
    assert clauses.any_of("ItemCode", ["A", "B"]) == 'ItemCode.Equals("A") OR ItemCode.Equals("B")'
    assert clauses.every(['A == "1"', "", "B > 2 OR C > 3"]) == '(A == "1") AND (B > 2 OR C > 3)'
    assert clauses.every([]) == ""


def test_chunks_hold_every_value_once_within_the_limits():
    chunks = list(clauses.in_chunks(f"{number:0200}" for number in range(250)))

    assert [value for chunk in chunks for value in chunk] == [f"{number:0200}" for number in range(250)]
    assert all(sum(len(value) + 40 for value in chunk) <= clauses.MOST_CHARACTERS for chunk in chunks)
    assert max(len(chunk) for chunk in clauses.in_chunks(str(n) for n in range(500))) == clauses.MOST_VALUES


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('A.Equals("x") OR A.Equals("y") AND N > 1', ["x1", "y2"]),
        ('(A.Equals("x") OR A.Equals("y")) AND N > 1', ["y2"]),
        ('[A] == "x"', ["x1"]),
        ("[Day of it] < DateTime(2024,01,02,00,00,00)", ["x1"]),
        ("Day of it >= DateTime(2024,1,2,0,0,0)", ["y2"]),
        ("N <= 1", ["x1"]),
        ('A.StartsWith("x") AND A.EndsWith("x") AND A.Contains("x")', ["x1"]),
    ],
)
def test_the_practice_grammar_means_what_it_says(clause, expected):
    rows = [
        {"A": "x", "N": "1", "Day of it": "2024-01-01 00:00:00"},
        {"A": "y", "N": "2", "Day of it": "2024-01-02 00:00:00"},
    ]
    keep = compile_clause(clause, list(rows[0]))

    assert [row["A"] + row["N"] for row in rows if keep(row)] == expected


@pytest.mark.parametrize(
    "clause", ["A = 1", "Z == 1", 'A.Like("x")', 'A == "x" AND', "(A > 1", "A >= DateTime(2024,13,1,0,0,0)"]
)
def test_the_practice_grammar_refuses_the_rest(clause):
    with pytest.raises(ClauseError):
        compile_clause(clause, ["A"])


def test_statuses_are_matched_by_reference_whatever_their_order():
    answer = Answer(0, 2, "B: Name is required", (("C", True), ("B", False), ("A", True)))

    fates = fates_of(answer, ["A", "B", "C"])

    assert [fate and fate.message for fate in fates] == [None, "Peoplevox: B: Name is required", None]


def test_statuses_with_other_references_are_matched_by_place():
    answer = Answer(0, 1, "", (("id 9", True), ("row 2: Item type 'X' was not found", False)))

    fates = fates_of(answer, ["A", "A"])

    assert fates[0] is None
    assert isinstance(fates[1], RemoteRejected)


def test_a_reason_is_not_taken_from_a_number_that_only_begins_alike():
    answer = Answer(0, 0, "SO-10: one\nSO-1: two", (("SO-1", False), ("SO-10", False)))

    assert [fate.message for fate in fates_of(answer, ["SO-1", "SO-10"])] == [
        "Peoplevox: SO-1: two",
        "Peoplevox: SO-10: one",
    ]


def test_only_errors_listed_and_the_sum_is_right():
    answer = Answer(0, 2, "", (("B", False),))

    assert [fate is None for fate in fates_of(answer, ["A", "B", "C"])] == [True, False, True]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(0, 1, ""),
        Answer(-1, 0, "one of them is wrong"),
        Answer(0, 2, "", (("?", False),)),
        Answer(0, 0, "", (("A", True),)),
    ],
)
def test_an_answer_that_leaves_rows_open_is_no_success(answer):
    assert fates_of(answer, ["A", "B", "C"]) is None


def test_all_rows_saved_without_statuses_is_a_success():
    assert fates_of(Answer(0, 3, ""), ["A", "B", "C"]) == [None, None, None]


def test_a_single_refused_row_has_the_words_of_the_answer():
    fates = fates_of(Answer(-1, 0, "Item type 'X' does not exist"), ["A"])

    assert isinstance(fates[0], MissingReference)


def test_quick_setup_files_hold_one_header_line_and_nothing_else():
    for setup in QUICK_SETUP.values():
        text = setup.path.read_text("utf-8")
        assert text == ",".join(setup.columns)
        assert len(set(setup.columns)) == len(setup.columns)
    assert [file.path for file in SYSTEM.setup_files] == [setup.path for setup in QUICK_SETUP.values()]
    assert "ExpectededDeliveryDate" in QUICK_SETUP["Purchase order items"].columns
