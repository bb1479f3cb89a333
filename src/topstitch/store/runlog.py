"""A run's log in the database: lines are collected and written together, at the latest after a second."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from topstitch.engine.identity import storable
from topstitch.store.database import GONE, connect

COPY = "COPY log_line (at, run_id, level, step, page, reference, message) FROM STDIN"
MAX_MESSAGE = 4000
MAX_WAITING = 2000


class PgRunLog:
    """Implements topstitch.engine.ports.RunLog. Thread-safe. A log that cannot be written never stops a run."""

    def __init__(self, run_id: str | UUID) -> None:
        self._run_id = str(run_id)
        self._lines: list[tuple[Any, ...]] = []
        self._lock = threading.Lock()
        self._written = time.monotonic()
        self._connection: Any = None

    def __call__(self, level: str, step: str, message: str, *, page: int | None = None, reference: str = "") -> None:
        """Write a line."""
        line = (
            datetime.now(UTC),
            self._run_id,
            level,
            step,
            page,
            storable(reference),
            storable(message)[:MAX_MESSAGE],
        )
        with self._lock:
            self._lines.append(line)
            due = len(self._lines) >= 100 or time.monotonic() - self._written > 1
        if due:
            self.flush()

    def flush(self) -> None:
        """Write what was collected; while the database is away the newest lines are kept for the next time."""
        with self._lock:
            lines, self._lines = self._lines, []
            self._written = time.monotonic()
            if not lines:
                return
            try:
                self._write(lines)
            except GONE:
                self._connection = None
                self._lines = lines[-MAX_WAITING:]

    def _write(self, lines: list[tuple[Any, ...]]) -> None:
        if self._connection is None:
            self._connection = connect("topstitch log")
        with self._connection.cursor().copy(COPY) as copy:
            for line in lines:
                copy.write_row(line)

    def close(self) -> None:
        """Write the rest and let go of the connection."""
        self.flush()
        if self._connection is not None:
            with suppress(*GONE):
                self._connection.close()
