"""Text functions: joining, replacing, case and white space."""

from __future__ import annotations

import re

from topstitch.functions.registry import NOTHING, VALUE, VALUES, Environment, Example, Param, function
from topstitch.functions.support import (
    MAX_TEXT,
    Apply,
    ApplyAll,
    Constant,
    fill_variables,
    on_text,
    refuse_beyond,
    swap,
)
from topstitch.values.text import as_text

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?:^|[.!?]\s)\s*\w")
_APOSTROPHE = re.compile("(['’])")


@function(
    "string.concatenate",
    title="Concatenate",
    group="string",
    summary="Joins the source fields in their order. If all are empty the result is null.",
    takes=VALUES,
    gives="text",
    params=[
        Param("joiner", "Joining characters", str, default=""),
        Param("skip_empty", "Leave out empty fields", bool, default=True),
        Param("trim", "Trim each field", bool, default=False),
    ],
    examples=[
        Example(input=["Jo", "Bloggs"], args={"joiner": " "}, output="Jo Bloggs"),
        Example(input=["1 High Street", None, "Leeds"], args={"joiner": ", "}, output="1 High Street, Leeds"),
        Example(input=["A", "", 3], args={"joiner": "|", "skip_empty": False}, output="A||3"),
        Example(input=[" Jo ", "Bloggs "], args={"joiner": " ", "trim": True}, output="Jo Bloggs"),
        Example(input=["", None], args={"joiner": " "}, output=None),
    ],
)
def concatenate(joiner: str, skip_empty: bool, trim: bool) -> ApplyAll:
    def careful(values: list[object]) -> str | None:
        texts = [as_text(value) for value in values]
        if trim:
            texts = [text.strip() for text in texts]
        if not any(texts):
            return None
        return joiner.join(filter(None, texts) if skip_empty else texts)

    def apply(values: list[object]) -> str | None:
        if not all(values):
            return careful(values)
        try:
            return joiner.join(values)  # type: ignore[arg-type]  # a value that is no text raises the TypeError caught here
        except TypeError:
            return careful(values)

    return careful if trim else apply


@function(
    "string.custom",
    title="Custom text",
    group="string",
    summary="A constant text. {name} stands for a variable of the run; {{ and }} for braces.",
    takes=NOTHING,
    gives="text",
    params=[Param("text", "Text", str)],
    examples=[
        Example(args={"text": "WEB"}, output="WEB"),
        Example(args={"text": "{channel}-{season}"}, output="WEB-AW25"),
        Example(args={"text": "{{channel}} {}"}, output="{channel} {}"),
    ],
    pure=False,
)
def custom(env: Environment, text: str) -> Constant:
    constant = fill_variables(text, env)
    return lambda: constant


@function(
    "string.prefix",
    title="Prefix",
    group="string",
    summary="Puts text in front.",
    takes=VALUE,
    gives="text",
    params=[Param("text", "Text", str)],
    examples=[
        Example(input="RED001", args={"text": "AW25-"}, output="AW25-RED001"),
        Example(input=1001, args={"text": "SHP-"}, output="SHP-1001"),
        Example(input=None, args={"text": "AW25-"}, output=None),
    ],
)
def prefix(text: str) -> Apply:
    def apply(value: object) -> object:
        return text + (value if type(value) is str else as_text(value))

    return apply


@function(
    "string.suffix",
    title="Suffix",
    group="string",
    summary="Puts text after.",
    takes=VALUE,
    gives="text",
    params=[Param("text", "Text", str)],
    examples=[
        Example(input="RED001", args={"text": "-UK"}, output="RED001-UK"),
        Example(input="", args={"text": "-UK"}, output=""),
    ],
)
def suffix(text: str) -> Apply:
    def apply(value: object) -> object:
        return (value if type(value) is str else as_text(value)) + text

    return apply


