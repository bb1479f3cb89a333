"""What functions are given by a run: its time, zone, variables, lookup tables, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import orjson

from topstitch.engine.mapping.asking import Answer, Asks
from topstitch.engine.ports import Others
from topstitch.errors import ConfigError
from topstitch.functions.registry import MISSING, Ask, Finding, Lookup


def run_variables(
    sync_id: str, service_id: int, service: str, *, run_time: datetime, company: str, group: str
) -> dict[str, object]:
    """The variables that every run has."""
    return {
        "sync_id": sync_id,
        "service_id": service_id,
        "service": service,
        "run_time": run_time,
        "company": company,
        "group": group,
    }


class Nobody:
    """For mappings that are made without a run: nobody can be asked."""

    def finder(self, finding: Finding) -> Answer:
        """Raises ConfigError."""
        raise ConfigError(f"there is no connector {finding.connector!r} here to look anything up in", key="lookup")

    def script(self, name: str, version: int | None, variables: Mapping[str, str]) -> Answer:
        """Raises ConfigError."""
        raise ConfigError(f"there is no script {name!r} here", key="script")

    def sequence(self, name: str, start: int, step: int) -> Answer:
        """Counts the records that ask, and forgets."""
        numbers: dict[object, int] = {}

        def answer(keys: Sequence[object]) -> Sequence[object]:
            return [numbers.setdefault(key, start + step * len(numbers)) for key in keys]

        return answer


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """Implements topstitch.functions.registry.Environment."""

    now: datetime
    tables: Callable[[str], Lookup]
    zone: str = "UTC"
    variables: Mapping[str, object] = field(default_factory=dict)
    others: Others = field(default_factory=Nobody)
    asks: Asks = field(default_factory=Asks)

    def lookup(self, name: str) -> Lookup:
        """A table by name; raises ConfigError when there is none."""
        return self.tables(name)

    def finder(self, finding: Finding) -> Ask:
        """Answers hold for the whole run: the finder keeps them, each a copy for whoever asks."""
        name = ("find", _plain(asdict(finding)))
        return self.asks.asked(name, lambda: self.others.finder(finding))

    def script(self, name: str, version: int | None, variables: Mapping[str, str]) -> Ask:
        """Answers are forgotten with the page."""
        asked = ("script", name, version, _plain(variables))
        return self.asks.asked(asked, lambda: self.others.script(name, version, variables))

    def sequence(self, name: str, start: int, step: int) -> Ask:
        """Asked by the record's key, whatever the value."""
        asked = ("sequence", name, start, step)
        return self.asks.asked(asked, lambda: self.others.sequence(name, start, step), of_record=True)


def _plain(options: Mapping[str, object]) -> bytes:
    return orjson.dumps(dict(options), option=orjson.OPT_SORT_KEYS, default=str)


class NoPairs:
    """A table without pairs."""

    def find(self, value: object, *, reverse: bool, match: str, field: str = "") -> object:
        """Nothing is found."""
        return MISSING


class FrozenEnvironment:
    """For checking a mapping without a run: any table exists, and is empty; variables have values of the right kind.

    Of other systems nothing is found, scripts give what they were given, sequences stand at their start.
    """

    now = datetime(2026, 1, 1, tzinfo=UTC)
    zone = "UTC"
    variables: Mapping[str, object] = run_variables(
        "00000000-0000-0000-0000-000000000000", 1, "Orders", run_time=now, company="Company", group="Group"
    )

    def lookup(self, name: str) -> Lookup:
        """Whether the table exists is the store's to check."""
        return NoPairs()

    def finder(self, finding: Finding) -> Ask:
        """Whether the connector exists is the store's to check."""
        return lambda value: MISSING

    def script(self, name: str, version: int | None, variables: Mapping[str, str]) -> Ask:
        """Whether the script exists is the store's to check."""
        return lambda value: value

    def sequence(self, name: str, start: int, step: int) -> Ask:
        """The first number."""
        return lambda value: start
