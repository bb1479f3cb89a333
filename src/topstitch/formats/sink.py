"""Text into byte streams: encoded in bulk, with the record named when a character does not fit."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from topstitch.errors import FormatError
from topstitch.formats import encodings
from topstitch.formats.base import CHUNK


class Sink:
    """Collects text and writes it to `stream` in chunks. `number` is the record being written, 0 before the first."""

    def __init__(self, stream: BinaryIO, encoding: str, *, errors: str = "strict") -> None:
        self.number = 0
        self._stream, self._encoding = stream, encoding
        self._encoder = codecs.getincrementalencoder(encodings.codec(encoding))(errors)
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, text: str) -> None:
        """Add `text`. Raises `FormatError` when a character does not exist in the encoding."""
        try:
            data = self._encoder.encode(text)
        except UnicodeEncodeError as error:
            raise self._no_letter(text[error.start]) from error
        self._parts.append(data)
        self._size += len(data)
        if self._size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Hand over everything collected. The stream itself is not flushed."""
        if self._parts:
            self._stream.write(b"".join(self._parts))
            self._parts, self._size = [], 0

    def _no_letter(self, letter: str) -> FormatError:
        return FormatError(
            f"the character {letter!r} (U+{ord(letter):04X}) cannot be written in the encoding {self._encoding}",
            place=f"record {self.number}" if self.number else "header",
            hint="Set the encoding to utf-8, or replace the character in the mapping.",
        )
