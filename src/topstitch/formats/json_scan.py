"""A cursor through a JSON document of any size: looks ahead, takes whole values, skips, and knows its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError
from typing import BinaryIO

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats import lines
from topstitch.formats.base import CHUNK, MAX_RECORD
from topstitch.formats.json_parse import Parser

_BLANK = re.compile(r"[ \t\r\n]*")
#: A value broken off by the end of the buffer is reported at most this far from it (`-Infinity` has 9 letters).
_TAIL = 16


class Cursor:
    """Holds the part of the document around the cursor: at most one record and a chunk."""

    def __init__(self, stream: BinaryIO, encoding: str, parser: Parser, *, max_record: int = MAX_RECORD) -> None:
        self._source = lines.Decoded(stream, encoding)
        self._chunks = iter(self._source)
        self._parser, self._max = parser, max_record
        #: Some text so far needs a look with `lines.damaged`; while false none does.
        self.suspect = False
        self._text, self._at, self._ended = "", 0, False
        self._line, self._column, self._bytes = 1, 1, 0  # of the beginning of `_text`

    def peek(self) -> str:
        """Move past blanks and return the character there, empty at the end of the document."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more(CHUNK)

    def take(self, wanted: str) -> str:
        """Take one character out of `wanted`. Raises `FormatError` when another one stands there."""
        found = self.peek()
        if not found:
            raise self.error("the file ends too early: it was cut off, or not written to its end")
        if found not in wanted:
            raise self.error(f"found {found!r} where {' or '.join(repr(letter) for letter in wanted)} should be")
        self._at += 1
        return found

    def value(self) -> tuple[object, str]:
        """Take one whole value and return it with its text."""
        self.peek()
        want = CHUNK
        while True:
            try:
                value, end = self._parser.value(self._text, self._at)
            except JSONDecodeError as error:
                if self._ended or not self._cut(error):
                    raise self._no_json(error) from error
            except LimitExceeded as error:
                raise LimitExceeded(f"{self.place()}: {error}") from error
            else:
                # A number at the very end may have more digits in the next chunk.
                if self._ended or end < len(self._text):
                    raw, self._at = self._text[self._at : end], end
                    return value, raw
            if len(self._text) - self._at > self._max:
                raise LimitExceeded(
                    f"{self.place()}: the value that begins here has more than {self._max:,} characters"
                )
            self._more(want)
            want *= 2

    def items(self) -> Iterator[None]:
        """Walk an array: the cursor stands before an item at each step, and the item must be taken before the next."""
        self.take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield
            if self.take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """Walk an object: yields each name with the cursor before its value, which must be taken before the next."""
        self.take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                self.take('"')
            name, _ = self.value()
            self.take(":")
            yield str(name)
            if self.take(",}") == "}":
                return

    def skip(self) -> None:
        """Take one value without keeping it; arrays and objects of any size, item by item."""
        found = self.peek()
        if found == "[":
            for _ in self.items():
                self.value()
        elif found == "{":
            for _ in self.members():
                self.value()
        else:
            self.value()

    def place(self, ahead: int = 0) -> str:
        """Say where the cursor stands: `line 3, column 8 (byte 120)`."""
        line, column, size = self._after(self._text[: self._at + ahead])
        return f"line {line}, column {column} (byte {size})"

    @property
    def encoding(self) -> str:
        """The encoding the document is read with."""
        return self._source.encoding

    def line(self, back: int = 0) -> int:
        """Return the line of the cursor, or of what stands `back` characters before it and was taken last."""
        return self._line + self._text.count("\n", 0, self._at - back)

    def error(self, message: str, ahead: int = 0) -> FormatError:
        return FormatError(message, place=self.place(ahead))

    def _no_json(self, error: JSONDecodeError) -> FormatError:
        at = min(error.pos, len(self._text))
        if self._ended and (error.msg.startswith("Unterminated") or at >= len(self._text.rstrip())):
            return self.error("the file ends in the middle of a value: it was cut off", at - self._at)
        message = error.msg.replace(" at", "") if error.msg.endswith(" at") else error.msg
        return self.error(f"this is no JSON: {message[:1].lower()}{message[1:]}", at - self._at)

    def _cut(self, error: JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - _TAIL

    def _more(self, want: int) -> None:
        """Drop what lies behind the cursor and read about `want` characters more."""
        self._line, self._column, self._bytes = self._after(self._text[: self._at])
        parts, size = [self._text[self._at :]], 0
        self._at = 0
        while size < want and not self._ended:
            chunk = next(self._chunks, "")
            self._ended = not chunk
            self.suspect = self.suspect or lines.damaged(chunk)
            parts.append(chunk)
            size += len(chunk)
        self._text = "".join(parts)

    def _after(self, passed: str) -> tuple[int, int, int]:
        """Return line, column and byte offset after `passed`, which begins where `_text` does."""
        breaks = passed.count("\n")
        column = len(passed) - passed.rfind("\n") if breaks else self._column + len(passed)
        size = len(passed) if passed.isascii() else len(passed.encode(self.encoding, "replace"))
        return self._line + breaks, column, self._bytes + size
