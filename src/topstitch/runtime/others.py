"""Whom the mapping of a run asks: other connectors of its group, scripts, sequences."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from topstitch.engine.breaker import Breaker
from topstitch.engine.ports import RunLog
from topstitch.engine.setup import Side
from topstitch.errors import ConfigError
from topstitch.functions.registry import Finding
from topstitch.runtime.scripts import RunScripts
from topstitch.sdk.connection import Connection
from topstitch.sdk.find import Finder
from topstitch.store.actions.connectors import open_connection
from topstitch.store.models import Connector, Service
from topstitch.store.sequences import numbers_of

Answer = Callable[[Sequence[Any]], Sequence[Any]]


class RunOthers:
    """Implements topstitch.engine.ports.Others. `breakers` grows with the systems that are asked; close it after use."""

    def __init__(
        self,
        service: Service,
        sides: Mapping[int, Side],
        *,
        scripts: RunScripts,
        stop: threading.Event,
        log: RunLog,
        paused: Callable[[str], None],
        patience: float,
        dry: bool = False,
    ) -> None:
        """`sides` are the connections that the run has anyway, by connector; `paused` is told why the run waits."""
        self._service, self._sides, self._stop, self._log, self._scripts = service, sides, stop, log, scripts
        self._paused, self._patience, self._dry = paused, patience, dry
        self._opened: dict[int, Connection] = {}
        self._breaker_of: dict[int, Breaker] = {}
        self.breakers: list[Breaker] = []

    def finder(self, finding: Finding) -> Answer:
        """An outage of the system is waited for, as one of the source or the destination is."""
        found = self._connector(finding.connector)
        finder = Finder(
            self._connection(found),
            finding.entity,
            finding.match,
            finding.give,
            finding.options,
            several=finding.several,
            ignore_case=finding.ignore_case,
        )
        breaker = self._breaker(found)
        return lambda values: breaker.ask(lambda: finder.answer(values))

    def script(self, name: str, version: int | None, variables: Mapping[str, str]) -> Answer:
        """All values of a page at once."""
        return self._scripts.field(name, version, variables)

    def sequence(self, name: str, start: int, step: int) -> Answer:
        """A dry run shows numbers and gives none."""
        return numbers_of(self._service.group.company_id, self._service.pk, name, start, step, dry=self._dry)

    def close(self) -> None:
        """End the connections that were opened, and let nobody wait."""
        with ExitStack() as stack:
            for connection in self._opened.values():
                stack.callback(connection.close)
            for breaker in self.breakers:
                stack.callback(breaker.close)

    def _connector(self, name: str) -> Connector:
        found = Connector.objects.filter(group=self._service.group, name=name).first()
        if found is None:
            known = ", ".join(Connector.objects.filter(group=self._service.group).values_list("name", flat=True))
            raise ConfigError(f"there is no connector {name!r} to look up in; there are {known}", key="lookup")
        return found

    def _connection(self, connector: Connector) -> Connection:
        if connector.pk in self._sides:
            return self._sides[connector.pk].connection
        if connector.pk not in self._opened:
            self._opened[connector.pk] = open_connection(
                connector,
                stop=self._stop,
                log=lambda level, text: self._log(level, "map", text),
                dry=self._dry,
            )
        return self._opened[connector.pk]

    def _breaker(self, connector: Connector) -> Breaker:
        if connector.pk not in self._breaker_of:
            connection = self._connection(connector)
            made = Breaker(
                connector.name,
                lambda: _probe(connection),
                stop=self._stop,
                tell=lambda reason: self._tell(connector.name, reason),
                patience=self._patience,
            )
            self._breaker_of[connector.pk] = made
            self.breakers.append(made)
        return self._breaker_of[connector.pk]

    def _tell(self, name: str, reason: str) -> None:
        self._paused(reason)
        if reason:
            self._log("warning", "map", f"Paused: {reason}. Records are looked up there; work goes on when it is back.")
        else:
            self._log("info", "map", f"{name} is back; work goes on.")


def _probe(connection: Connection) -> None:
    connection.entry.system.test(connection)
