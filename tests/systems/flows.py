"""What a service does with a default mapping and nothing else, in this process: pull, map, push, over real sockets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.identity import identity
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.engine.spec import MappingRow, Source
from topstitch.sdk import CATALOGUE, Connection, Outcome, Outgoing, Query, Record, Verdict
from topstitch.sdk.practice import GOODS, PracticeServer, Store
from topstitch.sdk.settings import checked_settings

SKUS = frozenset(good.sku for good in GOODS)
#: Practice warehouses and shops that slow their callers down are told not to.
FAST = {"peoplevox": {"requests_per_15s": 10_000}}


@dataclass
class Flow:
    """What one service did: what came, what it was made into, what the destination said, record by record."""

    records: list[Record]
    mapped: list[Record]
    verdicts: list[Verdict]

    @property
    def refused(self) -> list[str]:
        """The destination's words, of those it did not take."""
        return [f"{v.outcome}: {v.error}" for v in self.verdicts if v.error is not None]

    @property
    def outcomes(self) -> set[Outcome]:
        """Which outcomes there were."""
        return {v.outcome for v in self.verdicts}


@dataclass
class World:
    """Practice systems in one server, freshly seeded."""

    server: PracticeServer
    opened: list[Connection] = field(default_factory=list)

    def store(self, slug: str) -> Store:
        """What a practice system remembers."""
        return self.server.stores[slug]

    def connect(self, slug: str, **settings: Any) -> Connection:
        """A connector to a practice system."""
        given = {**self.server.systems[slug].settings, **FAST.get(slug, {}), **settings}
        conn = Connection(
            entry=CATALOGUE.get(slug), settings=given, environment="practice", origin=f"{self.server.url}/{slug}"
        )
        self.opened.append(conn)
        return conn

    def read(self, slug: str, entity: str, *, conn: Connection | None = None, **options: Any) -> list[Record]:
        """Everything an entity has."""
        conn = conn or self.connect(slug)
        read = conn.entry.entity(entity).read
        query = Query(page_size=100, options=checked_settings(read.options, options))
        return [record for page in read.pages(conn, query, None) for record in page.records]

    def flow(
        self,
        source: str,
        destination: str,
        *,
        keep: Callable[[Record], bool] = lambda record: True,
        read: Mapping[str, Any] | None = None,
        write: Mapping[str, Any] | None = None,
        rows: Sequence[Mapping[str, Any]] = (),
        records: Sequence[Record] | None = None,
    ) -> Flow:
        """Run `slug/entity` to `slug/entity` with the default mapping; `rows` are what a person adds to it."""
        (from_, pulled), (to, pushed) = source.split("/"), destination.split("/")
        conn = self.connect(to)
        entry, target = CATALOGUE.get(from_), conn.entry.entity(pushed)
        fields = conn.entry.fields(pushed)
        own = [MappingRow.model_validate(row) for row in rows]
        mapping = [*default_mapping(entry.fields(pulled), fields, target.taxonomy), *own]
        mapper = compile_mapping(mapping, FrozenEnvironment(), fields)
        if records is None:
            records = [record for record in self.read(from_, pulled, **(read or {})) if keep(record)]
        options = checked_settings(entry.entity(pulled).read.options, read or {})
        who = identity(entry.entity(pulled), Source(connector="x", entity=pulled), options)
        mapped = [mapper(record) for record in records]
        out = [
            Outgoing(key=who.key(record), record=made, scope=f"{source}>{destination}", reference=who.reference(record))
            for record, made in zip(records, mapped, strict=True)
        ]
        given, size = checked_settings(target.write.options, write or {}), target.write.batch
        verdicts = [v for at in range(0, len(out), size) for v in target.write.push(conn, out[at : at + size], given)]
        return Flow(list(records), mapped, verdicts)


def seeded(practices: Sequence[Any], folder: Path) -> Path:
    """A folder with the state of all practice systems just after seeding."""
    with PracticeServer(practices, folder=folder):
        pass
    return folder


def world(practices: Sequence[Any], seeds: Path, folder: Path) -> Iterator[World]:
    """A world with a copy of the seeds."""
    shutil.copytree(seeds, folder)
    with PracticeServer(practices, folder=folder) as server:
        made = World(server)
        yield made
        for conn in made.opened:
            conn.close()


def only_goods(*path: str) -> Callable[[Record], bool]:
    """Whether everything a record names (a SKU, or those of a list of lines) is one of the goods all systems share."""
    *above, last = path

    def keep(record: Record) -> bool:
        items = record[above[0]] if above else [record]
        return bool(items) and all(item.get(last) in SKUS for item in items)

    return keep
