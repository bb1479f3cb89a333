"""A row's functions one after the other, bound once to closures. This is the hot path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from topstitch.engine.mapping.sources import Expr, Lists, constant, locate
from topstitch.engine.spec import MappingRow, SourceField, Step
from topstitch.errors import ConfigError, MappingError, ScriptError, TopstitchError
from topstitch.functions import bind
from topstitch.functions.registry import Bound, Environment, Takes
from topstitch.values.paths import parse

#: (function of one value, whether it wants empty values, its name)
Unary = tuple[Callable[[Any], Any], bool, str]


class Link(NamedTuple):
    """A function that may look elsewhere than at the value so far. A `local` one needs no frame: it may be None."""

    #: (value so far, element, frame) -> value
    call: Callable[[Any, Any, Any], Any]
    local: bool


def value_of(row: MappingRow, lists: Lists, env: Environment) -> Expr:
    """What a row gives: its sources, or its constant, through its functions. Raises ConfigError."""
    sources = [source_of(source, lists, env) for source in row.sources] or [constant(row.value)]
    bound = [bind_step(step, env) for step in row.do]
    if bound and bound[0].takes is Takes.VALUES and row.do[0].inputs is None:
        return _chained(_combined(sources, bound[0]), row.do[1:], bound[1:], lists, env)
    if len(sources) > 1:
        first = f"its first function, {bound[0].name}, takes one value" if bound else "no function to combine them"
        raise ConfigError(
            f"the row has {len(sources)} sources, and {first}",
            key="sources",
            hint="Begin with a function of several values, such as string.concatenate, number.math or other.fallback.",
        )
    return _chained(sources[0], row.do, bound, lists, env)


def source_of(source: SourceField, lists: Lists, env: Environment) -> Expr:
    """One source field with its own functions."""
    return _chained(locate(parse(source.path), lists), source.do, [bind_step(s, env) for s in source.do], lists, env)


def bind_step(step: Step, env: Environment) -> Bound:
    """The function of a step with its arguments; raises ConfigError."""
    return bind(step.function, step.args, env)


def _combined(sources: Sequence[Expr], bound: Bound) -> Expr:
    """A function of all source values of the row."""
    if not all(source.local for source in sources):
        return _linked(constant(None), [_gathering(sources, bound)])
    gets, call, name = [source.call for source in sources], bound.call, bound.name

    def combine(here: Any) -> Any:
        values = [get(here) for get in gets]
        try:
            return call(values)
        except Exception as error:  # whatever it is, this record fails with it and no other
            raise blamed(error, name, values) from error

    return Expr(combine, local=True)


def _chained(start: Expr, steps: Sequence[Step], bound: Sequence[Bound], lists: Lists, env: Environment) -> Expr:
    if not steps:
        return start
    if all(step.inputs is None for step in steps) and start.local:
        return _simple(start, tuple(_unary(each) for each in bound))
    return _linked(start, [_link(step, each, lists, env) for step, each in zip(steps, bound, strict=True)])


def _unary(bound: Bound) -> Unary:
    call = bound.call
    if bound.takes is Takes.NOTHING:
        return (lambda value: call()), True, bound.name
    if bound.takes is Takes.VALUES:
        return (lambda value: call([value])), True, bound.name
    return call, bound.on_empty == "run", bound.name


def _simple(start: Expr, calls: tuple[Unary, ...]) -> Expr:
    """Functions of the value so far. An empty value passes by a function that has not asked for it."""
    get = start.call
    if len(calls) == 1:
        return _single(get, *calls[0])

    def run(here: Any) -> Any:
        value, name = get(here), ""
        try:
            for call, on_empty, name in calls:  # noqa: B007  # for the error below
                # Truth first: to compare a Decimal with "" takes as long as most functions.
                if value or on_empty or (value is not None and value != ""):
                    value = call(value)
        except Exception as error:  # whatever it is, this record fails with it and no other
            raise blamed(error, name, value) from error
        return value

    return Expr(run, local=True)


def _single(get: Callable[[Any], Any], call: Callable[[Any], Any], on_empty: bool, name: str) -> Expr:
    """The same for the most common length."""

    def run(here: Any) -> Any:
        value = get(here)
        if not value and not on_empty and (value is None or value == ""):
            return value
        try:
            return call(value)
        except Exception as error:  # as above
            raise blamed(error, name, value) from error

    return Expr(run, local=True)


def _linked(start: Expr, links: Sequence[Link]) -> Expr:
    """Functions of which some look elsewhere than at the value so far."""
    first, calls = start.anywhere, [link.call for link in links]

    def run(here: Any, frame: Any = None) -> Any:
        value = first(here, frame)
        for call in calls:
            value = call(value, here, frame)
        return value

    return Expr(run, local=start.local and all(link.local for link in links))


def _link(step: Step, bound: Bound, lists: Lists, env: Environment) -> Link:
    inputs = [_input(path, lists, env) for path in step.inputs or ()]
    if bound.takes is Takes.VALUES and inputs:
        return _gathering(inputs, bound)
    start = inputs[0] if inputs else None
    picked = start.anywhere if start else None
    run = _single(lambda value: value, *_unary(bound)).call

    def apply(value: Any, here: Any, frame: Any) -> Any:
        return run(value if picked is None else picked(here, frame))

    return Link(apply, local=start is None or start.local)


def _gathering(inputs: Sequence[Expr | None], bound: Bound) -> Link:
    """A function of several values; None among `inputs` stands for the value so far."""
    gets = [(each.call, each.local) if each else (None, False) for each in inputs]
    call, name = bound.call, bound.name

    def gather(so_far: Any, here: Any, frame: Any) -> Any:
        values = [so_far if get is None else get(here) if local else get(here, frame) for get, local in gets]
        try:
            return call(values)
        except Exception as error:  # as above
            raise blamed(error, name, values) from error

    return Link(gather, local=all(each is None or each.local for each in inputs))


def _input(path: str, lists: Lists, env: Environment) -> Expr | None:
    """A named input of a step; None is the value so far."""
    return None if path == "@value" else locate(parse(path), lists)


def blamed(error: Exception, function: str, value: object) -> MappingError | ScriptError:
    """An error of a function as the record's, with the function's name and the value it was given."""
    if isinstance(error, ScriptError):
        return error
    if not isinstance(error, MappingError):
        told = isinstance(error, TopstitchError | ValueError | ArithmeticError) and str(error)
        return MappingError(told or f"{type(error).__name__}: {error}", function=function, value=value)
    return retold(error, function=error.function or function, value=value if error.value is None else error.value)


def retold(error: MappingError, message: str = "", **parts: Any) -> MappingError:
    """The same error with some of its parts changed."""
    kept = {name: getattr(error, name) for name in ("path", "row", "function", "value", "key", "hint", "detail")}
    return MappingError(message or error.message, **{**kept, **parts})
