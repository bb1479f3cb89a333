"""Regions and telephone numbers, by samples from the standards and in any shape."""

from contextlib import suppress

import phonenumbers
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import ConfigError, MappingError
from topstitch.functions import bind
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV
from topstitch.values.codes import countries
from topstitch.values.phones import to_e164
from topstitch.values.regions import find_region

STATES = {
    each.code: each.name for each in pycountry.subdivisions if each.country_code in ("US", "AU", "BR", "JP", "IN")
}
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS & set(countries()))


def run(name, value, /, **args):
    return bind(name, args, ENV)(value)


@pytest.mark.parametrize("country", sorted({each.country_code for each in pycountry.subdivisions}))
def test_every_region_is_found_by_its_code(country):
    for each in pycountry.subdivisions:
        if each.country_code == country:
            found = find_region(country, each.code.partition("-")[2])
            assert found
            assert found.full == each.code == find_region(country.lower(), each.code.lower()).full


@given(st.sampled_from(sorted(STATES)))
def test_every_state_there_and_back(code):
    country, _, short = code.partition("-")
    name = run("other.province", [short, country], to="name")

    assert name == STATES[code]
    assert run("other.province", [name.upper(), country], to="full_code") == code


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("US", "new york", "NY"),
        ("US", "Washington", "WA"),
        ("US", "Washington D.C.", "DC"),
        ("CA", "Québec", "QC"),
        ("IE", "County Cork", "CO"),
        ("IE", "Co. Dublin", "D"),
        ("ES", "Madrid", "M"),
        ("ES", "La Coruña", "C"),
        ("IT", "Roma", "RM"),
        ("IT", "Milan", "MI"),
        ("JP", "1", "01"),
        ("JP", "Tōkyō", "13"),
        ("AE", "Dubai", "DU"),
        ("MX", "CDMX", "CMX"),
        ("GB", "Cymru", "WLS"),
        ("CN", "Guangdong Province", "GD"),
        ("BE", "Bruxelles-Capitale", "BRU"),
        ("KR", "Seoul", "11"),
    ],
)
def test_names_as_shops_write_them_are_found(country, text, code):
    assert find_region(country, text).code == code


@pytest.mark.parametrize(
    ("country", "text"),
    [("US", "Ontario"), ("TW", "Chiayi"), ("XX", "CA"), ("", "CA"), ("US", ""), ("US", "x" * 10**6)],
)
def test_regions_are_not_invented_nor_guessed_between_two_of_one_name(country, text):
    assert find_region(country, text) is None


def test_the_extra_names_are_of_regions_that_exist():
    known = {each.code for each in pycountry.subdivisions}
    from topstitch.values.codes import rows

    assert [row["code"] for row in rows("regions.csv") if row["code"] not in known] == []


@pytest.mark.parametrize("region", REGIONS)
def test_the_sample_of_every_country_becomes_its_international_form(region):
    sample = phonenumbers.example_number(region)
    expected = f"+{sample.country_code}{phonenumbers.national_significant_number(sample)}"

    for shape in ("NATIONAL", "INTERNATIONAL", "E164", "RFC3966"):
        written = phonenumbers.format_number(sample, getattr(phonenumbers.PhoneNumberFormat, shape))
        assert to_e164(written, region, "range") == to_e164(written, region) == expected


@given(st.text() | st.from_regex(r"[+0-9 ()./\-]{1,30}", fullmatch=True), st.sampled_from(["", "GB", "US", "AQ"]))
def test_any_text_is_a_number_or_a_mapping_error(text, country):
    with suppress(MappingError):
        made = to_e164(text, country)
        assert made[0] == "+"
        assert 3 <= len(made[1:]) <= 17 and made[1:].isdecimal() and made.isascii()


def test_the_country_is_that_of_the_record_before_that_of_the_settings():
    assert run("other.phone", ["0171 1234567", "DE"], country="GB") == "+491711234567"
    assert run("other.phone", ["020 7946 0018", ""], country="United Kingdom") == "+442079460018"
    assert run("other.phone", ["+1 212 555 0123", "Atlantis"], country="GB") == "+12125550123"
    with pytest.raises(MappingError, match="has no country code"):
        run("other.phone", ["020 7946 0018", "Atlantis"], country="GB")
    assert run("other.phone", ["020 7946 0018", "Atlantis"], country="GB", invalid="keep") == "020 7946 0018"
    for name, args in (("other.phone", {}), ("other.province", {"to": "code"})):
        with pytest.raises(ConfigError, match="'Atlantis' is not a country"):
            run(name, ["x"], country="Atlantis", **args)
        with pytest.raises(MappingError, match="takes one or two source fields, not 3"):
            run(name, ["x", "GB", "y"], **args)
