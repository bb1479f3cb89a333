"""Lookup tables as functions use them: small ones in memory, shared by the runs of a worker; large ones in a file."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from topstitch.functions.lookup import Table
from topstitch.functions.registry import Lookup
from topstitch.store.lookups.index import FileTable
from topstitch.store.models import LookupTable, LookupVersion
from topstitch.store.queries.lookups import all_pairs, found_table

#: Pairs of a table that is kept in memory, and of all such tables of a process together.
SMALL = 50_000
MEMORY = 250_000

#: Table, version and its time: a database that was put back to an earlier state may use a number again.
Key = tuple[int, int, datetime]


def tables_of(
    company_id: int,
    group_id: int | None = None,
    *,
    at: datetime | None = None,
    told: Callable[[str], None] = lambda line: None,
) -> Callable[[str], Lookup]:
    """Gives tables by name, each in one version from its first use on: the newest, or the one in force `at` a time.

    A table of the group hides the company's of the same name. `told` hears which version is used. The callable that is
    given raises ConfigError naming the tables that exist.
    """
    read: dict[str, Lookup] = {}

    def table(name: str) -> Lookup:
        if name not in read:
            found = found_table(company_id, group_id, name)
            version = version_at(found, at)
            pairs = "1 pair" if version.pairs == 1 else f"{version.pairs:,} pairs"
            told(f"Lookup table {name!r}: version {version.number}, {pairs}.")
            read[name] = _table(found, version)
        return read[name]

    return table


def newest(table: LookupTable) -> Lookup:
    """A table as the next run would ask it."""
    return _table(table, version_at(table, None))


def version_at(table: LookupTable, at: datetime | None) -> LookupVersion:
    """The version in force at a time, else the oldest that is kept; without a time the newest."""
    versions = table.versions.order_by("-number")
    past = versions.filter(at__lte=at).first() if at else versions.first()
    found = past or versions.last()
    assert found is not None  # a table and its first version are made in one transaction
    return found


def _table(table: LookupTable, version: LookupVersion) -> Lookup:
    key = (table.pk, version.number, version.at)
    if version.pairs > SMALL:
        return FileTable(Path(settings.LOOKUP_CACHE), key, lambda: all_pairs(table, version.number))
    if (kept := _memory.get(key)) is None:
        kept = Table(all_pairs(table, version.number))
        _memory.put(key, kept, version.pairs)
    return kept


class _Memory:
    """The tables used last, with a bound on their pairs."""

    def __init__(self) -> None:
        self._tables: OrderedDict[Key, tuple[Table, int]] = OrderedDict()
        self._pairs = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Table | None:
        with self._lock:
            if (kept := self._tables.get(key)) is None:
                return None
            self._tables.move_to_end(key)
            return kept[0]

    def put(self, key: Key, table: Table, pairs: int) -> None:
        """Keep a table, instead of its other versions and of those not used for longest."""
        with self._lock:
            for other in [k for k in self._tables if k[0] == key[0]]:
                self._drop(other)
            self._tables[key] = table, pairs
            self._pairs += pairs
            while self._pairs > MEMORY and len(self._tables) > 1:
                self._drop(next(iter(self._tables)))

    def _drop(self, key: Key) -> None:
        self._pairs -= self._tables.pop(key)[1]


_memory = _Memory()
