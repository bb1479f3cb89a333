"""Fulfilments: the rows of the despatch report, one per item line, gathered into one record per despatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from topstitch.sdk import BadRecord, ConfigError, Connection, Cursor, Page, Query, Record
from topstitch.systems.peoplevox.reading import Cells, Table, read_pages, read_where, report_columns

NUMBER, DATED = "Despatch number", "Despatch date"
REPORT = Table(
    name="Despatch summary",
    report=True,
    dates=frozenset({DATED, "Requested delivery date"}),
    dated=DATED,
    # Ordered by number, the rows of one despatch stand together.
    order_by=f"[{NUMBER}]",
)
#: How its CSV spells its columns is not documented; what clauses may name is.
TEMPLATE = Table(
    name="Despatches",
    searchable={NUMBER: "despatchNumber", "Salesorder number": "salesOrderNumber"},
    dates=REPORT.dates,
)
#: Columns of the report that speak of the item, beside those that begin with "Item".
_LINE_COLUMNS = frozenset({"No of items", "Parent", "Default suppliers part number"})
_OF_LINES = "lines[*]."


def despatch_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Pages of whole despatches, whichever page border their rows fall on."""
    table = source_of(query.options)

    def finish(rows: list[Cells], first: bool, last: bool) -> tuple[Sequence[Record], Sequence[BadRecord]]:
        groups = _grouped(conn, rows)
        loose = groups.pop("", [])
        bad = [
            BadRecord(f"{table.name}, a row without {NUMBER}", "it belongs to no despatch", str(row)) for row in loose
        ]
        whole = _whole(conn, table, _doubtful(list(groups), table, first, last))
        records = [as_record(whole.get(each) or group) for each, group in groups.items()]
        return (records if table.dated else _within(records, query)), bad

    return read_pages(conn, table, query, cursor, finish)


def despatches_by_number(conn: Connection, numbers: Sequence[str], options: Mapping[str, Any]) -> list[Record]:
    """The despatches of these numbers."""
    return [as_record(rows) for rows in _whole(conn, source_of(options), numbers).values()]


def despatch_fields(conn: Connection, options: Mapping[str, Any]) -> list[str] | None:
    """The columns that the report has on this tenant. The template cannot be asked for its own."""
    table = source_of(options)
    if not table.report:
        return None
    names = report_columns(conn, table.name)
    return [f"{_OF_LINES}{name}" if _is_line(name) else name for name in names]


def source_of(options: Mapping[str, Any]) -> Table:
    """What is read."""
    return REPORT if options["source"] == "report" else TEMPLATE


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


def _within(records: list[Record], query: Query) -> list[Record]:
    """Those within the bounds of a query that Peoplevox cannot be asked by. What has no date of its own is let through."""
    if not records or not (query.since or query.until):
        return records
    if DATED not in records[0]:
        raise ConfigError(
            f"the template {TEMPLATE.name!r} of this tenant has no {DATED}: it cannot be read from or to a moment",
            key="source",
            hint="Read from the report instead (option source), or read everything each time (cursor: all).",
        )
    return [record for record in records if _is_within(record[DATED], query)]


def _is_within(cell: str, query: Query) -> bool:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return True
    if moment.tzinfo is None:
        return True
    return (query.since is None or moment >= query.since) and (query.until is None or moment <= query.until)


def _doubtful(numbers: list[str], table: Table, first: bool, last: bool) -> list[str]:
    """The despatches that may have rows on another page: at the borders, or anywhere when nothing is in order."""
    if not numbers or (first and last):
        return []
    if not table.order_by:
        return numbers
    return list(dict.fromkeys(([] if first else numbers[:1]) + ([] if last else numbers[-1:])))


def _whole(conn: Connection, table: Table, numbers: Sequence[str]) -> dict[str, list[Cells]]:
    return _grouped(conn, list(read_where(conn, table, NUMBER, numbers))) if numbers else {}


def _grouped(conn: Connection, rows: Sequence[Cells]) -> dict[str, list[Cells]]:
    """The rows by despatch number, in order of first appearance."""
    groups: dict[str, list[Cells]] = {}
    for row in _as_in_report(conn, rows):
        groups.setdefault(row.get(NUMBER, ""), []).append(row)
    return groups


def _as_in_report(conn: Connection, rows: Sequence[Cells]) -> list[Cells]:
    """The rows under the names of the field list: `despatchNumber` of the template is the report's `Despatch number`."""
    listed = [field.path.removeprefix(_OF_LINES) for field in conn.entry.fields("fulfilments")]
    known = {_letters(name): name for name in listed}
    names = {name: known.get(_letters(name), name) for name in (rows[0] if rows else ())}
    return [{names[name]: cell for name, cell in row.items()} for row in rows]


def _letters(name: str) -> str:
    return name.replace(" ", "").lower()
