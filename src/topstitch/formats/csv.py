"""CSV and its cousins: delimited text with a header row. Values stay text on reading, whatever they look like."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from topstitch.formats import checks, encodings
from topstitch.formats.base import MAX_CELL, MAX_COLUMNS, MAX_RECORD, BadRow, Row
from topstitch.formats.csv_read import CsvReader
from topstitch.formats.csv_write import CsvWriter

if TYPE_CHECKING:
    from _csv import Reader, Writer

QUOTING: dict[str, Literal[0, 1, 3]] = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "none": csv.QUOTE_NONE}
LINE_ENDINGS = ("\r\n", "\n", "\r")


class Target(Protocol):
    """Takes the finished lines of `CsvFormat.printer`."""

    def write(self, line: str, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    """Settings of a delimited file.

    `columns` fixes names and order on writing; on reading it names the cells of a file without header, and with one
    it says which columns must be there (others may be too). Without header and columns the names are `column_1`...
    `null` is how None is written, and when not empty also what is read as None. `quoting` "none" takes quotes for
    ordinary characters. `decimal` is the mark written in numbers. `nested` "json" writes lists and objects as JSON.
    """

    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    columns: tuple[str, ...] | None = None
    encoding: str = "utf-8"
    line_ending: str = "\r\n"
    quoting: str = "minimal"
    decimal: str = "."
    null: str = ""
    nested: str = "refuse"
    max_columns: int = MAX_COLUMNS
    max_cell: int = MAX_CELL

    def __post_init__(self) -> None:
        checks.character("delimiter", self.delimiter)
        checks.character("quote", self.quote)
        if self.delimiter == self.quote:
            checks.refuse("quote", self.quote, "another character than the delimiter")
        checks.boolean("header", self.header)
        if self.columns is not None:
            object.__setattr__(self, "columns", checks.names("columns", self.columns))
        encodings.check("encoding", self.encoding)
        checks.one_of("line_ending", self.line_ending, LINE_ENDINGS)
        checks.one_of("quoting", self.quoting, QUOTING)
        checks.one_of("decimal", self.decimal, (".", ","))
        checks.text("null", self.null)
        checks.one_of("nested", self.nested, ("refuse", "json"))
        checks.number("max_columns", self.max_columns, low=1, high=MAX_COLUMNS)
        checks.number("max_cell", self.max_cell, low=1, high=MAX_RECORD)

    def read(self, stream: BinaryIO) -> Iterator[Row | BadRow]:
        """Yield the rows as text by column name. Blank lines are skipped; other rows must have a cell per column.

        Where a quote is broken, the line with it is reported and reading goes on with the next. Raises `FormatError`
        for a header with empty, repeated or missing names, `LimitExceeded` for too many columns or too long a line.
        """
        return CsvReader(self, stream).rows()

    def write(self, records: Iterable[Mapping[str, object]], stream: BinaryIO) -> int:
        """Write the records in the order of `columns`, else of the first record's keys; return how many.

        A key that a later record lacks is empty. Raises `FormatError` for a key without column, a value without text.
        """
        return CsvWriter(self, stream).write_all(records)

    def parser(self, lines: Iterable[str], *, strict: bool = True) -> Reader:
        """Return a parser of this dialect over text lines; a strict one raises `csv.Error` for broken quotes."""
        # The limit belongs to the process; it is only ever raised, and ours is checked per cell.
        csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_RECORD))
        quoting = QUOTING["none" if self.quoting == "none" else "minimal"]
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, quoting=quoting, strict=strict)

    def printer(self, target: Target) -> Writer:
        """Return the printer of this dialect. It ends lines with CR LF: only then it quotes every line break."""
        quoting = QUOTING[self.quoting]
        return csv.writer(
            target, delimiter=self.delimiter, quotechar=self.quote, quoting=quoting, lineterminator="\r\n"
        )
