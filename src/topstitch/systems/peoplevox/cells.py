"""Values on their way into a CSV cell: each in the form Peoplevox takes, or refused with a reason."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from topstitch.systems.peoplevox.moments import written

#: XML 1.0 has no place for these, not even escaped.
_CONTROLS = frozenset(chr(code) for code in range(32) if chr(code) not in "\t\n\r") | {"\ufffe", "\uffff"}
_TRUE, _FALSE = frozenset({"true", "yes", "y", "1", "on"}), frozenset({"false", "no", "n", "0", "off"})
_NUMBERS = frozenset({"integer", "decimal", "money"})


def as_cell(value: object, kind: str, zone: ZoneInfo) -> str:
    """A value of the field type `kind` as text; None is an empty cell. Raises ValueError saying what is wrong with it."""
    if value is None or value == "":
        return ""
    if kind in _NUMBERS:
        return _number(value, kind)
    if kind == "boolean":
        return _boolean(value)
    if kind == "datetime":
        value = written(value, zone)
    return _text(value)


def _number(value: object, kind: str = "money") -> str:
    """Money as it was given, 12.50 for 12.50; of other numbers whole ones without decimals, 5 for 5.0."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    whole = number == number.to_integral_value()
    if kind == "integer" and not whole:
        raise ValueError(f"{value!r} is no whole number")
    return format(number.to_integral_value() if whole and kind != "money" else number, "f")


def _boolean(value: object) -> str:
    word = str(value).strip().lower()
    if word in _TRUE:
        return "true"
    if word in _FALSE:
        return "false"
    raise ValueError(f"{value!r} is neither true nor false")


def _text(value: object) -> str:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return value.isoformat()
    raise ValueError(f"a {type(value).__name__} does not fit into one cell")


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _CONTROLS.isdisjoint(text):
        raise ValueError("it holds a control character, which cannot be sent")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character (a lone surrogate), which cannot be sent") from None
    return text
