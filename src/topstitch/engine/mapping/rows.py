"""One mapping row as a closure that writes its value into the record being built. This is the hot path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from topstitch.engine.filters import compile_test, resolve
from topstitch.engine.mapping.chain import Making, retold, value_of
from topstitch.engine.mapping.named import listed
from topstitch.engine.mapping.plan import RowError
from topstitch.engine.mapping.reading import is_work
from topstitch.engine.mapping.sources import Anywhere, Expr, Lists, Steps, locate
from topstitch.engine.mapping.values import Finish, finisher, unwritten
from topstitch.engine.spec import MappingRow
from topstitch.errors import ConfigError, MappingError, ScriptError
from topstitch.functions.signals import Signal, SkipRecord
from topstitch.values.paths import compile_set, parse, render

#: (element or record, its frame, the record being built)
Fill = Callable[[Any, Any, Any], None]
#: (what is being built, value)
Put = Callable[[Any, Any], None]
Failed = Callable[[Exception, Any], None]


class Row(NamedTuple):
    """A compiled row. Most are a value of the element at hand for a key: those are run without a call of their own."""

    key: str
    value: Callable[[Any], Any]
    finish: Finish
    failed: Failed
    #: Does it all, for a row that is not so plain.
    fill: Fill | None


def run_rows(rows: Sequence[Row]) -> Fill:
    """All rows of a scope, in order."""

    def run(here: Any, frame: Any, out: Any) -> None:
        for key, get, finish, failed, fill in rows:
            if fill is not None:
                fill(here, frame, out)
                continue
            try:
                value = get(here)
                if type(value) is str:
                    out[key] = value
                elif value is not None:
                    out[key] = finish(value)
            except Exception as error:  # noqa: BLE001  # whatever it is, this record fails with it and no other
                failed(error, out)

    return run


def compile_row(row: MappingRow, target: Steps, lists: Lists, making: Making) -> Row:
    """A row within `lists`. Raises RowError for what it says that cannot be; running it raises MappingError."""
    try:
        expr, put, finish = value_of(row, lists, making), compile_put(target), finish_of(row, making)
        failed = _failed(row, put, finish, making)
        if expr.local and len(target) == 1 and not row.when and row.empty == "omit" and making.trace is None:
            return Row(str(target[0]), expr.call, finish, failed, None)
        return Row("", expr.call, finish, failed, _fill(row, expr, put, finish, failed, condition(row, lists, making)))
    except ConfigError as error:
        raise RowError(error, row) from error


def compile_element(row: MappingRow, lists: Lists, making: Making) -> Fill:
    """A row that adds plain values to a list, as in `tags[*]`; its condition is the list's."""
    try:
        finish = finish_of(row, making)
        failed = _failed(row, list.append, finish, making)
        return _fill(row, value_of(row, lists, making), list.append, finish, failed, None)
    except ConfigError as error:
        raise RowError(error, row) from error


def finish_of(row: MappingRow, making: Making) -> Finish:
    """The last step of a row, by its destination field."""
    finish = unwritten if is_work(row.to) else finisher(listed(making.fields, row.to))
    return finish if making.trace is None else making.trace.writing(row, finish)


def condition(row: MappingRow, lists: Lists, making: Making) -> Anywhere | None:
    """The condition of a row or of a list's elements; its paths are written as those of sources are. Raises RowError."""
    if not row.when:
        return None
    try:
        zone = making.env.zone
        asked = [resolve(each, making.env.now) for each in row.when]
        tests = [(locate(parse(c.field), lists).anywhere, compile_test(c.op, c.value, zone)) for c in asked]
    except ConfigError as error:
        raise RowError(error, row) from error
    if making.trace is not None:
        return making.trace.condition(row, tests)
    return lambda here, frame: all(test(get(here, frame)) for get, test in tests)


def compile_put(target: Steps) -> Put:
    """Writes a value to its place; raises MappingError where another row has put something else in the way."""
    put, name = compile_set(target), render(target)
    if len(target) == 1 and isinstance(target[0], str):
        return put

    def put_deep(out: Any, value: Any) -> None:
        try:
            put(out, value)
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            raise MappingError(f"{name} has no room: another row has filled a part of it with a plain value") from error

    return put_deep


def _fill(row: MappingRow, expr: Expr, put: Put, finish: Finish, failed: Failed, holds: Anywhere | None) -> Fill:
    get, keep_null = expr.anywhere, row.empty == "null"

    def fill(here: Any, frame: Any, out: Any) -> None:
        try:
            if holds is not None and not holds(here, frame):
                return
            value = get(here, frame)
            if value is not None:
                put(out, finish(value))
            elif keep_null:
                put(out, None)
        except Exception as error:  # noqa: BLE001  # as above
            failed(error, out)

    return fill


def _failed(row: MappingRow, put: Put, finish: Finish, making: Making) -> Failed:
    """What the row does about an error: fail the record, or leave the field empty, or write its default."""
    on_error, default = row.on_error, row.default
    writes_null = row.empty == "null"

    def failed(error: Exception, out: Any) -> None:
        if isinstance(error, Signal):
            if isinstance(error, SkipRecord):
                raise error
            return
        if on_error == "fail":
            raise placed(error, row) from error
        instead = default if on_error == "default" else None
        if instead is not None or writes_null:
            try:
                put(out, finish(instead))
            except MappingError as again:
                raise placed(again, row) from error

    return failed if making.trace is None else making.trace.failing(row, failed)


def placed(error: Exception, row: MappingRow) -> Exception:
    """The same error, saying in which row it happened."""
    if isinstance(error, ScriptError):
        return error.saying(f"{row.label}: {error.message}")
    if isinstance(error, Signal) or (isinstance(error, MappingError) and error.row):
        return error
    said = error if isinstance(error, MappingError) else MappingError(f"{type(error).__name__}: {error}")
    place = said.step if said.step.startswith("source") else f"function {said.step}".rstrip()
    step = f", {place} ({said.function})" if said.function else ""
    path = row.sources[0].path if row.sources else row.to
    return retold(said, f"{row.label}{step}: {said.message}", path=path, row=row.label)
