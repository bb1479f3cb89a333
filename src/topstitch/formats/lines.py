"""Text out of byte streams: decoded chunks, and lines that can be handed back. Bounded memory."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats import encodings
from topstitch.formats.base import CHUNK, MAX_RECORD, BadRow, shown


class Decoded:
    """The text of a stream in chunks, without byte order mark. `encoding` is the one really used, once reading began.

    A byte that does not fit becomes a lone surrogate (U+DC00 + byte), found again by `misfit`. UTF-16 has no such
    way out: there, iterating raises `FormatError` with the line.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.encoding = encoding
        self._stream = stream

    def __iter__(self) -> Iterator[str]:
        head = self._stream.read(CHUNK)
        while 0 < len(head) < 4 and (more := self._stream.read(CHUNK)):
            head += more
        name, chunk = encodings.without_mark(head, self.encoding)
        self.encoding = name
        decoder = codecs.getincrementaldecoder(name)("strict" if name.startswith("utf-16") else "surrogateescape")
        line, ended = 1, False
        while not ended:
            ended = not chunk and not (chunk := self._stream.read(CHUNK))
            try:
                text = decoder.decode(chunk, final=ended)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].decode(name).count("\n")
                raise _no_text(error, name, line) from error
            line += text.count("\n")
            chunk = b""
            if text:
                yield text


def _no_text(error: UnicodeDecodeError, name: str, line: int) -> FormatError:
    found = error.object[error.start : error.start + 2].hex(" ").upper()
    hint = encodings.advice(error.object[error.start :], name)
    return FormatError(f"the bytes {found} are no {name} text ({error.reason})", place=f"line {line}", hint=hint)


def damaged(text: str) -> bool:
    """True when `text` holds a NUL or a byte that did not fit the encoding."""
    if "\0" in text:
        return True
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def misfit(text: str, encoding: str, line: int) -> FormatError:
    """Say what is wrong with the `damaged` text that begins at `line`: which byte, where, and what to try instead."""
    at = next(i for i, letter in enumerate(text) if letter == "\0" or "\ud800" <= letter <= "\udfff")
    place = f"line {line + text.count(chr(10), 0, at)}, column {at - text.rfind(chr(10), 0, at)}"
    if text[at] == "\0":
        return FormatError(
            "there is a NUL byte (0x00)",
            place=place,
            hint="Either the file was damaged on its way or it is UTF-16: then set the encoding to utf-16.",
        )
    raw = text.replace("\0", "").encode(encodings.codec(encoding), "surrogateescape")
    message = f"the byte 0x{ord(text[at]) - 0xDC00:02X} does not fit the encoding {encoding}"
    return FormatError(message, place=place, hint=encodings.advice(raw, encoding))


class Lines:
    """The lines of a stream with their ends (`\\n`, `\\r\\n` or `\\r`), and those `taken` since the last `accept`.

    `first` is the number of the first taken line. Taking more than `max_record` characters raises `LimitExceeded`.
    """

    def __init__(self, stream: BinaryIO, encoding: str, *, max_record: int = MAX_RECORD) -> None:
        self.max_record = max_record
        self.first = 1
        self.size = 0
        self.taken: list[str] = []
        #: Some line so far needs a look with `damaged`; while false none does.
        self.suspect = False
        self._source = Decoded(stream, encoding)
        self._batches = self._split(self._source)
        self._ready: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._ready:
            self._ready.extend(next(self._batches))
        line = self._ready.popleft()
        self.taken.append(line)
        self.size += len(line)
        if self.size > self.max_record:
            raise self._too_long(self.first)
        return line

    def accept(self) -> None:
        """Forget the lines taken: they are dealt with."""
        self.first += len(self.taken)
        self.taken.clear()
        self.size = 0

    def accept_only(self, count: int) -> None:
        """Hand back all lines taken but the first `count`."""
        self._ready.extendleft(reversed(self.taken[count:]))
        del self.taken[count:]
        self.accept()

    def bad_text(self) -> BadRow | None:
        """Return the `BadRow` of the taken lines when they are damaged. Costs time: ask only while `suspect`."""
        raw = "".join(self.taken)
        if not damaged(raw):
            return None
        return BadRow(misfit(raw, self._source.encoding, self.first), shown(raw), f"line {self.first}")

    def _split(self, chunks: Iterable[str]) -> Iterator[list[str]]:
        kept: list[str] = []  # of a line whose end has not come yet
        size, number = 0, 1
        for chunk in chunks:
            self.suspect = self.suspect or damaged(chunk)
            if not kept or "\n" in chunk or "\r" in chunk or kept[-1].endswith("\r"):
                lines = list(io.StringIO("".join(kept) + chunk, newline=""))
                last = lines.pop() if not lines[-1].endswith("\n") else ""
                kept, size = [last] if last else [], len(last)
                number += len(lines)
                if lines:
                    yield lines
            else:
                kept.append(chunk)
                size += len(chunk)
            if size > self.max_record:
                raise self._too_long(number)
        if kept:
            yield ["".join(kept)]

    def _too_long(self, line: int) -> LimitExceeded:
        return LimitExceeded(
            f"line {line}: the record that begins here is longer than {self.max_record:,} characters",
            hint="Check the format settings (line ends, quotes, delimiter), or ask the sender for smaller records.",
        )
