"""What depends on a country: regions by code or name, telephone numbers."""

from __future__ import annotations

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import VALUES, Example, Param, function
from topstitch.functions.support import ApplyAll, unmatched
from topstitch.values.codes import find_country
from topstitch.values.phones import Check, to_e164
from topstitch.values.regions import find_region
from topstitch.values.text import as_text, show
from topstitch.values.truth import is_empty


def _iso2(country: str) -> str:
    """The code of a country that a parameter names."""
    if not country:
        return ""
    found = find_country(country)
    if found is None:
        raise ConfigError(f"the parameter 'country': {show(country)} is not a country of ISO 3166-1")
    return found.iso2


def _with_country(values: list[object], otherwise: str) -> tuple[object, str]:
    """The first source value, and the code of the country in the second; `otherwise` where that is missing or unknown."""
    if not 1 <= len(values) <= 2:
        raise MappingError(f"takes one or two source fields, not {len(values)}", value=values)
    given = "" if len(values) == 1 or is_empty(values[1]) else as_text(values[1])
    if not given:
        return values[0], otherwise
    found = find_country(given)
    return values[0], found.iso2 if found else ""


@function(
    "other.province",
    title="Province or state",
    group="other",
    summary="A state, province or other region of a country by ISO 3166-2 code or name, given as the other of these.",
    takes=VALUES,
    gives="text",
    params=[
        Param("to", "Give", str, choices=("code", "full_code", "name"), help="full_code has the country: US-CA"),
        Param(
            "country", "Country", str, default="", help="where there is no second source field with it, or it is empty"
        ),
        Param("unknown", "An unknown region", str, default="fail", choices=("fail", "keep", "null")),
    ],
    examples=[
        Example(input=["California", "US"], args={"to": "code"}, output="CA"),
        Example(input=["on", "Canada"], args={"to": "name"}, output="Ontario"),
        Example(input=["Milan"], args={"to": "full_code", "country": "IT"}, output="IT-MI"),
        Example(input=["Co. Dublin", "IE"], args={"to": "code"}, output="D"),
        Example(input=["", "US"], args={"to": "code"}, output=None),
        Example(input=["Avalon", "GB"], args={"to": "code"}, fails="'Avalon' is not a region of GB"),
        Example(input=["Avalon", "GB"], args={"to": "code", "unknown": "keep"}, output="Avalon"),
        Example(input=["California"], args={"to": "code"}, fails="it is not known of which country 'California' is"),
    ],
)
def province(to: str, country: str, unknown: str) -> ApplyAll:
    default = _iso2(country)

    def apply(values: list[object]) -> object:
        value, of = _with_country(values, default)
        if is_empty(value):
            return None
        text = as_text(value)
        found = find_region(of, text) if of else None
        if found is None:
            reason = (
                f"{show(text)} is not a region of {of}" if of else f"it is not known of which country {show(text)} is"
            )
            return unmatched(unknown, None, lambda _: MappingError(reason, value=text))(value)
        return {"code": found.code, "full_code": found.full, "name": found.name}[to]

    return apply


@function(
    "other.phone",
    title="Phone number",
    group="other",
    summary="A telephone number as E.164 (+447700900123), by the numbering plan of its country; without an extension.",
    takes=VALUES,
    gives="text",
    params=[
        Param(
            "country",
            "Country of numbers without a country code",
            str,
            default="",
            help="where there is no second source field with it, or it is empty",
        ),
        Param("invalid", "What is no number", str, default="fail", choices=("fail", "keep", "null")),
        Param(
            "check",
            "A number has",
            str,
            default="length",
            choices=("length", "range"),
            help="as many digits as numbers of the country have, or also a range that is in use",
        ),
    ],
    examples=[
        Example(input=["07700 900123"], args={"country": "GB"}, output="+447700900123"),
        Example(input=["(212) 555-0123", "United States"], output="+12125550123"),
        Example(input=["+44 (0)20 7946 0018 ext. 5", "DE"], output="+442079460018"),
        Example(input=["0044 20 7946 0018", "GB"], output="+442079460018"),
        Example(input=["12345"], args={"country": "GB"}, fails="'12345' is not a telephone number of GB"),
        Example(input=["call me"], args={"country": "GB", "invalid": "null"}, output=None),
        Example(input=["020 7946 0018"], fails="'020 7946 0018' has no country code"),
        Example(input=[None, "GB"], output=None),
        Example(input=["07700 900123", "GB"], args={"check": "range"}, fails="is not a telephone number of GB"),
    ],
)
def phone(country: str, invalid: str, check: Check) -> ApplyAll:
    default = _iso2(country)

    def apply(values: list[object]) -> object:
        value, of = _with_country(values, default)
        if is_empty(value):
            return None
        try:
            return to_e164(as_text(value), of, check)
        except MappingError as error:
            refusal = error
        return unmatched(invalid, None, lambda _: refusal)(value)

    return apply
