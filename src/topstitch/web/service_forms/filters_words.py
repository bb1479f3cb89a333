"""What filter rows are in words, and which operators a field of a type can have."""

from __future__ import annotations

from typing import Any

from topstitch.engine.filters import RELATIVE
from topstitch.engine.spec import OPERATORS, FilterRow
from topstitch.sdk.fields import Field
from topstitch.web.components.words import counted, operator_words

UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
EMPTY = ("is_empty", "is_not_empty")
MANY = ("in", "not_in")

_SAME = ("equals", "not_equals", *MANY)
_ORDER = ("greater", "greater_or_equal", "less", "less_or_equal", "between")
_TEXT = (*_SAME, "contains", "starts_with", "ends_with", *EMPTY)
_NUMBER = ("equals", "not_equals", *_ORDER, *MANY, *EMPTY)
_TIME = (*RELATIVE, "after", "before", "between", *EMPTY)
NUMBERS = ("integer", "decimal", "money", "weight", "length")
TIMES = ("datetime", "date")
_OPERATORS = {
    **dict.fromkeys(NUMBERS, _NUMBER),
    **dict.fromkeys(TIMES, _TIME),
    "boolean": ("equals", *EMPTY),
    "enum": (*_SAME, *EMPTY),
    "array": ("contains", *EMPTY),
    "object": EMPTY,
    "any": OPERATORS,
}
_TYPES = {
    "id": "Id",
    "integer": "Whole number",
    "decimal": "Number",
    "boolean": "Yes or no",
    "datetime": "Date and time",
    "email": "E-mail",
    "phone": "Telephone",
    "url": "Address",
    "enum": "Choice",
    "array": "List",
    "object": "Group of fields",
    "any": "Not known",
}


def type_words(field: Field | None) -> str:
    """The type of a field as people say it."""
    kind = field.type if field else "any"
    return _TYPES.get(kind, kind.capitalize())


def operators_of(field: Field | None, own: str = "") -> tuple[str, ...]:
    """What a field can be compared by; with the one that a row has already."""
    fitting: tuple[str, ...] = _OPERATORS.get(field.type if field else "any", _TEXT)
    return fitting if not own or own in fitting or own not in OPERATORS else (*fitting, own)


def row_words(row: FilterRow, field: Field | None) -> str:
    """A row as part of a sentence: `Changed at is in the last 10 minutes`."""
    name = field.label if field else row.field
    value = value_words(row)
    if row.op == "more_than_ago":
        return f"{name} is more than {value} ago"
    return f"{name} {operator_words(row.op)} {value}".rstrip()


def value_words(row: FilterRow) -> str:
    """The value alone."""
    value = row.value
    if row.op in EMPTY:
        return ""
    if row.op in RELATIVE and isinstance(value, dict) and isinstance(value.get("amount"), int):
        return counted(value["amount"], str(value.get("unit", "")))
    if row.op == "between" and isinstance(value, list | tuple):
        return " and ".join(map(text_of, value))
    if isinstance(value, list | tuple):
        return ", ".join(map(text_of, value))
    return text_of(value) or "nothing"


def text_of(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
