"""Checking a service before it is saved: entities, directions, options, filters, functions, schedules."""

from __future__ import annotations

from datetime import UTC, datetime

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.filters import compile_condition, resolve
from topstitch.engine.mapping import RowError, compile_mapping
from topstitch.engine.places import Place, placed
from topstitch.engine.schedule import next_slot
from topstitch.engine.spec import Service
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.settings import checked_settings
from topstitch.values.paths import parse
from topstitch.values.zones import find_zone


def check_service(spec: Service, source: Entry, destination: Entry, *, place: Place) -> None:
    """Raises ConfigError for the first thing that is wrong, placed where that stands."""
    _check_source(spec, source, place)
    _check_destination(spec, destination, place)
    for side, end in (("source", spec.source), ("destination", spec.destination)):
        with placed(place, side, "zone"):
            find_zone(end.zone)
    for number, row in enumerate(spec.source.filters):
        with placed(place, "source", "filters", number):
            compile_condition(resolve(row, datetime.now(UTC)), spec.source.zone)
    _check_mapping(spec, destination, place)
    for number, schedule in enumerate(spec.schedules):
        with placed(place, "schedules", number):
            next_slot([schedule], datetime.now(UTC))


def _check_mapping(spec: Service, destination: Entry, place: Place) -> None:
    try:
        compile_mapping(spec.mapping, FrozenEnvironment(), destination.fields(spec.destination.entity))
    except RowError as error:
        number = next(number for number, row in enumerate(spec.mapping) if row is error.row)
        with placed(place, "mapping", number):
            raise


def _check_source(spec: Service, source: Entry, place: Place) -> None:
    with placed(place, "source", "entity"):
        entity = source.entity(spec.source.entity)
        if entity.read is None:
            raise ConfigError(f"{source.name} does not let {entity.label.lower()} be read", key="direction")
    with placed(place, "source", "options"):
        checked_settings(entity.read.options, spec.source.options, place="source options")
    for name in ("key", "reference"):
        if path := getattr(spec.source, name):
            with placed(place, "source", name):
                parse(path)


def _check_destination(spec: Service, destination: Entry, place: Place) -> None:
    with placed(place, "destination", "entity"):
        entity = destination.entity(spec.destination.entity)
        if entity.write is None:
            raise ConfigError(f"{destination.name} does not let {entity.label.lower()} be written", key="direction")
        if (spec.source.connector, spec.source.entity) == (spec.destination.connector, spec.destination.entity):
            raise ConfigError("source and destination are the same entity of the same connector", key="loop")
    with placed(place, "destination", "options"):
        checked_settings(entity.write.options, spec.destination.options, place="destination options")
