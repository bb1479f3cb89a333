"""What a clone would be, before it is made: what stays the same, what differs, what is not taken along, what is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from topstitch.engine.spec import Destination, Source
from topstitch.engine.spec import Service as Spec
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.cloning import cloned_spec
from topstitch.store.actions.services import spec_of
from topstitch.store.models import CompanyGroup, Connector, Service
from topstitch.store.models.connector import Environment
from topstitch.store.queries.doubling import Way
from topstitch.store.queries.joining import connectors_of, free_name, groups_to_join
from topstitch.store.queries.references import Strange, strange_in, tables_named
from topstitch.store.queries.scope import Scope
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.words import counted
from topstitch.web.services.mapping import short
from topstitch.web.wizard.checks import Finding, doubled

NOT_TAKEN = (
    "Runs, reports and errors",
    "What it remembers of records: it knows none",
    "Notes",
    "The address of its webhook: it gets one of its own",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `marked`: it takes the service somewhere else, as from test to live."""

    what: str
    before: str
    after: str
    marked: bool = False


@dataclass(frozen=True)
class Cloning:
    """A clone as chosen so far."""

    service: Service
    groups: Sequence[CompanyGroup]
    group: CompanyGroup
    connectors: Sequence[Connector]
    source: Connector | None
    destination: Connector | None
    name: str

    @cached_property
    def spec(self) -> Spec | None:
        """The configuration that it would have; None while a connector is missing."""
        return cloned_spec(self.service, self.source, self.destination) if self.source and self.destination else None

    @cached_property
    def strange(self) -> list[Strange]:
        """What means something else in the other group."""
        return strange_in(self.spec, self.service.group, self.group) if self.spec else []

    @property
    def lacking(self) -> list[Strange]:
        """What the other group does not have."""
        return [each for each in self.strange if not each.other]

    @property
    def same(self) -> list[str]:
        """What stays as it is, in words."""
        return list(_same(spec_of(self.service)))

    @property
    def changes(self) -> list[Change]:
        """What differs."""
        return list(self._changes())

    def _changes(self) -> Iterator[Change]:
        yield Change("Name", self.service.name, self.name)
        if self.group != self.service.group:
            yield Change("Company group", self.service.group.name, self.group.name)
        for side, old, new in (
            ("Source", self.service.source, self.source),
            ("Destination", self.service.destination, self.destination),
        ):
            if new is not None and new != old:
                yield Change(side, old.name, new.name)
                yield from _of_connectors(side, old, new)
        if self.service.active:
            yield Change("Status", "Active", "Inactive, until you switch it on")

    @property
    def findings(self) -> list[Finding]:
        """Other services that it would get in the way of, and names that mean something else."""
        found = [_meaning(each, self.group) for each in self.strange]
        if self.source and self.destination:
            way = Way(self.source, self.service.source_entity, self.destination, self.service.destination_entity)
            found += doubled(way)
        return found

    @property
    def to_look_at(self) -> list[str]:
        """Settings that may hold only in the account that they were made for."""
        source, destination = self.service.source, self.service.destination
        if not self.spec or (self.source, self.destination) == (source, destination):
            return []
        return [*_named(source.system, self.spec.source), *_named(destination.system, self.spec.destination)]

    @cached_property
    def live(self) -> tuple[Connector, Connector] | None:
        """Live connectors for both ends, where the service has others now and they are not chosen yet."""
        ends = self.service.source, self.service.destination
        if all(each.environment == Environment.LIVE for each in ends):
            return None
        found = [self._live_one(each.system) for each in ends]
        source, destination = found
        if source is None or destination is None or (source, destination) == (self.source, self.destination):
            return None
        return source, destination

    def _live_one(self, system: str) -> Connector | None:
        fitting = (c for c in self.connectors if c.system == system and c.environment == Environment.LIVE)
        return next(fitting, None)


def read_cloning(scope: Scope, service: Service, data: Mapping[str, str]) -> Cloning:
    """What an address or a form has chosen; what cannot be chosen counts as not chosen."""
    groups = groups_to_join(scope)
    group = next((each for each in groups if str(each.pk) == data.get("group")), service.group)
    systems = (service.source.system, service.destination.system)
    connectors = connectors_of(group, systems)
    name = data.get("name", "").strip()[:200]
    if not name or name == data.get("proposed"):
        name = free_name(group, f"Copy of {service.name}"[:190])
    return Cloning(
        service=service,
        groups=groups,
        group=group,
        connectors=connectors,
        source=_chosen(connectors, service.source, data.get("source", "")),
        destination=_chosen(connectors, service.destination, data.get("destination", "")),
        name=name,
    )


def _chosen(connectors: Sequence[Connector], present: Connector, wanted: str) -> Connector | None:
    """The one that is wanted, else the present one, else in another group the one most like it."""
    fitting = [each for each in connectors if each.system == present.system]
    order = (
        lambda each: str(each.pk) == wanted,
        lambda each: each.pk == present.pk,
        lambda each: each.name == present.name,
        lambda each: each.environment == present.environment,
        lambda each: True,
    )
    return next((each for test in order for each in fitting if test(each)), None)


def _same(spec: Spec) -> Iterator[str]:
    yield f"Mapping: {counted(len(spec.mapping), 'row')} with their functions"
    yield f"Filters: {counted(len(spec.source.filters), 'row') if spec.source.filters else 'none, every record is synced'}"
    if spec.webhook:
        yield "Trigger: a webhook, under an address of its own"
    if spec.schedules or not spec.webhook:
        yield f"Schedule: {schedule_words(spec.schedules)}"
    yield "Settings of source and destination"
    if tables := tables_named(spec):
        yield f"Lookup tables: {', '.join(tables)}"
    if spec.script:
        yield f"Payload script: {spec.script.name}"
    yield "Alerts"


def _of_connectors(side: str, old: Connector, new: Connector) -> Iterator[Change]:
    """What is different about the new connector. Secrets are never compared in sight."""
    if old.environment != new.environment:
        names = old.get_environment_display(), new.get_environment_display()
        yield Change(f"{side} environment", *names, marked=True)
    labels = {each.name: each.label for each in CATALOGUE.get(new.system).system.settings if not each.secret}
    for name, label in labels.items():
        was, now = old.settings.get(name), new.settings.get(name)
        if was != now:
            yield Change(f"{side}: {label}", _shown(was), _shown(now))
    for name, label in (("base_url", "Address"), ("zone", "Time zone"), ("date_format", "Date format")):
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{side}: {label}", _shown(getattr(old, name)), _shown(getattr(new, name)))


def _shown(value: Any) -> str:
    return "–" if value in (None, "") else short(value) if not isinstance(value, str) else value


def _named(system: str, end: Source | Destination) -> Iterator[str]:
    """Options in which a person named something of the account, such as a location."""
    entity = CATALOGUE.get(system).entity(end.entity)
    side = entity.read if isinstance(end, Source) else entity.write
    for option in side.options if side else ():
        if option.kind in ("text", "multiline", "url") and (value := end.options.get(option.name)):
            yield f"{option.label}: {value}"


def _meaning(each: Strange, group: CompanyGroup) -> Finding:
    if each.other:
        what = f"The {each.kind} “{each.name}” is another one in {group.name}"
        return Finding("pending", what, "Look whether it says the same.")
    what = f"{group.name} has no {each.kind} “{each.name}”, which the mapping uses"
    return Finding("failed", what, f"Make it in {group.name} first.")
