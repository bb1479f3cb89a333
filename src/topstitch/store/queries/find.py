"""Finding a record by what a person has in hand: an order number, a SKU, an e-mail address, a sync id, a service's name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from topstitch.store.models import Run
from topstitch.store.queries.scope import Scope
from topstitch.store.queries.services import Entry, says, service_index

SHOWN = 20
FEW_SERVICES, FEW_RUNS = 8, 5
#: Shorter texts must be the whole of a reference: too many begin like them.
LEAST = 3
#: Milliseconds after which the beginnings of references are no longer looked through.
PATIENCE = 300
_SYNC_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}", re.IGNORECASE)

# Two short walks of an index, never the whole of a table.
EXACT = """
SELECT id, service_id, key, reference, status, remote_id, at FROM item
WHERE reference = ANY(%(spellings)s) AND service_id = ANY(%(services)s)
UNION
SELECT id, service_id, key, reference, status, remote_id, at FROM item
WHERE key = ANY(%(spellings)s) AND service_id = ANY(%(services)s)
ORDER BY at DESC LIMIT %(limit)s
"""
# One LIKE for each spelling: a LIKE ANY would use no index.
BEGINS = """
SELECT id, service_id, key, reference, status, remote_id, at FROM item
WHERE ({likes}) AND service_id = ANY(%(services)s)
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as one service remembers it."""

    id: int
    service: Entry
    key: str
    reference: str
    status: str
    remote_id: str
    at: datetime

    @property
    def name(self) -> str:
        """What people call it."""
        return self.reference or self.key


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by kind."""

    text: str
    services: Sequence[Entry] = ()
    runs: Sequence[Run] = ()
    records: Sequence[Record] = ()
    #: There may be more records than are shown.
    more: bool = False
    #: So much begins like this that it was not looked through.
    cut: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing was."""
        return not (self.services or self.runs or self.records)


def find(scope: Scope, text: str, limit: int = SHOWN) -> Found:
    """Services, runs and records that the text may mean, the surest first."""
    words = text.strip()
    if not words:
        return Found("")
    index = {entry.id: entry for entry in service_index(scope)}
    services = [entry for entry in index.values() if says(entry, words)][:FEW_SERVICES]
    records, cut = _records(index, words, limit + 1)
    return Found(words, services, _runs(scope, words), records[:limit], len(records) > limit, cut)


def _runs(scope: Scope, words: str) -> list[Run]:
    """The runs whose sync id begins like this."""
    if not _SYNC_ID.fullmatch(words):
        return []
    digits = words.replace("-", "")
    first, last = (uuid.UUID(digits.ljust(32, end)) for end in "0f") if len(digits) <= 32 else (None, None)
    found = scope.runs().filter(pk__gte=first, pk__lte=last) if first else Run.objects.none()
    return list(found.select_related("service").order_by("-created_at")[:FEW_RUNS])


def _records(index: dict[int, Entry], words: str, limit: int) -> tuple[list[Record], bool]:
    spellings = spellings_of(words)
    asked: dict[str, Any] = {"services": list(index), "spellings": spellings, "limit": limit}
    rows, cut = _rows(EXACT, asked), False
    if len(rows) < limit and len(words.lstrip("#")) >= LEAST:
        beginnings = {f"begins{at}": f"{_plain(spelling)}%" for at, spelling in enumerate(spellings)}
        likes = " OR ".join(f"reference LIKE %({name})s" for name in beginnings)
        more = _patient(BEGINS.format(likes=likes), {**asked, **beginnings})
        rows, cut = rows + (more or []), more is None
    known = {row[0]: Record(row[0], index[row[1]], *row[2:]) for row in rows}
    return list(known.values())[:limit], cut


def spellings_of(words: str) -> list[str]:
    """As people type references: with or without the #, in any case."""
    forms = {form for bare in (words, f"#{words}", words.lstrip("#")) for form in (bare, bare.upper(), bare.lower())}
    return sorted(form for form in forms if form)


def _plain(words: str) -> str:
    """Words in which nothing means anything to LIKE."""
    return re.sub(r"([%_\\])", r"\\\1", words)


def _rows(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())


def _patient(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    """Rows, or None when it would take too long: a beginning that millions of records of other companies share."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
            cursor.execute(sql, asked)
            rows = list(cursor.fetchall())
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return rows
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        return None
