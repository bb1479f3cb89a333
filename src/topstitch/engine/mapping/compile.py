"""From rows to one closure a row, and one pass over a record. This is the hot path: each record runs through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from topstitch.engine.filters import compile_test
from topstitch.engine.mapping.plan import Scope, Steps, plan
from topstitch.engine.mapping.values import finisher
from topstitch.engine.spec import FilterRow, MappingRow, SourceField, Step
from topstitch.errors import ConfigError, MappingError, TopstitchError
from topstitch.functions import bind
from topstitch.functions.registry import Bound, Environment, Takes
from topstitch.sdk.fields import Field
from topstitch.values.paths import compile_get, compile_set, is_each, parse, render

Value = Any
Record = dict[str, Any]
#: (element or record, record around it, position from 0) -> value
Source = Callable[[Any, Record, int], Value]
Chain = Callable[[Value, Any, Record, int], Value]
Row = Callable[[Any, Record, int, Record], None]

MAX_ELEMENTS = 100_000


class Mapper:
    """A compiled mapping: `mapper(record)` gives the destination record or raises MappingError."""

    __slots__ = ("_fill", "rows")

    def __init__(self, rows: Sequence[MappingRow], env: Environment, fields: Mapping[str, Field]) -> None:
        self.rows = tuple(rows)
        self._fill = _compile_scope(plan(rows), (), env, fields)

    def __call__(self, record: Record) -> Record:
        out: Record = {}
        self._fill(record, record, 0, out)
        return out


def compile_mapping(rows: Sequence[MappingRow], env: Environment, fields: Sequence[Field] = ()) -> Mapper:
    """Compile rows once. `fields` is the destination's list; it decides how numbers and words are written.

    Raises ConfigError naming the row for an unknown function, a wrong argument or a path that cannot be read.
    """
    return Mapper(rows, env, {field.path: field for field in fields})


def _compile_scope(scope: Scope, prefix: Steps, env: Environment, fields: Mapping[str, Field]) -> Row:
    rows = [compile_row(row, target, prefix, env, fields) for row, target in scope.rows]
    lists = [_compile_list(inner, prefix, env, fields) for inner in scope.lists]
    fills = (*rows, *lists)

    def fill(element: Any, record: Record, at: int, out: Record) -> None:
        for each in fills:
            each(element, record, at, out)

    return fill


def _compile_list(scope: Scope, prefix: Steps, env: Environment, fields: Mapping[str, Field]) -> Row:
    """The rows under one target list, run for every element of its driver."""
    inner_prefix = (*prefix, *scope.driver, _EACH)
    items_of = compile_get(scope.driver) if scope.driver else _itself
    keep = _when(scope.head.when, inner_prefix) if scope.head and scope.head.when else None
    fill = _compile_scope(scope, inner_prefix, env, fields)
    put = compile_set(scope.target)
    name = render(scope.target)
    whole = _whole_element(scope, inner_prefix, env)

    def build(element: Any, record: Record, at: int, out: Record) -> None:
        items = items_of(element)
        if items is None:
            return
        if not isinstance(items, list):
            raise MappingError(
                f"{name} needs a list, the source has {items!r:.80}", path=render(scope.driver), value=items
            )
        if len(items) > MAX_ELEMENTS:
            raise MappingError(f"{name}: {len(items)} elements are more than {MAX_ELEMENTS}", path=render(scope.driver))
        built = []
        position = 0
        for item in items:
            if keep is None or keep(item, record, position):
                if whole is not None:
                    built.append(whole(item, record, position))
                else:
                    made: Record = {}
                    fill(item, record, position, made)
                    built.append(made)
                position += 1
        put(out, built)

    return build


_EACH = parse("x[*]")[1]


def _itself(element: Any) -> Any:
    return element


def _when(rows: Sequence[FilterRow], prefix: Steps) -> Callable[[Any, Record, int], bool]:
    """The condition of a row or of a list's elements; its paths are written as those of sources are."""
    tests = [(_located(parse(row.field), prefix), compile_test(row.op, row.value)) for row in rows]
    return lambda element, record, at: all(test(get(element, record, at)) for get, test in tests)


def _whole_element(scope: Scope, prefix: Steps, env: Environment) -> Callable[[Any, Record, int], Any] | None:
    """For a list of plain values (`tags[*]` from `labels[*].name`): the head row's own value per element."""
    if scope.head is None or scope.rows or scope.lists:
        return None
    return _value_of(scope.head, prefix, env)


def compile_row(row: MappingRow, target: Steps, prefix: Steps, env: Environment, fields: Mapping[str, Field]) -> Row:
    """One row as a closure that writes its value into the record being built."""
    try:
        value_of = _value_of(row, prefix, env)
        finish = finisher(fields.get(row.to))
        put = compile_set(target)
        when = _when(row.when, prefix) if row.when else None
    except ConfigError as error:
        raise ConfigError(error.message, place=f"mapping row {row.label!r}", key=error.key, hint=error.hint) from error
    keep_null = row.empty == "null"
    on_error, default = row.on_error, row.default

    def run(element: Any, record: Record, at: int, out: Record) -> None:
        try:
            if when is not None and not when(element, record, at):
                return
            value = value_of(element, record, at)
            if value is None:
                if keep_null:
                    put(out, None)
                return
            put(out, finish(value) if finish is not None else value)
        except MappingError as error:
            if on_error == "fail":
                raise _placed(error, row) from error
            if on_error == "default":
                put(out, default)
        except TopstitchError:
            raise
        except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError) as error:
            raise MappingError(f"{row.label}: {error}", row=row.label, path=row.to) from error

    return run


