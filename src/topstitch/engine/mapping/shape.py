"""What records of an entity look like, from its field list and from samples: a tree that paths are walked through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from topstitch.engine.mapping.named import is_key
from topstitch.engine.mapping.sources import EACH, Steps
from topstitch.sdk.fields import Field
from topstitch.values.paths import MAX_STEPS, Step, Where, is_each, parse, render

LIST, OBJECT, VALUE = "list", "object", "value"
#: Types of fields that speak for all that is below them, unless the list goes on below.
_WHOLE = {"array": LIST, "object": OBJECT, "any": ""}
MAX_SAMPLES = 500
MAX_ELEMENTS = 200
MAX_KEYS = 2000
#: So many values are looked at in all samples together.
MAX_VALUES = 200_000


@dataclass(slots=True)
class Node:
    """One place in a record."""

    keys: dict[str, Node] = field(default_factory=dict)
    each: Node | None = None
    #: What it is by the field list and in the samples: list, object or value; several when they differ.
    said: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    #: Its own line in the field list.
    line: Field | None = None
    claim: str = ""
    #: Whether the field list has it, or something below it.
    listed: bool = False

    @property
    def kind(self) -> str:
        """The one thing that it is, "" when that is unknown."""
        kinds = self.said or self.seen
        return next(iter(kinds)) if len(kinds) == 1 else ""

    @property
    def covers(self) -> bool:
        """Whether the field list says that there is something below, and not what."""
        below = (*self.keys.values(), *((self.each,) if self.each else ()))
        return self.line is not None and self.line.type in _WHOLE and not any(node.listed for node in below)

    def below(self, step: Step) -> Node:
        """The node of a step, made if need be."""
        if is_key(step):
            return self.keys.setdefault(str(step), Node())
        self.each = self.each or Node()
        return self.each


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path leads: the node, None when nobody knows; or what is wrong."""

    node: Node | None = None
    problem: str = ""
    #: What was probably meant, where that is clear from the shape alone.
    instead: tuple[str, ...] = ()


UNKNOWN = "unknown"


def shape_of(fields: Sequence[Field], samples: Iterable[Any] = ()) -> Node:
    """The tree of a field list and samples of records; of very many samples only the first are looked at."""
    root = Node()
    for line in fields:
        node = root
        for step in (steps := parse(line.path)):
            node.said.add(OBJECT if is_key(step) else LIST)
            node = node.below(step)
            node.listed = True
        # A line about the first element (`lines[0].sku`) stands in for one about any, until that comes.
        if node.line is None or "[*]" in line.path:
            node.line = line
            # `tags[*]` of the type array is the list of tags: of its elements nothing is said.
            node.claim = "" if is_each(steps[-1]) and line.type == "array" else _WHOLE.get(line.type, VALUE)
    _settle(root)
    left = iter(range(MAX_VALUES))
    for record in islice(samples, MAX_SAMPLES):
        _see(root, record, 0, left)
    return root


def _settle(node: Node) -> None:
    """What a line says by its type counts where no line below it says more."""
    if node.claim and not node.said:
        node.said.add(node.claim)
    for inner in (*node.keys.values(), *((node.each,) if node.each else ())):
        _settle(inner)


def _see(node: Node, value: Any, depth: int, left: Iterator[int]) -> None:
    if value is None or depth > MAX_STEPS or next(left, None) is None:
        return
    if isinstance(value, dict):
        node.seen.add(OBJECT)
        for key, inner in islice(value.items(), MAX_KEYS):
            _see(node.below(str(key)), inner, depth + 1, left)
    elif isinstance(value, list):
        node.seen.add(LIST)
        for inner in islice(value, MAX_ELEMENTS):
            _see(node.below(EACH), inner, depth + 1, left)
    else:
        node.seen.add(VALUE)


def walk(root: Node, steps: Steps) -> Found:
    """Follow a path. The problem is UNKNOWN where neither the field list nor a sample has it."""
    node = root
    for at, step in enumerate(steps):
        if node.covers:
            return Found()
        if problem := _misfit(node, steps, at):
            return problem
        inner = node.keys.get(str(step)) if is_key(step) else node.each
        if inner is None:
            # Of a list that is only known empty, nothing is known of its elements.
            return Found() if node.kind == LIST or str(step).startswith("@") else Found(problem=UNKNOWN)
        if isinstance(step, Where) and inner.keys and not inner.covers:
            for name, _ in step.fields:
                if name not in inner.keys:
                    known = ", ".join(list(inner.keys)[:8])
                    return Found(problem=f"elements of {render(steps[:at])} have no {name!r}; they have {known}")
        node = inner
    return Found(node)


def _misfit(node: Node, steps: Steps, at: int) -> Found | None:
    step, here = steps[at], render(steps[:at]) or "the record"
    if is_key(step):
        if node.kind == LIST and step not in node.keys and not str(step).startswith("@"):
            return _into_list(here, steps, at)
        if node.kind == VALUE:
            return Found(problem=f"{here} is a single value: there is nothing below it", instead=(here,))
    elif node.kind in (OBJECT, VALUE):
        words = "an object" if node.kind == OBJECT else "a single value"
        without = (*steps[:at], *steps[at + 1 :])
        return Found(problem=f"{here} is {words}, not a list", instead=(render(without),) if without else ())
    return None


def _into_list(here: str, steps: Steps, at: int) -> Found:
    """A key, or a number written as one, where an element is to be named first."""
    step, rest = str(steps[at]), steps[at:]
    number = int(step) if step.isascii() and step.isdigit() and len(step) < 5 else None
    if number is not None:
        rest = steps[at + 1 :]
    readings = [render((*steps[:at], place, *rest)) for place in (number or 0, EACH)]
    return Found(problem=f"{here} is a list: name one element, or take each", instead=tuple(readings))


def known_paths(root: Node, *, most: int = 5000) -> list[str]:
    """The paths of all that is known, for comparison; of a huge shape the first."""
    return list(islice(_paths(root, (), 0), most))


def _paths(node: Node, steps: Steps, depth: int) -> Iterator[str]:
    if steps and not is_each(steps[-1]):
        yield render(steps)
    if depth < MAX_STEPS:
        for key, inner in node.keys.items():
            yield from _paths(inner, (*steps, key), depth + 1)
        if node.each:
            yield from _paths(node.each, (*steps, EACH), depth + 1)