@function(
    "string.replace",
    title="Replace",
    group="string",
    summary="Swaps every occurrence of one text for another.",
    takes=VALUE,
    gives="text",
    params=[
        Param("find", "Find", str, minimum=1),
        Param("replace_with", "Replace with", str, default=""),
        Param("ignore_case", "Ignore case", bool, default=False),
    ],
    examples=[
        Example(input="January", args={"find": "January", "replace_with": "Jan"}, output="Jan"),
        Example(input="SW1A 1AA", args={"find": " "}, output="SW1A1AA"),
        Example(input="a.A", args={"find": "A", "replace_with": r"\1", "ignore_case": True}, output=r"\1.\1"),
    ],
)
def replace(find: str, replace_with: str, ignore_case: bool) -> Apply:
    if ignore_case:
        pattern = re.compile(re.escape(find), re.IGNORECASE)

        def swap_any(text: str) -> str:
            if (len(text) + 1) * len(replace_with) > MAX_TEXT:
                refuse_beyond(sum(len(replace_with) for _ in pattern.finditer(text)), text)
            return pattern.sub(lambda _: replace_with, text)

        return on_text(swap_any)

    def apply(value: object) -> object:
        return swap(value if type(value) is str else as_text(value), find, replace_with)

    return apply


@function(
    "string.upper",
    title="Upper case",
    group="string",
    summary="All letters as capitals.",
    takes=VALUE,
    gives="text",
    examples=[Example(input="Jo Bloggs", output="JO BLOGGS"), Example(input="straße", output="STRASSE")],
)
def upper() -> Apply:
    return on_text(str.upper)


@function(
    "string.lower",
    title="Lower case",
    group="string",
    summary="All letters as small letters.",
    takes=VALUE,
    gives="text",
    examples=[Example(input="Jo@Example.COM", output="jo@example.com"), Example(input=True, output="true")],
)
def lower() -> Apply:
    return on_text(str.lower)


@function(
    "string.title",
    title="Title case",
    group="string",
    summary="Each word with a capital. O'Neil keeps both capitals, it's has none after the apostrophe.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="jo BLOGGS-smith", output="Jo Bloggs-Smith"),
        Example(input="o'neil's", output="O'Neil's"),
        Example(input="I'M L'ORÉAL", output="I'm L'Oréal"),
        Example(input="", output=""),
    ],
)
def title() -> Apply:
    return on_text(lambda text: _WORD.sub(_capital_word, text))


def _capital_word(found: re.Match[str]) -> str:
    """A single letter before an apostrophe (O', D', L', but not I') begins a name, whose next part has a capital too."""
    parts = _APOSTROPHE.split(found[0].lower())
    if len(parts) > 2 and len(parts[0]) == 1 and parts[0] != "i":
        parts[2] = parts[2].capitalize()
    parts[0] = parts[0].capitalize()
    return "".join(parts)


@function(
    "string.sentence",
    title="Sentence case",
    group="string",
    summary="Small letters, with a capital at the start of each sentence.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="LEAVE WITH NEIGHBOUR. THANK YOU!", output="Leave with neighbour. Thank you!"),
        Example(input="élan", output="Élan"),
    ],
)
def sentence() -> Apply:
    return on_text(lambda text: _SENTENCE.sub(lambda found: found[0].upper(), text.lower()))


_CHARACTERS = Param("characters", "Characters to remove (empty: white space)", str, default="")


@function(
    "string.trim",
    title="Trim",
    group="string",
    summary="Removes white space, or the given characters, from both ends.",
    takes=VALUE,
    gives="text",
    params=[_CHARACTERS],
    examples=[
        Example(input="  Jo\u00a0\n", output="Jo"),
        Example(input="#1001#", args={"characters": "#"}, output="1001"),
        Example(input="   ", output=""),
    ],
)
def trim(characters: str) -> Apply:
    return on_text(lambda text: text.strip(characters)) if characters else on_text(str.strip)


@function(
    "string.ltrim",
    title="Left trim",
    group="string",
    summary="Removes white space, or the given characters, from the start.",
    takes=VALUE,
    gives="text",
    params=[_CHARACTERS],
    examples=[
        Example(input="  Jo ", output="Jo "),
        Example(input="000120", args={"characters": "0"}, output="120"),
    ],
)
def ltrim(characters: str) -> Apply:
    return on_text(lambda text: text.lstrip(characters)) if characters else on_text(str.lstrip)


@function(
    "string.rtrim",
    title="Right trim",
    group="string",
    summary="Removes white space, or the given characters, from the end.",
    takes=VALUE,
    gives="text",
    params=[_CHARACTERS],
    examples=[
        Example(input=" Jo  ", output=" Jo"),
        Example(input="https://shop.example//", args={"characters": "/"}, output="https://shop.example"),
    ],
)
def rtrim(characters: str) -> Apply:
    return on_text(lambda text: text.rstrip(characters)) if characters else on_text(str.rstrip)
