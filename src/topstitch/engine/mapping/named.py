"""Lists whose elements go by name: `metafields.custom.care` for `metafields[namespace=custom,key=care].value`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topstitch.engine.mapping.plan import Scope
from topstitch.engine.mapping.sources import EACH, Steps
from topstitch.errors import ConfigError
from topstitch.sdk.fields import Field
from topstitch.values.paths import Step, Where, is_each, parse, render


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list of a field list that has `names`."""

    #: The list's own path, without the last [*].
    path: Steps
    short: Steps
    names: tuple[str, ...]
    value: Steps
    #: What else an element has: a step after the name that is none of these lies in the value.
    beside: frozenset[str]
    defaults: tuple[tuple[str, str], ...]

    def shows(self, steps: Steps) -> bool:
        """Whether the steps are in the short form of this list."""
        at, own = len(self.short), len(self.path)
        if len(steps) <= at or not same_place(steps[:at], self.short) or not is_key(steps[at]):
            return False
        # With a short form of its own, the list written in full begins the same.
        return own == at or not same_place(steps[:own], self.path)

    def expand(self, steps: Steps) -> Steps:
        """The short form in full; raises ConfigError when a part of the name is missing."""
        at, until = len(self.short), len(self.short) + len(self.names)
        words = [str(step) for step in steps[at:until] if is_key(step) or isinstance(step, int)]
        if len(words) < len(self.names):
            form = ".".join((render(self.short), *(f"<{name}>" for name in self.names)))
            raise ConfigError(
                f"{render(steps)} does not name an element of the list {render(self.path)}: write {form}",
                key="path",
                hint="A name with dots, brackets or nothing but digits goes in brackets and quotes: "
                f"{render((*self.short, 'a.b'))}.",
            )
        element = Where(tuple(zip(self.names, words, strict=True)))
        return (*steps[:at], *self.path[at:], element, *self._inside(steps[until:]))

    def _inside(self, rest: Steps) -> Steps:
        if rest and (rest[0] in self.beside or rest[: len(self.value)] == self.value):
            return rest
        return (*self.value, *rest)


def is_key(step: Step) -> bool:
    """Whether a step is a key of an object."""
    return isinstance(step, str) and not is_each(step)


def same_place(steps: Steps, listed: Steps) -> bool:
    """Whether steps lead where a path of a field list does, whichever element of its lists they take."""
    return len(steps) == len(listed) and all(
        own == other or (is_each(other) and not is_key(own)) for own, other in zip(steps, listed, strict=True)
    )


def named_lists(fields: Sequence[Field]) -> tuple[NamedList, ...]:
    """Those of a field list, the outer ones first."""
    found = [_named(field, fields) for field in fields if field.names]
    return tuple(sorted(found, key=lambda named: len(named.short)))


def _named(field: Field, fields: Sequence[Field]) -> NamedList:
    path = parse(field.path)
    value = parse(field.value)
    inside = (parse(other.path) for other in fields if other.path.startswith(field.path))
    beside = {steps[len(path)] for steps in inside if len(steps) > len(path)} | set(field.names)
    return NamedList(
        path[:-1],
        parse(field.short) if field.short else path[:-1],
        field.names,
        value,
        frozenset(str(step) for step in beside - {value[0]}),
        field.defaults,
    )


def expanded(steps: Steps, lists: Sequence[NamedList]) -> Steps:
    """The steps with every element by name in full. Raises ConfigError."""
    for named in lists:
        if named.shows(steps):
            steps = named.expand(steps)
    return steps


def with_defaults(scope: Scope, lists: Sequence[NamedList], above: Steps = ()) -> Scope:
    """The same scope, whose rows give the elements that they add what the field list says new ones have."""
    if any(named.defaults for named in lists):
        scope.rows = [(row, _making(target, lists, above)) for row, target in scope.rows]
        for inner in scope.lists:
            inner.target = _making(inner.target, lists, above)
            with_defaults(inner, lists, (*above, *inner.target, EACH))
    return scope


def _making(target: Steps, lists: Sequence[NamedList], above: Steps) -> Steps:
    return tuple(
        Where(step.fields, _defaults(step, (*above, *target[:at]), lists)) if isinstance(step, Where) else step
        for at, step in enumerate(target)
    )


def _defaults(step: Where, path: Steps, lists: Sequence[NamedList]) -> tuple[tuple[str, str], ...]:
    names = {name for name, _ in step.fields}
    return next((each.defaults for each in lists if names == set(each.names) and same_place(path, each.path)), ())


def listed(fields: Mapping[str, Field], path: str) -> Field | None:
    """The line for a path: its own, else that of any element: `lines[0].sku` is written as `lines[*].sku` is."""
    return fields.get(path) or fields.get(render(step if is_key(step) else EACH for step in parse(path)))
