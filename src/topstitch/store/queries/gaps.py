"""What nobody watches: the services that a record's story would need to go on, and does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topstitch.store.queries.kinds import Way, reads, writes
from topstitch.store.queries.scope import Scope

if TYPE_CHECKING:
    from topstitch.store.queries.story import Thing


@dataclass(frozen=True, slots=True)
class Gap:
    """`why`: none (there is no such service), off (it is switched off), waiting (it has not seen the record so far)."""

    why: str
    kind: str
    #: A whole sentence for people.
    sentence: str
    service_id: int | None = None


def gaps_of(scope: Scope, all_ways: Mapping[int, Way], things: Sequence[Thing]) -> list[Gap]:
    """What is missing behind the orders of a story: the despatch back to the shop, refunds and returns of it."""
    seen = {thing.way.service_id for thing in things}
    present = [way for way in all_ways.values() if not way.removed or way.service_id in seen]
    found: dict[tuple[str, str], Gap] = {}
    for thing in things:
        if thing.way.kind == "orders":
            for gap in _behind(thing.way, present, seen):
                found.setdefault((gap.kind, gap.sentence), gap)
    return list(found.values())


def _behind(order: Way, all_ways: Collection[Way], seen: Collection[int]) -> Iterator[Gap]:
    if reads(order.destination_slug, "fulfilments") and writes(order.source_slug, "fulfilments"):
        there = [way for way in all_ways if way.kind == "fulfilments" and way.source_id == order.destination_id]
        back = [way for way in there if way.destination_id == order.source_id]
        where = f"despatches of {order.destination} back to {order.source}"
        yield from _gap("fulfilments", back, seen, where, "brings")
    for kind in ("refunds", "returns"):
        if reads(order.source_slug, kind):
            watching = [way for way in all_ways if way.kind == kind and way.source_id == order.source_id]
            yield from _gap(kind, watching, seen, f"{kind} of {order.source}", "watches")


def _gap(kind: str, watching: Sequence[Way], seen: Collection[int], what: str, verb: str) -> Iterator[Gap]:
    """At most one: a record that any of them has seen has no gap there."""
    if any(way.service_id in seen for way in watching):
        return
    on = next((way for way in watching if way.active), None)
    if on is not None:
        yield Gap("waiting", kind, f"{on.name} has not seen it so far.", on.service_id)
    elif watching:
        off = watching[0]
        yield Gap("off", kind, f"{off.name}, which {verb} {what}, is switched off.", off.service_id)
    else:
        yield Gap("none", kind, f"No service {verb} {what}.")
