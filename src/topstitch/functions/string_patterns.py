"""Text functions with regular expressions, and those that clean text."""

from __future__ import annotations

import re

from topstitch.errors import ConfigError
from topstitch.functions.patterns import TIMEOUT, compile_pattern, on_pattern, substitution
from topstitch.functions.registry import VALUE, Example, Param, function
from topstitch.functions.support import Apply, on_text, swap
from topstitch.values.html import strip_html as html_text
from topstitch.values.text import squeeze
from topstitch.values.text import strip_accents as without_accents

_REFERENCE = re.compile(r"\\([1-9][0-9]?)|\$(?:([0-9]{1,2})|\{([0-9]{1,2})\})")
#: Blanks are only read from the first of them on: from each, a long run of them would take the square of its time.
_LINE_BREAKS = re.compile(r"(?:(?<![ \t])[ \t]++)?+(?:\r\n|[\n\r\v\f\x85\u2028\u2029])[ \t]*")
_NOT_SLUG = re.compile(r"[\W_]+")

_PATTERN = Param("pattern", "Pattern (regular expression)", str, minimum=1, maximum=1000)
_FLAGS = Param(
    "flags", "Flags", str, default="", help="i ignore case, m ^ and $ at each line, s . takes line breaks, a ASCII only"
)


@function(
    "string.replace_pattern",
    title="Replace with pattern",
    group="string",
    summary="Replaces whatever a regular expression matches; $1 in the replacement is the first group.",
    takes=VALUE,
    gives="text",
    params=[_PATTERN, Param("replacement", "Replacement", str, default=""), _FLAGS],
    examples=[
        Example(input="+44 (0)20 7946", args={"pattern": "[^0-9]"}, output="440207946"),
        Example(input="Bloggs, Jo", args={"pattern": r"(\w+), (\w+)", "replacement": "$2 $1"}, output="Jo Bloggs"),
        Example(input="abc", args={"pattern": "B", "replacement": "-", "flags": "i"}, output="a-c"),
    ],
)
def replace_pattern(pattern: str, replacement: str, flags: str) -> Apply:
    return substitution(pattern, flags, lambda groups: _template(replacement, groups))


def _template(replacement: str, groups: int) -> str:
    r"""A replacement with $1, ${1} or \1 as Python's `re` reads it, every other backslash being itself."""
    parts, at = [], 0
    for found in _REFERENCE.finditer(replacement):
        number = int(found[1] or found[2] or found[3])
        if number > groups:
            raise ConfigError(f"the replacement refers to group {number}, the pattern has {groups}")
        parts.append(replacement[at : found.start()].replace("\\", r"\\") + rf"\g<{number}>")
        at = found.end()
    return "".join(parts) + replacement[at:].replace("\\", r"\\")


@function(
    "string.extract_pattern",
    title="Extract with pattern",
    group="string",
    summary="What a regular expression finds first: a group of it, or all of it. Null if it finds nothing.",
    takes=VALUE,
    gives="text",
    params=[
        _PATTERN,
        Param(
            "group",
            "Group",
            int,
            default=None,
            minimum=0,
            help="0 is the whole match; empty: the first group, or the whole match if there is no group",
        ),
        _FLAGS,
    ],
    examples=[
        Example(input="Order SHP-1001 paid", args={"pattern": r"SHP-(\d+)"}, output="1001"),
        Example(input="Order SHP-1001 paid", args={"pattern": r"SHP-(\d+)", "group": 0}, output="SHP-1001"),
        Example(input="no number", args={"pattern": r"\d+"}, output=None),
    ],
)
def extract_pattern(pattern: str, group: int | None, flags: str) -> Apply:
    compiled = compile_pattern(pattern, flags)
    wanted = min(compiled.groups, 1) if group is None else group
    if wanted > compiled.groups:
        raise ConfigError(f"group {wanted} is asked for, the pattern has {compiled.groups}")

    def extract(text: str) -> str | None:
        found = compiled.search(text, timeout=TIMEOUT)
        return found[wanted] if found else None

    return on_pattern(extract)


@function(
    "string.strip_html",
    title="Strip HTML",
    group="string",
    summary="The readable text of HTML: no tags, scripts or comments, entities decoded, blocks on lines of their own.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="<p>Soft &amp; warm</p><ul><li>Wool</li></ul>", output="Soft & warm\nWool"),
        Example(input="Sizes < 40", output="Sizes < 40"),
        Example(input="<script>alert(1)</script>Hat", output="Hat"),
    ],
)
def strip_html() -> Apply:
    return on_text(html_text)


@function(
    "string.remove_line_breaks",
    title="Remove line breaks",
    group="string",
    summary="Puts a space, or another text, in place of each line break and the blanks around it.",
    takes=VALUE,
    gives="text",
    params=[Param("replacement", "In their place", str, default=" ")],
    examples=[
        Example(input="Leave with \r\nneighbour\n", output="Leave with neighbour "),
        Example(input="a\n\nb", args={"replacement": ", "}, output="a, , b"),
    ],
)
def remove_line_breaks(replacement: str) -> Apply:
    return on_text(lambda text: swap(_LINE_BREAKS.sub("\n", text), "\n", replacement))


@function(
    "string.strip_accents",
    title="Strip accents",
    group="string",
    summary="Plain letters for accented ones; other scripts stay.",
    takes=VALUE,
    gives="text",
    examples=[
        Example(input="Ærøskøbing, Crème brûlée", output="AEroskobing, Creme brulee"),
        Example(input="Straße 東京", output="Strasse 東京"),
    ],
)
def strip_accents() -> Apply:
    return on_text(without_accents)


@function(
    "string.slug",
    title="Slug",
    group="string",
    summary="Text for an address: small letters without accents, digits, and a separator between words.",
    takes=VALUE,
    gives="text",
    params=[Param("separator", "Separator", str, default="-")],
    examples=[
        Example(input="  Crème & Co.: Blue_Hat ", output="creme-co-blue-hat"),
        Example(input="!!!", output=""),
    ],
)
def slug(separator: str) -> Apply:
    def make(text: str) -> str:
        words = _NOT_SLUG.sub(" ", without_accents(text).lower())
        return swap(squeeze(words), " ", separator)

    return on_text(make)
