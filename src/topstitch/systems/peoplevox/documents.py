"""Documents with lines, sales orders and purchase orders: headers a page at a time, their lines fetched by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from topstitch.sdk import BadRecord, Connection, Cursor, Page, Query, Record
from topstitch.systems.peoplevox import clauses
from topstitch.systems.peoplevox.reading import Cells, Table, read_pages, read_where


@dataclass(frozen=True, slots=True)
class Document:
    """A header template and its line template, tied together by the column `number`."""

    number: str
    headers: Table
    lines: Table


DATES = frozenset({"CreatedDate", "RequestedDeliveryDate", "SubmittedDate", "EndDate", "ExpectedDeliveryDate"})
LINE_DATES = frozenset({"RequestedDeliveryDate", "ExpectededDeliveryDate"})
SALES_ORDERS = Document(
    "SalesOrderNumber",
    Table(name="Sales orders", dates=DATES),
    Table(name="Sales order items", dates=LINE_DATES),
)
PURCHASE_ORDERS = Document(
    "PurchaseOrderNumber",
    Table(name="Purchase orders", dates=DATES),
    Table(name="Purchase order items", dates=LINE_DATES),
)


def document_pages(conn: Connection, document: Document, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Pages of documents, each with all its lines under `lines`."""
    headers = _headers(document, query.options)
    if not query.options["with_lines"]:
        return read_pages(conn, headers, query, cursor)

    def finish(rows: list[Cells], first: bool, last: bool) -> tuple[Sequence[Record], Sequence[BadRecord]]:
        return with_lines(conn, document, rows)

    return read_pages(conn, headers, query, cursor, finish)


def documents_by_number(
    conn: Connection, document: Document, numbers: Sequence[str], options: Mapping[str, Any]
) -> list[Record]:
    """The documents of these numbers; those that Peoplevox does not know are absent."""
    rows = list(read_where(conn, document.headers, document.number, numbers))
    if not options["with_lines"]:
        return [dict(row) for row in rows]
    return list(with_lines(conn, document, rows)[0])


def with_lines(conn: Connection, document: Document, rows: list[Cells]) -> tuple[list[Record], list[BadRecord]]:
    """The headers with their lines. One whose number no clause can hold is no record: its lines cannot be asked for."""
    lines: dict[str, list[Cells]] = defaultdict(list)
    for line in read_where(conn, document.lines, document.number, (row.get(document.number, "") for row in rows)):
        lines[line.get(document.number, "")].append(line)
    records: list[Record] = []
    bad: list[BadRecord] = []
    for row in rows:
        number = row.get(document.number, "")
        if clauses.quotable(number):
            records.append({**row, "lines": lines.get(number, [])})
        else:
            reason = "a quote or a line break in the number: its lines cannot be asked for"
            bad.append(BadRecord(f"{document.headers.name} {number}", reason))
    return records, bad


def _headers(document: Document, options: Mapping[str, Any]) -> Table:
    dated = str(options.get("date_column") or "")
    table = document.headers
    return Table(name=table.name, dates=table.dates | ({dated} if dated else set()), dated=dated)
