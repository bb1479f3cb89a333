"""The first step: two connectors, and of the records that go between them which; with the coverage of the default mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property

from topstitch.engine.proposals.services import Pair, default_service, known_pairs, pair_of
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.store.models import CompanyGroup, Connector
from topstitch.store.models.service import ServiceType
from topstitch.store.queries.doubling import between
from topstitch.store.queries.joining import connectors_of, free_name, groups_to_join
from topstitch.store.queries.scope import Scope

OTHER = "other"


@dataclass(frozen=True)
class Joining:
    """What has been chosen so far, and what there is to choose from because of it."""

    groups: Sequence[CompanyGroup]
    group: CompanyGroup | None
    connectors: Sequence[Connector]
    source: Connector | None = None
    destination: Connector | None = None
    #: As chosen: `orders:sales`, "other", or "".
    wanted: str = ""
    entities: tuple[str, str] = ("", "")
    type: str = ServiceType.STANDARD
    own_name: str = ""

    @cached_property
    def ends(self) -> tuple[Entry, Entry] | None:
        """Both systems, once both connectors are chosen."""
        if self.source is None or self.destination is None:
            return None
        return CATALOGUE.get(self.source.system), CATALOGUE.get(self.destination.system)

    @cached_property
    def pairs(self) -> list[Pair]:
        """The services known between both systems; not one that would send records where they are."""
        return [pair for pair in known_pairs(*self.ends) if not self._in_place(pair)] if self.ends else []

    def _in_place(self, pair: Pair) -> bool:
        return self.source == self.destination and pair.source.name == pair.destination.name

    @property
    def by_hand(self) -> bool:
        """Whether the records are chosen one by one: a person's wish, or nothing known goes between the two."""
        return self.ends is not None and (self.wanted == OTHER or not self.pairs)

    @cached_property
    def pair(self) -> Pair | None:
        """The records that are chosen; the first that are known until a person says otherwise."""
        if not self.ends:
            return None
        if not self.by_hand:
            return next((pair for pair in self.pairs if pair.value == self.wanted), self.pairs[0])
        if not all(self.entities):
            return None
        try:
            return pair_of(self.ends[0], self.entities[0], self.ends[1], self.entities[1])
        except TopstitchError:
            return None

    @cached_property
    def name(self) -> str:
        """The name to begin with: the person's own, else one made of what is chosen."""
        if self.own_name or not (self.pair and self.ends and self.group):
            return self.own_name
        return free_name(self.group, self._plain_name(self.pair, *self.ends))

    def _plain_name(self, pair: Pair, source: Entry, destination: Entry) -> str:
        """What the records become is said where that is not what one would think of first."""
        plain = f"{source.name} {pair.source.label.lower()} to {destination.name}"
        usual = next((each for each in self.pairs if each.source == pair.source), None)
        return (plain if usual == pair else f"{plain} {pair.destination.label.lower()}")[:190]

    @cached_property
    def moved(self) -> dict[str, list[str]]:
        """Names of the services that move records between the two already, by the pair that they move."""
        found: dict[str, list[str]] = {}
        if self.source and self.destination:
            for service in between(self.source, self.destination):
                found.setdefault(f"{service.source_entity}:{service.destination_entity}", []).append(service.name)
        return found

    def spec(self) -> Spec:
        """The service that this makes. Only once a pair is chosen."""
        assert self.pair and self.ends and self.source and self.destination
        names = (self.source.name, self.destination.name)
        return default_service(self.pair, *self.ends, names, sweeper=self.type == ServiceType.SWEEPER)


def read_joining(scope: Scope, data: Mapping[str, str]) -> Joining:
    """What an address or a form has chosen; what cannot be chosen counts as not chosen."""
    groups = groups_to_join(scope)
    group = next((each for each in groups if str(each.pk) == data.get("group")), groups[0] if groups else None)
    connectors = connectors_of(group) if group else []
    by_id = {str(each.pk): each for each in connectors}
    name = data.get("name", "").strip()[:200]
    return Joining(
        groups=groups,
        group=group,
        connectors=connectors,
        source=by_id.get(data.get("source", "")),
        destination=by_id.get(data.get("destination", "")),
        wanted=data.get("pair", ""),
        entities=(data.get("source_entity", ""), data.get("destination_entity", "")),
        type=ServiceType.SWEEPER if data.get("type") == ServiceType.SWEEPER else ServiceType.STANDARD,
        own_name="" if name == data.get("proposed") else name,
    )
