"""Reports a row a record: stock, goods in, movements, returns, and whatever report a person types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from topstitch.sdk import BadRecord, ConfigError, Connection, Cursor, Page, Query, Record
from topstitch.systems.peoplevox.reading import Cells, Table, read_pages, read_where, report_columns

AVAILABILITY = "Item availability latest reconciliation"
BY_LOCATION = "Item inventory by location"
SUMMARY = "Item inventory summary"
OTHER = "another report"
STOCK_REPORTS = (AVAILABILITY, BY_LOCATION, SUMMARY, OTHER)
#: Rows must not change places between two pages.
_STOCK_ORDER = {AVAILABILITY: "Item code", BY_LOCATION: "Item Code", SUMMARY: "Item code"}
#: What tells the rows of one item apart where the report is by site or by place.
_PLACE = ("Site reference", "Location barcode", "Container Barcode")
ON_HAND, AVAILABLE = "On hand", "Available"


def stock_pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """Pages of stock rows."""

    def finish(rows: list[Cells], first: bool, last: bool) -> tuple[Sequence[Record], Sequence[BadRecord]]:
        return [_with_available(row) for row in rows], ()

    return read_pages(conn, _stock_table(query.options), query, cursor, finish)


def stock_fields(conn: Connection, options: Mapping[str, Any]) -> list[str]:
    """The columns that the report has on this tenant, and what is added to them."""
    return list(_with_available(dict.fromkeys(report_columns(conn, _stock_table(options).name), "")))


def stock_by_key(conn: Connection, keys: Sequence[str], options: Mapping[str, Any]) -> list[Record]:
    """The stock rows of these keys (`stock_key`)."""
    table = _stock_table(options)
    column = "Item Code" if table.name == BY_LOCATION else "Item code"
    rows = read_where(conn, table, column, (key.partition("|")[0] for key in keys))
    wanted = set(keys)
    return [_with_available(row) for row in rows if stock_key(row, options) in wanted]


def stock_key(record: Record, options: Mapping[str, Any]) -> object:
    """The item code; where stock is by site or by place, followed by site, location and container."""
    code = record.get("Item code") or record.get("Item Code") or ""
    return "|".join([code, *(record[name] or "" for name in _PLACE if name in record)])


def _with_available(row: Cells) -> Record:
    """What may be sold, under one name: in a report without that column, allocation is taken off what is on hand."""
    return {**row, AVAILABLE: row[ON_HAND]} if ON_HAND in row and AVAILABLE not in row else dict(row)


def report_pages(setting: str) -> Callable[[Connection, Query, Cursor | None], Iterator[Page]]:
    """Pages of the report that the options name, else the connector's `setting`."""

    def pages(conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
        name = _report_name(conn, setting, query.options)
        return read_pages(conn, _table(name, str(query.options["date_column"] or ""), query.options), query, cursor)

    return pages


def report_fields(setting: str) -> Callable[[Connection, Mapping[str, Any]], list[str]]:
    """The columns that this report has on the tenant."""
    return lambda conn, options: report_columns(conn, _report_name(conn, setting, options))


def _report_name(conn: Connection, setting: str, options: Mapping[str, Any]) -> str:
    name = str(options["report"] or conn[setting] or "")
    if not name:
        raise ConfigError("name the report to read, as Peoplevox lists it under Reports", key="report")
    return name


def report_key(record: Record, options: Mapping[str, Any]) -> object:
    """The cells of the key columns; without any, a digest of the whole row."""
    names = listed(options.get("key_columns"))
    missing = [name for name in names if name not in record]
    if missing:
        raise ConfigError(
            f"the report has no column {', '.join(missing)}; it has {', '.join(record)}",
            key="key_columns",
            hint="Correct the key columns in the source settings of the service.",
        )
    if names:
        return "|".join(str(record[name]) for name in names)
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:24]


def listed(text: object) -> list[str]:
    """The names of a comma-separated option."""
    return [name for part in str(text or "").split(",") if (name := part.strip().removeprefix("[").removesuffix("]"))]


def bracketed(text: object) -> str:
    """`[Item code],[On hand]`, as GetReportData takes columns."""
    return ",".join(f"[{name}]" for name in listed(text))


def _stock_table(options: Mapping[str, Any]) -> Table:
    name = str((options["report_name"] if options["report"] == OTHER else options["report"]) or "")
    if not name:
        raise ConfigError("name the stock report to read", key="report_name")
    dated = str(options["date_column"] or "") if name == AVAILABILITY or options["report"] == OTHER else ""
    return _table(name, dated, {"order_by": _STOCK_ORDER.get(name, ""), **{k: v for k, v in options.items() if v}})


def _table(name: str, dated: str, options: Mapping[str, Any]) -> Table:
    return Table(
        name=name,
        report=True,
        dates=frozenset({dated} if dated else ()),
        dated=dated,
        order_by=bracketed(options.get("order_by")),
        columns=bracketed(options.get("columns")),
    )
