"""A configuration, or a part of it, typed as JSON: read, checked, and each thing that is wrong told with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from topstitch.engine.spec import Destination, MappingRow, Schedule, ScriptUse, Source
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, TopstitchError
from topstitch.store.actions.services import checked_spec
from topstitch.store.models import Service
from topstitch.web.components.words import sentence
from topstitch.web.service_settings.changes import in_order
from topstitch.web.service_settings.json_places import line_of

#: What can be edited alone, by its name in the configuration; "" is the whole.
PARTS = {
    "": "Whole service",
    "source": "Source",
    "destination": "Destination",
    "mapping": "Mapping",
    "schedules": "Schedules",
    "script": "Payload script",
}
_ABSENT: Mapping[str, Any] = {"mapping": [], "schedules": [], "script": None}
_SHAPES: Mapping[str, Any] = {
    "": Spec,
    "source": Source,
    "destination": Destination,
    "mapping": list[MappingRow],
    "schedules": list[Schedule],
    "script": ScriptUse | None,
}
MAX_CHARACTERS = 2_000_000
MOST_PROBLEMS = 50
#: What the checker calls a value.
_SUBJECT = re.compile(r"^(Input|String|List|Dictionary|Tuple|Value) should")
_SAID = {"extra_forbidden": "There is no setting of this name here.", "missing": "This is missing."}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` as `mapping[3].to`; line 0: it is about no part of the text."""

    line: int
    path: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a text says: a configuration, or problems."""

    spec: Spec | None = None
    problems: Sequence[Problem] = field(default=())


def text_of(spec: Mapping[str, Any], part: str) -> str:
    """A configuration's JSON, or that of a part, to be edited."""
    spec = in_order(spec)
    value = spec.get(part, _ABSENT.get(part, {})) if part else spec
    return json.dumps(value, indent=2, ensure_ascii=False)


def schema_of(part: str) -> dict[str, Any]:
    """The JSON schema of a configuration, or of a part of one."""
    return TypeAdapter(_SHAPES[part]).json_schema(by_alias=True)


def read(service: Service, part: str, text: str) -> Read:
    """What somebody typed, with the parts that they did not type as they are now."""
    try:
        value = parsed(text)
    except ConfigError as error:
        return Read(problems=[Problem(int(error.detail or 0), "", sentence(error.message), error.hint)])
    if not part and not isinstance(value, dict):
        return Read(problems=[Problem(1, "", "A configuration is an object.", "It begins with { and ends with }.")])
    present = service.revision.spec if service.revision else {}
    whole = {**present, part: value} if part else value
    try:
        spec = Spec.model_validate(whole)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        return Read(problems=[_invalid(text, part, each) for each in found[:MOST_PROBLEMS]])
    ways: dict[str, tuple[str | int, ...]] = {}

    def place(*way: str | int) -> str:
        ways[path_of(way)] = way
        return path_of(way)

    try:
        checked_spec(service.group, spec, place=place)
    except TopstitchError as error:
        at = getattr(error, "place", "")
        line = line_of(text, _within(part, ways[at])) if at in ways and _is_within(part, ways[at]) else 0
        message = error.message.removeprefix(f"{at}: ")
        return Read(problems=[Problem(line, at, sentence(message), _own_hint(error))])
    return Read(spec)


def _own_hint(error: TopstitchError) -> str:
    """What it says beyond what all of its kind say."""
    return "" if error.hint == error.default_hint else error.hint


def parsed(text: str) -> Any:
    """JSON. Raises ConfigError, its detail the line, for what is none."""
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"the text has more than {MAX_CHARACTERS:,} characters", hint="Edit a part of it alone.")
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"this is not JSON: {error.msg}", detail=str(error.lineno), hint=f"Look at column {error.colno}."
        ) from error
    except ValueError as error:
        raise ConfigError("a number in it has more digits than can be read", hint="Write it as a text.") from error
    except RecursionError as error:
        raise ConfigError("it is nested too deep", hint="No configuration is nested more than a few levels.") from error


def _no_number(word: str) -> Any:
    raise ConfigError(f"{word} is no number of JSON", hint="Write a number, or null.")


def _invalid(text: str, part: str, error: Any) -> Problem:
    way = tuple(error["loc"])
    message = _SAID.get(error["type"]) or sentence(
        _SUBJECT.sub("It should", error["msg"].removeprefix("Value error, "))
    )
    line = line_of(text, _within(part, way)) if _is_within(part, way) else 0
    return Problem(line, path_of(way), message)


def path_of(way: Sequence[str | int]) -> str:
    """`mapping[3].from[0].path`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in way).removeprefix(".")


def _is_within(part: str, way: Sequence[str | int]) -> bool:
    return not part or way[:1] == (part,)


def _within(part: str, way: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return way[1:] if part else way
