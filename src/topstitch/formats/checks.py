"""Checks of format settings: each says which key is wrong, what it holds and what it may hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NoReturn

from topstitch.errors import ConfigError


def refuse(key: str, value: object, allowed: str) -> NoReturn:
    """Raise the `ConfigError` of the setting `key`."""
    raise ConfigError(f"{key} is {value!r}; it must be {allowed}", place=f"format setting {key!r}", key="config.format")


def one_of(key: str, value: object, choices: Collection[str]) -> None:
    if not isinstance(value, str) or value not in choices:
        refuse(key, value, "one of " + ", ".join(repr(choice) for choice in choices))


def boolean(key: str, value: object) -> None:
    if not isinstance(value, bool):
        refuse(key, value, "true or false")


def number(key: str, value: object, *, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        refuse(key, value, f"a whole number from {low} to {high}")


def text(key: str, value: object, *, empty: bool = True) -> None:
    if not isinstance(value, str) or not (value or empty):
        refuse(key, value, "text" if empty else "text, and not empty")


def character(key: str, value: object) -> None:
    if not isinstance(value, str) or len(value) != 1 or value in "\r\n\0":
        refuse(key, value, "exactly one character, and no line break")


def names(key: str, value: object) -> tuple[str, ...]:
    """Return a list of distinct, non-empty names as a tuple."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        refuse(key, value, "a list of names")
    for name in value:
        if not isinstance(name, str) or not name:
            refuse(key, name, "a list of names, none of them empty")
        if value.count(name) > 1:
            refuse(key, name, "a list of names in which none comes twice")
    return tuple(value)
