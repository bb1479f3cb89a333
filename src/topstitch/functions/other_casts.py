"""Casts to a type, and countries and currencies by code or name."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from topstitch.errors import MappingError
from topstitch.functions.registry import LIST, VALUE, Environment, Example, Param, function
from topstitch.functions.support import Apply, as_list, decode_json, on_text, unmatched, zone_or
from topstitch.values.codes import Country, find_country, find_currency
from topstitch.values.dates import compile_date_reader
from topstitch.values.numbers import compile_number_reader, read_number, to_integer, to_number
from topstitch.values.text import as_text, show
from topstitch.values.truth import FALSE_WORDS, TRUE_WORDS, as_boolean
from topstitch.values.zones import find_zone


@function(
    "other.to_text",
    title="To text",
    group="other",
    summary="Numbers as plain digits, booleans as true and false, dates as ISO 8601.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input=12.0, output="12"),
        Example(input=Decimal("12.50"), output="12.50"),
        Example(input=1e-7, output="0.0000001"),
        Example(input=["a"], fails="a list of 1 cannot become text"),
    ],
)
def to_text() -> Apply:
    return as_text


_ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}


@function(
    "other.to_integer",
    title="To integer",
    group="other",
    summary="A whole number. A fraction fails the record unless rounding is chosen.",
    takes=VALUE,
    gives="integer",
    params=[
        Param(
            "fraction",
            "A fraction",
            str,
            default="fail",
            choices=("fail", *_ROUNDING),
            help="fails, is rounded half up, or is cut off",
        )
    ],
    examples=[
        Example(input="12.00", output=12),
        Example(input="12.5", output=None, fails="'12.5' is not a whole number"),
        Example(input="12.5", args={"fraction": "half_up"}, output=13),
        Example(input=-12.9, args={"fraction": "down"}, output=-12),
    ],
)
def to_integer_(fraction: str) -> Apply:
    if fraction == "fail":
        return to_integer
    rounding = _ROUNDING[fraction]
    return lambda value: int(to_number(value).to_integral_value(rounding))


@function(
    "other.to_decimal",
    title="To decimal",
    group="other",
    summary="A decimal number; set the marks for numbers such as 1.299,00.",
    takes=VALUE,
    gives="number",
    params=[
        Param("decimal_mark", "Decimal mark", str, default=".", choices=(".", ",")),
        Param("thousands_mark", "Thousands mark", str, default="", choices=("", ",", ".", " ", "'", "’")),
    ],
    examples=[
        Example(input="1299.00", output=Decimal("1299.00")),
        Example(
            input="1.299,00",
            args={"decimal_mark": ",", "thousands_mark": "."},
            output=Decimal("1299.00"),
        ),
        Example(input=0.1, output=Decimal("0.1")),
        Example(input="1,299.00", fails="'1,299.00' is not a number"),
    ],
)
def to_decimal(decimal_mark: str, thousands_mark: str) -> Apply:
    if decimal_mark == "." and not thousands_mark:
        return to_number
    pattern = compile_number_reader(decimal_mark, thousands_mark)
    return lambda value: read_number(value, pattern) if isinstance(value, str) else to_number(value)


@function(
    "other.to_boolean",
    title="To boolean",
    group="other",
    summary="True or false by lists of words, in any case.",
    takes=VALUE,
    gives="boolean",
    params=[
        Param("true_words", "Words for true", str, default="true,yes,y,1,on"),
        Param("false_words", "Words for false", str, default="false,no,n,0,off"),
        Param("otherwise", "Any other value", str, default="fail", choices=("fail", "false", "true", "null")),
    ],
    examples=[
        Example(input=" Yes ", output=True),
        Example(input=0, output=False),
        Example(input="ja", args={"true_words": "ja", "false_words": "nein"}, output=True),
        Example(input="maybe", fails="'maybe' is neither true nor false"),
        Example(input="maybe", args={"otherwise": "false"}, output=False),
    ],
)
def to_boolean(true_words: str, false_words: str, otherwise: str) -> Apply:
    positive, negative = _words(true_words) or TRUE_WORDS, _words(false_words) or FALSE_WORDS
    if otherwise == "fail":
        return lambda value: as_boolean(value, positive, negative)
    default = {"false": False, "true": True, "null": None}[otherwise]

    def apply(value: object) -> object:
        try:
            return as_boolean(value, positive, negative)
        except MappingError:
            return default

    return apply


def _words(text: str) -> frozenset[str]:
    return frozenset(word for part in text.split(",") if (word := part.strip().lower()))


@function(
    "other.to_date",
    title="To date",
    group="other",
    summary="The day of a date or date-time, without its time.",
    takes=VALUE,
    gives="date",
    params=[
        Param("input_format", "Input format", list, default=(), offer="date_letters"),
        Param("zone", "Time zone whose day it is", str, default="", offer="zone", help="empty: the date's own"),
    ],
    examples=[
        Example(input="2023-10-26T23:30:00Z", output=date(2023, 10, 26)),
        Example(input="2023-10-26T23:30:00Z", args={"zone": "Europe/London"}, output=date(2023, 10, 27)),
        Example(input="26/10/2023", args={"input_format": "d/m/Y"}, output=date(2023, 10, 26)),
        Example(input="soon", fails="'soon' is not a date"),
    ],
)
def to_date(env: Environment, input_format: list[str], zone: str) -> Apply:
    read = compile_date_reader(input_format, zone_or(zone, env))
    if not zone:
        return lambda value: read(value).date()
    target = find_zone(zone)

    def apply(value: object) -> object:
        try:
            return read(value).astimezone(target).date()
        except OverflowError as error:
            raise MappingError(f"{show(value)} has no date in the zone {zone}", value=value) from error

    return apply


@function(
    "other.country",
    title="Country",
    group="other",
    summary="A country by ISO 3166 code or English name, given as another of these.",
    takes=VALUE,
    gives="text",
    params=[
        Param("to", "Give", str, choices=("iso2", "iso3", "numeric", "name")),
        Param("unknown", "An unknown country", str, default="fail", choices=("fail", "keep", "null")),
    ],
    examples=[
        Example(input="GB", args={"to": "iso3"}, output="GBR"),
        Example(input="united kingdom", args={"to": "iso2"}, output="GB"),
        Example(input="Cote d’Ivoire", args={"to": "iso2"}, output="CI"),
        Example(input="DEU", args={"to": "name"}, output="Germany"),
        Example(input="Atlantis", args={"to": "iso2"}, fails="'Atlantis' is not a country"),
        Example(input="Atlantis", args={"to": "iso2", "unknown": "null"}, output=None),
    ],
)
def country(to: str, unknown: str) -> Apply:
    known: dict[str, str] = {}
    missed = _unknown(unknown, "a country of ISO 3166-1")

    def give(text: str) -> object:
        if (answer := known.get(text)) is not None:
            return answer
        found = find_country(text)
        if found is None:
            return missed(text)
        answer = _part(found, to)
        if len(known) < 1000:
            known[text] = answer
        return answer

    return on_text(give)


def _unknown(choice: str, wanted: str) -> Apply:
    return unmatched(choice, None, lambda text: MappingError(f"{show(text)} is not {wanted}", value=text))


def _part(found: Country, to: str) -> str:
    parts = {"iso2": found.iso2, "iso3": found.iso3, "numeric": found.numeric, "name": found.name}
    return parts[to]


@function(
    "other.currency",
    title="Currency",
    group="other",
    summary="A currency by ISO 4217 code or English name, given as the other of these.",
    takes=VALUE,
    gives="text",
    params=[
        Param("to", "Give", str, choices=("code", "name")),
        Param("unknown", "An unknown currency", str, default="fail", choices=("fail", "keep", "null")),
    ],
    examples=[
        Example(input="pound sterling", args={"to": "code"}, output="GBP"),
        Example(input="jpy", args={"to": "name"}, output="Yen"),
        Example(input="Doubloon", args={"to": "code"}, fails="'Doubloon' is not a currency of ISO 4217"),
        Example(input="Doubloon", args={"to": "code", "unknown": "keep"}, output="Doubloon"),
    ],
)
def currency(to: str, unknown: str) -> Apply:
    missed = _unknown(unknown, "a currency of ISO 4217")

    def give(text: str) -> object:
        found = find_currency(text)
        if found is None:
            return missed(text)
        return found.code if to == "code" else found.name

    return on_text(give)


@function(
    "other.to_list",
    title="To list",
    group="other",
    summary="A list stays, an empty value is an empty list, all else is a list of one; text can be taken apart or read.",
    takes=LIST,
    gives="list",
    on_empty="run",
    params=[
        Param(
            "text",
            "Text",
            str,
            default="one",
            choices=("one", "split", "json", "json_or_split"),
            help="is one element, is split at the delimiter, is JSON, or is JSON if it begins with [ and else split",
        ),
        Param("delimiter", "Delimiter", str, default=",", minimum=1),
    ],
    examples=[
        Example(input="paypal", output=["paypal"]),
        Example(input=["paypal", "klarna"], output=["paypal", "klarna"]),
        Example(input=None, output=[]),
        Example(input={"sku": "A"}, output=[{"sku": "A"}]),
        Example(input="red; blue;;", args={"text": "split", "delimiter": ";"}, output=["red", "blue"]),
        Example(input='[{"sku": "A"}]', args={"text": "json"}, output=[{"sku": "A"}]),
        Example(input='{"sku": "A"}', args={"text": "json"}, output=[{"sku": "A"}]),
        Example(input="red, blue", args={"text": "json_or_split"}, output=["red", "blue"]),
        Example(input="red, blue", args={"text": "json"}, fails="is not JSON"),
    ],
)
def to_list(text: str, delimiter: str) -> Apply:
    def split(value: str) -> list[object]:
        return [part for each in value.split(delimiter) if (part := each.strip())]

    def decoded(value: str) -> list[object]:
        found = decode_json(value)
        return [] if found is None else as_list(found)

    def apply(value: object) -> object:
        if value is None or value == "":
            return []
        if text == "one" or not isinstance(value, str):
            return as_list(value)
        is_json = text == "json" or (text == "json_or_split" and value.lstrip().startswith("["))
        return decoded(value) if is_json else split(value)

    return apply
