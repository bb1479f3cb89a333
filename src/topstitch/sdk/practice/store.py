"""What a practice server remembers: documents in collections, kept in one SQLite file so that a restart loses nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Doc = dict[str, Any]
Snapshot = list[tuple[int, str, str, bytes]]


class Store:
    """Documents by collection and id, in order of first writing. Thread-safe; `transaction()` makes several writes one."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        # A killed practice server keeps what it answered for; a power cut may not, and need not.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS doc (seq INTEGER PRIMARY KEY, collection TEXT, id TEXT, body BLOB,"
            " UNIQUE (collection, id))"
        )
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept, or none."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def get(self, collection: str, id: object) -> Doc | None:
        """The document, or None."""
        with self._lock:
            row = self._db.execute("SELECT body FROM doc WHERE collection=? AND id=?", (collection, str(id))).fetchone()
        return orjson.loads(row[0]) if row else None

    def put(self, collection: str, id: object, doc: Doc) -> Doc:
        """Create or replace."""
        with self._lock:
            self._db.execute(
                "INSERT INTO doc (collection, id, body) VALUES (?,?,?)"
                " ON CONFLICT (collection, id) DO UPDATE SET body=excluded.body",
                (collection, str(id), orjson.dumps(doc)),
            )
        return doc

    def delete(self, collection: str, id: object) -> bool:
        """Whether there was such a document."""
        with self._lock:
            return self._db.execute("DELETE FROM doc WHERE collection=? AND id=?", (collection, str(id))).rowcount > 0

    def all(self, collection: str, keep: Callable[[Doc], bool] | None = None) -> list[Doc]:
        """Every document of a collection, oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT body FROM doc WHERE collection=? ORDER BY seq", (collection,)).fetchall()
        docs = [orjson.loads(row[0]) for row in rows]
        return [doc for doc in docs if keep(doc)] if keep else docs

    def first(self, collection: str, keep: Callable[[Doc], bool]) -> Doc | None:
        """The first document that fits, or None."""
        return next((doc for doc in self.all(collection) if keep(doc)), None)

    def count(self, collection: str) -> int:
        """How many documents a collection has."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM doc WHERE collection=?", (collection,)).fetchone()[0])

    def collections(self) -> list[str]:
        """Names of the collections that hold something; those that begin with _ are the server's own bookkeeping."""
        with self._lock:
            rows = self._db.execute("SELECT DISTINCT collection FROM doc ORDER BY collection").fetchall()
        return [row[0] for row in rows]

    def next_id(self, name: str, start: int = 1) -> int:
        """The next number of a named sequence, never given twice."""
        with self.transaction():
            value = int((self.get("_sequence", name) or {"value": start - 1})["value"]) + 1
            self.put("_sequence", name, {"value": value})
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._db.execute("DELETE FROM doc")

    def snapshot(self) -> Snapshot:
        """All there is, for `restore`."""
        with self._lock:
            return self._db.execute("SELECT seq, collection, id, body FROM doc").fetchall()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what was."""
        with self.transaction():
            self._db.execute("DELETE FROM doc")
            self._db.executemany("INSERT INTO doc VALUES (?,?,?,?)", snapshot)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
