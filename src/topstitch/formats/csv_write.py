"""Writing CSV: stable columns, values as plain text, every line named when it cannot be written."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from topstitch.errors import FormatError
from topstitch.formats import cells
from topstitch.formats.sink import Sink

if TYPE_CHECKING:
    from topstitch.formats.csv import CsvFormat


class CsvWriter:
    """One writing to one stream."""

    def __init__(self, settings: CsvFormat, stream: BinaryIO) -> None:
        self._set = settings
        self._sink = Sink(stream, settings.encoding)
        self._printer = settings.printer(self)

    def write_all(self, records: Iterable[Mapping[str, object]]) -> int:
        """Write header and records and return the number of records."""
        names = self._set.columns
        if names:
            self._header(names)
        known = frozenset(names or ())
        for record in records:
            self._sink.number += 1
            if names is None:
                names, known = tuple(record), frozenset(record)
                self._header(names)
            if not known.issuperset(record):
                raise self._unknown(record, names)
            self._line([self._text(record.get(name), name) for name in names], names)
        self._sink.flush()
        return self._sink.number

    def write(self, line: str) -> None:
        """Take a finished line from the printer and give it our own line ending."""
        self._sink.write(line[:-2] + self._set.line_ending)

    def _header(self, names: Sequence[str]) -> None:
        if not names:
            raise FormatError("it has no fields, so there are no columns to write", place=f"record {self._sink.number}")
        if self._set.header:
            self._line(names, names)

    def _line(self, texts: Sequence[str], names: Sequence[str]) -> None:
        try:
            self._printer.writerow(texts)
        except csv.Error as error:
            name = next((n for n, text in zip(names, texts, strict=True) if self._needs_quotes(text)), names[0])
            why = 'text that needs quotes, and quoting is "none"'
            raise cells.does_not_fit(f"column {name!r}", self._sink.number, why) from error

    def _needs_quotes(self, text: str) -> bool:
        return any(letter in text for letter in (self._set.delimiter, self._set.quote, "\r", "\n"))

    def _text(self, value: object, name: str) -> str:
        if type(value) is str:
            return value
        if value is None:
            return self._set.null
        if self._set.nested == "json" and isinstance(value, dict | list | tuple):
            return self._json(value, name)
        try:
            return cells.plain(value, decimal=self._set.decimal)
        except ValueError as error:
            raise cells.does_not_fit(f"column {name!r}", self._sink.number, error) from error

    def _json(self, value: object, name: str) -> str:
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False, default=cells.json_default)
        except (TypeError, ValueError) as error:
            raise cells.does_not_fit(f"column {name!r}", self._sink.number, error) from error

    def _unknown(self, record: Mapping[str, object], names: Sequence[str]) -> FormatError:
        extra = ", ".join(name for name in record if name not in names)
        return FormatError(
            f"there is no column for {extra}; the columns are {', '.join(names[:50])}",
            place=f"record {self._sink.number}",
            hint="List all columns in the format settings: else the first record decides which there are.",
        )
