"""The value of a filter row as controls of a form, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from topstitch.engine.filters import RELATIVE
from topstitch.errors import ConfigError, MappingError
from topstitch.sdk.fields import Field
from topstitch.values.conditions import moment
from topstitch.values.numbers import to_number
from topstitch.web.service_forms.filters_words import EMPTY, MANY, NUMBERS, TIMES, UNITS, text_of

#: The texts of a row's controls by their names: value, to (of between), amount, unit.
Values = Mapping[str, Sequence[str]]

NONE, SPAN, TWO, LINES, TICKS, YES, CHOICE, ONE = "none", "span", "two", "lines", "ticks", "yes", "choice", "one"
LONGEST = 1024
MOST = 1000
MOST_AMOUNT = 100_000
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def control_of(op: str, field: Field | None) -> str:
    """Which controls an operator needs for a field."""
    if op in EMPTY:
        return NONE
    if op in RELATIVE:
        return SPAN
    if op == "between":
        return TWO
    if op in MANY:
        return TICKS if field and field.choices else LINES
    if field and op in ("equals", "not_equals"):
        if field.type == "boolean":
            return YES
        if field.choices:
            return CHOICE
    return ONE


def input_type(field: Field | None, values: Values) -> str:
    """Of a text's control: date and date-time pickers where they can show what there is already."""
    kind = field.type if field else ""
    there = [text for name in ("value", "to") for text in values.get(name, ()) if text]
    if kind == "date" and all(len(text) == 10 for text in there):
        return "date"
    if kind == "datetime" and all(_LOCAL.fullmatch(text) for text in there):
        return "datetime-local"
    return "text"


def shown(value: Any) -> dict[str, list[str]]:
    """A stored value as texts for whichever control."""
    if isinstance(value, dict):
        return {"amount": [text_of(value.get("amount"))], "unit": [text_of(value.get("unit"))]}
    if isinstance(value, list | tuple):
        texts = [text_of(each) for each in value]
        return {"value": texts, "to": texts[1:2]}
    return {"value": [text_of(value)]} if value is not None else {}


def read(control: str, values: Values, field: Field | None, zone: tzinfo) -> Any:
    """The value that the controls say. Raises ConfigError, whose `place` is the control that is wrong."""
    match control:
        case "none":
            return None
        case "span":
            return _span(values)
        case "lines" | "ticks":
            return _many(values, field)
        case "two":
            return _two(values, field, zone)
        case "yes":
            return _one(values, "value", None, zone) == "true"
        case _:
            return _one(values, "value", field, zone)


def lines_of(values: Values) -> list[str]:
    """Several values: one a line, or one a box."""
    return [line.strip() for text in values.get("value", ()) for line in text.splitlines() if line.strip()]


def _wrong(control: str, message: str, hint: str) -> ConfigError:
    return ConfigError(message, key=control, hint=hint)


def _first(values: Values, name: str) -> str:
    return values[name][0].strip() if values.get(name) else ""


def _span(values: Values) -> dict[str, Any]:
    amount, unit = _first(values, "amount"), _first(values, "unit")
    if not (amount.isascii() and amount.isdigit() and len(amount) < 7 and int(amount) <= MOST_AMOUNT):
        raise _wrong("amount", f"{amount[:20]!r} is no number of {unit or 'minute'}s", "Write one, as in 10.")
    if unit not in UNITS:
        raise _wrong("unit", "the unit is missing", f"Choose one of {', '.join(UNITS)}.")
    return {"amount": int(amount), "unit": unit}


def _many(values: Values, field: Field | None) -> list[Any]:
    lines = lines_of(values)
    if not lines:
        raise _wrong("value", "no value is named", "Name at least one, each on a line of its own.")
    if len(lines) > MOST:
        raise _wrong("value", f"{len(lines):,} values are more than {MOST:,}", "Use fewer, or a range.")
    return [_typed(line, "value", field) for line in lines]


def _two(values: Values, field: Field | None, zone: tzinfo) -> list[Any]:
    pair = [_one(values, name, field, zone) for name in ("value", "to")]
    low, high = (_order(each, field, zone) for each in pair)
    if low is not None and high is not None and low > high:
        raise _wrong("to", f"nothing is between {pair[0]} and {pair[1]}", "Write the lower one first.")
    return pair


def _order(value: Any, field: Field | None, zone: tzinfo) -> Any:
    if field and field.type in TIMES:
        return moment(value, zone)
    return _number(str(value)) if field and field.type in NUMBERS else None


def _one(values: Values, name: str, field: Field | None, zone: tzinfo) -> Any:
    text = _first(values, name)
    if not text:
        raise _wrong(name, "the value is missing", "Write one; for records without any, choose “is empty”.")
    if field and field.type in TIMES and moment(text, zone) is None:
        raise _wrong(name, f"{text[:40]!r} is no date", "Write it as 2027-01-31, or with its time as 2027-01-31T09:30.")
    return _typed(text, name, field)


def _typed(text: str, name: str, field: Field | None) -> Any:
    """A whole number as one where the field holds numbers, any other value as its text."""
    if len(text) > LONGEST:
        raise _wrong(name, f"it has {len(text):,} characters", f"Use at most {LONGEST:,}.")
    if field is None or field.type not in NUMBERS:
        return text
    number = _number(text)
    if number is None:
        raise _wrong(name, f"{text[:40]!r} is no number", "Write one, as in 12 or 9.95.")
    return int(number) if str(number) == text and number == int(number) else text


def _number(text: str) -> Decimal | None:
    try:
        return to_number(text)
    except MappingError:
        return None
