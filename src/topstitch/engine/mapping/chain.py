"""A row's functions one after the other, bound once to closures. This is the hot path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from topstitch.engine.mapping.sources import Expr, Lists, constant, locate
from topstitch.engine.mapping.trace import Trace
from topstitch.engine.spec import MappingRow, SourceField, Step
from topstitch.errors import ConfigError, MappingError, ScriptError, TopstitchError
from topstitch.functions import bind
from topstitch.functions.other_asking import MAX_SCRIPTS, SCRIPT
from topstitch.functions.registry import Bound, Environment, Takes
from topstitch.functions.signals import Ended, Signal
from topstitch.sdk.fields import Field
from topstitch.values.paths import parse

#: (function of one value, whether it wants empty values, what to blame)
Unary = tuple[Callable[[Any], Any], bool, Bound]


#: So many elements of one record are walked over, those of all its lists together. A list that is walked over or copied
#: for each element of another counts each time.
MAX_WALKED = 1_000_000
SKIP_RECORD = "other.skip_record"


class Walked:
    """How many elements of the record at hand were walked over."""

    def __init__(self) -> None:
        self.count = 0

    def too_many(self, name: str) -> MappingError:
        """What to raise for more than MAX_WALKED."""
        return MappingError(
            f"{name}: the lists of this record have more than {MAX_WALKED} elements, one within the other",
            row=name,
            hint="Take a list that is the same for every element out of it, or pick what is needed of it.",
        )


class Link(NamedTuple):
    """A function that may look elsewhere than at the value so far. A `local` one needs no frame: it may be None."""

    #: (value so far, element, frame) -> value
    call: Callable[[Any, Any, Any], Any]
    local: bool


@dataclass(frozen=True, slots=True)
class Making:
    """What compiling needs to know everywhere: the run's environment, the destination's fields, who watches."""

    env: Environment
    fields: Mapping[str, Field]
    trace: Trace | None = None
    #: Rows with functions that ask, by identity, and how many they are: found while compiling.
    asking: Counter[int] = field(default_factory=Counter)
    #: Rows that may leave the record out.
    skipping: set[int] = field(default_factory=set)
    walked: Walked = field(default_factory=Walked)

    def bind(self, row: MappingRow, steps: Sequence[Step], before: str = "") -> list[Bound]:
        """The functions of a chain with their arguments. `before` says whose they are in errors. Raises ConfigError."""
        return [self._bind(row, step, f"{before}{number}") for number, step in enumerate(steps, 1)]

    def _bind(self, row: MappingRow, step: Step, place: str) -> Bound:
        bound = bind(step.function, step.args, self.env)
        if bound.asks:
            self.asking[id(row)] += 1
        if step.function == SKIP_RECORD:
            self.skipping.add(id(row))
        bound = replace(bound, step=place)
        return bound if self.trace is None else self.trace.function(row, bound)

    def read(self, row: MappingRow, source: SourceField, lists: Lists) -> Expr:
        """What a source's path gives."""
        found = locate(parse(source.path), lists)
        if found.repeats:
            found = self._counted(row, found)
        return found if self.trace is None else self.trace.reading(row, source.path, found)

    def _counted(self, row: MappingRow, expr: Expr) -> Expr:
        """What lies around an element is read again for each of them: what is large then counts as often."""
        get, walked, name = expr.call, self.walked, row.label

        def read(here: Any, frame: Any) -> Any:
            value = get(here, frame)
            if type(value) is list or type(value) is dict:
                walked.count += len(value)
                if walked.count > MAX_WALKED:
                    raise walked.too_many(name)
            return value

        return Expr(read, local=False)


