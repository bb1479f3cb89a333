"""From what a mapping gives to exactly what the shop stores, and the check that it did store it.

The shop cleans bad values in silence ("10,50" becomes 1050, an unknown status a draft), so they are refused here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from topstitch.sdk import Record, RemoteRejected

_BLANKS, _BARCODE = re.compile(r"[\r\n\t ]+"), re.compile(r"[0-9-]+[Xx]?", re.ASCII)
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")
#: What an address is made of, the e-mail address of billing aside.
ADDRESS = (
    *("first_name", "last_name", "company", "address_1", "address_2"),
    *("city", "state", "postcode", "country", "phone"),
)
#: Fields of which an answer shows whether they were taken over.
_COMPARED = (
    *("sku", "status", "type", "regular_price", "sale_price", "manage_stock", "stock_quantity"),
    *("backorders", "tax_status", "catalog_visibility", "weight", "global_unique_id"),
)


def refuse(message: str, field: str) -> NoReturn:
    """Refuse a record before it is sent."""
    raise RemoteRejected(f"{field}: {message}", field=field)


def number(value: object, field: str) -> Decimal:
    """A finite number; text must have a decimal point, no comma and no currency."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        found = Decimal(str(value).strip())
    except InvalidOperation:
        refuse(f"{value!r} is not a number such as 10.50", field)
    if not found.is_finite():
        refuse(f"{value!r} is not a number", field)
    return found


def money(value: object, field: str) -> str:
    """A price of zero or more, as the text with a point that the shop wants; nothing clears it."""
    if value is None or value == "":
        return ""
    amount = number(value, field)
    if amount < 0:
        refuse(f"{value!r} is below zero", field)
    return format(amount, "f")


def amount_text(amount: Decimal) -> str:
    """A computed amount with two places or as many as it needs, six at most."""
    rounded = amount.quantize(Decimal("0.000001"))
    plain = rounded.quantize(Decimal("0.01"))
    return format(plain if plain == rounded else rounded.normalize(), "f")


def measure(value: object, field: str) -> str:
    """A weight or a length as text."""
    return money(value, field)


def whole(value: object, field: str) -> int:
    """A whole number: the shop cuts off fractions in batches."""
    amount = number(value, field)
    if amount != amount.to_integral_value():
        refuse(f"{value!r} is not a whole number", field)
    return int(amount)


def flag(value: object, field: str) -> bool:
    """A truth value, also from the usual words."""
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    refuse(f"{value!r} is neither true nor false", field)


def text(value: object, field: str) -> str:
    """Text; a number becomes its digits."""
    if isinstance(value, dict | list):
        refuse("must be text", field)
    return str(value)


def sku(value: object, field: str) -> str:
    """A SKU as the shop stores it: without blanks around it, and single ones in it."""
    return single_spaced(text(value, field))


def single_spaced(words: str) -> str:
    """Text the way WordPress cleans a line of it."""
    return _BLANKS.sub(" ", words).strip()


def barcode(value: object, field: str) -> str:
    """A GTIN: the shop takes everything but digits and hyphens out of it, so anything else is refused here."""
    digits = "".join(text(value, field).split())
    if not _BARCODE.fullmatch(digits):
        refuse(f"{value!r} is no barcode: digits and hyphens, with an X at the end of an ISBN", field)
    return digits


def one_of(value: object, field: str, choices: Sequence[str]) -> str:
    """A word out of a list that the shop would not check."""
    word = str(value).strip()
    if word not in choices:
        refuse(f"{word!r} is none of {', '.join(choices)}", field)
    return word


def filled(record: Mapping[str, Any]) -> Record:
    """Without what is empty, also inside: an empty e-mail address is an error to the shop, a missing one is not."""
    kept = {name: filled(value) if isinstance(value, dict) else value for name, value in record.items()}
    return {name: value for name, value in kept.items() if value is not None and value not in ("", {})}


def compare(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Refuse when the shop answered success but kept something else than was sent."""
    for field in _COMPARED:
        if field in sent and field in answer and not _same(sent[field], answer[field]):
            kept, wanted = answer[field], sent[field]
            refuse(f"the shop answered success but kept {kept!r} in place of {wanted!r}", field)


def metas(record: Mapping[str, Any]) -> list[Record]:
    """The entries of meta data that say something, as the shop takes them."""
    return [{"key": m["key"], "value": m.get("value")} for m in record.get("meta_data") or () if m and m.get("key")]


def metas_differ(wanted: Sequence[Mapping[str, Any]], held: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether an entry is missing or has another value. What was sent as a number or a truth value comes back as text."""
    values = {m.get("key"): m.get("value") for m in held or ()}
    return any(not _same_meta(m["value"], values.get(m["key"])) for m in wanted)


def _same_meta(wanted: object, held: object) -> bool:
    if isinstance(wanted, dict | list):
        return wanted == held
    if isinstance(wanted, int | float | Decimal) and not isinstance(wanted, bool):
        return _same(wanted, held)
    return _stored(wanted) == _stored(held)


def _stored(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)


def _same(one: object, other: object) -> bool:
    if one == other or str(one) == str(other):
        return True
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return False
