"""Regular expressions with bounds: a pattern made to take for ever fails the record it meets, nothing else.

The syntax is that of Python's `re`, which cannot be stopped; what runs is the package `regex`, which can. What only the
latter knows (approximate matches, recursion) is refused or taken literally.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import regex

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.support import MAX_TEXT, Apply, on_text, refuse_beyond
from topstitch.values.text import show

#: Seconds for one value. Ordinary patterns take microseconds.
TIMEOUT = 1.0
MAX_SUBJECT = 1_000_000
#: A pattern is written out as often as its repetitions say: 1,000 times 1,000 characters would fill the memory.
MAX_EXPANDED = 50_000

_FLAGS = {
    "i": (re.IGNORECASE, regex.IGNORECASE),
    "m": (re.MULTILINE, regex.MULTILINE),
    "s": (re.DOTALL, regex.DOTALL),
    "a": (re.ASCII, regex.ASCII),
}
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{([0-9]+)(?:,[0-9]*)?\}|\{(?![0-9]*,?[0-9]*\})|.", re.DOTALL)

#: One set of characters, once or as often as it comes: no text makes that slow, so it needs no watching.
_ONE_SET = re.compile(r"(?:\[\^?(?:[^\[\]\\]|\\[dDsSwW])+\]|\\[dDsSwW])\+?")
_GROUP = re.compile(r"\\g<([0-9]+)>")


def compile_pattern(pattern: str, flags: str) -> regex.Pattern[str]:
    """A regular expression with the flags i, m, s, a. Raises ConfigError for a wrong one."""
    if unknown := set(flags) - set(_FLAGS):
        raise ConfigError(f"{''.join(sorted(unknown))!r} are not flags; use {', '.join(_FLAGS)}")
    chosen = [_FLAGS[flag] for flag in set(flags)]
    try:
        re.compile(pattern, sum(flag for flag, _ in chosen))
        if _expanded(pattern) > MAX_EXPANDED:
            raise ConfigError(f"the pattern {show(pattern)} repeats what is repeated too often")
        return regex.compile(_braced(pattern), regex.VERSION0 | sum(flag for _, flag in chosen))
    except (re.error, regex.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"the pattern {pattern!r} cannot be read: {error}") from error


def _braced(pattern: str) -> str:
    """A brace that is no number of repetitions is itself, as in `re`; `regex` has meanings of its own for some."""
    return _TOKEN.sub(lambda found: r"\{" if found[0] == "{" else found[0], pattern)


def _expanded(pattern: str) -> int:
    """How many characters the pattern has with its least repetitions written out."""
    sizes, last = [0], 0
    for token in _TOKEN.finditer(pattern):
        if token[0] == "(":
            sizes.append(0)
        elif token[0] == ")" and len(sizes) > 1:
            last = sizes.pop()
            sizes[-1] += last
        elif token[1]:
            sizes[-1] += last * (int(token[1]) - 1)
            last *= int(token[1])
        else:
            last = 1
            sizes[-1] += 1
    return sizes[0]


def on_pattern(change: Callable[[str], object]) -> Apply:
    """Cast to text, then change, within the bounds of time and size. Raises MappingError beyond them."""

    def apply(text: str) -> object:
        if len(text) > MAX_SUBJECT:
            raise MappingError(f"{show(text)} is too long for a pattern, {MAX_SUBJECT} characters the most", value=text)
        try:
            return change(text)
        except (TimeoutError, MemoryError) as error:
            raise MappingError(
                f"the pattern takes more than {TIMEOUT:g} second on {show(text)}",
                value=text,
                hint="Repetitions within repetitions, such as (a+)+, take for ever; say what ends each part.",
            ) from error

    return on_text(apply)


def substitution(pattern: str, flags: str, template_of: Callable[[int], str]) -> Apply:
    """A function that puts a template in place of each match; `template_of` the number of groups is as `re` reads it.

    Raises ConfigError for a wrong pattern.
    """
    compiled = compile_pattern(pattern, flags)
    template = template_of(compiled.groups)
    if template or not _ONE_SET.fullmatch(pattern):
        return on_pattern(lambda text: substitute(compiled, template, text))
    remove = partial(re.compile(pattern, sum(_FLAGS[flag][0] for flag in set(flags))).sub, "")
    return on_pattern(remove)


def substitute(compiled: regex.Pattern[str], template: str, text: str) -> str:
    """Text with the template in place of each match. Raises MappingError when it would be longer than MAX_TEXT."""
    groups = [int(number) for number in _GROUP.findall(template)]
    if (len(text) + 1) * (len(template) + len(groups) * len(text)) <= MAX_TEXT:
        return compiled.sub(template, text, timeout=TIMEOUT)
    made = 0

    def one(found: regex.Match[str]) -> str:
        nonlocal made
        made += len(template) + sum(len(found[number] or "") for number in groups)
        refuse_beyond(made, text)
        return found.expand(template)

    return compiled.sub(one, text, timeout=TIMEOUT)
