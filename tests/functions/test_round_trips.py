"""What is written in another code or unit and read back is what it was, and money is what a fraction says it is."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions import bind
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV
from topstitch.values.codes import countries, currencies
from topstitch.values.units import LENGTHS, WEIGHTS

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
WITH_MINOR = sorted(each.code for each in currencies().values() if each.digits is not None)


def run(name, value, /, **args):
    return bind(name, args, ENV)(value)


def half_up(exact, places):
    """Away from zero at a half, worked out with whole numbers."""
    scaled = abs(exact) * Fraction(10) ** places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (-whole if exact < 0 else whole) / Fraction(10) ** places


@given(TEXT.filter(bool))
@pytest.mark.parametrize(
    ("write", "read"),
    [
        (("string.base64_encode", {}), ("string.base64_decode", {})),
        (("string.base64_encode", {"url_safe": True}), ("string.base64_decode", {})),
        (("string.url_encode", {}), ("string.url_decode", {})),
        (("string.url_encode", {"plus": True}), ("string.url_decode", {"plus": True})),
        (("string.encode_entities", {}), ("string.decode_entities", {})),
        (("string.json_encode", {}), ("string.json_decode", {})),
    ],
    ids=lambda side: side[0],
)
def test_text_comes_back_from_its_code(write, read, text):
    assert run(read[0], run(write[0], text, **write[1]), **read[1]) == text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


@given(JSON.filter(lambda value: value not in (None, "")))
def test_any_json_value_comes_back_from_its_text(value):
    assert run("string.json_decode", run("string.json_encode", value)) == value


@given(st.integers(-(10**15), 10**15), st.sampled_from(WITH_MINOR))
def test_every_currency_there_and_back(minor, currency):
    amount = run("number.minor_units", [minor, currency], direction="from")

    assert run("number.minor_units", [amount, currency.lower()], direction="to") == minor
    assert run("number.from_minor_units", minor, currency=currency) == amount
    assert run("number.to_minor_units", amount, currency=currency) == minor


@given(MONEY, st.sampled_from([*WEIGHTS]), st.sampled_from([*WEIGHTS]))
def test_a_weight_there_and_back(amount, one, other):
    there = run("number.convert_weight", amount, from_unit=one, to_unit=other)

    assert run("number.convert_measure", [amount, one], to_unit=other) == there
    assert run("number.convert_weight", there, from_unit=other, to_unit=one, places=2) == amount


@given(MONEY, st.sampled_from([*LENGTHS]), st.sampled_from([*LENGTHS]))
def test_a_length_is_converted_by_the_exact_factor(amount, one, other):
    exact = Fraction(amount) * Fraction(LENGTHS[one]) / Fraction(LENGTHS[other])

    assert Fraction(run("number.convert_length", amount, from_unit=one, to_unit=other, places=4)) == half_up(exact, 4)


@given(st.sampled_from(sorted(countries())), st.sampled_from(["iso2", "iso3", "numeric", "name"]))
def test_every_country_there_and_back(iso2, to):
    there = run("other.country", iso2, to=to, unknown="null")

    assert there == "" or run("other.country", there, to="iso2") == iso2


def test_a_country_number_may_have_lost_its_zeros():
    assert run("other.country", 8, to="iso2") == "AL"
    assert run("other.country", "56", to="name") == "Belgium"


@given(MONEY, st.decimals(min_value="-50", max_value="100", places=3))
def test_tax_is_what_the_fraction_says_rounded_half_up(amount, rate):
    share = Fraction(rate) / 100
    expected = {
        "gross": Fraction(amount) * (1 + share),
        "net": Fraction(amount) / (1 + share),
        "tax_of_net": Fraction(amount) * share,
        "tax_of_gross": Fraction(amount) * share / (1 + share),
    }

    for give, exact in expected.items():
        for rate_is, written in (("percent", rate), ("fraction", rate / 100)):
            assert Fraction(run("number.tax", [amount, str(written)], give=give, rate_is=rate_is)) == half_up(exact, 2)
    assert run("number.add_tax", amount, rate=rate) == run("number.tax", [amount, rate], give="gross")
    assert run("number.remove_tax", amount, rate=rate) == run("number.tax", [amount, rate], give="net")
    assert run("number.tax_part", amount, rate=rate) == run("number.tax", [amount, rate], give="tax_of_gross")
    assert run("number.percentage", amount, rate=rate) == run("number.tax", [amount, rate], give="tax_of_net")


@given(MONEY, MONEY.filter(bool))
def test_whole_parts_and_the_rest_are_the_number(number, divisor):
    rest = run("number.modulo", number, number=divisor)

    assert abs(rest) < abs(divisor)
    assert (Fraction(number) - Fraction(rest)) % Fraction(divisor) == 0
    assert rest == 0 or (rest < 0) == (number < 0)


@given(st.lists(MONEY, min_size=1, max_size=5), MONEY, MONEY)
def test_the_least_the_greatest_and_the_limits(numbers, one, other):
    texts = [str(number) for number in numbers]
    low, high = sorted([one, other])

    assert run("number.least", texts) == min(numbers)
    assert run("number.greatest", texts) == max(numbers)
    assert run("number.clamp", texts[0], lowest=low, highest=high) == max(low, min(high, numbers[0]))


def test_a_rounded_quotient_is_not_rounded_twice():
    assert run("number.math", ["0.01", "2.0000000000000000000000000000000001"], operation="divide", places=2) == 0
    assert run("number.math", ["0.01", "2"], operation="divide", places=2) == Decimal("0.01")


def test_limits_and_marks_that_contradict_themselves_are_refused():
    with pytest.raises(ConfigError, match="the lowest number, 2, is above the highest, 1"):
        run("number.clamp", 1, lowest=2, highest=1)
    with pytest.raises(ConfigError, match="both the decimal and the thousands mark"):
        run("number.format", 1, decimal_mark=",", thousands_mark=",")
    with pytest.raises(ConfigError, match="another number"):
        run("number.format", 1, decimal_mark="0")
    with pytest.raises(ConfigError, match="divided by zero"):
        run("number.modulo", 1, number="0.0")


@given(st.lists(MONEY, min_size=2, max_size=4), st.integers(-2, 4))
def test_math_is_rounded_once_at_its_end(numbers, places):
    exact = Fraction(1)
    for number in numbers:
        exact *= Fraction(number)

    assert Fraction(run("number.math", numbers, operation="multiply", places=places)) == half_up(exact, places)


@given(st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis wants them naive
def test_parts_of_a_date_are_those_that_the_calendar_says(moment):
    text = moment.isoformat()
    letters = {"weekday": "%u", "week": "%V", "week_year": "%G", "day_of_year": "%j", "month": "%m", "year": "%Y"}

    for part, letter in letters.items():
        assert run("date.part", text, part=part) == int(moment.strftime(letter))
    assert run("date.part", text, part="quarter") == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(
        moment.month, 4
    )
    clock = [run("date.part", text, part=part) for part in ("hour", "minute", "second")]
    assert clock == [moment.hour, moment.minute, moment.second]


@given(TEXT)
def test_words_and_what_is_left_are_the_text(text):
    words = text.split()
    if text == "":
        return
    assert run("string.first_word", text) == (words[0] if words else None)
    assert run("string.last_word", text) == (words[-1] if words else None)
    assert (run("string.all_but_first_word", text) or "").split() == words[1:]
    assert (run("string.all_but_last_word", text) or "").split() == words[:-1]


def test_a_list_out_of_text_is_read_as_it_is_told():
    assert run("other.to_list", "[1, 2", text="one") == ["[1, 2"]
    assert run("other.to_list", " [1, 2]", text="json_or_split") == [1, 2]
    assert run("other.to_list", "null", text="json") == []
    assert run("other.to_list", 5, text="json") == [5]
    assert run("other.to_list", [Decimal(1)], text="split") == [Decimal(1)]
    with pytest.raises(MappingError, match="is not JSON"):
        run("other.to_list", "[1, 2", text="json_or_split")
