"""How a table's columns and match types are called; a shipment or payment map has words of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from topstitch.store.models import LookupTable, LookupVersion
from topstitch.store.queries.lookups import checked_version, has_ways

#: In the address -> the name of the table, and how people call it.
MAPS = {"shipment": ("shipment map", "Shipment map"), "payment": ("payment map", "Payment map")}
MATCH_WORDS = {
    "exact": "Exact",
    "case_insensitive": "Exact, but for case",
    "contains": "Contains",
    "starts_with": "Starts with",
    "ends_with": "Ends with",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a table is shown."""

    is_map: bool
    #: Whether rows have match types and field names.
    ways: bool
    version: LookupVersion

    @property
    def left(self) -> str:
        """Head of the left column."""
        return "Match value" if self.is_map else "Left value"

    @property
    def right(self) -> str:
        """Head of the right column."""
        return "Output value" if self.is_map else "Right value"


def look_of(table: LookupTable) -> Look:
    """A table's own look."""
    is_map = table.group_id is not None and table.name in {name for name, _ in MAPS.values()}
    return Look(is_map, is_map or has_ways(table), checked_version(table, None))


def header(request: HttpRequest, table: LookupTable, tab: str) -> dict[str, Any]:
    """What stands above every screen of a table."""
    look = look_of(table)
    return {"table": table, "look": look, "tab": tab, "match_words": MATCH_WORDS}
