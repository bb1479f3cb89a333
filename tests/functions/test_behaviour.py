"""What examples do not say: properties, combinations and whole cases of everyday mapping."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions import bind
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV
from topstitch.functions.lookup import FixedEnvironment, Table
from topstitch.functions.registry import MISSING

MONEY = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


def run(name, value=None, **args):
    return bind(name, args, ENV)(value)


@given(MONEY)
def test_minor_units_there_and_back_change_nothing(amount):
    minor = run("number.to_minor_units", str(amount), currency="GBP")

    assert minor == int(amount * 100)
    assert run("number.from_minor_units", minor, currency="GBP") == amount


@given(MONEY, st.decimals(min_value=0, max_value=40, places=3))
def test_removed_tax_is_the_exact_quotient_rounded_once(gross, rate):
    net = run("number.remove_tax", gross, rate=rate, places=2)

    exact = Fraction(gross) * 100 / (100 + Fraction(rate))
    assert abs(Fraction(net) - exact) <= Fraction(1, 200)


@given(st.lists(MONEY, min_size=1, max_size=8))
def test_sums_are_exact_however_they_are_taken(amounts):
    texts = [str(amount) for amount in amounts]
    expected = sum(map(Fraction, amounts))

    assert Fraction(run("number.math", texts, operation="add")) == expected
    assert Fraction(run("array.sum", texts)) == expected


@given(st.lists(st.text(max_size=5), max_size=6))
def test_joining_and_splitting_are_opposites(parts):
    clean = [part.replace("|", "") for part in parts]
    joined = run("array.join", clean, delimiter="|", skip_empty=False)

    assert joined == "" or run("array.split", joined, delimiter="|", trim=False, skip_empty=False) == clean


@given(st.text(min_size=1), st.integers(0, 50))
def test_left_and_right_are_the_ends_of_the_text(text, length):
    assert text.startswith(run("string.left", text, length=length))
    assert text.endswith(run("string.right", text, length=length))
    assert len(run("string.pad_left", text, length=length)) == max(len(text), length)
    assert len(run("string.limit", text, length=length)) <= length


@given(st.text(st.sampled_from("$\\{}1ab"), max_size=12), st.text(st.sampled_from("ab"), min_size=1))
def test_any_replacement_with_existing_groups_can_be_used(replacement, text):
    replacement = replacement.replace("1", "0")

    assert isinstance(run("string.replace_pattern", text, pattern="b", replacement=replacement), str)


@pytest.mark.parametrize(
    ("replacement", "text"),
    [("$1!", "a!c"), ("${1}2", "a2c"), (r"\1", "ac"), (r"a\nb", r"a\nbc"), ("$", "$c"), (r"\\", r"\\c"), ("$0", "abc")],
)
def test_a_replacement_knows_groups_and_nothing_else(replacement, text):
    assert run("string.replace_pattern", "abc", pattern="(a)b", replacement=replacement) == text


def test_empty_fields_in_a_sum_count_zero_unless_told_otherwise():
    values = ["5", None, ""]

    assert run("number.math", values, operation="add") == 5
    assert run("number.math", values, operation="multiply") == 0
    assert run("number.math", values, operation="add", when_empty="null") is None
    with pytest.raises(MappingError, match="one of the source fields is empty"):
        run("number.math", values, operation="add", when_empty="fail")
    assert run("number.math", [], operation="add") is None


def test_math_works_from_left_to_right():
    assert run("number.math", [100, 4, 5], operation="divide") == 5
    assert run("number.math", ["10", "1", "2"], operation="subtract") == 7
    assert run("number.math", [0.1, 0.2], operation="add") == Decimal("0.3")
    assert run("number.math", [0, 5], operation="divide") == 0
    assert run("number.math", ["7.50"], operation="divide") == Decimal("7.50")


def test_the_dates_of_a_run_are_in_the_zone_of_its_service():
    berlin = FixedEnvironment(now=datetime(2023, 8, 10, 22, 30, tzinfo=UTC), zone="Europe/Berlin")

    start = bind("date.dynamic", {"round": "start_of_day"}, berlin)()
    assert start.isoformat() == "2023-08-11T00:00:00+02:00"
    assert bind("date.format", {"format": "iso8601"}, berlin)("2023-01-01 08:00") == "2023-01-01T08:00:00+01:00"


def test_rounding_comes_before_shifting():
    end = run("date.dynamic", round="end_of_day", unit="second", adjustment=1)

    assert end == datetime(2023, 8, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ("iso8601", "2023-10-26T07:51:07-04:00"),
        ("iso8601_utc", "2023-10-26T11:51:07Z"),
        ("iso8601_ms", "2023-10-26T07:51:07.250-04:00"),
        ("unix", "1698321067"),
        ("unix_ms", "1698321067250"),
        ("date", "2023-10-26"),
        ("datetime", "2023-10-26 07:51:07"),
        ("time", "07:51:07"),
        ("compact_date", "20231026"),
        ("compact_datetime", "20231026075107"),
        ("rfc2822", "Thu, 26 Oct 2023 07:51:07 -0400"),
        ("uk_date", "26/10/2023"),
        ("us_date", "10/26/2023"),
        ("german_date", "26.10.2023"),
    ],
)
def test_every_named_format_writes_what_its_name_says(named, text):
    assert run("date.format", "2023-10-26T07:51:07.250-04:00", format=named) == text


def test_the_utc_format_is_in_utc_also_when_it_is_read():
    assert run("date.parse", "2023-10-26T07:51:07Z", input_format="iso8601_utc", from_zone="Europe/Berlin") == datetime(
        2023, 10, 26, 7, 51, 7, tzinfo=UTC
    )
    with pytest.raises(ConfigError, match="cannot be Europe/Berlin"):
        run("date.format", "2023-10-26", format="iso8601_utc", to_zone="Europe/Berlin")


def test_dates_pass_from_one_function_to_the_next():
    parsed = run("date.parse", "31/01/2024", input_format="d/m/Y")
    shifted = run("date.adjust", parsed, amount=1, unit="month")

    assert run("date.format", shifted, custom="j M Y") == "29 Feb 2024"
    assert run("date.format", run("other.to_date", shifted), custom="d.m.y") == "29.02.24"
    assert run("other.to_text", shifted) == "2024-02-29T00:00:00+00:00"


@pytest.mark.parametrize(
    ("match", "value", "found"),
    [
        ("exact", "Express", "E"),
        ("exact", "express", MISSING),
        ("exact", 5, "five"),
        ("exact", 5.0, "five"),
        ("case_insensitive", " eXPRESS ", "E"),
        ("contains", "DHL Express UK", "E"),
        ("starts_with", "Express UK", "E"),
        ("starts_with", "DHL Express", MISSING),
        ("ends_with", "DHL Express", "E"),
        ("contains", "nothing", MISSING),
    ],
)
def test_a_table_matches_as_it_is_told(match, value, found):
    table = Table([("Express", "E"), ("Express", "second"), (5, "five"), ("", "never by a part")])

    assert table.find(value, reverse=False, match=match) == found


def test_a_table_is_read_in_both_directions_and_may_hold_null():
    table = Table([("a", "x"), ("b", "x"), ("c", None)])

    assert table.find("x", reverse=True, match="exact") == "a"
    assert table.find("c", reverse=False, match="exact") is None


def test_a_lookup_casts_its_result_and_says_what_it_missed():
    stores = {"table": "stores", "direction": "right_to_left", "output_type": "integer"}

    assert run("other.map", "London", **stores) == 1
    assert run("other.map", "Bath", **stores, no_match="null") is None
    assert run("other.map", "Bath", **stores, no_match="value", otherwise="9") == 9
    with pytest.raises(MappingError, match="'Bath' is not a number"):
        run("other.map", "Bath", **stores)


def test_unique_tells_types_apart_and_compares_objects_by_content():
    values = [{"a": 1, "b": 2}, {"b": 2, "a": 1}, 1, 1.0, "1", True, None, None]

    assert run("array.unique", values) == [{"a": 1, "b": 2}, 1, 1.0, "1", True, None]


def test_functions_leave_their_input_alone():
    items = ["b", ["a"], None]

    for name in ("array.reverse", "array.flatten", "array.unique", "array.count", "array.first"):
        run(name, items)
    run("array.slice", items, start=0)
    run("number.math", [None, 1], operation="add")

    assert items == ["b", ["a"], None]


ROW = {"match": "contains", "text": "DHL", "output": "D"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "must be a list of rows"),
        ({"match": "exact"}, "must be a list of rows"),
        ([ROW] * 1001, "1001 rows are too many"),
        ([ROW, "DHL"], "row 2 of 'rows' must have match, text and output"),
        ([{"match": "exact", "output": "D"}], "row 1 of 'rows' must have"),
        ([ROW | {"else": 1}], "row 1 of 'rows' must have"),
        (
            [ROW | {"match": "like"}],
            "must be one of exact, case_insensitive, contains, starts_with, ends_with, not 'like'",
        ),
        ([ROW | {"match": ["exact"]}], "must be one of"),
        ([ROW | {"text": ""}], "row 1 of 'rows' has no text"),
        ([ROW | {"text": ["DHL"]}], "the text of row 1 of 'rows'"),
        ([ROW | {"output": "{nobody}"}], "the variable 'nobody'"),
    ],
)
def test_conditional_rows_that_cannot_be_are_refused_by_their_number(rows, said):
    with pytest.raises(ConfigError) as caught:
        run("other.conditional", "x", rows=rows)

    assert said in caught.value.message


def test_of_conditional_rows_the_first_that_matches_decides_and_outputs_keep_their_type():
    rows = [ROW | {"output": 5}, ROW | {"output": 6}, {"match": "ends_with", "text": "mail", "output": {"code": "RM"}}]

    assert run("other.conditional", "DHL mail", rows=rows) == 5
    assert run("other.conditional", "Royal mail", rows=rows) == {"code": "RM"}
    assert run("other.conditional", 7, rows=rows, no_match="value", otherwise=0) == 0


def test_a_variable_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ConfigError, match="there is no variable 'seasons'; there are: season, channel"):
        bind("other.variable", {"name": "seasons"}, ENV)
