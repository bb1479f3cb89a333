"""Reading CSV: rows by header, and the broken ones with the line, the count and the quote that broke them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats.base import MAX_RECORD, BadRow, Row, bad_row, over_limit
from topstitch.formats.lines import Lines

if TYPE_CHECKING:
    from topstitch.formats.csv import CsvFormat


class CsvReader:
    """One reading of one stream."""

    def __init__(self, settings: CsvFormat, stream: BinaryIO) -> None:
        self._set = settings
        self._lines = Lines(stream, settings.encoding)
        #: Characters that may still be read a second time after broken quotes: keeps hostile files linear.
        self._patience = 2 * MAX_RECORD

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the rows after the header."""
        names = self._header()
        if names is None:
            return
        width, lines, limit, null = len(names), self._lines, self._set.max_cell, self._set.null
        for cells in self._records():
            if isinstance(cells, BadRow):
                yield cells
            elif len(cells) != width or lines.suspect or lines.size > limit:
                yield from self._doubtful(names, cells)
            else:
                record: dict[str, object] = dict(zip(names, cells, strict=True))
                yield Row(_with_null(record, null) if null else record, f"line {lines.first}")

    def _records(self) -> Iterator[list[str] | BadRow]:
        """Yield the cells of each record; its lines are `taken` until the next is asked for."""
        while True:
            try:
                for cells in self._set.parser(self._lines):
                    yield cells
                    self._lines.accept()
                return
            except (csv.Error, LimitExceeded) as error:
                broken = self._broken_quote(error)
            yield broken

    def _doubtful(self, names: tuple[str, ...], cells: list[str]) -> Iterator[Row | BadRow]:
        place, raw = f"line {self._lines.first}", "".join(self._lines.taken)
        if not cells:
            return
        if self._lines.suspect and (bad := self._lines.bad_text()):
            yield bad
        elif len(cells) != len(names):
            yield bad_row(_miscount(cells, names), raw, place)
        elif longest := next((n for n, cell in zip(names, cells, strict=True) if len(cell) > self._set.max_cell), None):
            message = f"column {longest!r} is longer than {self._set.max_cell:,} characters (max_cell)"
            yield over_limit(message, raw, place)
        else:
            yield Row(_with_null(dict(zip(names, cells, strict=True)), self._set.null), place)

    def _broken_quote(self, error: Exception) -> BadRow:
        """Report the record just taken and hand back the lines after the broken one."""
        lines, quote = self._lines, self._set.quote
        unclosed = isinstance(error, LimitExceeded) or "unexpected end" in str(error)
        if not lines.taken or (isinstance(error, LimitExceeded) and len(lines.taken) < 2):
            raise error
        # An unclosed quote is the last one opened; where a quote closes too early, an older one may be at fault.
        count = _opening_line(lines.taken, quote) if unclosed else 1
        place, spot = f"line {lines.first}", f"line {lines.first + count - 1}"
        self._patience -= lines.size
        if self._patience < 0:
            raise FormatError("too many broken quotes; the file was read up to here", place=place) from error
        message = "is opened here and never closed" if unclosed else "closes in the middle of a value"
        hint = f"Quotes inside a value must be doubled ({quote * 2}); ask the sender for a correct file."
        bad = bad_row(f"a quote ({quote}) {message}", "".join(lines.taken[:count]), place, spot=spot, hint=hint)
        lines.accept_only(count)
        return bad

    def _header(self) -> tuple[str, ...] | None:
        """Return the column names, None when the stream holds no record at all."""
        if not self._set.header and self._set.columns:
            return self._set.columns
        cells = next((cells for cells in self._records() if cells), None)
        if isinstance(cells, BadRow):
            raise cells.error
        if cells is None:
            return None
        if self._lines.suspect and (bad := self._lines.bad_text()):
            raise bad.error
        if len(cells) > self._set.max_columns:
            text = f"line {self._lines.first}: {len(cells):,} columns; max_columns is {self._set.max_columns:,}"
            raise LimitExceeded(text)
        if not self._set.header:
            self._lines.accept_only(0)
            return tuple(f"column_{at}" for at in range(1, len(cells) + 1))
        names = tuple(cell.strip("\ufeff \t\r\n\xa0") for cell in cells)
        self._check_names(names)
        self._lines.accept()
        return names

    def _check_names(self, names: tuple[str, ...]) -> None:
        place = f"line {self._lines.first}"
        if empty := [str(at) for at, name in enumerate(names, 1) if not name]:
            raise FormatError(f"these columns have no name in the header: {', '.join(empty)}", place=place)
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise FormatError(f"these columns come twice in the header: {', '.join(twice)}", place=place)
        if missing := [name for name in self._set.columns or () if name not in names]:
            message = f"these columns are missing in the header: {', '.join(missing)}; it has {', '.join(names[:50])}"
            raise FormatError(message, place=place)


def _with_null(record: dict[str, object], null: str) -> dict[str, object]:
    return {name: None if null and cell == null else cell for name, cell in record.items()}


def _miscount(cells: list[str], names: tuple[str, ...]) -> str:
    text = f"{len(names)} cells were expected, {len(cells)} found"
    if len(cells) < len(names):
        return f"{text}: nothing for {names[len(cells)]!r} and what follows"
    return f"{text}: an unquoted delimiter inside a value, or a line too long"


def _opening_line(taken: list[str], quote: str) -> int:
    """Return which of the lines (1 = first) opens the quote that is still open at their end."""
    inside, opened = False, 1
    for number, line in enumerate(taken, 1):
        quotes = line.replace(quote * 2, "").count(quote)
        if quotes and (not inside or quotes > 1):
            opened = number
        inside ^= quotes % 2 == 1
    return opened
