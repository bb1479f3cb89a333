"""Fixed width files: each line is a record, each field a range of character positions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from topstitch.errors import FormatError
from topstitch.formats import cells, checks, encodings
from topstitch.formats.base import MAX_COLUMNS, MAX_RECORD, BadRow, Row, bad_row
from topstitch.formats.csv import LINE_ENDINGS
from topstitch.formats.lines import Lines
from topstitch.formats.sink import Sink


@dataclass(frozen=True, slots=True)
class FixedField:
    """A range of positions: `start` counts from 1, `length` is in characters. `align` and `pad` are for writing."""

    name: str
    start: int
    length: int
    align: str = "left"
    pad: str = " "

    def __post_init__(self) -> None:
        checks.text("fields.name", self.name, empty=False)
        checks.number("fields.start", self.start, low=1, high=MAX_RECORD)
        checks.number("fields.length", self.length, low=1, high=MAX_RECORD)
        checks.one_of("fields.align", self.align, ("left", "right"))
        checks.character("fields.pad", self.pad)

    @property
    def end(self) -> int:
        """The last position."""
        return self.start + self.length - 1

    def laid_out(self, text: str) -> str:
        """Return `text` at full length. Raises `ValueError` when it is too long or holds a line break."""
        if len(text) > self.length:
            raise ValueError(f"{len(text)} characters long ({text[:60]!r}), and the field has {self.length}")
        if "\n" in text or "\r" in text:
            raise ValueError("text with a line break, which would end the record")
        return text.ljust(self.length, self.pad) if self.align == "left" else text.rjust(self.length, self.pad)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFormat:
    """Settings of a fixed width file.

    `fields` holds `FixedField`s, or their values as lists or tables. Blanks around a value are dropped on reading, and
    nothing else: zeros stay. `short_lines` "pad" takes a line that ends early as filled with blanks, as editors and
    some senders trim lines; the default refuses it, as half a line looks the same. `skip_lines` passes over lines at
    the top.
    """

    fields: tuple[FixedField, ...]
    encoding: str = "utf-8"
    line_ending: str = "\r\n"
    short_lines: str = "refuse"
    skip_lines: int = 0
    decimal: str = "."

    def __post_init__(self) -> None:
        if not isinstance(self.fields, list | tuple) or not self.fields:
            checks.refuse("fields", self.fields, "a list of fields, each with name, start and length")
        if len(self.fields) > MAX_COLUMNS:
            checks.refuse("fields", f"a list of {len(self.fields):,}", f"a list of at most {MAX_COLUMNS:,} fields")
        fields = tuple(sorted((_field(value) for value in self.fields), key=lambda one: one.start))
        checks.names("fields", [one.name for one in fields])
        for left, right in pairwise(fields):
            if right.start <= left.end:
                checks.refuse("fields", f"{left.name} and {right.name}, which overlap", "fields beside each other")
        object.__setattr__(self, "fields", fields)
        encodings.check("encoding", self.encoding)
        checks.one_of("line_ending", self.line_ending, LINE_ENDINGS)
        checks.one_of("short_lines", self.short_lines, ("refuse", "pad"))
        checks.number("skip_lines", self.skip_lines, low=0, high=1000)
        checks.one_of("decimal", self.decimal, (".", ","))

    def read(self, stream: BinaryIO) -> Iterator[Row | BadRow]:
        """Yield the lines as text by field name. Blank lines are skipped; too short or too long ones are bad rows."""
        source = Lines(stream, self.encoding)
        for line in source:
            raw = line.rstrip("\r\n")
            if source.first > self.skip_lines and raw.strip():
                bad = source.bad_text() if source.suspect else None
                yield bad or self._row(raw, f"line {source.first}")
            source.accept()

    def write(self, records: Iterable[Mapping[str, object]], stream: BinaryIO) -> int:
        """Write a line for each record; return how many. Nothing is ever cut to fit.

        Raises `FormatError` naming record and field of a value that is too long, and for a key without field.
        """
        sink = Sink(stream, self.encoding)
        known = {one.name for one in self.fields}
        for record in records:
            sink.number += 1
            if not known.issuperset(record):
                extra = ", ".join(name for name in record if name not in known)
                raise FormatError(f"there is no field for {extra}", place=f"record {sink.number}")
            sink.write(self._line(record, sink.number) + self.line_ending)
        sink.flush()
        return sink.number

    def _row(self, raw: str, place: str) -> Row | BadRow:
        width = self.fields[-1].end
        if len(raw) < width and self.short_lines == "refuse":
            hint = 'Was the file cut off? If the sender trims blanks, set short_lines to "pad".'
            return bad_row(f"{width} characters were expected, {len(raw)} found", raw, place, hint=hint)
        if rest := raw[width:].strip():
            return bad_row(f"there is more after position {width}: {rest[:40]!r}", raw, place)
        return Row({one.name: raw[one.start - 1 : one.end].strip(" ") for one in self.fields}, place)

    def _line(self, record: Mapping[str, object], number: int) -> str:
        line = ""
        for one in self.fields:
            try:
                text = one.laid_out(cells.plain(record.get(one.name), decimal=self.decimal))
            except ValueError as error:
                raise cells.does_not_fit(f"field {one.name!r}", number, error) from error
            line = line.ljust(one.start - 1) + text
        return line


def _field(value: object) -> FixedField:
    if isinstance(value, FixedField):
        return value
    whole = "made of name, start and length, and if need be align and pad"
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        checks.refuse("fields", value, whole)
    try:
        return FixedField(**value) if isinstance(value, Mapping) else FixedField(*value)
    except TypeError:
        checks.refuse("fields", value, whole)
