"""The services that two systems have by default: which records of the one go to the other, and how such a service begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from topstitch.engine.proposals.coverage import Coverage, pair_coverage
from topstitch.engine.proposals.defaults import default_mapping
from topstitch.engine.spec import Destination, FilterRow, Schedule, Service, Source
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.model import Entity

#: Records that people keep on one side as what the other calls something else.
SAME = (frozenset(("products", "variants")),)
#: What changes so seldom that once an hour is often enough.
HOURLY = frozenset(("products", "variants", "prices", "customers", "purchase_orders"))
SOON, EACH_HOUR, EACH_NIGHT = "*/10 * * * *", "0 * * * *", "0 2 * * *"
#: How far back a sweeper looks, and a source that cannot be asked for what changed since.
SWEEP, LATELY = {"amount": 3, "unit": "day"}, {"amount": 2, "unit": "day"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Records of one system that may become records of another."""

    source: Entity
    destination: Entity
    coverage: Coverage

    @property
    def value(self) -> str:
        """As an address names it."""
        return f"{self.source.name}:{self.destination.name}"

    @property
    def filled(self) -> int:
        """How many fields of the destination the default mapping fills."""
        return len(self.coverage.filled)

    @property
    def total(self) -> int:
        """How many can be filled at all."""
        return self.filled + len(self.coverage.left)

    @property
    def missing(self) -> int:
        """How many required ones it leaves to a person."""
        return len(self.coverage.required_left)

    @property
    def words(self) -> str:
        """`18 of 20 fields`."""
        return f"{self.filled} of {self.total} fields"


def readable(entry: Entry) -> list[Entity]:
    """What can be pulled from a system."""
    return [entity for entity in entry.system.entities if entity.read is not None]


def writable(entry: Entry) -> list[Entity]:
    """What can be pushed to it."""
    return [entity for entity in entry.system.entities if entity.write is not None]


def known_pairs(source: Entry, destination: Entry) -> list[Pair]:
    """The pairs whose records mean the same, in the source's order; those called alike first of a kind."""
    return list(_pairs(source, destination))


def _pairs(source: Entry, destination: Entry) -> Iterator[Pair]:
    for read in readable(source):
        fitting = [write for write in writable(destination) if _mean_the_same(read.taxonomy, write.taxonomy)]
        for write in sorted(fitting, key=lambda each: (each.taxonomy != read.taxonomy, each.name != read.name)):
            yield Pair(read, write, pair_coverage(source, read, destination, write))


def _mean_the_same(one: str, other: str) -> bool:
    return one == other or any({one, other} <= kinds for kinds in SAME)


def pair_of(source: Entry, read: str, destination: Entry, write: str) -> Pair:
    """Any two kinds of records. Raises ConfigError where the one cannot be read or the other not be written."""
    pulled, pushed = source.entity(read), destination.entity(write)
    if pulled.read is None:
        raise ConfigError(f"{source.name} does not let {pulled.label.lower()} be read", key="direction")
    if pushed.write is None:
        raise ConfigError(f"{destination.name} does not let {pushed.label.lower()} be written", key="direction")
    return Pair(pulled, pushed, pair_coverage(source, pulled, destination, pushed))


def default_service(
    pair: Pair, source: Entry, destination: Entry, connectors: tuple[str, str], *, sweeper: bool = False
) -> Service:
    """Mapping, filters and schedule that a new service begins with. `connectors` are the names of both."""
    rows = default_mapping(
        source.fields(pair.source.name), destination.fields(pair.destination.name), pair.destination.taxonomy
    )
    return Service(
        source=Source(
            connector=connectors[0],
            entity=pair.source.name,
            filters=_filters(pair.source, sweeper=sweeper),
            cursor="all" if sweeper else "managed",
        ),
        destination=Destination(connector=connectors[1], entity=pair.destination.name),
        mapping=rows,
        schedules=[Schedule(cron=_rhythm(pair.source.taxonomy, sweeper=sweeper))],
    )


def _rhythm(kind: str, *, sweeper: bool) -> str:
    if sweeper:
        return EACH_NIGHT
    return EACH_HOUR if kind in HOURLY else SOON


def _filters(entity: Entity, *, sweeper: bool) -> list[FilterRow]:
    """A sweeper looks at the last days again; so does a service whose source cannot be asked for what changed since."""
    stamp, read = entity.modified, entity.read
    if stamp is None or read is None or (read.since and not sweeper):
        return []
    # Times in a notation of the vendor's own only the vendor compares.
    if stamp.format and stamp.path not in read.filters:
        return []
    return [FilterRow(field=stamp.path, op="in_the_last", value=SWEEP if sweeper else LATELY)]
