"""A small installation: a far end on loopback, a service, and runs of it in this process against the real ledger."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from tests.fakes.far_end import MAPPING, SLUG, order, system

from topstitch.engine.ports import LedgerLost
from topstitch.engine.spec import Service as Spec
from topstitch.runtime.assemble import run_options
from topstitch.runtime.session import Sessions
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.sdk.practice import Practice, PracticeServer
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.runs import complete_run, end_stopped, fail_run, request_run
from topstitch.store.actions.services import save_service
from topstitch.store.ledger import PgLedger
from topstitch.store.models import Run, Service


class World:
    """One company, one far end, one service between its orders and its sales."""

    def __init__(self, server: PracticeServer, practice: Practice) -> None:
        self.server, self.practice = server, practice
        self.store = server.stores[SLUG]
        self.group = create_company("Acme")

    def put(self, *numbers: int, **changes: object) -> None:
        """Orders at the source."""
        for number in numbers:
            self.store.put("orders", number, order(number, **changes))

    def service(
        self,
        idempotency: str = "natural_key",
        mapping: object = MAPPING,
        *,
        name: str = "Orders",
        source: Any = (),
        write: Any = (),
        **destination: object,
    ) -> Service:
        """The service."""
        CATALOGUE.add(system_from_data(system(idempotency=idempotency, **dict(write))))
        save_connector(self.group, "far", SLUG, {}, environment="test", base_url=f"{self.server.url}/{SLUG}")
        spec = Spec.model_validate(
            {
                "source": {"connector": "far", "entity": "orders", **dict(source)},
                "destination": {"connector": "far", "entity": "sales", **destination},
                "mapping": mapping,
            }
        )
        return save_service(self.group, name, spec)

    def run(self, service: Service, **options: object) -> Run:
        """A whole run."""
        return self.go_on(request_run(service, options=options))

    def go_on(self, run: Run) -> Run:
        """What a worker does with a run, from wherever it stands."""
        sessions, run_id = Sessions(threading.Event()), str(run.pk)
        try:
            while sessions.step(run_id):
                pass
            session = sessions.finish(run_id)
            moves = run_options(run.options).moves_cursor
            high = session.ledger.position().high
            complete_run(run, session.engine.counts, watermark=high, moves_cursor=moves)
        finally:
            sessions.forget(run_id)
        return Run.objects.get(pk=run.pk)

    @property
    def arrivals(self) -> Counter[str]:
        """How often each order arrived, by its reference."""
        arrived: Counter[str] = self.practice.arrivals  # type: ignore[attr-defined]  # counted by the far end
        return arrived


class Mortal:
    """Kills this process's part in a run, as far as the database can see: at one call of the ledger everything ends.

    From then on nothing is recorded and nothing more is sent; what is on its way arrives all the same.
    """

    METHODS = (
        "position",
        "know",
        "due",
        "stored",
        "page_results",
        "open_page",
        "intend",
        "confirm",
        "withdraw",
        "record",
    )
    METHODS += ("acknowledged", "paused")

    def __init__(self, monkeypatch: Any) -> None:
        self.dead = False
        self.death: tuple[str, int, str] | None = None
        self.calls: Counter[str] = Counter()
        for name in self.METHODS:
            monkeypatch.setattr(PgLedger, name, self._mortal(name, getattr(PgLedger, name)))

    def _mortal(self, name: str, real: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            self.calls[name] += 1
            self._perhaps_die(name, "before")
            done = real(*args, **named)
            self._perhaps_die(name, "after")
            return done

        return call

    def _perhaps_die(self, name: str, when: str) -> None:
        if self.death == (name, self.calls[name], when):
            self.dead = True
        if self.dead:
            raise LedgerLost("this process is dead")

    def run(self, run: Run, call: str, number: int, when: str) -> bool:
        """Work on a run until death comes; False when the run ended before."""
        self.death, self.calls = (call, number, when), Counter()
        sessions, run_id = Sessions(threading.Event()), str(run.pk)
        try:
            session = sessions.get(run_id)
            while session.engine.step():
                pass
            session.engine.finish()
        except LedgerLost:
            return True
        finally:
            if not self.dead:
                self.dead = True
            sessions.drop(run_id)
            self.dead, self.death = False, None
        return False


__all__ = ["Mortal", "World", "end_stopped", "fail_run"]
