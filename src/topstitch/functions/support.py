"""What the factories share: casts around a change, element paths, zones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal

from topstitch.errors import ConfigError, FormatError, MappingError
from topstitch.functions.registry import Environment
from topstitch.values.json_text import read_json
from topstitch.values.numbers import to_number
from topstitch.values.paths import compile_get
from topstitch.values.text import as_text, show
from topstitch.values.zones import find_zone

#: The closures of functions that take one value, all source values, or nothing.
Apply = Callable[[object], object]
ApplyAll = Callable[[list[object]], object]
Constant = Callable[[], object]

_REFERENCE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w.\-]*)\}")
#: No function makes a text longer than this out of one that comes in a record.
MAX_TEXT = 10_000_000


def on_text(change: Callable[[str], object]) -> Apply:
    """Cast to text, then change."""

    def apply(value: object) -> object:
        return change(value if type(value) is str else as_text(value))

    return apply


def on_number(change: Callable[[Decimal], object]) -> Apply:
    """Cast to a Decimal, then change."""

    def apply(value: object) -> object:
        return change(to_number(value))

    return apply


def unmatched(choice: str, instead: object, refusal: Callable[[object], MappingError]) -> Apply:
    """What becomes of a value that nothing is known for: keep it, `instead` of it a value, null, or fail with `refusal`."""

    def apply(value: object) -> object:
        if choice == "fail":
            raise refusal(value)
        return {"keep": value, "value": instead, "null": None}[choice]

    return apply


def as_list(value: object) -> list[object]:
    """A list as it is; anything else is a list of one, as some systems send a single element bare."""
    if isinstance(value, list):
        return value
    return list(value) if isinstance(value, tuple) else [value]


def pair(values: list[object]) -> tuple[object, object]:
    """The two source values of a function that takes two. Raises MappingError when there are more or fewer."""
    if len(values) != 2:
        raise MappingError(f"takes two source fields, not {len(values)}", value=values)
    return values[0], values[1]


def element(path: str) -> Callable[[object], object]:
    """A getter of `path` within an element; an empty path is the element itself."""
    return compile_get(path) if path else _itself


def _itself(value: object) -> object:
    return value


def identity(value: object) -> object:
    """A key that is equal for equal JSON values only: 1, "1" and true differ."""
    try:
        if not isinstance(value, list | dict | tuple):
            hash(value)
            return type(value), value
        return json.dumps(value, sort_keys=True, default=repr)
    except (RecursionError, TypeError, ValueError) as error:
        raise MappingError(f"{show(value)} cannot be compared with the other elements", value=value) from error


def zone_or(name: str, env: Environment) -> tzinfo:
    """The zone that was named, else the zone of the run."""
    return find_zone(name or env.zone)


def fill_variables(text: str, env: Environment) -> str:
    """Text with the value of each variable in place of its {name}; {{ and }} are braces. Raises ConfigError."""

    def replace(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0][0]
        if name not in env.variables:
            known = ", ".join(env.variables) or "none"
            raise ConfigError(f"the text refers to the variable {name!r}, which does not exist; there are: {known}")
        return as_text(env.variables[name])

    return _REFERENCE.sub(replace, text)


def decode_json(text: str) -> object:
    """The value in JSON text. Raises MappingError."""
    try:
        return read_json(text)
    except FormatError as error:
        raise MappingError(f"{show(text)} is not JSON: {error.message}", value=text) from error


def refuse_beyond(length: int, text: str) -> None:
    """Raises MappingError when a text made of `text` would be longer than MAX_TEXT."""
    if length > MAX_TEXT:
        raise MappingError(f"{show(text)} would become longer than {MAX_TEXT} characters", value=text)


def swap(text: str, find: str, instead: str) -> str:
    """Text with each occurrence replaced. Raises MappingError when it would be longer than MAX_TEXT."""
    if (len(text) + 1) * len(instead) > MAX_TEXT:
        refuse_beyond(text.count(find) * len(instead), text)
    return text.replace(find, instead)
