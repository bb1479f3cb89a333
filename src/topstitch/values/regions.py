"""Regions of countries (ISO 3166-2: states, provinces, prefectures) by code or name, from `pycountry` and `data/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pycountry

from topstitch.values.codes import plain_name, rows

#: `Wales [Cymru GB-CYM]`: another name, here and there with another code.
_BRACKETED = re.compile(r"\s*\[([^\]]*?)(?:\s+[A-Z]{2}-[A-Z0-9]{1,3})?\]")
_REMARK = re.compile(r"\s*\([^)]*\)")
#: What people write around the name.
_KIND = re.compile(r"\b(?:county|co|province|prefecture|state|region|governorate|district|emirate|canton)\b")


@dataclass(frozen=True, slots=True)
class Region:
    """A region. `code` is without its country: `CA` for US-CA."""

    country: str
    code: str
    name: str

    @property
    def full(self) -> str:
        """The code with its country."""
        return f"{self.country}-{self.code}"


def find_region(country: str, text: str) -> Region | None:
    """A region of a country (its ISO 3166-1 alpha-2 code) by code, with or without the country, or by a name in use.

    Where a name is that of a region and of one within it, it is the inner one; where two of one level share it, none.
    """
    if len(text) > 100:
        return None
    index = _index(country.upper())
    code = text.strip().lower()
    name = plain_name(text)
    return index.get(code) or index.get(code.zfill(2)) or index.get(name) or index.get(plain_name(_KIND.sub(" ", name)))


@cache
def _index(country: str) -> dict[str, Region | None]:
    extra = _extra()
    outer: dict[str, Region | None] = {}
    inner: dict[str, Region | None] = {}
    codes: dict[str, Region | None] = {}
    for found in pycountry.subdivisions:
        if found.country_code != country:
            continue
        name, others = extra.get(found.code, ("", []))
        names = list(_names(found.name))
        region = Region(country, found.code.partition("-")[2], name or names[0])
        codes |= {region.code.lower(): region, region.full.lower(): region}
        level = inner if found.parent_code else outer
        for each in {plain_name(each) for each in (name, *names, *others) if each}:
            level[each] = region if level.get(each, region) == region else None
    return {**outer, **inner, **codes}


@cache
def _extra() -> dict[str, tuple[str, list[str]]]:
    return {row["code"]: (row["name"], row["others"].split(";")) for row in rows("regions.csv")}


def _names(standard: str) -> Iterator[str]:
    """The names in what the standard calls a region, the one to give first."""
    main = _REMARK.sub("", _BRACKETED.sub("", standard))
    head, comma, tail = main.partition(", ")
    yield f"{tail} {head}" if comma and " " not in head and " and " not in tail else main
    yield from (main, head, *_BRACKETED.findall(standard))
    yield from (part.strip() for part in main.split("/"))
