"""Daily partitions of the report, the log and the payloads: made ahead, dropped when their days are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from psycopg import Connection, sql
from psycopg.errors import CheckViolation, DuplicateTable, LockNotAvailable

from topstitch.store.housekeeping import BATCH

TABLES = ("attempt", "log_line", "stored_payload")
AHEAD = 3
#: One worker at a time makes or drops partitions.
LOCK = 0x7057_0001
#: How long a day that is over waits for those who read; after that it stays until the next time.
PATIENCE = "2s"


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
    """Drop days older than `keep_days[table]`, one by one, and old rows of the default partitions, in parts.

    Returns the tables dropped. A day that is being read stays until the next time.
    """
    today = today or datetime.now(UTC).date()
    dropped = []
    for table, days in keep_days.items():
        oldest = today - timedelta(days=days)
        dropped += [name for name in _older(connection, table, oldest) if _drop(connection, name)]
        while _forget_some(connection, f"{table}_default", oldest):
            pass
    return dropped


def _drop(connection: Connection, name: str) -> bool:
    """Drop a day; False when somebody has been reading the table for so long that others would have to wait behind us."""
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(PATIENCE)))
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))
    except LockNotAvailable:
        return False
    return True


def _forget_some(connection: Connection, table: str, oldest: date) -> bool:
    statement = "DELETE FROM {0} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {0} WHERE at < %s LIMIT %s))"
    gone = connection.execute(sql.SQL(statement).format(sql.Identifier(table)), (f"{oldest}T00:00:00Z", BATCH))
    return gone.rowcount == BATCH


def _older(connection: Connection, table: str, oldest: date) -> list[str]:
    rows = connection.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)",
        (table,),
    )
    return [
        name for (name,) in rows if name.rsplit("_", 1)[-1].isdigit() and name.rsplit("_", 1)[-1] < f"{oldest:%Y%m%d}"
    ]
