"""Parameters of functions: their types, choices and bounds, and how a given argument is checked and cast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal

from topstitch.errors import ConfigError, MappingError
from topstitch.values.numbers import to_integer, to_number
from topstitch.values.text import as_text, show
from topstitch.values.truth import as_boolean


class Required(Enum):
    """The default of a parameter that must be given."""

    REQUIRED = "required"


REQUIRED = Required.REQUIRED

#: Python type -> name in descriptions. `object` is any JSON value, `list` a list of texts (or one text).
KINDS: dict[type, str] = {
    str: "text",
    int: "integer",
    Decimal: "number",
    bool: "boolean",
    list: "texts",
    object: "any",
}
#: Lists from which a screen may offer values, where `choices` would be too long or change.
Offer = Literal["", "lookup", "zone", "currency", "unit", "date_letters", "path", "field", "script"]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. With `default=None` null is allowed. `minimum` and `maximum` bound numbers, texts by length."""

    name: str
    title: str
    kind: type
    default: object = REQUIRED
    choices: Sequence[str] = ()
    help: str = ""
    minimum: int | None = None
    maximum: int | None = None
    offer: Offer = ""

    def read(self, args: Mapping[str, object], place: str) -> object:
        """The argument of this parameter, cast. Raises ConfigError naming parameter, value and what is valid."""
        value = args.get(self.name, self.default)
        if value is REQUIRED:
            raise ConfigError(f"the parameter {self.name!r} ({self.title}) is missing", place=place)
        if value is None and self.default is None:
            return None
        try:
            typed = self._cast(value)
        except MappingError as error:
            raise ConfigError(f"the parameter {self.name!r} must be {self._wanted()}: {error}", place=place) from error
        if (self.choices and typed not in self.choices) or not self._in_bounds(typed):
            raise ConfigError(f"the parameter {self.name!r} must be {self._wanted()}, not {show(value)}", place=place)
        return typed

    def _cast(self, value: object) -> object:
        if self.kind is object:
            return value
        if value is None:
            raise MappingError("it is null")
        if self.kind is str:
            return as_text(value)
        if self.kind is int:
            return to_integer(value)
        if self.kind is Decimal:
            return to_number(value)
        if self.kind is bool:
            return as_boolean(value)
        if isinstance(value, list | tuple):
            return [as_text(item) for item in value]
        return [as_text(value)] if value != "" else []

    def _in_bounds(self, typed: object) -> bool:
        size = len(typed) if isinstance(typed, str) else typed
        if not isinstance(size, int | Decimal) or isinstance(size, bool):
            return True
        return (self.minimum is None or size >= self.minimum) and (self.maximum is None or size <= self.maximum)

    def _wanted(self) -> str:
        if self.choices:
            return f"one of {', '.join(choice or repr('') for choice in self.choices)}"
        bounds = [f"at least {self.minimum}"] if self.minimum is not None else []
        bounds += [f"at most {self.maximum}"] if self.maximum is not None else []
        unit = " characters" if self.kind is str and bounds else ""
        what = {str: "text", int: "a whole number", Decimal: "a number", bool: "true or false"}.get(self.kind, "a list")
        return what + (f" of {' and '.join(bounds)}{unit}" if bounds else "")

    def describe(self) -> dict[str, object]:
        """As JSON, for forms and reference pages; `default` is absent when the parameter is required."""
        described: dict[str, object] = {
            "name": self.name,
            "title": self.title,
            "kind": KINDS[self.kind],
            "required": self.default is REQUIRED,
        }
        if self.default is not REQUIRED:
            described["default"] = plain(self.default)
        optional = {"choices": list(self.choices), "help": self.help, "offer": self.offer}
        described |= {key: value for key, value in optional.items() if value}
        described |= {
            key: bound for key, bound in (("minimum", self.minimum), ("maximum", self.maximum)) if bound is not None
        }
        return described


def plain(value: object) -> object:
    """A value as JSON shows it: decimals and dates as text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return as_text(value) if isinstance(value, Decimal | datetime | date) else value
