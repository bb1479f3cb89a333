"""Checking what a person typed into a form of settings: casting, defaults, required ones, choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from topstitch.errors import ConfigError
from topstitch.sdk.model import Setting

MAX_LENGTH = 65_536
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0", ""}


def checked_settings(declared: Sequence[Setting], given: Mapping[str, Any], *, place: str = "") -> dict[str, Any]:
    """All declared settings with `given` values cast and defaults filled in.

    Raises ConfigError naming the setting for an unknown name, a missing required one or a value of the wrong kind.
    """
    known = {s.name for s in declared}
    for name in given:
        if name not in known:
            raise ConfigError(
                f"unknown setting {name!r}; there are {', '.join(sorted(known))}", place=place, key="setting"
            )
    values = {s.name: _cast(s, given.get(s.name), place) for s in declared}
    for setting in declared:
        if setting.required and values[setting.name] in (None, "") and applies(setting, values):
            raise ConfigError(
                f"{setting.label} ({setting.name}) is missing", place=place, key="setting", hint=setting.find
            )
    return values


def applies(setting: Setting, values: Mapping[str, Any]) -> bool:
    """Whether this setting is asked for, given the others."""
    return all(str(values.get(name)) in allowed for name, allowed in setting.when.items())


def _cast(setting: Setting, value: Any, place: str) -> Any:
    if value is None or value == "":
        return setting.default
    if isinstance(value, str) and len(value) > MAX_LENGTH:
        raise ConfigError(f"{setting.label} is longer than {MAX_LENGTH} characters", place=place, key="setting")
    try:
        return _CASTS.get(setting.kind, _text)(setting, value)
    except ValueError as error:
        shown = "the value given" if setting.secret else repr(value)
        raise ConfigError(f"{setting.label} ({setting.name}): {shown} {error}", place=place, key="setting") from error


def _text(setting: Setting, value: Any) -> str:
    if isinstance(value, dict | list):
        raise ValueError("must be text")
    return str(value) if setting.kind == "multiline" else str(value).strip()


def _integer(setting: Setting, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("is not a whole number") from None
    if isinstance(value, bool) or (isinstance(value, float) and value != number):
        raise ValueError("is not a whole number")
    return number


def _number(setting: Setting, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError("is not a number") from None
    if isinstance(value, bool) or not isfinite(number):
        raise ValueError("is not a number")
    return number


def _boolean(setting: Setting, value: Any) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("is neither yes nor no")


def _choice(setting: Setting, value: Any) -> str:
    if str(value) not in setting.choices:
        raise ValueError(f"is not one of {', '.join(setting.choices)}")
    return str(value)


def _date(setting: Setting, value: Any) -> str:
    text = str(value).strip()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("is not a date such as 2027-01-31") from None


def _url(setting: Setting, value: Any) -> str:
    text = str(value).strip().rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    return text


_CASTS = {"integer": _integer, "number": _number, "boolean": _boolean, "choice": _choice, "url": _url, "date": _date}
