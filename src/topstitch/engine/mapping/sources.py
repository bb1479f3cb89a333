"""Where a row's values come from: the element at hand, one of the elements around it, or a list beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from topstitch.errors import ConfigError
from topstitch.values.paths import Step, compile_get, is_each, parse, render

Steps = tuple[Step, ...]
#: Around an element: what it is in, that one's own frame, its place in the source list, its place among those kept.
Frame = tuple[Any, Any, int, int]
#: (element, or the record outside of lists; its frame, None outside of lists) -> value
Anywhere = Callable[[Any, Any], Any]

EACH = parse("x[*]")[1]
#: The place of an element that is in no list: beside it there is none either.
NOWHERE = sys.maxsize


class Level(NamedTuple):
    """A source list around a row: its whole path with the last [*]."""

    path: Steps
    #: Lists that are walked over before or after this one: in their fields there is nothing to see meanwhile.
    others: tuple[Steps, ...] = ()
    #: Functions have made another list of it: its places are not those of lists beside it.
    changed: bool = False


#: The source lists around a row, outermost first.
Lists = tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Expr:
    """A value as a closure. A `local` one needs nothing but the element at hand and is called with that alone."""

    call: Callable[..., Any]
    local: bool
    #: Reads what is around the element: the same again and again for each of them.
    repeats: bool = False

    @property
    def anywhere(self) -> Anywhere:
        """The closure with both arguments, whichever it needs."""
        if not self.local:
            return self.call
        call = self.call
        return lambda here, frame: call(here)


def constant(value: Any) -> Expr:
    """Always the same."""
    return Expr(lambda here: value, local=True)


def locate(steps: Steps, lists: Lists) -> Expr:
    """A source path as seen from within `lists`: below one of them it is read from that one's element.

    `[*].@number` and `[*].@index` are an element's place among those kept, from 1 and from 0, unless it has a field of
    that name. A path into a list that is none of them is read from the element at the same place there.
    """
    level = _level(steps, lists)
    rest = steps[len(lists[level - 1].path) :] if level else steps
    up = len(lists) - level
    if hidden(steps, lists):
        return constant(None)
    if level and rest in _PLACES:
        return Expr(_place(up, _PLACES[rest], str(rest[0])), local=False)
    if up == 0:
        return Expr(compile_get(rest) if rest else _itself, local=True)
    at = first_each(rest)
    if at is None:
        return Expr(_around(up, compile_get(rest) if rest else _itself), local=False, repeats=True)
    if lists[level].changed:
        raise ConfigError(
            f"{render(steps)} is another list than {render(lists[level].path)}, and functions have changed the places there",
            key="mapping_rows",
            hint="Read it as a whole outside of the list, or look the element up.",
        )
    return Expr(
        _beside(
            up, compile_get(rest[:at]) if at else _itself, compile_get(rest[at + 1 :]) if rest[at + 1 :] else _itself
        ),
        local=False,
    )


_PLACES: dict[Steps, int] = {("@number",): 1, ("@index",): 0}


def hidden(steps: Steps, lists: Lists) -> bool:
    """Whether a path is of a list that is walked over before or after those at hand."""
    level = _level(steps, lists)
    depth = len(lists[level - 1].path) if level else 0
    # One that is further out than the element at hand hides nothing of it: `lines` beside `lines[*].parts`.
    within = (other for each in lists[:level] for other in each.others if len(other) > depth)
    beyond = (other for each in lists[level:] for other in each.others)
    return any(begins(steps, other) for other in (*within, *beyond))


def _level(steps: Steps, lists: Lists) -> int:
    """How many of the lists, from the outermost, are around what a path names."""
    return next((n for n in range(len(lists), 0, -1) if begins(steps, lists[n - 1].path)), 0)


def begins(steps: Steps, prefix: Steps) -> bool:
    """Whether a path is this one or goes on below it."""
    return steps[: len(prefix)] == prefix


def first_each(steps: Steps) -> int | None:
    """Where the first [*] is, None when there is none."""
    return next((at for at, step in enumerate(steps) if is_each(step)), None)


def _itself(value: Any) -> Any:
    return value


def _frame(frame: Frame, up: int) -> Frame:
    """The frame of the element so many lists further out."""
    for _ in range(up):
        frame = frame[1]
    return frame


def _place(up: int, first: int, name: str) -> Anywhere:
    """An element's place; its own field of that name comes first, as `number` of `<line number="7">` is `@number`."""

    def own(here: Any, frame: Frame) -> Any:
        if type(here) is dict and name in here:
            return here[name]
        return frame[3] + first

    def further_out(here: Any, frame: Frame) -> Any:
        around = _frame(frame, up - 1)
        return own(around[0], around[1])

    return further_out if up else own


def _around(up: int, get: Callable[[Any], Any]) -> Anywhere:
    if up == 1:
        return lambda here, frame: get(frame[0])
    return lambda here, frame: get(_frame(frame, up - 1)[0])


def _beside(up: int, items_of: Callable[[Any], Any], get: Callable[[Any], Any]) -> Anywhere:
    def pick(here: Any, frame: Frame) -> Any:
        around = _frame(frame, up - 1)
        items = items_of(around[0])
        return get(items[around[2]]) if isinstance(items, list) and around[2] < len(items) else None

    return pick