def value_of(row: MappingRow, lists: Lists, making: Making) -> Expr:
    """What a row gives: its sources, or its constant, through its functions. Raises ConfigError."""
    _refuse_many_scripts(row)
    if not row.sources:
        sources = [constant(row.value)]
    else:
        sources = [source_of(row, number, lists, making) for number in range(len(row.sources))]
    bound = making.bind(row, row.do)
    if bound and bound[0].takes is Takes.VALUES and row.do[0].inputs is None:
        return _chained(_combined(sources, bound[0]), row.do[1:], bound[1:], lists)
    if len(sources) > 1:
        first = f"its first function, {row.do[0].function}, takes one value" if bound else "no function to combine them"
        raise ConfigError(
            f"the row has {len(sources)} sources, and {first}",
            key="sources",
            hint="Begin with a function of several values, such as string.concatenate, number.math or other.fallback.",
        )
    return _chained(sources[0], row.do, bound, lists)


def _refuse_many_scripts(row: MappingRow) -> None:
    steps = [*row.do, *(step for source in row.sources for step in source.do)]
    scripts = sum(step.function == SCRIPT for step in steps)
    if scripts > MAX_SCRIPTS:
        raise ConfigError(
            f"the row has {scripts} custom scripts, {MAX_SCRIPTS} are the most",
            key="script",
            hint="Put what they do into one script.",
        )


def source_of(row: MappingRow, number: int, lists: Lists, making: Making) -> Expr:
    """One source field with its own functions."""
    source = row.sources[number]
    steps = making.bind(row, source.do, f"source {number + 1} function ")
    return _chained(making.read(row, source, lists), source.do, steps, lists)


def changed_list(row: MappingRow, source: SourceField, found: Expr, lists: Lists, making: Making) -> Expr:
    """A source list through the functions of its head row."""
    number = row.sources.index(source) if source in row.sources else 0
    of_source = _chained(found, source.do, making.bind(row, source.do, f"source {number + 1} function "), lists)
    return _chained(of_source, row.do, making.bind(row, row.do), lists)


def _combined(sources: Sequence[Expr], bound: Bound) -> Expr:
    """A function of all source values of the row."""
    if not all(source.local for source in sources):
        return _linked(constant(None), [_gathering(sources, bound)])
    gets, call = [source.call for source in sources], bound.call

    def combine(here: Any) -> Any:
        values = [get(here) for get in gets]
        try:
            return call(values)
        except Exception as error:  # whatever it is, this record fails with it and no other
            raise blamed(error, bound, values) from error

    return Expr(combine, local=True)


def _chained(start: Expr, steps: Sequence[Step], bound: Sequence[Bound], lists: Lists) -> Expr:
    if not steps:
        return start
    plain = all(step.inputs is None and each.takes is not Takes.FIELDS for step, each in zip(steps, bound, strict=True))
    if plain and start.local:
        return _simple(start, tuple(_unary(each) for each in bound))
    return _linked(start, [_link(step, each, lists) for step, each in zip(steps, bound, strict=True)])


def _unary(bound: Bound) -> Unary:
    call = bound.call
    if bound.takes is Takes.NOTHING:
        return (lambda value: call()), True, bound
    if bound.takes is Takes.VALUES:
        return (lambda value: call([value])), True, bound
    return call, bound.on_empty == "run", bound


def _simple(start: Expr, calls: tuple[Unary, ...]) -> Expr:
    """Functions of the value so far. An empty value passes by a function that has not asked for it."""
    get = start.call
    if len(calls) == 1:
        return _single(get, *calls[0])

    def run(here: Any) -> Any:
        value, blame = get(here), calls[0][2]
        try:
            for call, on_empty, blame in calls:  # noqa: B007  # for the error below
                # Truth first: to compare a Decimal with "" takes as long as most functions.
                if value or on_empty or (value is not None and value != ""):
                    value = call(value)
        except Exception as error:  # whatever it is, this record fails with it and no other
            raise blamed(error, blame, value) from error
        return value

    return Expr(run, local=True)


def _single(get: Callable[[Any], Any], call: Callable[[Any], Any], on_empty: bool, blame: Bound) -> Expr:
    """The same for the most common length."""

    def run(here: Any) -> Any:
        value = get(here)
        if not value and not on_empty and (value is None or value == ""):
            return value
        try:
            return call(value)
        except Exception as error:  # as above
            raise blamed(error, blame, value) from error

    return Expr(run, local=True)


