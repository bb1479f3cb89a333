"""Checking a service before it is saved: entities, directions, options, filters, functions, schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.filters import compile_filters, resolve
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.schedule import next_slot
from topstitch.engine.spec import FilterRow, Service
from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.settings import checked_settings
from topstitch.values.paths import parse


def check_service(spec: Service, source: Entry, destination: Entry, *, place: str) -> None:
    """Raises ConfigError, placed at the service, for the first thing that is wrong."""
    try:
        _check_ends(spec, source, destination)
        _check_filters(spec.source.filters, spec.source.zone)
        compile_mapping(spec.mapping, FrozenEnvironment(), destination.fields(spec.destination.entity))
        next_slot(spec.schedules, datetime.now(UTC))
    except ConfigError as error:
        raise ConfigError(str(error), place=place, key=error.key, hint=error.hint, detail=error.detail) from error


def _check_ends(spec: Service, source: Entry, destination: Entry) -> None:
    reader, writer = source.entity(spec.source.entity), destination.entity(spec.destination.entity)
    if reader.read is None:
        raise ConfigError(f"{source.name} does not let {reader.label.lower()} be read", key="direction")
    if writer.write is None:
        raise ConfigError(f"{destination.name} does not let {writer.label.lower()} be written", key="direction")
    same = spec.source.connector == spec.destination.connector and spec.source.entity == spec.destination.entity
    if same:
        raise ConfigError("source and destination are the same entity of the same connector", key="loop")
    checked_settings(reader.read.options, spec.source.options, place="source options")
    checked_settings(writer.write.options, spec.destination.options, place="destination options")
    for path in (spec.source.key, spec.source.reference):
        if path:
            parse(path)


def _check_filters(rows: Sequence[FilterRow], zone: str) -> None:
    for row in rows:
        compile_filters([resolve(row, datetime.now(UTC))], zone)
