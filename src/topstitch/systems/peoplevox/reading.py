"""Reading templates and reports page by page: clauses from what a query asks, rows with their dates put right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from topstitch.sdk import BadRecord, Condition, ConfigError, Connection, Cursor, FormatError, Page, Query, Record
from topstitch.systems.peoplevox import clauses, moments
from topstitch.systems.peoplevox.service import Answer, get_data, get_report_columns, get_report_data
from topstitch.systems.peoplevox.tables import read_names, read_table

#: The most rows that public clients ask for at once.
MOST_ROWS = 1000
#: What is handed to Peoplevox. It knows StartsWith and Contains too, but whether those mind upper case is not documented.
OPERATORS = ("equals", "in")

Cells = dict[str, str]
#: (rows of the page, whether it is the first, whether it is the last) -> records, and what is none.
Finish = Callable[[list[Cells], bool, bool], tuple[Sequence[Record], Sequence[BadRecord]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A template or report to read from. `dates` are columns with dates, `dated` the one that `since` is about."""

    name: str
    report: bool = False
    dates: frozenset[str] = frozenset()
    dated: str = ""
    #: For reports: bracketed names.
    order_by: str = ""
    columns: str = ""
    #: Where clauses know few columns, and under other names: column -> its name in a clause.
    searchable: Mapping[str, str] | None = None

    def fetch(self, conn: Connection, page: int, size: int, clause: str) -> Answer:
        """One page."""
        if not self.report:
            return get_data(conn, self.name, page, size, clause)
        return get_report_data(conn, self.name, page, size, clause, order_by=self.order_by, columns=self.columns)

    def column(self, conn: Connection, name: str) -> str:
        """A column as clauses on this table write it. Raises ConfigError for one that they do not know."""
        if self.searchable is not None:
            if name not in self.searchable:
                raise ConfigError(
                    f"Peoplevox cannot search {self.name!r} by {name}, only by {' or '.join(self.searchable)}",
                    key="filter",
                    hint="Take the filter away, or read from a report that has this column.",
                )
            return self.searchable[name]
        return clauses.column(name, brackets=self.report and bool(conn["report_brackets"]))


def read_pages(
    conn: Connection, table: Table, query: Query, cursor: Cursor | None, finish: Finish | None = None
) -> Iterator[Page]:
    """All pages of a query. The cursor keeps the page size too, since page numbers mean nothing without it."""
    number, size = (cursor["page"], cursor["size"]) if cursor else (1, max(1, min(query.page_size, MOST_ROWS)))
    clause = clause_of(conn, table, query)
    while True:
        answer = table.fetch(conn, number, size, clause)
        rows, bad = rows_of(conn, table, answer.detail, f"{table.name}, page {number}")
        last = is_last(number, size, answer.total, len(rows) + len(bad))
        records, unfit = finish(rows, number == 1, last) if finish else (rows, ())
        yield Page(records=records, bad=[*bad, *unfit], next=None if last else {"page": number + 1, "size": size})
        if last:
            return
        number += 1


def read_where(conn: Connection, table: Table, name: str, values: Iterable[str]) -> Iterator[Cells]:
    """Every row in which a column has one of these values, however many pages that takes.

    Values that no clause can hold are left out. Raises FormatError for a broken row: what it belongs to is not known.
    """
    wanted = [value for value in dict.fromkeys(values) if clauses.quotable(value)]
    for chunk in clauses.in_chunks(wanted):
        clause, number, last = clauses.any_of(table.column(conn, name), chunk), 1, False
        while not last:
            answer = table.fetch(conn, number, MOST_ROWS, clause)
            rows, bad = rows_of(conn, table, answer.detail, f"{table.name}, page {number}")
            if bad:
                raise FormatError(bad[0].reason, place=bad[0].place)
            yield from rows
            last = is_last(number, MOST_ROWS, answer.total, len(rows))
            number += 1


def report_columns(conn: Connection, report: str) -> list[str]:
    """The columns that a report has on this tenant."""
    return read_names(get_report_columns(conn, report))


def is_last(number: int, size: int, total: int, count: int) -> bool:
    """Whether nothing follows a page that had `count` rows. A total below what was seen is none: then full pages go on."""
    seen = (number - 1) * size + count
    return not count or (number * size >= total and (total >= seen or count < size))


def rows_of(conn: Connection, table: Table, detail: str, place: str) -> tuple[list[Cells], list[BadRecord]]:
    """The rows of a page, dates as ISO 8601 with offset, and the broken ones."""
    rows, bad = read_table(detail, place)
    zone, formats = moments.zone_of(conn), moments.date_formats(conn)
    return [moments.local_dates(row, table.dates, zone, formats) for row in rows], bad


def clause_of(conn: Connection, table: Table, query: Query) -> str:
    """The search clause of a query: its window, its filters, and what the service adds by hand."""
    zone = moments.zone_of(conn)
    parts = [str(query.options.get("search_clause") or "").strip()]
    if table.dated and query.since:
        since = moments.earliest_wall_time(query.since, zone)
        parts.append(clauses.compared(table.column(conn, table.dated), ">=", since))
    if table.dated and query.until:
        until = moments.latest_wall_time(query.until, zone)
        parts.append(clauses.compared(table.column(conn, table.dated), "<=", until))
    parts += [_condition(table.column(conn, each.field), each) for each in query.conditions]
    return clauses.every(parts)


def _condition(column: str, condition: Condition) -> str:
    value = condition.value
    values = value if isinstance(value, list | tuple) else str(value).split(",") if condition.op == "in" else [value]
    return clauses.any_of(column, [str(each).strip() for each in values])
