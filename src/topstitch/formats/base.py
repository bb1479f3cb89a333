"""What every file format shares: the rows it yields, the protocol it keeps, the limits it never passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from topstitch.errors import FormatError, LimitExceeded

#: Largest single record, in characters of text (bytes of XML).
MAX_RECORD = 8 * 1024 * 1024
MAX_COLUMNS = 5_000
#: Largest single cell of a CSV file, in characters.
MAX_CELL = 1024 * 1024
#: Deepest nesting inside one record.
MAX_DEPTH = 64
#: Bytes asked of a stream at once.
CHUNK = 64 * 1024
#: As much of a broken line as is kept for the report.
MAX_RAW = 4_000


@dataclass(frozen=True, slots=True)
class Row:
    """One record and where it stood in the file: `line 12`, `record 3`."""

    record: dict[str, object]
    place: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that could not be read while the rest of the file could. `raw` is its text, cut at `MAX_RAW`."""

    error: FormatError | LimitExceeded
    raw: str
    place: str


@runtime_checkable
class Format(Protocol):
    """A file format with its settings. Instances are immutable and can be used by several threads at once."""

    def read(self, stream: BinaryIO) -> Iterator[Row | BadRow]:
        """Yield the records of `stream` one by one, in flat memory.

        A broken record is yielded as a `BadRow` and reading goes on where that can be done safely. Raises
        `FormatError` or `LimitExceeded` where it cannot. An empty stream has no records. The stream is not closed.
        """
        ...

    def write(self, records: Iterable[Mapping[str, object]], stream: BinaryIO) -> int:
        """Write `records` to `stream` one by one and return how many they were.

        Raises `FormatError` naming the record and field that does not fit; what came before may have been written
        already, so write to a temporary name. The stream is neither flushed nor closed.
        """
        ...


def bad_row(message: str, raw: str, place: str, *, spot: str = "", hint: str = "") -> BadRow:
    """Build the usual `BadRow`; `spot` is a closer place for the message than that of the row."""
    return BadRow(FormatError(message, place=spot or place, hint=hint), shown(raw), place)


def over_limit(message: str, raw: str, place: str) -> BadRow:
    """Build the `BadRow` of a record that passes a limit."""
    return BadRow(LimitExceeded(f"{place}: {message}"), shown(raw), place)


def shown(raw: str) -> str:
    """Cut a broken record to `MAX_RAW` and replace what no database takes: NUL and stray bytes become `?`."""
    return raw[:MAX_RAW].encode("utf-8", "replace").decode().replace("\0", "?")
