"""Values: Odoo's shapes made tidy when read, and what a mapping gives made into what Odoo takes when written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from topstitch.sdk import Record, RemoteRejected

WRITTEN = "%Y-%m-%d %H:%M:%S"
#: False means "empty" in fields of every other type.
_TRUE_FALSE = frozenset({"boolean"})
_NUMBERS = frozenset({"integer", "float", "monetary"})
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


def tidy(row: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> Record:
    """A row with null for empty and {"id", "name"} for many2one; names and everything else stay Odoo's."""
    return {name: _tidy(value, str(fields.get(name, {}).get("type", ""))) for name, value in row.items()}


def _tidy(value: Any, kind: str) -> Any:
    if kind == "many2one":
        return {"id": value[0], "name": value[1]} if value else None
    if value is False and kind not in _TRUE_FALSE and kind not in _NUMBERS:
        return None
    return value


def id_of(value: Any) -> int:
    """The id in a many2one, raw or tidy; 0 when it is empty."""
    if isinstance(value, Mapping):
        return int(value["id"])
    return int(value[0]) if value else 0


def utc_text(moment: datetime) -> str:
    """A moment as Odoo writes it."""
    return moment.astimezone(UTC).strftime(WRITTEN)


def next_second(text: str) -> str:
    """The second after this one."""
    return (datetime.strptime(text, WRITTEN).replace(tzinfo=UTC) + timedelta(seconds=1)).strftime(WRITTEN)


def given(record: Mapping[str, Any], name: str) -> Any:
    """A value of a record, None when it is absent or an empty text. Spaces around a text do not count."""
    value = record.get(name)
    return (value.strip() or None) if isinstance(value, str) else value


def text(value: Any, field: str) -> str:
    """A text. Raises RemoteRejected for lists and objects."""
    if isinstance(value, dict | list):
        raise RemoteRejected(f"{field} must be a text, not {type(value).__name__}", field=field)
    return str(value).strip()


def plain(value: Any) -> str:
    """What Odoo holds as a text to compare with: notes have been HTML since 15."""
    return re.sub(r"<[^>]*>", "", str(value or "")).strip()


def number(value: Any, field: str) -> float:
    """A number, also from text with a point. Raises RemoteRejected for anything else."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite():
        raise RemoteRejected(f"{field} must be a number, not {value!r}", field=field)
    return float(found)


def same_amount(held: float, sent: float, decimals: int | None) -> bool:
    """Whether Odoo would hold `sent` as `held`: rounded to so many decimals, or as it is."""
    return abs(held - sent) <= (0.0 if decimals is None else 0.5 * 10**-decimals) + 1e-9


def flag(value: Any, field: str) -> bool:
    """Yes or no. Raises RemoteRejected for words that are neither."""
    if isinstance(value, bool):
        return value
    found = _WORDS.get(str(value).strip().lower())
    if found is None:
        raise RemoteRejected(f"{field} must be true or false, not {value!r}", field=field)
    return found


def moment(value: Any, field: str) -> str:
    """A date-time as Odoo takes it, in UTC; without an offset it is UTC already. Raises RemoteRejected."""
    if isinstance(value, datetime):
        return utc_text(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return f"{value:%Y-%m-%d} 00:00:00"
    try:
        parsed = datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise RemoteRejected(f"{field} must be a date and time, not {value!r}", field=field) from error
    return utc_text(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def day(value: Any, field: str) -> str:
    """A date. Raises RemoteRejected."""
    return moment(value, field)[:10]
