"""CSV text to rows and rows to CSV text, as GetData, GetReportData and SaveData carry it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from topstitch.sdk import BadRecord, FormatError

_SHOWN = 500


def read_table(text: str, place: str) -> tuple[list[dict[str, str]], list[BadRecord]]:
    """The rows below the header, by column name, and those whose cells do not fit the header.

    `place` names the page in reports. Raises FormatError for a header with empty or repeated names.
    """
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    rows: list[dict[str, str]] = []
    bad: list[BadRecord] = []
    header: list[str] | None = None
    try:
        for cells in lines:
            if header is None and any(cell.strip() for cell in cells):
                header = _header(cells, place)
            elif header is not None and cells:
                if len(cells) == len(header):
                    rows.append(dict(zip(header, cells, strict=True)))
                else:
                    bad.append(_misfit(cells, header, f"{place}, line {lines.line_num}"))
    except csv.Error as error:
        raise FormatError(f"the CSV is broken ({error})", place=f"{place}, line {lines.line_num}") from error
    return rows, bad


def _header(cells: Sequence[str], place: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    if len(set(names)) < len(names) or not all(names):
        raise FormatError(f"column names are empty or come twice: {', '.join(names)}", place=place)
    return names


def _misfit(cells: Sequence[str], header: Sequence[str], place: str) -> BadRecord:
    raw = io.StringIO()
    csv.writer(raw).writerow(cells)
    return BadRecord(place, f"{len(header)} cells were expected, {len(cells)} found", raw.getvalue()[:_SHOWN])


def write_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """The CsvData of one SaveData: header first, no blank line, every cell quoted."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(columns)
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [row[name] for name in columns] for row in rows
    )
    return text.getvalue().rstrip("\n")


def read_names(text: str) -> list[str]:
    """The column names of GetSaveTemplate and GetReportColumns: one line, comma-separated, brackets taken off."""
    cells = next(csv.reader(io.StringIO(text.strip("\ufeff\r\n \t"), newline="")), [])
    return [name for cell in cells if (name := cell.strip().removeprefix("[").removesuffix("]"))]
