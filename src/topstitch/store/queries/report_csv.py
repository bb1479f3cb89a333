"""The report as CSV, read little by little from a cursor at the server: memory stays flat whatever the number of rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from topstitch.store.database import connect
from topstitch.store.queries.report import ReportChoice, chosen_attempts
from topstitch.store.queries.scope import Scope

COLUMNS = (
    "Time (UTC)",
    "Service",
    "Source system",
    "Destination system",
    "Entity",
    "Reference",
    "Source id",
    "Status",
    "Outcome",
    "Id at the destination",
    "Error class",
    "Message",
    "Field",
    "What to do",
    "Sync id",
)
ROWS_A_PART = 1000
#: So that spreadsheets take the text for UTF-8.
MARK = "\ufeff"
_FIELDS = (
    *("at", "service_id", "reference", "key", "status", "outcome", "remote_id"),
    *("error_class", "message", "field", "hint", "run_id"),
)
#: What a spreadsheet would take for a formula; a plain number is none.
_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def csv_parts(scope: Scope, choice: ReportChoice, *, newest_first: bool = True) -> Iterator[str]:
    """The report as CSV text, a thousand rows a part, on a connection of its own that ends with the iteration."""
    services = {
        pk: (name, *systems_and_entity)
        for pk, name, *systems_and_entity in scope.recorded_services().values_list(
            "pk", "name", "source__system", "destination__system", "source_entity"
        )
    }
    order = "-pk" if newest_first else "pk"
    sql, values = chosen_attempts(scope, choice).order_by(order).values_list(*_FIELDS).query.sql_with_params()
    yield MARK + _text([COLUMNS])
    with ExitStack() as stack:
        connection = stack.enter_context(connect("topstitch export"))
        stack.enter_context(connection.transaction())
        cursor = stack.enter_context(connection.cursor(f"export_{uuid4().hex}"))
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(ROWS_A_PART):
            yield _text([_row(row, services) for row in rows])


def _row(row: tuple[Any, ...], services: dict[int, tuple[Any, ...]]) -> list[str]:
    at, service, *rest, run = row
    name, source, destination, entity = services[service]
    when = at.astimezone(UTC).replace(tzinfo=None) if isinstance(at, datetime) else at
    cells = [when.isoformat(" ", "milliseconds"), name, source, destination, entity, *rest, str(run)]
    return [safe_cell(str(cell)) for cell in cells]


def safe_cell(text: str) -> str:
    """Text that no spreadsheet runs as a formula: an apostrophe before what looks like one."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _text(rows: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
