"""The stage: one system's practice server on loopback, and connections of its own code to it, seen from both sides."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from types import ModuleType
from typing import Any

import orjson

from topstitch.errors import TopstitchError
from topstitch.net.http import Exchange, Timeouts
from topstitch.net.limits import Budget, Limits, LocalBudget
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.conformance.questions import Needs, NotAsked
from topstitch.sdk.connection import Connection
from topstitch.sdk.model import Entity, Record
from topstitch.sdk.practice.faults import Faults
from topstitch.sdk.practice.server import PracticeServer
from topstitch.sdk.practice.store import Store

Contents = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One exchange and when it began and ended, in seconds of the monotonic clock."""

    exchange: Exchange
    ended: float

    @property
    def began(self) -> float:
        """When the request left."""
        return self.ended - self.exchange.elapsed


@dataclass
class Stage:
    """What questions are asked of. `practice.py` may help them:

    GOOD_RECORDS, BAD_RECORDS   {entity: [records]} that the practice server takes or refuses (else made from samples)
    OPTIONS                     {entity: {option: value}} where an entity's options have no fitting default
    TRANSIENT                   collections that are not compared (what the vendor sweeps away by itself)
    relax(store)                lift throttles other than `Throttle`, so that questions are quick
    serve_files(folder, port)   for systems without HTTP: a context manager that serves `folder` and gives the server,
                                whose `address` is host:port; seed(folder) fills an empty folder
    """

    entry: Entry
    unlisted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traffic: list[Seen] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    #: Free for questions: what was read once is not read again.
    notes: dict[str, Any] = field(default_factory=dict)
    #: Why there is no practice server, "" when there is one.
    no_practice: str = ""

    def __post_init__(self) -> None:
        self._stack = ExitStack()
        self._opened: list[Connection] = []
        self._server: PracticeServer | None = None
        self._folder: Path | None = None
        self._files = ""
        self._module: ModuleType | None = None

    def open(self) -> dict[Needs, str]:
        """Start what there is; what is not there, with the reason."""
        missing: dict[Needs, str] = {}
        if self.entry.folder is None:
            missing["folder"] = "it was made from a file and has no folder"
        try:
            self.quick = quick(self.entry)
        except Exception as error:  # noqa: BLE001  # whatever the system's own module raises when it is imported
            missing["system"] = missing["practice"] = f"system.py cannot be read: {error}"
            return missing
        try:
            missing |= self._start()
        except Exception as error:  # noqa: BLE001  # likewise practice.py
            missing["practice"] = f"the practice server does not start: {type(error).__name__}: {error}"
        self.no_practice = missing.get("practice", "")
        return missing

    def _start(self) -> dict[Needs, str]:
        if not self.entry.has_practice:
            return {"practice": "there is no practice server"}
        self._module = importlib.import_module(f"{self.entry.module}.practice")
        if self.entry.practice:
            self._server = PracticeServer([self.entry.practice])
            self._stack.enter_context(self._server)
            self.reset()
        elif serve := getattr(self._module, "serve_files", None):
            self._start_files(serve)
        else:
            return {"practice": "practice.py has neither PRACTICE nor serve_files(folder, port)"}
        return {}

    def _start_files(self, serve: Callable[..., AbstractContextManager[Any]]) -> None:
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="topstitch-"))) / "far"
        self._files = str(self._stack.enter_context(serve(self._folder, port=0)).address)

    @property
    def entities(self) -> Sequence[Entity]:
        """The system's entities."""
        return self.entry.system.entities

    @property
    def origin(self) -> str:
        """Where the practice system is."""
        return f"{self._server.url}/{self.entry.slug}" if self._server else ""

    def hint(self, name: str, default: Any = None) -> Any:
        """What practice.py says under this name."""
        return getattr(self._module, name, default)

    def options(self, entity: Entity) -> Mapping[str, Any]:
        """The options that practice.py gives for an entity."""
        given: Mapping[str, Any] = self.hint("OPTIONS", {}).get(entity.name, {})
        return given

    @property
    def settings(self) -> dict[str, Any]:
        """The connector settings that fit."""
        return dict(self.entry.practice_settings)

    def connect(
        self,
        *,
        settings: Mapping[str, Any] | None = None,
        origin: str | None = None,
        budget: Budget | None = None,
        dry: bool = False,
        entry: Entry | None = None,
    ) -> Connection:
        """A fresh connection, as another process would make it: nothing cached, no token kept, short waits."""
        conn = Connection(
            entry=entry or self.quick,
            settings=self.settings if settings is None else settings,
            environment="practice",
            origin=self.origin if origin is None else origin,
            practice_sftp=self._files,
            budget=budget or LocalBudget(Limits(concurrency=8)),
            dry=dry,
            log=lambda level, message: self.logged.append(message),
            observer=lambda exchange: self.traffic.append(Seen(exchange, monotonic())),
        )
        self._opened.append(conn)
        return conn

    @property
    def faults(self) -> Faults:
        """The faults that can be switched on."""
        if self._server is None:
            raise NotAsked("faults are for practice servers over HTTP")
        return self._server.systems[self.entry.slug].faults

    @property
    def store(self) -> Store:
        """What the practice server remembers."""
        if self._server is None:
            raise NotAsked("the far end keeps files")
        return self._server.stores[self.entry.slug]

    def reset(self) -> None:
        """Back to the seeds."""
        self.notes.clear()
        if self._server:
            self._server.rewind(self.entry.slug)
            if relax := self.hint("relax"):
                relax(self.store)
        elif self._folder and (seed := self.hint("seed")):
            for path in self._folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            seed(self._folder)

    def calm(self) -> None:
        """Between questions: no faults, no open connections, nothing remembered of the traffic."""
        if self._server:
            self.faults.clear()
        while self._opened:
            self._opened.pop().close()
        self.traffic.clear()
        self.logged.clear()

    def contents(self) -> Contents:
        """All that the far end holds, but for its own bookkeeping."""
        if self._folder:
            files = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
            return {str(path.relative_to(self._folder)): [path.read_bytes().hex()] for path in files}
        aside = self.hint("TRANSIENT", ())
        names = [name for name in self.store.collections() if not name.startswith("_") and name not in aside]
        return {name: self.store.all(name) for name in names}

    def close(self) -> None:
        """Stop everything."""
        self.calm()
        self._stack.close()


def quick(entry: Entry, *, timeouts: Timeouts | None = None) -> Entry:
    """The same system with short pauses between its tries, and with time-outs of its own if given."""
    system = entry.system
    if system.http is None:
        return entry
    retries = replace(system.http.retries, base=0.005, cap=0.02)
    http = replace(system.http, retries=retries, timeouts=timeouts or system.http.timeouts)
    return replace(entry, made=replace(system, http=http))


def copied(record: Record) -> Record:
    """A deep copy, as JSON carries it."""
    made: Record = orjson.loads(orjson.dumps(record, default=str))
    return made


def named(error: BaseException) -> str:
    """An error in a line: its class and its words."""
    words = error.message if isinstance(error, TopstitchError) else str(error)
    return f"{type(error).__name__}: {words}"
