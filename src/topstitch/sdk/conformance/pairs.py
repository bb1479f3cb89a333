"""Default mappings between any two systems: does the one fit the other, and what is left for a person to fill?

The mapping itself belongs to the engine, which the SDK does not know: whoever asks passes it in as `make`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.conformance.fields import fit, kind, values
from topstitch.sdk.conformance.stage import copied, named
from topstitch.sdk.fields import Field
from topstitch.sdk.model import Entity, Record
from topstitch.sdk.taxonomy import entities as neutral_entities
from topstitch.values.paths import compile_get


@dataclass(frozen=True, slots=True)
class Made:
    """A default mapping: how records are mapped, which fields it fills, which required ones it leaves empty."""

    run: Callable[[Record], Record]
    filled: Sequence[str]
    unfilled: Sequence[str]


#: (source's fields, destination's fields, neutral entity) -> the mapping; raises when it does not compile.
Make = Callable[[Sequence[Field], Sequence[Field], str], Made]


@dataclass(frozen=True, slots=True)
class Pair:
    """One default mapping between two systems. `troubles` are faults; `unfilled` required fields are a person's to fill."""

    entity: str
    source: str
    destination: str
    filled: int = 0
    unfilled: Sequence[str] = ()
    troubles: Sequence[str] = ()

    def as_dict(self) -> dict[str, object]:
        """As a row of a table."""
        return {
            "entity": self.entity,
            "source": self.source,
            "destination": self.destination,
            "filled": self.filled,
            "unfilled": list(self.unfilled),
            "troubles": list(self.troubles),
        }


def pairs(sources: Iterable[Entry], destinations: Sequence[Entry], make: Make) -> Iterator[Pair]:
    """Every readable entity of the sources with every writable one of the destinations that means the same."""
    for source in sources:
        for read in source.system.entities:
            if read.read is None or read.taxonomy not in neutral_entities():
                continue
            for destination in destinations:
                for write in destination.system.entities:
                    if write.write is not None and write.taxonomy == read.taxonomy:
                        yield _pair(source, read, destination, write, make)


def _pair(source: Entry, read: Entity, destination: Entry, write: Entity, make: Make) -> Pair:
    names = (read.taxonomy, f"{source.slug}.{read.name}", f"{destination.slug}.{write.name}")
    fields = destination.fields(write.name)
    try:
        made = make(source.fields(read.name), fields, read.taxonomy)
    except TopstitchError as error:
        return Pair(*names, troubles=(f"it does not compile: {named(error)}",))
    troubles = list(_troubles(made, source.samples(read.name), fields))
    if not made.filled:
        troubles.append("no field is filled: the two lists have no tag in common")
    return Pair(*names, len(made.filled), tuple(made.unfilled), tuple(troubles))


def _troubles(made: Made, samples: Sequence[Record], fields: Sequence[Field]) -> Iterator[str]:
    mapped = []
    for number, sample in enumerate(samples, 1):
        try:
            mapped.append(made.run(copied(sample)))
        except TopstitchError as error:
            yield f"sample {number}: {named(error)}"
    for field in fields:
        if field.path in made.filled:
            fits = fit(field)
            for value in values(mapped, compile_get(field.path), "[*]" in field.path):
                if value not in (None, "") and not fits(value):
                    yield f"{field.path} is {kind(field)}, and gets {value!r:.60}"
                    break