def _linked(start: Expr, links: Sequence[Link]) -> Expr:
    """Functions of which some look elsewhere than at the value so far, or may end the chain."""
    first, calls = start.anywhere, [link.call for link in links]

    def run(here: Any, frame: Any = None) -> Any:
        value = first(here, frame)
        for call in calls:
            value = call(value, here, frame)
            if type(value) is Ended:
                return value.value
        return value

    return Expr(run, local=start.local and all(link.local for link in links))


def _link(step: Step, bound: Bound, lists: Lists) -> Link:
    inputs = [_input(path, lists) for path in step.inputs or ()]
    if bound.takes is Takes.VALUES and inputs:
        return _gathering(inputs, bound)
    most = 0 if bound.takes is Takes.NOTHING else 1
    if len(inputs) > most:
        raise ConfigError(
            f"{bound.name} takes {'one value' if most else 'no value'}, but has {len(inputs)} inputs", key="inputs"
        )
    link = _looking(bound, lists) if bound.takes is Takes.FIELDS else _alone(bound)
    return _given(inputs[0], link) if inputs and inputs[0] else link


def _alone(bound: Bound) -> Link:
    """A function that sees nothing but the value."""
    run = _single(lambda value: value, *_unary(bound)).call
    return Link(lambda value, here, frame: run(value), local=True)


def _given(picked: Expr, link: Link) -> Link:
    """The same function of another value than the one so far."""
    get, call = picked.anywhere, link.call
    return Link(lambda value, here, frame: call(get(here, frame), here, frame), local=picked.local and link.local)


def _looking(bound: Bound, lists: Lists) -> Link:
    """A function of the value so far that also looks at the fields which its parameters name."""
    fields = [locate(parse(path), lists) if path else constant(None) for path in bound.fields]
    gets, call, on_empty = [each.anywhere for each in fields], bound.call, bound.on_empty == "run"

    def look(value: Any, here: Any, frame: Any) -> Any:
        if not on_empty and (value is None or value == ""):
            return value
        try:
            return call(value, [get(here, frame) for get in gets])
        except Exception as error:  # as above
            raise blamed(error, bound, value) from error

    return Link(look, local=all(each.local for each in fields))


def _gathering(inputs: Sequence[Expr | None], bound: Bound) -> Link:
    """A function of several values; None among `inputs` stands for the value so far."""
    gets = [(each.call, each.local) if each else (None, False) for each in inputs]
    call = bound.call

    def gather(so_far: Any, here: Any, frame: Any) -> Any:
        values = [so_far if get is None else get(here) if local else get(here, frame) for get, local in gets]
        try:
            return call(values)
        except Exception as error:  # as above
            raise blamed(error, bound, values) from error

    return Link(gather, local=all(each is None or each.local for each in inputs))


def _input(path: str, lists: Lists) -> Expr | None:
    """A named input of a step; None is the value so far."""
    return None if path == "@value" else locate(parse(path), lists)


def blamed(error: Exception, bound: Bound, value: object) -> Exception:
    """An error of a function as the record's, with the function's place and name and the value it was given."""
    if isinstance(error, ScriptError | Signal):
        return error
    if not isinstance(error, MappingError):
        told = isinstance(error, TopstitchError | ValueError | ArithmeticError) and str(error)
        return MappingError(
            told or f"{type(error).__name__}: {error}", function=bound.name, step=bound.step, value=value
        )
    name, step = (error.function, error.step) if error.function else (bound.name, bound.step)
    return retold(error, function=name, step=step, value=value if error.value is None else error.value)


def retold(error: MappingError, message: str = "", **parts: Any) -> MappingError:
    """The same error with some of its parts changed."""
    names = ("path", "row", "function", "step", "value", "key", "hint", "detail")
    return MappingError(message or error.message, **{**{name: getattr(error, name) for name in names}, **parts})
