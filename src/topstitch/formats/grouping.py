"""Flat rows to nested records and back: the rows of one order, one after the other, become one order with lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats import checks
from topstitch.formats.base import MAX_RECORD, BadRow, Format, Row, bad_row, shown

#: As many keys are remembered to notice rows that come back later: flat memory, some 15 MB.
REMEMBERED = 100_000


@dataclass(slots=True)
class _Group:
    key: tuple[object, ...]
    place: str
    record: dict[str, object]
    lines: list[object] = field(default_factory=list)
    size: int = 0
    wrong: str = ""


def group_lines(
    rows: Iterable[Row | BadRow],
    key_columns: Sequence[str],
    line_columns: Sequence[str],
    into: str = "lines",
) -> Iterator[Row | BadRow]:
    """Join consecutive rows with the same values in `key_columns`: `line_columns` go into a list, the rest comes once.

    An order is never passed on in part. It becomes a `BadRow` when its rows disagree about a column that comes once,
    when they are not together in the file, or when a broken row stands beside or among them, as that may be one of its
    lines. Memory: one order and the last `REMEMBERED` keys.
    """
    return _Grouping(key_columns, line_columns, into).run(rows)


class _Grouping:
    def __init__(self, key_columns: Sequence[str], line_columns: Sequence[str], into: str) -> None:
        self._keys, self._columns, self._into = tuple(key_columns), frozenset(line_columns), into
        self._past: dict[tuple[object, ...], str] = {}
        self._open: _Group | None = None
        self._broken = ""  # place of a broken row that stands just before

    def run(self, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        for row in rows:
            bad = row if isinstance(row, BadRow) else self._keyless(row)
            if bad:
                self._broken = bad.place
                if self._open:
                    self._open.wrong = self._open.wrong or _beside(bad.place)
                yield bad
            elif isinstance(row, Row):
                yield from self._take(row, tuple(row.record[name] for name in self._keys))
                self._broken = ""
        yield from self._close()

    def _keyless(self, row: Row) -> BadRow | None:
        missing = [name for name in self._keys if row.record.get(name) in (None, "")]
        if not missing:
            return None
        message = f"{', '.join(missing)} is empty, so it is not known which record this line belongs to"
        return bad_row(message, str(row.record), row.place)

    def _take(self, row: Row, key: tuple[object, ...]) -> Iterator[Row | BadRow]:
        head = {name: value for name, value in row.record.items() if name not in self._columns}
        line = {name: value for name, value in row.record.items() if name in self._columns}
        if self._open is None or self._open.key != key:
            yield from self._close()
            self._open = _Group(key, row.place, head, wrong=_beside(self._broken) if self._broken else "")
            if key in self._past:
                self._open.wrong = f"its rows are not together: others are at {self._past[key]}"
        group = self._open
        if head != group.record:
            names = [name for name in {**group.record, **head} if head.get(name) != group.record.get(name)]
            group.wrong = group.wrong or f"its rows disagree about {', '.join(names)} ({group.place}, {row.place})"
        group.size += sum(len(value) if isinstance(value, str) else 8 for value in line.values())
        if group.size > MAX_RECORD:
            raise LimitExceeded(f"{group.place}: the record that begins here is longer than {MAX_RECORD:,} characters")
        group.lines.append(line)

    def _close(self) -> Iterator[Row | BadRow]:
        group, self._open = self._open, None
        if group is None:
            return
        self._past[group.key] = group.place
        if len(self._past) > REMEMBERED:
            del self._past[next(iter(self._past))]
        record = {**group.record, self._into: group.lines}
        if group.wrong:
            name = " ".join(map(str, group.key))
            hint = "Correct the file and send it again; nothing of this record was taken."
            error = FormatError(f"{name} is left out: {group.wrong}", place=group.place, hint=hint)
            yield BadRow(error, shown(str(record)), group.place)
        else:
            yield Row(record, group.place)


def _beside(place: str) -> str:
    return f"{place} could not be read and may belong to it"


def flatten(
    record: Mapping[str, object], into: str = "lines", line_columns: Sequence[str] = ()
) -> Iterator[dict[str, object]]:
    """Yield a row for each line of `record`, with the other fields repeated; the inverse of `group_lines`.

    Without lines there is one row, with `line_columns` empty. Raises `FormatError` when a name stands both in the
    record and in its lines, or the lines are no objects.
    """
    head = {name: value for name, value in record.items() if name != into}
    lines = record.get(into)
    if lines is None or lines == []:
        yield {**head, **dict.fromkeys(line_columns)}
        return
    if not isinstance(lines, list | tuple) or not all(isinstance(line, Mapping) for line in lines):
        raise FormatError(f"{into!r} must be a list of objects to be written as rows")
    for line in lines:
        if both := head.keys() & line.keys():
            raise FormatError(f"these names stand both in the record and in {into!r}: {', '.join(sorted(both))}")
        yield {**head, **line}


@dataclass(frozen=True, slots=True)
class Grouped:
    """A flat format read and written as nested records."""

    inner: Format
    key: tuple[str, ...]
    lines: tuple[str, ...]
    into: str = "lines"

    def __post_init__(self) -> None:
        for name in ("key", "lines"):
            object.__setattr__(self, name, checks.names(f"group.{name}", getattr(self, name)))
            if not getattr(self, name):
                checks.refuse(f"group.{name}", [], "a list of at least one column")
        if both := set(self.key) & set(self.lines):
            checks.refuse("group.lines", sorted(both), "other columns than those of group.key")
        checks.text("group.into", self.into, empty=False)

    def read(self, stream: BinaryIO) -> Iterator[Row | BadRow]:
        """Yield the nested records, see `group_lines`."""
        return group_lines(self.inner.read(stream), self.key, self.lines, self.into)

    def write(self, records: Iterable[Mapping[str, object]], stream: BinaryIO) -> int:
        """Write a row for each line and return the number of records, not rows. Errors count rows."""
        count = 0

        def rows() -> Iterator[dict[str, object]]:
            nonlocal count
            for record in records:
                count += 1
                yield from flatten(record, self.into, self.lines)

        self.inner.write(rows(), stream)
        return count
