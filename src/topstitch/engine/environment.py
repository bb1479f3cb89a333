"""What functions are given by a run: its time, zone, variables and lookup tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from topstitch.functions.registry import MISSING, Lookup


def run_variables(sync_id: str, service_id: int, service: str) -> dict[str, object]:
    """The variables that every run has."""
    return {"sync_id": sync_id, "service_id": service_id, "service": service}


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """Implements topstitch.functions.registry.Environment."""

    now: datetime
    tables: Callable[[str], Lookup]
    zone: str = "UTC"
    variables: Mapping[str, object] = field(default_factory=dict)

    def lookup(self, name: str) -> Lookup:
        """A table by name; raises ConfigError when there is none."""
        return self.tables(name)


class NoPairs:
    """A table without pairs."""

    def find(self, value: object, *, reverse: bool, match: str) -> object:
        """Nothing is found."""
        return MISSING


class FrozenEnvironment:
    """For checking a mapping without a run: any table exists, and is empty; variables have values of the right kind."""

    now = datetime(2026, 1, 1, tzinfo=UTC)
    zone = "UTC"
    variables: Mapping[str, object] = run_variables("00000000-0000-0000-0000-000000000000", 1, "Orders")

    def lookup(self, name: str) -> Lookup:
        """Whether the table exists is the store's to check."""
        return NoPairs()
