"""Paths into records: one small dialect, compiled once to closures.

    order.name              a key in a key
    lines[0].sku            one element of a list
    lines[*].sku            each element
    meta[key=gift].value    the first element whose fields have these values
    ["Item.code"].x         a key that holds a dot, a bracket or a quote

The notation of older tools, `orders.0.lines.0.sku` where 0 means each, is read by `parse(..., top="orders")` and stored
in ours. A missing step gives None: whether a path ever occurs is asked by `occurring()`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from topstitch.errors import ConfigError

MAX_LENGTH = 1024
MAX_STEPS = 32
MAX_INDEX = 10_000

Getter = Callable[[Any], Any]
Setter = Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True)
class Where:
    """The first element of a list whose fields have these values (compared as text)."""

    fields: tuple[tuple[str, str], ...]

    def pick(self, items: Any) -> Any:
        """The matching element of `items`, or None."""
        if isinstance(items, list):
            for item in items:
                if isinstance(item, dict) and all(str(item.get(k)) == v for k, v in self.fields):
                    return item
        return None


EACH: Literal["*"] = "*"
#: A key, an index, each element, or the element that matches.
Step = str | int | Where


class _Each(str):
    """Marks `[*]`; a str of its own type, so that a key named `*` is something else."""


_EACH = _Each("*")
_TOKEN = re.compile(r'\[\*\]|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([^\[\]"]+=[^\[\]]*)\]|\.?([^.\[\]"]+)')
_PLAIN = re.compile(r'[^.\[\]"]+')


def parse(path: str, *, top: str = "") -> tuple[Step, ...]:
    """Split a path into steps; with `top`, also accept the notation `top.0.lines.0.sku` where 0 means each.

    Raises ConfigError naming the path and the position of what is wrong.
    """
    if not path or len(path) > MAX_LENGTH:
        raise ConfigError(f"a path has 1 to {MAX_LENGTH} characters, this one has {len(path)}", key="path")
    if top and (path == top or path.startswith((f"{top}.", f"{top}["))):
        return _parse_indexed(path, top)
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _TOKEN.match(path, at)
        if not found or (at and path[at] not in ".[") or (not at and path[0] == "."):
            raise ConfigError(
                f"cannot read the path {path!r} at character {at + 1} ({path[at : at + 8]!r})", key="path"
            )
        steps.append(_step(found))
        at = found.end()
    if len(steps) > MAX_STEPS:
        raise ConfigError(f"the path {path[:80]!r}... has more than {MAX_STEPS} steps", key="path")
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found[0] == "[*]":
        return _EACH
    if found[1] is not None:
        index = int(found[1])
        if abs(index) > MAX_INDEX:
            raise ConfigError(f"index {index} is beyond the limit of {MAX_INDEX}", key="path")
        return index
    if found[2] is not None:
        return str(json.loads(f'"{found[2]}"'))
    if found[3] is not None:
        pairs = (pair.partition("=") for pair in found[3].split(","))
        return Where(tuple((k.strip(), v.strip()) for k, _, v in pairs))
    return found[4].strip()


def _parse_indexed(path: str, top: str) -> tuple[Step, ...]:
    """`orders.0.lines.0.sku`: the first index is the record itself, a later 0 each element, other numbers one."""
    rest = path[len(top) :].removeprefix(".")
    if rest.startswith("["):
        rest = rest[1:].replace("]", "", 1)
    head, _, tail = rest.partition(".")
    if head not in ("0", "*") or not tail:
        raise ConfigError(f"the path {path!r} must go on with `{top}.0.` and a field", key="path")
    steps: list[Step] = []
    for step in parse(tail):
        if step == "0" or (isinstance(step, int) and step == 0):
            steps.append(_EACH)
        elif isinstance(step, str) and not isinstance(step, _Each) and step.isdigit():
            steps.append(int(step))
        else:
            steps.append(step)
    return tuple(steps)


def is_each(step: Step) -> bool:
    """Whether this step is `[*]`."""
    return isinstance(step, _Each)


def render(steps: Iterable[Step]) -> str:
    """The canonical text of parsed steps."""
    out = ""
    for step in steps:
        if is_each(step):
            out += "[*]"
        elif isinstance(step, int):
            out += f"[{step}]"
        elif isinstance(step, Where):
            out += "[" + ",".join(f"{k}={v}" for k, v in step.fields) + "]"
        elif _PLAIN.fullmatch(step) and step == step.strip():
            out += f".{step}" if out else step
        else:
            out += f"[{json.dumps(step, ensure_ascii=False)}]"
    return out


def canonical(path: str, *, top: str = "") -> str:
    """The one form in which a path is stored."""
    return render(parse(path, top=top))


def compile_get(path: str | tuple[Step, ...]) -> Getter:
    """A closure record -> value. A path with `[*]` gives a flat list of what exists under it, in order."""
    steps = parse(path) if isinstance(path, str) else path
    if any(is_each(step) for step in steps):
        return _compile_each(steps)
    if any(isinstance(step, Where) for step in steps):
        return lambda record: _follow(record, steps)
    if len(steps) == 1:
        return _get1(steps[0])
    if len(steps) == 2:
        return _get2(steps[0], steps[1])
    return _get_many(steps)


def _get1(a: Any) -> Getter:
    def get(record: Any) -> Any:
        try:
            return record[a]
        except (KeyError, TypeError, IndexError):
            return None

    return get


def _get2(a: Any, b: Any) -> Getter:
    def get(record: Any) -> Any:
        try:
            return record[a][b]
        except (KeyError, TypeError, IndexError):
            return None

    return get


def _get_many(steps: tuple[Any, ...]) -> Getter:
    def get(record: Any) -> Any:
        try:
            for step in steps:
                record = record[step]
        except (KeyError, TypeError, IndexError):
            return None
        return record

    return get


def _follow(value: Any, steps: Iterable[Any]) -> Any:
    for step in steps:
        if isinstance(step, Where):
            value = step.pick(value)
        else:
            try:
                value = value[step]
            except (KeyError, TypeError, IndexError):
                return None
    return value


def _compile_each(steps: tuple[Step, ...]) -> Getter:
    at = next(i for i, step in enumerate(steps) if is_each(step))
    outer = compile_get(steps[:at]) if at else _itself
    if at + 1 == len(steps):
        return lambda record: list(items) if isinstance(items := outer(record), list) else []
    inner = compile_get(steps[at + 1 :])
    nested = any(is_each(step) for step in steps[at + 1 :])

    def get(record: Any) -> Any:
        items = outer(record)
        if not isinstance(items, list):
            return []
        if nested:
            return [value for item in items for value in inner(item)]
        return [inner(item) for item in items]

    return get


def _itself(record: Any) -> Any:
    return record


def compile_set(path: str | tuple[Step, ...]) -> Setter:
    """A closure (record, value) -> None that makes the dicts and lists on its way. `[*]` is the mapping's business."""
    steps = parse(path) if isinstance(path, str) else path
    if any(is_each(step) for step in steps):
        raise ConfigError(f"the path {render(steps)!r} has [*], which only a list row can fill", key="path")
    last = steps[-1]
    if len(steps) == 1 and isinstance(last, str):

        def put(record: Any, value: Any) -> None:
            record[last] = value

        return put
    following = steps[1:]

    def put_deep(record: Any, value: Any) -> None:
        for step, after in zip(steps, following, strict=False):
            record = _enter(record, step, list if isinstance(after, int | Where) else dict)
        _place(record, last, value)

    return put_deep


def _enter(container: Any, step: Step, kind: type) -> Any:
    if isinstance(step, Where):
        found = step.pick(container)
        if found is None:
            found = dict(step.fields)
            container.append(found)
        return found
    if isinstance(step, int):
        while len(container) <= step:
            container.append(None)
        if container[step] is None:
            container[step] = kind()
        return container[step]
    inner = container.get(step)
    if inner is None:
        inner = container[step] = kind()
    return inner


def _place(container: Any, step: Step, value: Any) -> None:
    if isinstance(step, Where):
        _enter(container, step, dict).update(value if isinstance(value, dict) else {"value": value})
    elif isinstance(step, int):
        while len(container) <= step:
            container.append(None)
        container[step] = value
    else:
        container[step] = value


def occurring(record: Any, prefix: tuple[Step, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every leaf of a record as (canonical path, value); list elements under `[*]`, an empty list as itself."""
    if isinstance(record, dict) and record:
        for key, value in record.items():
            yield from occurring(value, (*prefix, str(key)))
    elif isinstance(record, list) and record:
        for item in record:
            yield from occurring(item, (*prefix, _EACH))
    else:
        yield render(prefix), record
