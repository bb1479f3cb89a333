"""Decimal casts and half-up rounding, against computations in whole numbers."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.values.numbers import (
    EXACT,
    MAX_DIGITS,
    compile_number_reader,
    divide,
    quantum,
    read_number,
    round_half_up,
    to_integer,
    to_number,
)
from topstitch.values.units import factor, unit_name

MONEY = st.decimals(min_value=-(10**30), max_value=10**30, places=6, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19.99", "19.99"),
        (" -5 ", "-5"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("1e3", "1E+3"),
        (0.1, "0.1"),
        (1e22, "1E+22"),
        (7, "7"),
        (True, "1"),
        (Decimal("12.50"), "12.50"),
        ("0e999999999", "0"),
        (1.4210854715202004e-14, "1.4210854715202004E-14"),
    ],
)
def test_it_casts_to_an_exact_decimal(value, expected):
    assert str(to_number(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "12 kg",
        "£12",
        "1,299.00",
        "1_000",
        "NaN",
        "sNaN",
        "-Infinity",
        "inf",
        "0x10",
        "1e999999999",
        "1e-999999999",
        "1" * 100,
        pytest.param("1" * 1_000_000, id="long text"),
        "--1",
        "1\x002",
        "\ud800",
        float("nan"),
        float("inf"),
        1e300,
        5e-324,
        10**100,
        pytest.param(10**10_000, id="huge integer"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e5000"),
        None,
        [],
        {"a": 1},
        b"1",
        1j,
    ],
)
def test_it_refuses_what_is_not_a_number_within_bounds(value):
    with pytest.raises(MappingError) as caught:
        to_number(value)

    assert len(caught.value.message) < 200


def test_a_comma_gets_a_hint():
    with pytest.raises(MappingError) as caught:
        to_number("1.299,00")

    assert "to_decimal" in caught.value.hint


@given(st.text() | st.from_regex(r"[+-]?[0-9]{0,70}(\.[0-9]{0,70})?([eE][+-]?[0-9]{1,9})?", fullmatch=True))
def test_any_text_is_a_bounded_number_or_a_mapping_error(text):
    with suppress(MappingError):
        number = to_number(text)
        assert number.is_finite()
        assert number.is_zero() or abs(number.adjusted()) <= MAX_DIGITS


@given(MONEY, st.integers(-10, 6))
def test_rounding_is_half_up_away_from_zero(number, places):
    scaled = abs(Fraction(number)) * Fraction(10) ** places
    expected = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if number < 0 else 1

    rounded = round_half_up(number, places)

    assert Fraction(rounded) == sign * Fraction(expected) / Fraction(10) ** places
    assert rounded.as_tuple().exponent == -max(places, 0)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.345", 2, "2.35"),
        ("-2.345", 2, "-2.35"),
        (2.675, 2, "2.68"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("5", 2, "5.00"),
        ("-0.001", 2, "0.00"),
        ("149", -2, "100"),
        ("150", -2, "200"),
        ("4", -1, "0"),
        ("1e59", 20, "1" + "0" * 59 + "." + "0" * 20),
    ],
)
def test_rounded_numbers_have_plain_text(value, places, expected):
    assert str(round_half_up(value, places)) == expected


def test_too_many_places_are_refused():
    with pytest.raises(ConfigError, match="between -20 and 20"):
        quantum(21)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_sums_and_products_within_bounds_are_exact(one, other):
    try:
        one, other = to_number(one), to_number(other)
    except MappingError:
        return
    assert Fraction(EXACT.add(one, other)) == Fraction(one) + Fraction(other)
    assert Fraction(EXACT.multiply(one, other)) == Fraction(one) * Fraction(other)


def test_division_by_zero_is_a_mapping_error():
    with pytest.raises(MappingError, match="divided by zero"):
        divide(Decimal(1), Decimal("0.00"))


@pytest.mark.parametrize(("value", "expected"), [("12.00", 12), (-3.0, -3), ("1e3", 1000), (2**64, 2**64)])
def test_whole_numbers_become_integers(value, expected):
    assert to_integer(value) == expected


@pytest.mark.parametrize("value", ["12.5", 0.1, "x", None])
def test_fractions_do_not_become_integers(value):
    with pytest.raises(MappingError):
        to_integer(value)


@pytest.mark.parametrize(
    ("text", "decimal_mark", "thousands_mark", "expected"),
    [
        ("1.299,00", ",", ".", "1299.00"),
        ("1 299,5", ",", " ", "1299.5"),
        ("1\u202f299\u00a0000", ",", " ", "1299000"),
        ("12,34,567.8", ".", ",", "1234567.8"),
        ("1299.00", ".", ",", "1299.00"),
        ("- 5", ".", ",", "-5"),
        (",5", ",", "", "0.5"),
        ("5,", ",", "", "5"),
    ],
)
def test_it_reads_the_marks_of_a_country(text, decimal_mark, thousands_mark, expected):
    assert read_number(text, compile_number_reader(decimal_mark, thousands_mark)) == Decimal(expected)


@pytest.mark.parametrize("text", ["1.29.9,00", "1.2,00", "1,2,3", "", "1 299", "abc", ".", "1" * 500, "٣,٥"])
def test_it_refuses_marks_in_the_wrong_place(text):
    with pytest.raises(MappingError):
        read_number(text, compile_number_reader(",", "."))


@pytest.mark.parametrize(
    ("name", "short"), [("KILOGRAMS", "kg"), ("lbs", "lb"), (" Oz. ", "oz"), ("Metres", "m"), ("inch", "in")]
)
def test_units_are_known_by_their_names(name, short):
    assert unit_name(name) == short


def test_units_convert_exactly_both_ways():
    up, down = factor("lb", "kg"), factor("kg", "lb")

    assert Fraction(up[0]) / Fraction(up[1]) == Fraction(45359237, 100000000)
    assert Fraction(up[0]) / Fraction(up[1]) * Fraction(down[0]) / Fraction(down[1]) == 1


@pytest.mark.parametrize(("one", "other", "part"), [("kg", "cm", "same thing"), ("kgg", "g", "did you mean 'kg'")])
def test_units_that_do_not_fit_are_a_config_error(one, other, part):
    with pytest.raises(ConfigError, match=part):
        factor(one, other)
