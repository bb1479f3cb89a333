"""Addresses as `MailingAddressInput`. Shopify takes regions only as codes: names become codes where it has any."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from topstitch.sdk import Connection, RemoteRejected, Setting
from topstitch.systems.shopify.api import Json
from topstitch.systems.shopify.convert import at, first, given, text

_PLAIN = ("firstName", "lastName", "company", "address1", "address2", "city", "zip", "phone")
_CODE = re.compile(r"[A-Z0-9]{1,3}|[A-Z]{2}-[A-Z0-9]{1,3}")
UNKNOWN_REGION = Setting(
    name="unknown_region",
    label="Regions without a code",
    kind="choice",
    choices=("leave_out", "address2", "reject"),
    default="leave_out",
    help="Shopify takes regions only as codes. The names of Australian, Canadian, Irish and US regions are turned into "
    "theirs. Any other name, such as a British county: leave it out and say so in the log, add it to the second line of the "
    "address, or reject the record.",
)


def address(conn: Connection, source: Any, field: str, options: Mapping[str, Any]) -> Json | None:
    """A `MailingAddressInput`. Takes the fields as they are read too (`name`, `countryCodeV2`, `country`, `province`).

    Raises RemoteRejected naming the field for a country that is no code of two letters, and for a region that has no
    code where the option `unknown_region` says so.
    """
    if not isinstance(source, dict):
        return None
    made = given(**{name: text(source.get(name), f"{field}.{name}") or None for name in _PLAIN})
    if not made.get("firstName") and not made.get("lastName") and at(source, "name"):
        made["firstName"], _, made["lastName"] = str(source["name"]).strip().rpartition(" ")
    country = first(source, "countryCode", "countryCodeV2", "country")
    if country is not None:
        made["countryCode"] = _country(country, f"{field}.countryCode")
    region = first(source, "provinceCode", "province")
    if region is not None and str(region).strip():
        made |= _region(conn, str(region).strip(), made, field, options)
    return made if any(value for value in made.values()) else None


def _country(value: Any, field: str) -> str:
    code = str(value).strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise RemoteRejected(f"{field} must be a country code of two letters, not {value!r}", field=field)
    return {"UK": "GB"}.get(code, code)


def _region(conn: Connection, region: str, made: Json, field: str, options: Mapping[str, Any]) -> Json:
    """What becomes of a region: its code, or else what the service says."""
    country = made.get("countryCode", "")
    if code := _code(region, country):
        return {"provinceCode": code}
    message = f"{field}.province: {region!r} is no region of {country or 'no country'} whose code is known"
    wish = options.get("unknown_region")
    if wish == "reject":
        hint = "Map its code to provinceCode, or choose in the service what is done with regions without a code."
        raise RemoteRejected(message, field=f"{field}.province", hint=hint)
    if wish == "address2":
        return {"address2": ", ".join(filter(None, (made.get("address2"), region)))}
    conn.log("info", f"{message}: left out")
    return {}


def _code(region: str, country: str) -> str | None:
    """The code of a region that is given by code, with its country before it or not, or by name; None where it has none."""
    if found := _known(country).get(_plain(region)):
        return found
    code = region if country in _data()["prefixed"] else region.removeprefix(f"{country}-")
    return code if _CODE.fullmatch(code) else None


@cache
def _data() -> Json:
    return tomllib.loads(files(__package__).joinpath("regions.toml").read_text("utf-8"))


@cache
def _known(country: str) -> dict[str, str]:
    """The codes of a country's regions by everything they may be called."""
    found: dict[str, str] = {}
    for code, names in _data()["names"].get(country, {}).items():
        found |= {_plain(each): code for each in (code, f"{country}-{code}", *names.split("|"))}
    return found


def _plain(name: str) -> str:
    """A name without case, accents, signs and the word county."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", re.sub(r"^\s*(county|co\.?) ", "", bare))
