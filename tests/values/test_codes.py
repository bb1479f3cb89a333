"""The tables of countries and currencies, checked for completeness and by samples from the standards."""

from zoneinfo import available_timezones

import pytest

from topstitch.errors import MappingError
from topstitch.values.codes import countries, currencies, currency, find_country, find_currency, minor_digits

COUNTRIES = countries().values()
ZERO_DIGITS = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF"}
ZERO_DIGITS |= {"XOF", "XPF"}


def test_every_country_of_the_standard_is_there_once():
    assert len([country for country in COUNTRIES if country.numeric]) == 249
    for codes in ([c.iso2 for c in COUNTRIES], [c.iso3 for c in COUNTRIES], [c.name for c in COUNTRIES]):
        assert len(set(codes)) == len(codes) == 250
    assert all(len(c.iso2) == 2 and len(c.iso3) == 3 and (c.iso2 + c.iso3).isupper() for c in COUNTRIES)
    assert all(c.numeric == "" or (len(c.numeric) == 3 and c.numeric.isdecimal()) for c in COUNTRIES)
    assert len({c.numeric for c in COUNTRIES}) == 250


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.iso2)
def test_every_country_is_found_by_all_its_names(country):
    names = (country.iso2, country.iso3.lower(), country.numeric, country.name, country.name.upper(), *country.others)

    assert {find_country(name) for name in names if name} == {country}


@pytest.mark.parametrize(
    ("text", "iso2"),
    [
        ("uk", "GB"),
        ("USA", "US"),
        ("The Netherlands", "NL"),
        ("Cote D'Ivoire", "CI"),
        ("Tanzania, United Republic of", "TZ"),
        ("Korea, Republic of", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Trinidad & Tobago", "TT"),
        ("St. Lucia", "LC"),
        ("turkiye", "TR"),
        (" gbr ", "GB"),
        ("826", "GB"),
        ("Isle Of Man", "IM"),
        ("UAE", "AE"),
    ],
)
def test_names_as_shops_write_them_are_found(text, iso2):
    found = find_country(text)

    assert found
    assert found.iso2 == iso2


@pytest.mark.parametrize("text", ["", "ZZ", "Atlantis", "U", ",", "999", "x" * 10_000])
def test_unknown_countries_are_not_invented(text):
    assert find_country(text) is None


@pytest.mark.parametrize(
    ("code", "digits"),
    [("GBP", 2), ("eur", 2), ("JPY", 0), ("KRW", 0), ("CLP", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)],
)
def test_minor_units_have_the_digits_of_the_standard(code, digits):
    assert minor_digits(code) == digits


def test_currencies_without_two_digits_are_these():
    groups = {}
    for entry in currencies().values():
        groups.setdefault(entry.digits, set()).add(entry.code)

    assert groups[0] == ZERO_DIGITS
    assert groups[3] == {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    assert groups[4] == {"CLF", "UYW"}
    assert all(code.startswith("X") for code in groups[None])


def test_withdrawn_currencies_are_kept_and_marked():
    assert currency("HRK").withdrawn
    assert not currency("GBP").withdrawn


@pytest.mark.parametrize("code", ["", "GB", "POUND", "XAU"])
def test_a_code_without_minor_unit_is_a_mapping_error(code):
    with pytest.raises(MappingError):
        minor_digits(code)


def test_the_time_zone_data_is_installed():
    assert len(available_timezones()) > 400


@pytest.mark.parametrize("money", currencies().values(), ids=lambda each: each.code)
def test_every_currency_is_found_by_its_name_and_code(money):
    assert {find_currency(text) for text in (money.name, money.name.upper(), money.code, money.code.lower())} == {money}


@pytest.mark.parametrize("text", ["", "ZZZ", "Doubloon", "x" * 10_000])
def test_unknown_currencies_are_not_invented(text):
    assert find_currency(text) is None
