"""Fulfilments: the rows of the despatch report, one per item line, gathered into one record per despatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topstitch.sdk import BadRecord, Connection, Cursor, Page, Query, Record
from topstitch.systems.peoplevox.reading import Cells, Table, read_pages, read_where

NUMBER = "Despatch number"
REPORT = Table(
    name="Despatch summary",
    report=True,
    dates=frozenset({"Despatch date", "Requested delivery date"}),
    dated="Despatch date",
    # Ordered by number, the rows of one despatch stand together.
    order_by=f"[{NUMBER}]",
)
#: The clause columns of the template; how its CSV spells them is not documented.
TEMPLATE = Table(name="Despatches")
TEMPLATE_NUMBER = "despatchNumber"
#: Columns of the report that speak of the item, beside those that begin with "Item".
_LINE_COLUMNS = frozenset({"No of items", "Parent", "Default suppliers part number"})


def despatch_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Pages of whole despatches, whichever page border their rows fall on."""
    table, number = source_of(query.options)

    def finish(rows: list[Cells], first: bool, last: bool) -> tuple[Sequence[Record], Sequence[BadRecord]]:
        groups = grouped(rows, number)
        loose = groups.pop("", [])
        bad = [
            BadRecord(f"{table.name}, a row without {number}", "it belongs to no despatch", str(row)) for row in loose
        ]
        whole = _whole(conn, table, number, _doubtful(list(groups), table, first, last))
        return [as_record(whole.get(each) or group) for each, group in groups.items()], bad

    return read_pages(conn, table, query, cursor, finish)


def despatches_by_number(conn: Connection, numbers: Sequence[str], options: Mapping[str, Any]) -> list[Record]:
    """The despatches of these numbers."""
    table, number = source_of(options)
    return [as_record(rows) for rows in _whole(conn, table, number, numbers).values()]


def source_of(options: Mapping[str, Any]) -> tuple[Table, str]:
    """What is read, and the column with the despatch number."""
    return (REPORT, NUMBER) if options["source"] == "report" else (TEMPLATE, TEMPLATE_NUMBER)


def despatch_key(record: Record, options: Mapping[str, Any]) -> object:
    """The despatch number of a record of either source."""
    return _cell(record, NUMBER if options["source"] == "report" else TEMPLATE_NUMBER)


def grouped(rows: Sequence[Cells], number: str) -> dict[str, list[Cells]]:
    """The rows by despatch number, in order of first appearance."""
    groups: dict[str, list[Cells]] = {}
    for row in rows:
        groups.setdefault(_cell(row, number), []).append(row)
    return groups


def as_record(rows: Sequence[Cells]) -> Record:
    """One despatch: what all its rows agree on, and under `lines` what each says of its item.

    A column that differs from row to row (the tracking numbers of several parcels) is on the lines too.
    """
    first = rows[0]
    differing = {name for name in first if any(row[name] != first[name] for row in rows)}
    on_lines = [name for name in first if _is_line(name) or name in differing]
    head = {name: cell for name, cell in first.items() if not _is_line(name)}
    return {**head, "lines": [{name: row[name] for name in on_lines} for row in rows] if on_lines else []}


def _is_line(name: str) -> bool:
    return name.startswith("Item ") or name in _LINE_COLUMNS


def _doubtful(numbers: list[str], table: Table, first: bool, last: bool) -> list[str]:
    """The despatches that may have rows on another page: at the borders, or anywhere when nothing is in order."""
    if not numbers or (first and last):
        return []
    if not table.order_by:
        return numbers
    return list(dict.fromkeys(([] if first else numbers[:1]) + ([] if last else numbers[-1:])))


def _whole(conn: Connection, table: Table, number: str, numbers: Sequence[str]) -> dict[str, list[Cells]]:
    return grouped(list(read_where(conn, table, number, numbers)), number) if numbers else {}


def _cell(row: Mapping[str, Any], name: str) -> str:
    """A cell by column name in any case: templates are spelt by the tenant."""
    if name in row:
        return str(row[name])
    return next((str(value) for key, value in row.items() if key.lower() == name.lower()), "")
