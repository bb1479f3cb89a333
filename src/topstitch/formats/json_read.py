"""Reading JSON: the records at a path of one document, or one record a line."""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecodeError
from typing import BinaryIO

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats.base import BadRow, Row, bad_row, over_limit, shown
from topstitch.formats.json_parse import Parser, kind
from topstitch.formats.json_scan import Cursor
from topstitch.formats.lines import Lines, damaged, misfit
from topstitch.values import paths

_BLANK = " \t\r\n"


class DocumentReader:
    """One reading of one document. All of it is checked, also after the last record: half a file is an error."""

    def __init__(self, stream: BinaryIO, encoding: str, parser: Parser, path: tuple[paths.Step, ...]) -> None:
        self._cursor = Cursor(stream, encoding, parser)
        self._parser, self._path = parser, path
        self._number = 0
        self._found = False
        self._seen: list[str] = []  # names met where the path stopped

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the records; `place` counts them from 1."""
        if not self._cursor.peek():
            return
        yield from self._walk(self._path)
        if self._cursor.peek():
            hint = "If it is one object a line, set lines to true."
            raise FormatError("there is more after the end of the JSON", place=self._cursor.place(), hint=hint)
        if not self._found:
            here = f"; there is {', '.join(self._seen)}" if self._seen else ""
            raise FormatError(f"the record path {paths.render(self._path)!r} does not occur{here}")

    def _walk(self, path: tuple[paths.Step, ...]) -> Iterator[Row | BadRow]:
        if not path:
            self._found = True
            yield from self._records()
        elif paths.is_each(path[0]):
            self._expect("[", "a list")
            for _ in self._cursor.items():
                yield from self._walk(path[1:])
        else:
            self._expect("{", f"an object with {path[0]!r}")
            for name in self._cursor.members():
                if name == path[0]:
                    yield from self._walk(path[1:])
                else:
                    self._note(name)
                    self._cursor.skip()

    def _records(self) -> Iterator[Row | BadRow]:
        """Yield each item of the array here, or the one object; null stands for none."""
        first = self._cursor.peek()
        if first == "[":
            for _ in self._cursor.items():
                yield self._record()
        elif first == "n":
            value, _ = self._cursor.value()
            if value is not None:
                raise self._cursor.error("this is no JSON")
        else:
            yield self._record()

    def _record(self) -> Row | BadRow:
        self._number += 1
        place = f"record {self._number}"
        value, raw = self._cursor.value()
        if self._cursor.suspect and damaged(raw):
            line = self._cursor.line(back=len(raw))
            return BadRow(misfit(raw, self._cursor.encoding, line), shown(raw), place)
        return self._parser.row(value, raw, place)

    def _expect(self, opening: str, what: str) -> None:
        if self._cursor.peek() != opening:
            place = self._cursor.place()
            value, _ = self._cursor.value()
            raise FormatError(f"this is {kind(value)}, and the record path wants {what}", place=place)

    def _note(self, name: str) -> None:
        if len(self._seen) < 20 and name not in self._seen:
            self._seen.append(name)


def read_lines(stream: BinaryIO, encoding: str, parser: Parser) -> Iterator[Row | BadRow]:
    """Yield one record a line; blank lines are skipped and a broken one is a `BadRow`."""
    source = Lines(stream, encoding)
    for line in source:
        raw = line.strip(_BLANK)
        if source.suspect and (bad := source.bad_text()):
            yield bad
        elif raw:
            yield _one_line(raw, parser, source.first)
        source.accept()


def _one_line(raw: str, parser: Parser, number: int) -> Row | BadRow:
    place = f"line {number}"
    try:
        value, end = parser.value(raw, 0)
    except JSONDecodeError as error:
        return bad_row(f"this is no JSON: {error.msg}", raw, place, spot=f"{place}, column {error.pos + 1}")
    except LimitExceeded as error:
        return over_limit(str(error), raw, place)
    if rest := raw[end:].lstrip(_BLANK):
        spot = f"{place}, column {len(raw) - len(rest) + 1}"
        return bad_row(f"there is more after the object: {rest[:40]!r}", raw, place, spot=spot)
    return parser.row(value, raw, place)
