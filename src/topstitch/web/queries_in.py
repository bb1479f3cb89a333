"""Reading a screen's choices from its address. What cannot be read counts as not chosen: a link never breaks."""

from __future__ import annotations

from datetime import date, datetime

from django.http import QueryDict


def whole(query: QueryDict, name: str) -> int | None:
    """A whole number that a database column can hold."""
    try:
        value = int(query.get(name, ""))
    except ValueError:
        return None
    return value if abs(value) < 2**31 else None


def large(query: QueryDict, name: str) -> int | None:
    """A whole number as large as the id of a ledger's row."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def day(query: QueryDict, name: str) -> date | None:
    """A day as 2026-11-25."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def moment(query: QueryDict, name: str) -> datetime | None:
    """A moment with its offset, as isoformat writes it."""
    try:
        value = datetime.fromisoformat(query.get(name, ""))
    except ValueError:
        return None
    return value if value.tzinfo else None


def one_of(query: QueryDict, name: str, choices: tuple[str, ...]) -> str:
    """One of some words, else "": a word that is none of them is not a choice."""
    value = query.get(name, "")
    return value if value in choices else ""


def text(query: QueryDict, name: str) -> str:
    """Words to search for, without blanks around them and without what no database text holds."""
    return query.get(name, "").replace("\x00", "").strip()[:200]
