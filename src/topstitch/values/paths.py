"""Paths into records: one small dialect, compiled once to closures.

    order.name              a key in a key
    lines[0].sku            one element of a list
    lines[*].sku            each element
    meta[key=gift].value    the first element whose fields have these values; awkward ones in quotes: [key="a,b"]
    ["Item.code"].x         a key that holds a dot, a bracket or a quote

The notation of older tools, `orders.0.lines.0.sku` where 0 means each, is read by `parse(..., tops=["orders"])` and
stored in ours. A missing step gives None: whether a path ever occurs is asked by `occurring()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from topstitch.errors import ConfigError
from topstitch.values.path_text import (
    EACH,
    MAX_INDEX,
    MAX_LENGTH,
    MAX_STEPS,
    Step,
    Where,
    canonical,
    is_each,
    parse,
    render,
    same_text,
)

__all__ = [
    "EACH",
    "MAX_INDEX",
    "MAX_LENGTH",
    "MAX_STEPS",
    "Step",
    "Where",
    "canonical",
    "compile_get",
    "compile_set",
    "is_each",
    "occurring",
    "parse",
    "render",
]

Getter = Callable[[Any], Any]
Setter = Callable[[Any, Any], None]


def compile_get(path: str | tuple[Step, ...]) -> Getter:
    """A closure record -> value. A path with `[*]` gives a flat list of what exists under it, in order."""
    steps = parse(path) if isinstance(path, str) else path
    if any(is_each(step) for step in steps):
        return _compile_each(steps)
    if any(isinstance(step, Where) for step in steps):
        return _compile_where(steps)
    if isinstance(steps[-1], int):
        return _get_placed(steps)
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


def _get_placed(steps: tuple[Any, ...]) -> Getter:
    """The same where the last step is a place in a list: a text has letters at places, which nobody means."""
    fast = _get_many(steps)

    def get(record: Any) -> Any:
        found = fast(record)
        return _listed(record, steps) if found.__class__ is str and len(found) == 1 else found

    return get


def _listed(record: Any, steps: tuple[Any, ...]) -> Any:
    for step in steps:
        if isinstance(record, str):
            return None
        record = record[step]
    return record


def _compile_where(steps: tuple[Step, ...]) -> Getter:
    """Up to the list, the element that matches, on from there."""
    at = next(i for i, step in enumerate(steps) if isinstance(step, Where))
    where, rest = steps[at], steps[at + 1 :]
    assert isinstance(where, Where)
    outer, pick = compile_get(steps[:at]) if at else _itself, _picker(where)
    if not rest:
        return lambda record: pick(outer(record))
    if len(rest) > 1 or isinstance(rest[0], Where):
        inner = compile_get(rest)
        return lambda record: inner(pick(outer(record)))
    last: Any = rest[0]

    def get(record: Any) -> Any:
        found = pick(outer(record))
        if found is None:
            return None
        try:
            return found[last]
        except KeyError:
            return None

    return get


def _picker(where: Where) -> Getter:
    """`where.pick` for lists of dicts, which nearly all are: no call for an element whose name is text."""
    (last, wanted), others = where.fields[-1], where.fields[:-1]

    def pick(items: Any) -> Any:
        if not items:
            return None
        try:
            for item in items:
                value = item.get(last)
                if value == wanted or (value.__class__ is not str and same_text(value, wanted)):
                    for key, other in others:
                        value = item.get(key)
                        if value != other and (value.__class__ is str or not same_text(value, other)):
                            break
                    else:
                        return item
        except (AttributeError, TypeError):
            return where.pick(items)
        return None

    return pick


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
            found = step.made()
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
    """Every leaf of a record as (canonical path, value); list elements under `[*]`, an empty list as itself.

    What lies deeper than a path can go counts as one leaf; what no path can name, for its length, is left out.
    """
    if isinstance(record, dict) and record and len(prefix) < MAX_STEPS:
        for key, value in record.items():
            yield from occurring(value, (*prefix, str(key)))
    elif isinstance(record, list) and record and len(prefix) < MAX_STEPS:
        for item in record:
            yield from occurring(item, (*prefix, EACH))
    else:
        path = render(prefix)
        if len(path) <= MAX_LENGTH:
            yield path, record
