"""A value to try: what a mapping would make of it with this table."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from topstitch.errors import TopstitchError
from topstitch.functions.lookup import BY_ROW, MATCHES
from topstitch.functions.registry import MISSING
from topstitch.store.lookups.reading import newest
from topstitch.store.models import LookupTable
from topstitch.values.text import as_text
from topstitch.web.queries_in import one_of

DIRECTIONS = ("left_to_right", "right_to_left")
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Tried:
    """What was asked, and the answer; without a value nothing was asked."""

    value: str
    reverse: bool
    match: str
    field: str
    answer: str | None = None
    trouble: str = ""


def tried(table: LookupTable, query: QueryDict, *, by_row: bool) -> Tried:
    """Read the question from the address, and answer it from the newest version."""
    value = query.get("value", "").replace("\x00", "")[:LONGEST]
    match = one_of(query, "match", (BY_ROW, *MATCHES)) or (BY_ROW if by_row else "exact")
    reverse, field = query.get("direction") == DIRECTIONS[1], query.get("field", "")[:LONGEST]
    if not value:
        return Tried(value, reverse, match, field)
    try:
        answer = newest(table).find(value, reverse=reverse, match=match, field=field)
    except TopstitchError as error:
        return Tried(value, reverse, match, field, trouble=f"{error.message} {error.hint}")
    return Tried(value, reverse, match, field, None if answer is MISSING else as_text(answer))
