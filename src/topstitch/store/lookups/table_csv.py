"""Lookup tables as CSV: comma only, UTF-8 with or without a byte order mark, every wrong line named.

A spreadsheet takes a cell that begins with = + - or @ for a formula, runs it and saves its result instead. Such cells get
an apostrophe in front when they are written, and lose it when they are read; negative numbers are left as they are. So a
file is safe to open, comes back as it was even when a spreadsheet has saved it, and the round trip is exact.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from topstitch.errors import ConfigError
from topstitch.store.lookups.rows import Pair, listed, match_type, problems

MAX_BYTES = 5 * 1024 * 1024
#: Column -> what it holds. The second names are those of shipment and payment maps.
COLUMNS = {
    "left_value": "left",
    "match_value": "left",
    "right_value": "right",
    "output_value": "right",
    "match_type": "match",
    "field_name": "field",
}
HEADERS = "left_value,right_value"
MAP_HEADERS = "field_name,match_type,match_value,output_value"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's pairs in order, and how many lines said what a line before them says."""

    pairs: list[Pair]
    repeated: int


def read_pairs(data: bytes, name: str) -> Parsed:
    """The pairs of a CSV file. Raises ConfigError naming the first 20 wrong lines; `name` is the file's."""
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name} is larger than 5 MB", hint="Divide it, and import the parts one after the other.")
    rows = _lines(_decoded(data, name), name)
    columns = _columns(next(rows, (1, []))[1], name)
    found: dict[Pair, None] = {}
    wrong: list[str] = []
    count = 0
    for line, cells in rows:
        try:
            pair = _pair(cells, columns)
            said = list(problems(pair))
        except ConfigError as error:
            said = [error.message]
        wrong += (f"line {line}: {problem}" for problem in said)
        if not said:
            found[pair] = None
            count += 1
    if wrong:
        raise ConfigError(
            f"{name}: {listed(wrong, 'lines')}", hint="Nothing was changed. Correct the file, then try again."
        )
    return Parsed(list(found), count - len(found))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{name} line {line} is not UTF-8 text", hint="Save it as CSV in UTF-8, then try again."
        ) from error


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank; a row may go over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(
            f"{name} line {line} is not CSV: {error}", hint="Look for a quotation mark too many."
        ) from error


def _columns(cells: Sequence[str], name: str) -> list[str]:
    names = [re.sub(r"[\s_-]+", "_", cell.strip().lower()) for cell in cells]
    columns = [COLUMNS.get(column, "") for column in names]
    if "" in columns or not {"left", "right"} <= set(columns) or len(set(columns)) < len(columns):
        raise ConfigError(
            f"{name} line 1 must be {HEADERS}, or {MAP_HEADERS}, not {','.join(cells)!r:.100}",
            hint="Divide the columns by commas, not by semicolons or tabs."
            if any(sign in "".join(cells) for sign in ";\t")
            else "Write one of these as the first line of the file, above the pairs.",
        )
    return columns


def _pair(cells: Sequence[str], columns: Sequence[str]) -> Pair:
    if len(cells) != len(columns):
        raise ConfigError(f"{len(cells)} cells instead of {len(columns)}")
    given = dict(zip(columns, map(_plain, cells), strict=True))
    return Pair(given["left"], given["right"], match_type(given.get("match", "")), given.get("field", ""))


def write_pairs(pairs: Iterable[Pair], *, ways: bool) -> Iterator[str]:
    """The lines of a CSV file; with match types and field names where a table has such (`ways`)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADERS.split(",") + (["match_type", "field_name"] if ways else []))
    for pair in pairs:
        writer.writerow([_safe(cell) for cell in pair[: 4 if ways else 2]])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _safe(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) and not _NEGATIVE.fullmatch(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
