"""Text functions that take parts of a text, or fill it up."""

from __future__ import annotations

from topstitch.errors import ConfigError
from topstitch.functions.registry import VALUE, Example, Param, function
from topstitch.functions.support import Apply, on_text
from topstitch.values.text import as_text

#: Padding beyond this is a mistake that would fill memory.
MAX_WIDTH = 10_000

_LENGTH = Param("length", "Length", int, minimum=0)


@function(
    "string.limit",
    title="Limit",
    group="string",
    summary="Cuts text to a length; the ending, if any, is within that length.",
    takes=VALUE,
    gives="text",
    params=[_LENGTH, Param("ending", "Ending of a text that was cut", str, default="")],
    examples=[
        Example(input="Leave with neighbour", args={"length": 5}, output="Leave"),
        Example(input="Leave with neighbour", args={"length": 8, "ending": "..."}, output="Leave..."),
        Example(input="Leave", args={"length": 5, "ending": "..."}, output="Leave"),
    ],
)
def limit(length: int, ending: str) -> Apply:
    kept = length - len(ending)
    if kept < 0:
        raise ConfigError(f"the ending {ending!r} is longer than the length of {length}")
    return on_text(lambda text: text if len(text) <= length else text[:kept] + ending)


@function(
    "string.substring",
    title="Substring",
    group="string",
    summary="A part of the text. The first character is 0; a negative start counts from the end.",
    takes=VALUE,
    gives="text",
    params=[
        Param("start", "Start", int),
        Param("length", "Length (empty: to the end)", int, default=None, minimum=0),
    ],
    examples=[
        Example(input="SHP-1001-UK", args={"start": 4, "length": 4}, output="1001"),
        Example(input="SHP-1001-UK", args={"start": -2}, output="UK"),
        Example(input="SHP", args={"start": 9}, output=""),
    ],
)
def substring(start: int, length: int | None) -> Apply:
    if length is None:
        return on_text(lambda text: text[start:])

    def part(text: str) -> str:
        begin = max(len(text) + start, 0) if start < 0 else start
        return text[begin : begin + length]

    return on_text(part)


@function(
    "string.left",
    title="Left",
    group="string",
    summary="The first characters.",
    takes=VALUE,
    gives="text",
    params=[_LENGTH],
    examples=[
        Example(input="London", args={"length": 3}, output="Lon"),
        Example(input="UK", args={"length": 3}, output="UK"),
    ],
)
def left(length: int) -> Apply:
    return on_text(lambda text: text[:length])


@function(
    "string.right",
    title="Right",
    group="string",
    summary="The last characters.",
    takes=VALUE,
    gives="text",
    params=[_LENGTH],
    examples=[
        Example(input=4929123412341234, args={"length": 4}, output="1234"),
        Example(input="UK", args={"length": 0}, output=""),
    ],
)
def right(length: int) -> Apply:
    return on_text(lambda text: text[-length:]) if length else on_text(lambda text: "")


_PADDING = [
    Param("length", "Length", int, minimum=0, maximum=MAX_WIDTH),
    Param("character", "Character", str, default=" ", minimum=1, maximum=1),
]


@function(
    "string.pad_left",
    title="Pad left",
    group="string",
    summary="Fills up in front to a length; longer text stays.",
    takes=VALUE,
    gives="text",
    params=_PADDING,
    examples=[
        Example(input="7", args={"length": 3, "character": "0"}, output="007"),
        Example(input=12345, args={"length": 3, "character": "0"}, output="12345"),
        Example(input=None, args={"length": 3, "character": "0"}, output=None),
    ],
)
def pad_left(length: int, character: str) -> Apply:
    def apply(value: object) -> object:
        return (value if type(value) is str else as_text(value)).rjust(length, character)

    return apply


@function(
    "string.pad_right",
    title="Pad right",
    group="string",
    summary="Fills up at the end to a length; longer text stays.",
    takes=VALUE,
    gives="text",
    params=_PADDING,
    examples=[
        Example(input="AB", args={"length": 4, "character": "."}, output="AB.."),
        Example(input="ABCDE", args={"length": 4}, output="ABCDE"),
    ],
)
def pad_right(length: int, character: str) -> Apply:
    def apply(value: object) -> object:
        return (value if type(value) is str else as_text(value)).ljust(length, character)

    return apply


@function(
    "string.split_pick",
    title="Split and pick",
    group="string",
    summary="Splits at a delimiter and takes one part (0 is the first, -1 the last), or null where there is none.",
    takes=VALUE,
    gives="text",
    params=[Param("delimiter", "Delimiter", str, minimum=1), Param("index", "Part", int)],
    examples=[
        Example(input="gid://shopify/Order/450789469", args={"delimiter": "/", "index": -1}, output="450789469"),
        Example(input="RED-M", args={"delimiter": "-", "index": 0}, output="RED"),
        Example(input="RED-M", args={"delimiter": "-", "index": 2}, output=None),
    ],
)
def split_pick(delimiter: str, index: int) -> Apply:
    def pick(text: str) -> str | None:
        parts = text.split(delimiter)
        return parts[index] if -len(parts) <= index < len(parts) else None

    return on_text(pick)


@function(
    "string.first_word",
    title="First word",
    group="string",
    summary="What stands before the first white space, or null if there is no word.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input=" Jo Anne Bloggs", output="Jo"),
        Example(input="Jo", output="Jo"),
        Example(input="  ", output=None),
    ],
)
def first_word() -> Apply:
    return on_text(lambda text: next(iter(text.split(None, 1)), None))


@function(
    "string.last_word",
    title="Last word",
    group="string",
    summary="What stands behind the last white space, or null if there is no word.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="Jo Anne Bloggs ", output="Bloggs"),
        Example(input="Jo", output="Jo"),
        Example(input="  ", output=None),
    ],
)
def last_word() -> Apply:
    return on_text(lambda text: next(reversed(text.rsplit(None, 1)), None))


@function(
    "string.all_but_first_word",
    title="All but first word",
    group="string",
    summary="The text behind its first word, as it is; null if there is one word or none.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input=" Jo Anne  Bloggs ", output="Anne  Bloggs"),
        Example(input="Jo", output=None),
    ],
)
def all_but_first_word() -> Apply:
    return on_text(lambda text: _if_two(text.strip().split(None, 1), 1))


@function(
    "string.all_but_last_word",
    title="All but last word",
    group="string",
    summary="The text before its last word, as it is; null if there is one word or none.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="Jo  Anne Bloggs ", output="Jo  Anne"),
        Example(input="Bloggs", output=None),
    ],
)
def all_but_last_word() -> Apply:
    return on_text(lambda text: _if_two(text.strip().rsplit(None, 1), 0))


def _if_two(parts: list[str], index: int) -> str | None:
    return parts[index] if len(parts) > 1 else None
