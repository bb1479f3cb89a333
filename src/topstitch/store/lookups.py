"""Lookup tables as functions use them: read once per run, kept in memory."""

from __future__ import annotations

from collections.abc import Callable

from topstitch.errors import ConfigError
from topstitch.functions.lookup import Table
from topstitch.functions.registry import Lookup
from topstitch.store.models import LookupTable


def tables_of(company_id: int) -> Callable[[str], Lookup]:
    """Gives a company's tables by name, each read at its first use. Raises ConfigError naming those that exist."""
    read: dict[str, Lookup] = {}

    def table(name: str) -> Lookup:
        if name not in read:
            read[name] = Table(_pairs(company_id, name))
        return read[name]

    return table


def _pairs(company_id: int, name: str) -> list[tuple[object, object]]:
    table = LookupTable.objects.filter(company_id=company_id, name=name).first()
    if table is None:
        known = (
            ", ".join(LookupTable.objects.filter(company_id=company_id).values_list("name", flat=True)) or "none yet"
        )
        raise ConfigError(f"there is no lookup table {name!r}; there are {known}", key="lookup")
    return list(table.pairs.order_by("position", "pk").values_list("left", "right"))
