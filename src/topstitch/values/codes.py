"""Countries (ISO 3166-1) and currencies (ISO 4217), read from `data/` at first use."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from topstitch.errors import MappingError
from topstitch.values.text import show, strip_accents

_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory. `numeric` is the three-digit code as text, "" where the standard has none (Kosovo)."""

    iso2: str
    iso3: str
    numeric: str
    name: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency. `digits` of its minor unit are None where the standard defines none (gold, for one)."""

    code: str
    digits: int | None
    name: str
    withdrawn: bool


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a file in `data/`."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@cache
def countries() -> dict[str, Country]:
    """All countries by ISO 3166-1 alpha-2 code."""
    return {
        row["alpha2"]: Country(
            row["alpha2"],
            row["alpha3"],
            row["numeric"],
            row["name"],
            tuple(filter(None, row["others"].split(";"))),
        )
        for row in rows("countries.csv")
    }


@cache
def currencies() -> dict[str, Currency]:
    """All currencies by ISO 4217 code, withdrawn ones too."""
    return {
        row["code"]: Currency(
            row["code"], int(row["digits"]) if row["digits"] else None, row["name"], bool(row["withdrawn"])
        )
        for row in rows("currencies.csv")
    }


def plain_name(name: str) -> str:
    """A name as it is compared: no accents, case, articles or punctuation; `Saint` and `St` alike."""
    words = _NOT_WORD.sub(" ", strip_accents(name).replace("'", "").replace("’", "").casefold().replace("&", " and "))
    return " ".join("st" if word == "saint" else word for word in words.split() if word not in ("the", "of"))


@cache
def _country_index() -> dict[str, Country]:
    index: dict[str, Country] = {}
    for country in countries().values():
        for name in (country.name, *country.others):
            index[plain_name(name)] = country
    for country in countries().values():
        for code in filter(None, (country.iso2, country.iso3, country.numeric)):
            index[code.lower()] = country
    return index


def find_country(text: str) -> Country | None:
    """A country by either code, its number, or a name in use, in any case and with or without accents."""
    if len(text) > 100:
        return None
    index = _country_index()
    code = text.strip().lower()
    # A number that has passed through a spreadsheet has lost its zeros.
    found = index.get(code.zfill(3) if code.isdecimal() else code) or index.get(plain_name(text))
    if found or "," not in text:
        return found
    # The standard's own order: `Tanzania, United Republic of`.
    head, _, tail = text.partition(",")
    return index.get(plain_name(f"{tail} {head}"))


@cache
def _currency_index() -> dict[str, Currency]:
    known = currencies().values()
    return {plain_name(each.name): each for each in known} | {each.code.lower(): each for each in known}


def find_currency(text: str) -> Currency | None:
    """A currency by code or by its name in the standard, in any case and with or without accents."""
    if len(text) > 100:
        return None
    index = _currency_index()
    return index.get(text.strip().lower()) or index.get(plain_name(text))


def currency(code: str) -> Currency:
    """A currency by code, in any case. Raises MappingError for an unknown one."""
    found = currencies().get(code.strip().upper())
    if found is None:
        raise MappingError(f"{show(code)} is not an ISO 4217 currency code", value=code)
    return found


def minor_digits(code: str) -> int:
    """How many digits the minor unit has: GBP 2, JPY 0, KWD 3. Raises MappingError where there is no minor unit."""
    digits = currency(code).digits
    if digits is None:
        raise MappingError(f"{code.strip().upper()} has no minor unit", value=code)
    return digits
