"""The records that a person means: ticked rows, ticked records, whole causes, or all that the report shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from topstitch.store.queries.report import ReportChoice, chosen_attempts
from topstitch.store.queries.scope import Scope

#: No more at once: nobody watches over more, and the rest can be chosen next.
MOST_RECORDS = 10_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was ticked; all of it together."""

    #: Ids of rows of the report.
    attempts: Collection[int] = ()
    #: Ids of items.
    items: Collection[int] = ()
    #: Ids of error groups: the records that have them now.
    causes: Collection[int] = ()
    #: Everything that the report shows for this.
    choice: ReportChoice | None = None


@dataclass(frozen=True, slots=True)
class ChosenItem:
    """A record that is meant."""

    id: int
    service_id: int
    key: str
    reference: str
    status: str
    run_id: UUID | None
    page: int
    cause: int | None
    error_key: str

    @property
    def name(self) -> str:
        """What people call it."""
        return self.reference or self.key


_ITEM = """
SELECT i.id, i.service_id, i.key, i.reference, i.status, i.run_id, i.page, i.cause, COALESCE(g.error_key, '')
FROM item i LEFT JOIN store_errorgroup g ON g.id = i.cause
"""
_BY_ID = f"{_ITEM} WHERE i.id = ANY(%(ids)s) AND i.service_id = ANY(%(services)s)"
_BY_CAUSE = f"""
{_ITEM} WHERE i.cause = ANY(%(causes)s) AND i.status NOT IN ('ok', 'sent', 'closed') AND i.service_id = ANY(%(services)s)
ORDER BY i.cause, i.id LIMIT %(limit)s
"""
_BY_KEY = f"""
{_ITEM} JOIN unnest(%(ids)s::bigint[], %(keys)s::text[]) AS k (service_id, key)
ON i.service_id = k.service_id AND i.key = k.key
"""


def chosen_items(scope: Scope, chosen: Chosen) -> tuple[list[ChosenItem], bool]:
    """The records, each once, at most MOST_RECORDS; and whether there are more."""
    services = list(scope.services().values_list("pk", flat=True))
    found: dict[int, ChosenItem] = {}
    more = False
    if chosen.items:
        found |= _asked(_BY_ID, {"ids": list(chosen.items), "services": services})
    if chosen.causes:
        values = {"causes": list(chosen.causes), "services": services, "limit": MOST_RECORDS + 1}
        found |= _asked(_BY_CAUSE, values)
    if chosen.attempts:
        ticked = scope.attempts().filter(pk__in=list(chosen.attempts)).values_list("service_id", "key")
        found |= _by_key(list(ticked))
    if chosen.choice is not None:
        # As rows, the newest first: to find the records among all would take looking at all of them.
        newest = chosen_attempts(scope, chosen.choice).order_by("-pk").values_list("service_id", "key")
        rows = list(newest[: 2 * MOST_RECORDS])
        more = len(rows) == 2 * MOST_RECORDS
        found |= _by_key(rows)
    items = sorted(found.values(), key=lambda item: (item.service_id, item.name, item.id))
    return items[:MOST_RECORDS], more or len(items) > MOST_RECORDS


def _by_key(pairs: Sequence[tuple[int, str]]) -> dict[int, ChosenItem]:
    pairs = list(dict.fromkeys(pairs))
    return _asked(_BY_KEY, {"ids": [service for service, _ in pairs], "keys": [key for _, key in pairs]})


def _asked(sql: str, values: dict[str, Any]) -> dict[int, ChosenItem]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {row[0]: ChosenItem(*row) for row in cursor.fetchall()}
