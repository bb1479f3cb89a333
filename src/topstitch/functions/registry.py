"""How a transform function is declared, found, described and bound to its arguments.

A registration decorates a *factory*: it receives the typed parameters once, when a mapping is compiled, and returns the
closure that runs for each value. Forms, reference pages, autocomplete and tests come from the registration.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from enum import Enum, StrEnum
from typing import Literal, Protocol

from topstitch.errors import Bug, ConfigError
from topstitch.functions.params import REQUIRED, Param, plain
from topstitch.functions.signals import Ended

__all__ = [
    "FIELDS",
    "LIST",
    "MISSING",
    "NOTHING",
    "REQUIRED",
    "VALUE",
    "VALUES",
    "Ask",
    "Bound",
    "Environment",
    "Example",
    "Finding",
    "Function",
    "Lookup",
    "NoAnswer",
    "Param",
    "Registry",
    "Takes",
    "function",
]

Group = Literal["array", "date", "number", "string", "other"]
Gives = Literal["text", "integer", "number", "boolean", "date", "list", "any"]
OnEmpty = Literal["pass", "run"]
Factory = Callable[..., Callable[..., object]]

_NAME = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")


class Takes(StrEnum):
    """What the closure is called with."""

    #: Nothing: a constant.
    NOTHING = "nothing"
    #: The value so far.
    VALUE = "value"
    #: A list; anything else is taken as a list of one.
    LIST = "list"
    #: A list of all source values of the row, in order; further down a chain, a list of the value so far.
    VALUES = "values"
    #: The value so far, and a list of what is in the fields of the record that its parameters name (see `Param.offer`).
    FIELDS = "fields"


NOTHING, VALUE, LIST, VALUES, FIELDS = Takes


class Missing(Enum):
    """The answer of a lookup that has no such value; null is a value."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Finding:
    """What is looked for in another system: what the record that has a text at `match` has at `give` ("": all of it)."""

    connector: str
    entity: str
    match: str
    give: str = ""
    #: What several records with the text mean: first, fail.
    several: str = "first"
    ignore_case: bool = False
    #: Of the entity, as a source has them.
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """In place of an answer: why this one question has none. The record that asks fails with it, no other does."""

    reason: str
    hint: str = ""


class Lookup(Protocol):
    """A two-column table. `match` is one of topstitch.functions.lookup.MATCHES, or `row`."""

    def find(self, value: object, *, reverse: bool, match: str, field: str = "") -> object:
        """The pair of `value` (right to left when `reverse`; only of the rows of `field`), or MISSING."""


#: Gives the answer to a question that only others can answer: another system, a script, the database. Raises
#: `signals.Wanted` until it has been asked, with those of the page's other records.
Ask = Callable[[object], object]


