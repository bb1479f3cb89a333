"""Functions that put several fields into a text with places for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.registry import LIST, VALUES, Environment, Example, Param, function
from topstitch.functions.support import Apply, ApplyAll, as_list, element, refuse_beyond
from topstitch.values.text import as_text
from topstitch.values.truth import is_empty

#: A place for a value, as text; or None where that is empty.
_Place = Callable[[object], object]
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")
_WHEN_EMPTY = Param(
    "when_empty",
    "If a field is empty",
    str,
    default="blank",
    choices=("blank", "null"),
    help="nothing stands in its place, or there is no text at all",
)


@function(
    "string.template",
    title="Template",
    group="string",
    summary="A text with the source fields in place of {1}, {2}... and variables in place of {name}; {{ and }} are braces.",
    takes=VALUES,
    gives="text",
    params=[
        Param("text", "Text", str, minimum=1, help="if all of its source fields are empty there is no text"),
        _WHEN_EMPTY,
    ],
    examples=[
        Example(input=["Mug", 3, "9.90"], args={"text": "{1} ({2} x {3})"}, output="Mug (3 x 9.90)"),
        Example(input=["1001"], args={"text": "{channel}/{1}/{1}"}, output="WEB/1001/1001"),
        Example(input=["Mug", ""], args={"text": "{1}: {2}"}, output="Mug: "),
        Example(input=["Mug", None], args={"text": "{1}: {2}", "when_empty": "null"}, output=None),
        Example(input=[None, ""], args={"text": "{1}: {2}"}, output=None),
        Example(input=["Mug"], args={"text": "{1}: {2}"}, fails="has a place for the source field 2, but there are 1"),
    ],
)
def template(env: Environment, text: str, when_empty: str) -> ApplyAll:
    def place(name: str) -> str | _Place:
        if name.isascii() and name.isdigit() and len(name) < 4 and int(name):
            return _numbered(int(name) - 1)
        if name not in env.variables:
            raise ConfigError(f"{{{name}}} is neither the number of a source field nor a variable")
        return as_text(env.variables[name])

    write = _compile(text, place, when_empty)
    return lambda values: None if all(map(is_empty, values)) else write(values)


def _numbered(at: int) -> _Place:
    def get(values: object) -> object:
        assert isinstance(values, list)
        if at >= len(values):
            raise MappingError(f"the text has a place for the source field {at + 1}, but there are {len(values)}")
        return values[at]

    return get


@function(
    "array.texts",
    title="A text of each element",
    group="array",
    summary="A list of texts: each element's fields in their places, where {name} is the path of one; {{ and }} are braces.",
    takes=LIST,
    gives="list",
    params=[
        Param("text", "Text", str, minimum=1),
        Param(
            "when_empty",
            "If a field is empty",
            str,
            default="blank",
            choices=("blank", "leave_out"),
            help="nothing stands in its place, or the element gives no text",
        ),
    ],
    examples=[
        Example(
            input=[{"name": "Gift", "value": "yes"}, {"name": "Size", "value": 7}],
            args={"text": "{name}: {value}"},
            output=["Gift: yes", "Size: 7"],
        ),
        Example(
            input=[{"name": "Gift", "value": None}, {"name": "Size", "value": 7}],
            args={"text": "{name}: {value}", "when_empty": "leave_out"},
            output=["Size: 7"],
        ),
        Example(input=[{"at": {"city": "Leeds"}}, "x"], args={"text": "{{{at.city}}}"}, output=["{Leeds}", "{}"]),
        Example(input=[{"a": [1]}], args={"text": "{a}"}, fails="a list of 1 cannot become text"),
    ],
)
def texts(text: str, when_empty: str) -> Apply:
    write = _compile(text, element, "null" if when_empty == "leave_out" else when_empty)

    def apply(value: object) -> object:
        written = map(write, as_list(value))
        return [each for each in written if each is not None]

    return apply


def _compile(text: str, place: Callable[[str], str | _Place], when_empty: str) -> Callable[[object], str | None]:
    """The text as a closure. Raises ConfigError for a brace alone, and what `place` raises for a name."""
    parts: list[str | _Place] = []
    end = 0
    for found in _PLACE.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found[1] is not None:
            parts.append(place(found[1].strip()))
        elif len(found[0]) == 1:
            raise ConfigError(f"a brace stands alone in {text!r}", hint="Write {{ or }} for a brace in the text.")
        else:
            parts.append(found[0][0])
    parts.append(text[end:])
    return _writer([part for part in parts if part != ""], when_empty)


def _writer(parts: Sequence[str | _Place], when_empty: str) -> Callable[[object], str | None]:
    def write(values: object) -> str | None:
        written: list[str] = []
        for part in parts:
            if isinstance(part, str):
                written.append(part)
            elif not is_empty(value := part(values)):
                written.append(as_text(value))
            elif when_empty == "null":
                return None
        refuse_beyond(sum(map(len, written)), written[0] if written else "")
        return "".join(written)

    return write
