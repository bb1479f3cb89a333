"""Text out of values: how numbers, dates and booleans are written, and how text is cleaned."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

from topstitch.errors import MappingError

#: Integers and decimals longer than this are damage, not data; writing them out could take for ever.
MAX_DIGITS = 400
_MAX_BITS = 1330
_WHOLE_FLOAT = 1e15
#: Letters that Unicode does not take apart into a letter and an accent.
_UNDIVIDED = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {
        "ŧ": "t",
        "Ŧ": "T",
        "ŋ": "n",
        "Ŋ": "N",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "Th",
        "ı": "i",
        "ħ": "h",
        "Ħ": "H",
    }
)
_SPACES = re.compile(r"\s+")


def show(value: object, limit: int = 60) -> str:
    """A value as an error message quotes it: short, on one line, never failing."""
    if isinstance(value, list | tuple | dict | set):
        kind = "an object" if isinstance(value, dict) else "a list"
        return f"{kind} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return "a number of several hundred digits"
    if isinstance(value, str):
        shown = repr(value[:limit])
        # Escapes may make it several times as long.
        whole = len(value) <= limit and len(shown) <= 2 * limit
        return shown if whole else f"{shown[: 2 * limit]}... ({len(value)} characters)"
    text = repr(value) if isinstance(value, bytes) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}..."


def as_text(value: object) -> str:
    """Cast to text. Null becomes "", booleans `true` and `false`, numbers plain digits without an exponent.

    A float that is whole loses its `.0`, because JSON and spreadsheets do not tell 5 from 5.0; a Decimal keeps its
    zeros (`12.50`). Dates become ISO 8601. Raises MappingError for lists, objects, bytes and what is not a number.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise MappingError(f"a number of more than {MAX_DIGITS} digits cannot become text", value=value)
        return str(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    hint = "Join the list first, or pick one of its elements." if isinstance(value, list) else ""
    raise MappingError(f"{show(value)} cannot become text", value=value, hint=hint)


def _float_text(value: float) -> str:
    if value.is_integer() and abs(value) < _WHOLE_FLOAT:
        return str(int(value))
    text = repr(value)
    # With an exponent, infinite or not a number: the others are digits and a point already.
    return _decimal_text(Decimal(text)) if "e" in text or "n" in text else text


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        raise MappingError(f"{value} is not a number", value=value)
    if abs(value.adjusted()) <= MAX_DIGITS:
        text = format(value, "f")
        # The exponent is looked at only where the text is long: to ask for it takes as long as to write the text.
        if len(text) <= MAX_DIGITS or abs(int(value.as_tuple().exponent)) <= MAX_DIGITS:
            return text
    raise MappingError(f"a number of more than {MAX_DIGITS} digits cannot become text", value=value)


def strip_accents(text: str) -> str:
    """Plain letters for accented ones: `Ærøskøbing, Straße` -> `AEroskobing, Strasse`. Other scripts stay."""
    if text.isascii():
        return text
    # Accents go before, too: to put a hundred thousand of them in order would take seconds.
    bare = "".join(c for c in text if not unicodedata.combining(c))
    apart = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", apart.translate(_UNDIVIDED))


def squeeze(text: str) -> str:
    """One space for each run of white space, none at the ends."""
    return _SPACES.sub(" ", text).strip()
