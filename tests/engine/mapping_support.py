"""Compiling a mapping from rows as they stand in files."""

from __future__ import annotations

from datetime import UTC, datetime

from topstitch.engine.environment import RunEnvironment
from topstitch.engine.mapping import Mapper, compile_mapping
from topstitch.engine.spec import MappingRow
from topstitch.functions.lookup import Table
from topstitch.sdk.fields import Field

TABLES = {"countries": Table([("GB", "GBR"), ("DE", "DEU")])}
ENV = RunEnvironment(now=datetime(2026, 3, 31, 12, tzinfo=UTC), tables=TABLES.__getitem__, variables={"season": "AW26"})


def mapper(*rows: dict, fields: tuple[Field, ...] = ()) -> Mapper:
    return compile_mapping([MappingRow.model_validate(row) for row in rows], ENV, fields)


def mapped(record: dict, *rows: dict, fields: tuple[Field, ...] = ()) -> dict:
    return mapper(*rows, fields=fields)(record)