def _placed(error: MappingError, row: MappingRow) -> MappingError:
    """The same error, saying in which row it happened."""
    if error.row:
        return error
    step = f", function {error.function}" if error.function else ""
    return MappingError(
        f"{row.label}{step}: {error.message}",
        path=row.sources[0].path if row.sources else row.to,
        row=row.label,
        function=error.function,
        value=error.value,
        hint=error.hint,
        detail=error.detail,
    )


def _value_of(row: MappingRow, prefix: Steps, env: Environment) -> Callable[[Any, Record, int], Any]:
    if not row.sources and not row.do:
        constant = row.value
        return lambda element, record, at: constant
    sources = [compile_source(source, prefix, env) for source in row.sources]
    steps = [bind_step(step, env) for step in row.do]
    if steps and steps[0].takes is Takes.VALUES and row.do[0].inputs is None:
        return _combined(sources, steps[0], _chain(row.do[1:], steps[1:], sources, row, prefix, env))
    first = sources[0] if sources else (lambda element, record, at: row.value)
    if not steps:
        return first
    chain = _chain(row.do, steps, sources, row, prefix, env)
    assert chain is not None
    return lambda element, record, at: chain(first(element, record, at), element, record, at)


def bind_step(step: Step, env: Environment) -> Bound:
    """The function of a step with its arguments; raises ConfigError."""
    return bind(step.function, step.args, env)


def _combined(sources: list[Source], bound: Bound, rest: Chain | None) -> Callable[[Any, Record, int], Any]:
    call = bound.call

    def combine(element: Any, record: Record, at: int) -> Any:
        value = call([source(element, record, at) for source in sources])
        return rest(value, element, record, at) if rest is not None else value

    return combine


def _chain(
    steps: Sequence[Step],
    bound: Sequence[Bound],
    sources: list[Source],
    row: MappingRow,
    prefix: Steps,
    env: Environment,
) -> Chain | None:
    """Functions one after the other. An empty value passes by a function that has not asked for it."""
    if not steps:
        return None
    if all(step.inputs is None and b.takes in (Takes.VALUE, Takes.LIST) for step, b in zip(steps, bound, strict=True)):
        calls = tuple((b.call, b.on_empty == "run", b.name) for b in bound)
        return _simple_chain(calls)
    links = [_link(step, b, row, prefix, env, sources) for step, b in zip(steps, bound, strict=True)]

    def run(value: Any, element: Any, record: Record, at: int) -> Any:
        for link in links:
            value = link(value, element, record, at)
        return value

    return run


def _simple_chain(calls: tuple[tuple[Callable[[Any], Any], bool, str], ...]) -> Chain:
    def run(value: Any, element: Any, record: Record, at: int) -> Any:
        for call, on_empty, name in calls:
            if on_empty or (value is not None and value != ""):
                try:
                    value = call(value)
                except MappingError as error:
                    error.function = error.function or name
                    raise
        return value

    return run


def _link(step: Step, bound: Bound, row: MappingRow, prefix: Steps, env: Environment, sources: list[Source]) -> Chain:
    call, on_empty, name = bound.call, bound.on_empty == "run", bound.name
    if bound.takes is Takes.NOTHING:
        return lambda value, element, record, at: call()
    if bound.takes is Takes.VALUES:
        inputs = [_input(path, prefix, env) for path in step.inputs or ["@value"]]

        def combine(value: Any, element: Any, record: Record, at: int) -> Any:
            try:
                return call([value if get is None else get(element, record, at) for get in inputs])
            except MappingError as error:
                error.function = error.function or name
                raise

        return combine
    picked = _input(step.inputs[0], prefix, env) if step.inputs else None

    def apply(value: Any, element: Any, record: Record, at: int) -> Any:
        if picked is not None:
            value = picked(element, record, at)
        if not on_empty and (value is None or value == ""):
            return value
        try:
            return call(value)
        except MappingError as error:
            error.function = error.function or name
            raise

    return apply


def _input(path: str, prefix: Steps, env: Environment) -> Source | None:
    """A named input of a step; None stands for the chain's own value."""
    return None if path == "@value" else compile_source(SourceField(path=path), prefix, env)


def compile_source(source: SourceField, prefix: Steps, env: Environment) -> Source:
    """A source path within a scope: below the scope's list it is read from the element, else from the whole record."""
    get = _located(parse(source.path), prefix)
    if not source.do:
        return get
    chain = _chain(source.do, [bind_step(s, env) for s in source.do], [], MappingRow(to="x"), prefix, env)
    assert chain is not None
    return lambda element, record, at: chain(get(element, record, at), element, record, at)


def _located(steps: Steps, prefix: Steps) -> Source:
    if prefix and steps[: len(prefix)] == prefix:
        rest = steps[len(prefix) :]
        if not rest:
            return lambda element, record, at: element
        if rest == ("@number",):
            return lambda element, record, at: at + 1
        if rest == ("@index",):
            return lambda element, record, at: at
        within = compile_get(rest)
        return lambda element, record, at: within(element)
    if prefix and any(is_each(step) for step in steps):
        return _sibling(steps)
    whole = compile_get(steps)
    return lambda element, record, at: whole(record)


def _sibling(steps: Steps) -> Source:
    """A path into another list than the scope's own: the element at the same position."""
    everything = compile_get(steps)

    def pick(element: Any, record: Record, at: int) -> Any:
        values = everything(record)
        return values[at] if at < len(values) else None

    return pick
