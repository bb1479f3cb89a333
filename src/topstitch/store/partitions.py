"""Daily partitions of the report, the log and the payloads: made ahead, dropped when their days are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from psycopg import Connection, sql
from psycopg.errors import CheckViolation, DuplicateTable

TABLES = ("attempt", "log_line", "stored_payload")
AHEAD = 3
#: One worker at a time makes or drops partitions.
LOCK = 0x7057_0001


def make_partitions(connection: Connection, today: date | None = None) -> None:
    """Partitions for yesterday, today and the days ahead. Rows that came before theirs was made stay in the default."""
    today = today or datetime.now(UTC).date()
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        for table in TABLES:
            for offset in range(-1, AHEAD + 1):
                _make(connection, table, today + timedelta(days=offset))


def _make(connection: Connection, table: str, day: date) -> None:
    name = f"{table}_{day:%Y%m%d}"
    if connection.execute("SELECT to_regclass(%s)", (name,)).fetchone() != (None,):
        return
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                    sql.Identifier(name),
                    sql.Identifier(table),
                    sql.Literal(f"{day}T00:00:00Z"),
                    sql.Literal(f"{day + timedelta(days=1)}T00:00:00Z"),
                )
            )
    except (DuplicateTable, CheckViolation):
        # Made meanwhile, or the default partition holds rows of that day already: they stay there.
        return


def drop_partitions(connection: Connection, keep_days: Mapping[str, int], today: date | None = None) -> list[str]:
    """Drop days older than `keep_days[table]`, and old rows of the default partitions; returns the tables dropped."""
    today = today or datetime.now(UTC).date()
    dropped = []
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        for table, days in keep_days.items():
            oldest = today - timedelta(days=days)
            for name in _older(connection, table, oldest):
                connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
                dropped.append(name)
            default = sql.Identifier(f"{table}_default")
            connection.execute(sql.SQL("DELETE FROM {} WHERE at < %s").format(default), (f"{oldest}T00:00:00Z",))
    return dropped


def _older(connection: Connection, table: str, oldest: date) -> list[str]:
    rows = connection.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)",
        (table,),
    )
    return [
        name for (name,) in rows if name.rsplit("_", 1)[-1].isdigit() and name.rsplit("_", 1)[-1] < f"{oldest:%Y%m%d}"
    ]