class Environment(Protocol):
    """What a run gives to functions: its time (UTC, aware), its zone, its variables, lookup tables, and whom to ask."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def variables(self) -> Mapping[str, object]: ...
    def lookup(self, name: str) -> Lookup:
        """A table by name. Raises ConfigError when there is none."""

    def finder(self, finding: Finding) -> Ask:
        """Of a text: what the record that has it holds, MISSING, or a NoAnswer. Raises ConfigError for a connector, entity
        or option that does not exist.
        """

    def script(self, name: str, version: int | None, variables: Mapping[str, str]) -> Ask:
        """Of a value: what a custom script makes of it. Raises ConfigError when there is no such script."""

    def sequence(self, name: str, start: int, step: int) -> Ask:
        """The number of the record being mapped in this sequence, whatever is asked: always the same for one record."""


@dataclass(frozen=True, slots=True)
class Example:
    """One call of a function: documentation and test in one. `fails` is part of the message of a MappingError."""

    input: object = None
    args: Mapping[str, object] = field(default_factory=dict)
    output: object = None
    fails: str = ""

    def describe(self) -> dict[str, object]:
        """As JSON."""
        outcome: dict[str, object] = {"fails": self.fails} if self.fails else {"output": plain(self.output)}
        return {"input": plain(self.input), "args": plain(dict(self.args)), **outcome}


@dataclass(frozen=True, slots=True)
class Bound:
    """A function with its arguments, ready to run. `call` is the bare closure: see `Takes` and `on_empty`."""

    name: str
    call: Callable[..., object]
    takes: Takes
    on_empty: OnEmpty
    gives: Gives
    #: For `Takes.FIELDS`: the paths, "" for those that were not given.
    fields: tuple[str, ...] = ()
    #: Asks others: see `Ask`.
    asks: bool = False
    #: Where in its row it stands, for errors: `2`, or `source 1 function 2`.
    step: str = ""

    def __call__(self, value: object = None) -> object:
        """Run by the rules: a constant takes nothing, null and "" pass through unless the function wants them."""
        if self.takes is NOTHING:
            return self.call()
        if self.on_empty == "pass" and (value is None or value == ""):
            return value
        if self.takes is FIELDS:
            value = self.call(value, [None] * len(self.fields))
            return value.value if isinstance(value, Ended) else value
        return self.call(value)


@dataclass(frozen=True, slots=True)
class Function:
    """A registered function."""

    name: str
    title: str
    group: Group
    summary: str
    takes: Takes
    gives: Gives
    params: tuple[Param, ...]
    examples: tuple[Example, ...]
    on_empty: OnEmpty
    since: str
    pure: bool
    factory: Factory
    asks: bool = False

    @property
    def wants_environment(self) -> bool:
        """Whether the factory's first parameter is the environment."""
        return next(iter(inspect.signature(self.factory).parameters), "") == "env"

    def bind(self, args: Mapping[str, object], env: Environment) -> Bound:
        """Check and cast the arguments and make the closure. Raises ConfigError naming function and parameter."""
        place = f"function {self.name}"
        self._refuse_unknown(args, place)
        typed = {param.name: param.read(args, place) for param in self.params}
        try:
            call = self.factory(env, **typed) if self.wants_environment else self.factory(**typed)
        except ConfigError as error:
            raise ConfigError(error.message, place=place, key=error.key, hint=error.hint) from error
        return Bound(self.name, call, self.takes, self.on_empty, self.gives, self._fields(typed), self.asks)

    def _fields(self, args: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(str(args[param.name]) for param in self.params if param.offer == "field")

    def _refuse_unknown(self, args: Mapping[str, object], place: str) -> None:
        valid = [param.name for param in self.params]
        for name in args:
            if name not in valid:
                close = get_close_matches(str(name), valid)
                known = f"it takes {', '.join(valid)}" if valid else "it takes no parameters"
                raise ConfigError(f"there is no parameter {name!r}{_did_you_mean(close)}; {known}", place=place)

    def describe(self) -> dict[str, object]:
        """As JSON, for forms, reference pages and the command line."""
        return {
            "name": self.name,
            "title": self.title,
            "group": self.group,
            "summary": self.summary,
            "takes": str(self.takes),
            "gives": self.gives,
            "on_empty": self.on_empty,
            "pure": self.pure,
            "since": self.since,
            "params": [param.describe() for param in self.params],
            "examples": [example.describe() for example in self.examples],
        }


def function(
    name: str,
    *,
    title: str,
    group: Group,
    summary: str,
    takes: Takes,
    gives: Gives,
    params: Sequence[Param] = (),
    examples: Sequence[Example],
    on_empty: OnEmpty = "pass",
    since: str = "0.1",
    pure: bool = True,
    asks: bool = False,
) -> Callable[[Factory], Function]:
    """Declare a function; the decorated factory becomes a `Function`.

    `on_empty` says what null and "" do: `pass` through untouched, or `run` the closure. It means nothing, and is `run`,
    for constants and for functions of all source values, which meet empty values inside their list. One that `asks` gives
    its answer only once others were asked.
    """
    rule: OnEmpty = on_empty if takes in (VALUE, LIST, FIELDS) else "run"

    def register(factory: Factory) -> Function:
        made = Function(
            name, title, group, summary, takes, gives, tuple(params), tuple(examples), rule, since, pure, factory, asks
        )
        _check(made)
        return made

    return register


def _check(made: Function) -> None:
    if not _NAME.fullmatch(made.name) or made.name.split(".")[0] != made.group:
        raise Bug(f"the function name {made.name!r} must be `{made.group}.snake_case`")
    if len(made.examples) < 2:
        raise Bug(f"the function {made.name!r} needs two examples, one of them an edge")
    accepted = [name for name in inspect.signature(made.factory).parameters if name != "env"]
    declared = [param.name for param in made.params]
    if accepted != declared:
        raise Bug(f"the function {made.name!r} declares the parameters {declared}, its factory takes {accepted}")


def _did_you_mean(names: Sequence[str]) -> str:
    return f" (did you mean {' or '.join(names)}?)" if names else ""


class Registry:
    """Functions by name. Raises ConfigError when two have the same name."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._by_name: dict[str, Function] = {}
        for made in functions:
            if made.name in self._by_name:
                raise ConfigError(f"two functions are called {made.name!r}", place="functions")
            self._by_name[made.name] = made

    def __iter__(self) -> Iterator[Function]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Function:
        """A function by name. Raises ConfigError with similar names when there is none."""
        if found := self._by_name.get(name):
            return found
        raise ConfigError(
            f"there is no function {name!r}{self._similar(name)}",
            hint="`topstitch functions list` shows all functions.",
        )

    def _similar(self, name: str) -> str:
        wanted = name.rpartition(".")[2]
        bare = {known.partition(".")[2] for known in self._by_name}
        close = [wanted] if wanted in bare else get_close_matches(wanted, bare, n=2)
        return _did_you_mean([known for known in self._by_name if known.partition(".")[2] in close])

    def bind(self, name: str, args: Mapping[str, object], env: Environment) -> Bound:
        """Make a function ready to run. Raises ConfigError for an unknown function or wrong arguments."""
        return self.get(name).bind(args, env)

    def describe(self) -> list[dict[str, object]]:
        """All functions as JSON, in the order of registration."""
        return [made.describe() for made in self]
