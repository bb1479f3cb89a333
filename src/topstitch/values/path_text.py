"""The text of paths: steps, parsing, the one canonical form, and the notation of older tools. `values.paths` is for use."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from topstitch.errors import ConfigError

MAX_LENGTH = 1024
MAX_STEPS = 32
MAX_INDEX = 10_000


class _Each(str):
    """Marks `[*]`; a str of its own type, equal to no key, so that a key named `*` is something else."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Each)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, _Each)

    def __hash__(self) -> int:
        return hash(_Each)


EACH = _Each("*")


@dataclass(frozen=True, slots=True)
class Where:
    """The first element of a list whose fields have these values, compared as text."""

    fields: tuple[tuple[str, str], ...]
    #: What an element has besides when it is made by writing.
    new: tuple[tuple[str, Any], ...] = field(default=(), compare=False)

    def pick(self, items: Any) -> Any:
        """The matching element of `items`, or None."""
        if isinstance(items, list):
            for item in items:
                if isinstance(item, dict) and all(same_text(item.get(k), v) for k, v in self.fields):
                    return item
        return None

    def made(self) -> dict[str, Any]:
        """A new element that this step picks."""
        return {**dict(self.new), **dict(self.fields)}


def same_text(value: Any, text: str) -> bool:
    """Whether a value reads as this text: 5 as "5", true as "true". Nothing is the empty text."""
    if value is None:
        return not text
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    return str(value) == text


#: A key, an index, each element, or the element that matches.
Step = str | int | Where

_TEXT = r'"(?:[^"\\]|\\.)*"'
_PAIR = rf'(?:{_TEXT}|[^\[\]"=,]+)=(?:{_TEXT}|[^\[\]",][^\[\],]*|)'
_TOKEN = re.compile(
    rf"(?P<each>\[\*\])|\[(?P<index>-?[0-9]+)\]|\[(?P<key>{_TEXT})\]|\[(?P<where>{_PAIR}(?:,{_PAIR})*)\]"
    r'|\.?(?P<plain>[^.\[\]"]+)'
)
_PAIRS = re.compile(rf'({_TEXT}|[^\[\]"=,]+)=({_TEXT}|[^\[\],]*)(?:,|$)')
_PLAIN = re.compile(r'[^.\[\]"]+')
_DIGITS = re.compile(r"[0-9]+")


def parse(path: str, *, tops: Collection[str] = ()) -> tuple[Step, ...]:
    """Split a path into steps. With `tops`, names of the record in lower case, `top.0.lines.0.sku` is read too.

    Raises ConfigError naming the path and the position of what is wrong.
    """
    if not path or len(path) > MAX_LENGTH:
        raise ConfigError(f"a path has 1 to {MAX_LENGTH} characters, this one has {len(path)}", key="path")
    tokens = list(_tokens(path))
    if tops and _is_indexed(tokens, tops):
        tokens = _without_top(path, tokens)
    if len(tokens) > MAX_STEPS:
        raise ConfigError(f"the path {path[:80]!r}... has more than {MAX_STEPS} steps", key="path")
    return tuple(step for step, _ in tokens)


def _tokens(path: str) -> Iterator[tuple[Step, bool]]:
    """(step, whether it is a plain word between dots)."""
    at = 0
    while at < len(path):
        found = _TOKEN.match(path, at)
        if not found or (at and path[at] not in ".[") or (not at and path[0] == "."):
            raise _unreadable(path, at)
        try:
            step = _step(found)
        except ValueError as error:
            raise _unreadable(path, at) from error
        yield step, found["plain"] is not None
        at = found.end()


def _unreadable(path: str, at: int) -> ConfigError:
    shown = path if len(path) <= _SHOWN else f"{path[:_SHOWN]}..."
    return ConfigError(f"cannot read the path {shown!r} at character {at + 1} ({path[at : at + 8]!r})", key="path")


_SHOWN = 200


def _step(found: re.Match[str]) -> Step:
    """Raises ValueError for a text in quotes that is none, and for a name of nothing but spaces."""
    if found["each"]:
        return EACH
    if found["index"] is not None:
        index = int(found["index"])
        if abs(index) > MAX_INDEX:
            raise ConfigError(f"index {index} is beyond the limit of {MAX_INDEX}", key="path")
        return index
    if found["key"] is not None:
        return _unquoted(found["key"])
    if found["where"] is not None:
        return Where(tuple((_unquoted(k), _unquoted(v)) for k, v in _PAIRS.findall(found["where"])))
    name = found["plain"].strip()
    if not name:
        raise ValueError
    return EACH if name == "*" else name


def _unquoted(text: str) -> str:
    return str(json.loads(text, strict=False)) if text.startswith('"') else text.strip()


def _is_indexed(tokens: list[tuple[Step, bool]], tops: Collection[str]) -> bool:
    """Whether it begins with a name of the record and a number between dots; brackets are only ever ours."""
    (top, plain), (number, dotted) = tokens[0], tokens[1] if len(tokens) > 1 else ("", False)
    return plain and dotted and str(top).lower() in tops and _is_number(number)


def _is_number(step: Step) -> bool:
    return is_each(step) or (isinstance(step, str) and bool(_DIGITS.fullmatch(step)))


def _without_top(path: str, tokens: list[tuple[Step, bool]]) -> list[tuple[Step, bool]]:
    """`orders.0.lines.0.sku`: the first number is the record itself, a later 0 each element, other numbers one."""
    (top, _), (number, _), *rest = tokens
    if not (is_each(number) or number == "0"):
        raise ConfigError(
            f"the path {path!r} is about record {number}, but a row sees one record: `{top}.0.`", key="path"
        )
    if not rest:
        raise ConfigError(f"the path {path!r} must go on with a field: `{top}.0.`...", key="path")
    return [(_element(step) if plain and _is_number(step) else step, plain) for step, plain in rest]


def _element(number: Step) -> Step:
    index = 0 if is_each(number) else int(str(number))
    if index > MAX_INDEX:
        raise ConfigError(f"index {index} is beyond the limit of {MAX_INDEX}", key="path")
    return index or EACH


def is_each(step: Step) -> bool:
    """Whether this step is `[*]`."""
    return isinstance(step, _Each)


def render(steps: Iterable[Step]) -> str:
    """The canonical text of parsed steps. It holds no control characters: those are escaped."""
    out = ""
    for step in steps:
        if is_each(step):
            out += "[*]"
        elif isinstance(step, int):
            out += f"[{step}]"
        elif isinstance(step, Where):
            out += "[" + ",".join(f"{_name(k)}={_value(v)}" for k, v in step.fields) + "]"
        elif _is_plain(step) and not (out and _DIGITS.fullmatch(step)):
            out += f".{step}" if out else step
        else:
            out += f"[{_quoted(step)}]"
    return out


def _is_plain(key: str) -> bool:
    return bool(_PLAIN.fullmatch(key)) and key.isprintable() and key == key.strip() and key != "*"


def _name(text: str) -> str:
    return text if _is_plain(text) and not set(text) & set("=,") else _quoted(text)


def _value(text: str) -> str:
    plain = text.isprintable() and text == text.strip() and not set(text) & set('[]",=')
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def canonical(path: str, *, tops: Collection[str] = ()) -> str:
    """The one form in which a path is stored. Raises ConfigError, also where that form is too long to be read again."""
    made = render(parse(path, tops=tops))
    if len(made) > MAX_LENGTH:
        raise ConfigError(f"the path {path[:80]!r}... is longer than {MAX_LENGTH} characters when escaped", key="path")
    return made
