"""Working fields: what rows make under `@work` is not sent, and other rows read it as if it stood in the record.

So totals of lines that are worked out, steps that several rows share, and objects whose keys are worked out too need no
more than rows: those of `@work.lines` make a list, those of `@work.total` and of the destination read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from topstitch.engine.mapping.plan import RowError
from topstitch.engine.mapping.reading import WORK, is_work, source_paths
from topstitch.engine.mapping.rows import Fill
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError, MappingError
from topstitch.values.paths import parse, render
from topstitch.values.text import show


def stages(rows: Sequence[MappingRow]) -> tuple[list[list[MappingRow]], list[MappingRow]]:
    """The rows of each working field, in the order in which the fields are first written; and the destination's rows.

    Raises RowError for a row that reads a working field which no row above it makes.
    """
    made: dict[str, list[MappingRow]] = {}
    others: list[MappingRow] = []
    for row in rows:
        if row.enabled:
            try:
                stage = made.setdefault(_name(row.to), []) if is_work(row.to) else others
                stage.append(row)
            except ConfigError as error:
                raise RowError(error, row) from error
    before: set[str] = set()
    for name, stage in made.items():
        _refuse_unmade(stage, before)
        before.add(name)
    _refuse_unmade(others, before)
    return list(made.values()), others


def _refuse_unmade(rows: Iterable[MappingRow], made: set[str]) -> None:
    for row in rows:
        try:
            for path in source_paths(row):
                if is_work(path) and _name(path) not in made:
                    raise ConfigError(
                        f"{WORK}.{_name(path)} is read before a row has made it",
                        key="mapping_rows",
                        hint=f"Move the rows that write {WORK}.{_name(path)} above, or correct the name.",
                    )
        except ConfigError as error:
            raise RowError(error, row) from error


def _name(path: str) -> str:
    steps = parse(path)
    if len(steps) < 2 or type(steps[1]) is not str:
        raise ConfigError(f"{path} needs a name: {WORK}.lines", key="mapping_rows")
    return steps[1]


def worked(record: dict[str, Any], fills: Iterable[Fill]) -> dict[str, Any]:
    """The record with its working fields, made one after the other; the record itself stays as it is.

    Raises MappingError for a record that is no object.
    """
    if not isinstance(record, dict):
        raise MappingError(f"{show(record)} is no object, and so has no working fields", value=record)
    here = {**record, WORK: {}}
    for fill in fills:
        fill(here, None, here)
    return here


def stand_ins(gone: Iterable[MappingRow], rows: Iterable[MappingRow]) -> list[MappingRow]:
    """Rows that make the working fields which no other row makes now: those that read them are not to blame for it."""
    return [MappingRow(to=render((WORK, name)), value=True) for name in sorted(_made(gone) - _made(rows))]


def _made(rows: Iterable[MappingRow]) -> set[str]:
    made: set[str] = set()
    for row in rows:
        with suppress(ConfigError):
            if row.enabled and is_work(row.to):
                made.add(_name(row.to))
    return made
