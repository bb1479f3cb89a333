"""Making a script's text ready: all of it becomes the body of a function, which is called anew for each record.

So every record has globals of its own, at a cost of microseconds. Every line stays on its line, four further down, and
its columns move by one. `exec` and `eval` are taken away, as they could reach what lies outside of the function.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from topstitch.errors import ScriptError
from topstitch.scripts.model import MOST_CODE

#: Lines that stand before the script's own.
OFFSET = 4
#: The function that the script becomes.
MAKER = "__make__"

_TAKEN_AWAY = ("def exec(*args, **named): raise NameError('scripts have no exec and no eval')", "eval = exec")
_NOTHING = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
)
_BLOCKS = frozenset({"def", "class", "async"})
Tokens = Sequence[tokenize.TokenInfo]


@dataclass(frozen=True, slots=True)
class Source:
    """A script as it is given to the sandbox, and its own lines for errors."""

    text: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """The text of a line, "" for one that is not there."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""


@lru_cache(maxsize=256)
def source_of(code: str) -> Source:
    """The script made ready. Raises ScriptError with line and column for what are not even words."""
    if len(code.encode("utf-8", "surrogatepass")) > MOST_CODE:
        raise ScriptError(
            f"the script is larger than {MOST_CODE // 1024} KB",
            key="script_size",
            hint="Split it, or move its data to a lookup table.",
        )
    if (not code.isascii() and code.encode("utf-8", "replace").decode() != code) or "\0" in code:
        raise ScriptError("the script holds characters that are no text", key="script_syntax")
    code = code.replace("\r\n", "\n").replace("\r", "\n")
    lines = code.split("\n")
    statements = list(_statements(code))
    shared = _rename_globals(lines, statements)
    for tokens in statements:
        row = tokens[0].start[0] - 1
        lines[row] = " " + lines[row]
    # A name that some function declares as global belongs to the whole script, bound or not.
    declared = f" if False: {' = '.join(sorted(shared))} = None" if shared else ""
    head = [*_TAKEN_AWAY, f"def {MAKER}():", declared]
    return Source("\n".join([*head, *lines, " return handle", ""]), tuple(code.split("\n")))


def _statements(code: str) -> Iterator[Tokens]:
    """The tokens of each logical line, in order, without comments."""
    found: list[tokenize.TokenInfo] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.NEWLINE:
                if found:
                    yield found
                found = []
            elif token.type not in _NOTHING:
                found.append(token)
    except (tokenize.TokenError, SyntaxError) as error:
        raise _unreadable(error) from error
    if found:
        yield found


def _unreadable(error: tokenize.TokenError | SyntaxError) -> ScriptError:
    if isinstance(error, SyntaxError):
        message, line, column = error.msg, error.lineno or 0, error.offset or 0
    else:
        message, (line, column) = error.args[0], error.args[1]
    return ScriptError(
        message,
        line=line,
        column=column,
        key="script_syntax",
        hint="Correct this line; brackets, quotes and indentation must fit together.",
    )


def _rename_globals(lines: list[str], statements: Sequence[Tokens]) -> set[str]:
    """`global` becomes `nonlocal`, as what was global is now the function's; at the top it says nothing. The names."""
    shared: set[str] = set()
    found: list[tuple[Tokens, bool]] = []
    within: list[int] = []
    for tokens in statements:
        column = tokens[0].start[1]
        while within and within[-1] >= column:
            within.pop()
        if tokens[0].string in _BLOCKS:
            within.append(column)
        for at, token in enumerate(tokens):
            if token.type == tokenize.NAME and token.string == "global" and _begins(tokens, at):
                found.append((_declaration(tokens[at:]), bool(within)))
    for tokens, inside in reversed(found):
        if inside:
            shared |= {token.string for token in tokens[1::2]}
            _replace(lines, tokens[:1], "nonlocal")
        else:
            _replace(lines, tokens, "pass")
    return shared


def _declaration(tokens: Tokens) -> Tokens:
    """`global a, b` without what follows."""
    end = 2
    while end + 1 < len(tokens) and tokens[end].string == "," and tokens[end + 1].type == tokenize.NAME:
        end += 2
    return tokens[:end]


def _replace(lines: list[str], tokens: Tokens, text: str) -> None:
    """Put a text in place of tokens that may go over several lines."""
    (first, start), (last, end) = tokens[0].start, tokens[-1].end
    rest = lines[last - 1][end:]
    if first == last:
        lines[first - 1] = lines[first - 1][:start] + text + rest
        return
    lines[first - 1] = lines[first - 1][:start] + text + " \\"
    lines[first : last - 1] = [" \\"] * (last - 1 - first)
    lines[last - 1] = " " + rest


def _begins(tokens: Tokens, at: int) -> bool:
    return at == 0 or tokens[at - 1].string in (";", ":")
