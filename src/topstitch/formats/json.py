"""JSON files: an array of records at a path, one object, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from topstitch.errors import ConfigError, FormatError
from topstitch.formats import checks, encodings
from topstitch.formats.base import BadRow, Row
from topstitch.formats.json_parse import Parser
from topstitch.formats.json_read import DocumentReader, read_lines
from topstitch.formats.json_text import dumps
from topstitch.formats.sink import Sink
from topstitch.values import paths


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFormat:
    """Settings of a JSON file.

    `record_path` leads to the array of records, or to the one record: `data.orders`, `batches[*].orders`; empty is the
    whole document. `lines` means one object a line instead. `decimals` reads numbers with a fraction as Decimal, not
    float. Of names repeated in one object the last counts, unless `unique_names` makes such a record a bad one.
    """

    record_path: str = ""
    lines: bool = False
    encoding: str = "utf-8"
    decimals: bool = False
    unique_names: bool = False

    def __post_init__(self) -> None:
        checks.text("record_path", self.record_path)
        checks.boolean("lines", self.lines)
        encodings.check("encoding", self.encoding)
        checks.boolean("decimals", self.decimals)
        checks.boolean("unique_names", self.unique_names)
        if self.lines and self.record_path:
            checks.refuse("record_path", self.record_path, "empty when lines is true: each line is a record")
        self._steps()

    def read(self, stream: BinaryIO) -> Iterator[Row | BadRow]:
        """Yield the records of the array at the path, or the one object there; null there means no records.

        With `lines` a broken line is a `BadRow`. Elsewhere broken JSON raises `FormatError` with line, column and byte,
        also behind the last record; NaN, infinite numbers and items that are no objects are bad rows.
        """
        parser = Parser(decimals=self.decimals, unique=self.unique_names)
        if self.lines:
            return read_lines(stream, self.encoding, parser)
        return DocumentReader(stream, self.encoding, parser, self._steps()).rows()

    def write(self, records: Iterable[Mapping[str, object]], stream: BinaryIO) -> int:
        """Write an array at the record path, a record a line, or with `lines` just the lines; return how many.

        Raises `FormatError` naming record and path of a value that JSON does not have.
        """
        sink = Sink(stream, self.encoding)
        opening, closing = ("", "") if self.lines else self._frame()
        between = "\n" if self.lines else ",\n"
        sink.write(opening)
        for record in records:
            sink.number += 1
            sink.write((between if sink.number > 1 else "") + _record(record, sink.number))
        sink.write(("\n" if sink.number else "") + closing)
        sink.flush()
        return sink.number

    def _frame(self) -> tuple[str, str]:
        names = self._steps()
        if any(paths.is_each(name) for name in names):
            raise ConfigError(f"records cannot be written to {self.record_path!r}: use a record path without [*]")
        return "".join(f"{{{json.dumps(name)}:" for name in names) + "[\n", "]" + "}" * len(names) + "\n"

    def _steps(self) -> tuple[paths.Step, ...]:
        try:
            steps = paths.parse(self.record_path) if self.record_path else ()
        except ConfigError as error:
            checks.refuse("record_path", self.record_path, f"a path: {error}")
        if not all(isinstance(step, str) for step in steps):
            checks.refuse("record_path", self.record_path, "made of names and [*]")
        return steps


def _record(record: Mapping[str, object], number: int) -> str:
    try:
        return dumps(record)
    except ValueError as error:
        raise FormatError(str(error), place=f"record {number}") from error
