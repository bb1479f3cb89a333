"""What a mapping gives, made into exactly what the vendor's inputs take; what cannot be is refused with its field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from topstitch.sdk import RemoteRejected
from topstitch.systems.shopify.api import Json
from topstitch.systems.shopify.search import dig

#: Where a record may name the record in Shopify that it is to change, in place of what is known of it from before.
TARGET = ("targetId", "id")
_TRUE, _FALSE = {"true", "yes", "1", "on", "y"}, {"false", "no", "0", "off", "n", ""}
_MOST_INT = 2**31 - 1


def at(record: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none or an empty text."""
    value = dig(record, path.split("."))
    return None if value == "" else value


def first(record: Any, *paths: str) -> Any:
    """The first value that is there, of several paths."""
    return next((value for path in paths if (value := at(record, path)) is not None), None)


def emptied(record: Any, path: str) -> bool:
    """Whether a record says that there is to be nothing at a dotted path, which is more than not speaking of it."""
    *above, last = path.split(".")
    owner = dig(record, above)
    return isinstance(owner, dict) and last in owner and at(owner, last) is None


def text(value: Any, field: str) -> str | None:
    """Text; numbers as they are written, None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        raise RemoteRejected(f"{field} must be text, not {value!r}", field=field)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def whole(value: Any, field: str) -> int:
    """A whole number of 32 bits."""
    number = _decimal(value, field)
    if number != number.to_integral_value() or abs(number) > _MOST_INT:
        raise RemoteRejected(f"{field} must be a whole number, not {value!r}", field=field)
    return int(number)


def money(value: Any, field: str) -> str:
    """An amount as the text the vendor wants: `12.5`, `0.99`."""
    return format(_decimal(value, field), "f")


def number(value: Any, field: str) -> float:
    """A number for a Float input."""
    return float(_decimal(value, field))


def _decimal(value: Any, field: str) -> Decimal:
    try:
        found = Decimal(str(value).strip()) if not isinstance(value, bool) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise RemoteRejected(f"{field} must be a number, not {value!r}", field=field)
    return found


def flag(value: Any, field: str) -> bool:
    """Yes or no."""
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise RemoteRejected(f"{field} must be yes or no, not {value!r}", field=field)


def choice(value: Any, allowed: Iterable[str], field: str) -> str:
    """One of the vendor's words, in any case, with spaces for underscores."""
    word = re.sub(r"[\s-]+", "_", str(value).strip()).upper()
    if word not in allowed:
        raise RemoteRejected(f"{field} must be one of {', '.join(allowed)}, not {value!r}", field=field)
    return word


def words(value: Any, field: str) -> list[str]:
    """A list of texts: a list as it is, or text with commas."""
    many = value if isinstance(value, list) else str(value).split(",")
    return [str(text(each, field)).strip() for each in many if each not in (None, "") and str(each).strip()]


def when(value: Any, field: str) -> str:
    """A time in ISO 8601 with its offset; without one it is taken as UTC."""
    try:
        found = (
            value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
        )
    except ValueError:
        raise RemoteRejected(f"{field} must be a time as in 2026-01-31T12:00:00Z, not {value!r}", field=field) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")


def rows(record: Mapping[str, Any], name: str) -> list[Json]:
    """The objects of a list; one object counts as a list of one. Refuses anything else."""
    value = record.get(name)
    many = value if isinstance(value, list) else [] if value in (None, "") else [value]
    for each in many:
        if not isinstance(each, dict):
            raise RemoteRejected(f"{name} must be a list of objects, not {each!r}", field=name)
    return many


def given(**values: Any) -> Json:
    """Only what is there: an input without its None values, which the vendor would take as "make it empty"."""
    return {name: value for name, value in values.items() if value is not None}


def metafield_value(value: Any, field: str = "value") -> str:
    """A metafield's value, which is always text: true, 12.5, a list as JSON."""
    if value is None or value == "":
        raise RemoteRejected(f"{field} is empty, and a metafield cannot be", field=field)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(text(value, field))


def metafields(record: Mapping[str, Any], name: str = "metafields") -> list[Json]:
    """The metafields of a record: namespace (default `custom`), key, value as text, type where it is said."""
    found = []
    for place, each in enumerate(rows(record, name)):
        field = f"{name}[{place}]"
        if each.get("value") in (None, ""):
            continue
        if not each.get("key"):
            raise RemoteRejected(f"{field} has no key", field=f"{field}.key")
        value = metafield_value(each["value"], f"{field}.value")
        found.append(
            given(namespace=each.get("namespace") or "custom", key=each["key"], value=value, type=each.get("type"))
        )
    return found


def custom_id(record: Mapping[str, Any], name: str) -> Json:
    """A `UniqueMetafieldValueInput` of the metafield that identifies records, named as in `custom.erp_id`."""
    namespace, _, key = name.rpartition(".")
    for field in metafields(record):
        if (field["namespace"], field["key"]) == (namespace or "custom", key):
            return {"namespace": field["namespace"], "key": key, "value": field["value"]}
    raise RemoteRejected(f"the record has no metafield {name}, by which the service identifies it", field="metafields")
