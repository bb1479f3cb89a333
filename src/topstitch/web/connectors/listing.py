"""What the list of connectors shows: a tab for each environment, choices, and a page of tiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from topstitch.store.models import CompanyGroup, Connector
from topstitch.store.models.connector import ConnectorStatus, Environment
from topstitch.store.queries.connectors import (
    BudgetUse,
    Entry,
    budget_use,
    connector_index,
    connector_rows,
    use_counts,
)
from topstitch.store.queries.scope import Scope
from topstitch.web.components.words import system_name
from topstitch.web.queries_in import one_of, text, whole

TILES_A_PAGE = 60
STATUSES = tuple(ConnectorStatus.values)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the list is narrowed down to; empty means any. Without an environment: the first that has connectors."""

    environment: str = ""
    text: str = ""
    group: int | None = None
    status: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a tab is not shown whole."""
        return bool(self.text or self.group or self.status)

    def keeps(self, entry: Entry) -> bool:
        """Whether a connector of the tab is shown."""
        haystack = f"{entry.name} {entry.system} {system_name(entry.system)}".casefold()
        return (
            self.group in (None, entry.group)
            and self.status in ("", entry.status)
            and all(word in haystack for word in self.text.casefold().split())
        )


@dataclass(frozen=True, slots=True)
class Tile:
    """A connector in the list."""

    connector: Connector
    services: int
    budget: BudgetUse | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole screen."""

    choice: Choice
    #: Slug, name, how many connectors.
    tabs: Sequence[tuple[str, str, int]]
    tiles: Sequence[Tile]
    found: int
    #: In the tab.
    total: int
    groups: Sequence[CompanyGroup]
    #: Where the next page begins, None when this is the last.
    next: int | None


def read_choice(query: QueryDict) -> Choice:
    """The choice that an address names."""
    return Choice(
        environment=one_of(query, "environment", tuple(Environment.values)),
        text=text(query, "q"),
        group=whole(query, "group"),
        status=one_of(query, "status", STATUSES),
    )


def listing(scope: Scope, choice: Choice, start: int) -> Listing:
    """The connectors of one environment that a choice keeps, from place `start` on."""
    index = connector_index(scope)
    counts = Counter(entry.environment for entry in index)
    here = choice.environment or next((e for e in Environment.values if counts[e]), Environment.LIVE.value)
    choice = Choice(here, choice.text, choice.group, choice.status)
    kept = [entry for entry in index if entry.environment == here and choice.keeps(entry)]
    return Listing(
        choice=choice,
        tabs=[(value, str(label), counts[value]) for value, label in Environment.choices],
        tiles=_tiles(scope, [entry.id for entry in kept[start : start + TILES_A_PAGE]]),
        found=len(kept),
        total=counts[here],
        groups=list(scope.groups().order_by("name")),
        next=start + TILES_A_PAGE if len(kept) > start + TILES_A_PAGE else None,
    )


def _tiles(scope: Scope, ids: Sequence[int]) -> list[Tile]:
    rows, uses = connector_rows(scope, ids), use_counts(ids)
    return [Tile(rows[pk], uses.get(pk, 0), budget_use(rows[pk])) for pk in ids]
