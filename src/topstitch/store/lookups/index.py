"""Large lookup tables: an index file made once for each version, asked with one statement a value, never read into memory.

The file is SQLite's. It is written under another name and then put in its place, so that nobody reads half of it, two
processes may make it at once, and one that is damaged is made again.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

import orjson

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.lookup import BY_ROW, TESTS, Cells, Find, count_parts, parts, sided
from topstitch.functions.matching import folded
from topstitch.functions.registry import MISSING
from topstitch.values.text import as_text

#: Parts of one value that are looked up at the most. A value of 300 characters has no more of up to 60 different lengths.
MAX_PARTS = 20_000
#: Answers remembered for each way in which a table is asked.
REMEMBERED = 4096
#: Files that nobody opened for so long are removed, as are drafts that were never finished.
UNUSED_DAYS = 30
ABANDONED = 6 * 3600

_log = logging.getLogger(__name__)
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_ONE = "SELECT place, answer FROM texts WHERE way = ? AND text = ?"
_ANY = """
SELECT place, answer FROM texts WHERE way = ? AND text IN (SELECT value FROM json_each(?)) ORDER BY place LIMIT 1
"""
_making: weakref.WeakValueDictionary[Path, _Lock] = weakref.WeakValueDictionary()
_registry = threading.Lock()


class _Lock:
    """A lock that can be held weakly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class FileTable:
    """A version of a table. Implements topstitch.functions.registry.Lookup; safe to use from several threads."""

    def __init__(self, folder: Path, key: tuple[int, int, datetime], read: Callable[[], Iterable[Cells]]) -> None:
        """`read` gives the rows of the version in order; it is called when an index has to be made."""
        self._folder, self._key, self._read = folder, key, read
        self._indexes: dict[tuple[bool, bool, str], _Index] = {}
        self._finders: dict[tuple[bool, str, str], Find] = {}

    def find(self, value: object, *, reverse: bool, match: str, field: str = "") -> object:
        """The pair of `value`, or MISSING. Raises MappingError for a list, an object, or a text too long to look through."""
        finder = self._finders.get((reverse, match, field))
        if finder is None:
            finder = self._finders[reverse, match, field] = self._finder(reverse, match, field)
        return finder(value if type(value) is str else as_text(value))

    def _finder(self, reverse: bool, match: str, field: str) -> Find:
        side = (reverse, match == "case_insensitive", field)
        index = self._indexes.get(side)
        if index is None:
            index = self._indexes[side] = _Index(self._path(side), lambda: self._sided(*side))
        return index.finder("exact" if match == BY_ROW else match)

    def _sided(self, reverse: bool, fold: bool, field: str) -> Iterator[tuple[str, str, object]]:
        return sided(self._read(), reverse=reverse, fold=fold, field=field)

    def _path(self, side: tuple[bool, bool, str]) -> Path:
        table, number, at = self._key
        digest = sha256(repr((at.isoformat(), side)).encode()).hexdigest()[:16]
        return self._folder / f"lookup-{table}-{number}-{digest}.sqlite"


class _Index:
    """One side of a table in a file: way of comparing and text -> place and answer."""

    def __init__(self, path: Path, read: Callable[[], Iterator[tuple[str, str, object]]]) -> None:
        self._path, self._read = path, read
        self._lock = threading.Lock()
        with _registry:
            self._making = _making.setdefault(path, _Lock())
        self._open()

    def _open(self) -> None:
        with self._making.lock:
            connection = _opened(self._path)
            if connection is None:
                _build(self._path, self._read())
                _tidy(self._path)
                connection = _opened(self._path)
            if connection is None:
                raise ConfigError(
                    f"the index of a lookup table cannot be used: {self._path}", hint="Check the disk it is on."
                )
        self._connection = connection
        weakref.finalize(self, connection.close)
        found = connection.execute("SELECT way, length FROM lengths ORDER BY way, length").fetchall()
        self._lengths: dict[str, list[int]] = {}
        for way, length in found:
            self._lengths.setdefault(way, []).append(length)

    def finder(self, match: str) -> Find:
        return lru_cache(REMEMBERED)(lambda value: self._find(value, match))

    def _find(self, value: str, match: str) -> object:
        hits = [hit for way in self._lengths if (hit := self._hit(way, way or match, value))]
        return min(hits)[1] if hits else MISSING

    def _hit(self, way: str, how: str, value: str) -> tuple[int, str] | None:
        if how in TESTS:
            lengths = [n for n in self._lengths[way] if n]
            count = count_parts(how, len(value), lengths)
            if count > MAX_PARTS:
                raise MappingError(
                    f"a text of {len(value):,} characters is too long to look for {count:,} parts of it in so large a table",
                    value=value,
                    hint="Cut the text, or use another match type.",
                )
            fitting = parts(how, value, lengths)
            if _NOT_TEXT.search(value):
                fitting = (part for part in fitting if not _NOT_TEXT.search(part))
            return self._ask(_ANY, way, orjson.dumps(list(dict.fromkeys(fitting))).decode()) if count else None
        text = folded(value) if how == "case_insensitive" else value
        # No table has such a text, and SQLite would end it there.
        return None if _NOT_TEXT.search(text) else self._ask(_ONE, way, text)

    def _ask(self, query: str, way: str, text: str) -> tuple[int, str] | None:
        try:
            return self._row(query, way, text)
        except sqlite3.DatabaseError as error:
            _log.warning("the index of a lookup table is damaged and made again: %s (%s)", self._path, error)
            self._path.unlink(missing_ok=True)
            self._open()
            return self._row(query, way, text)

    def _row(self, query: str, way: str, text: str) -> tuple[int, str] | None:
        with self._lock:
            found: tuple[int, str] | None = self._connection.execute(query, (way, text)).fetchone()
        return found


def _opened(path: Path) -> sqlite3.Connection | None:
    """A connection to a whole index file; None when there is none. Damage further on shows when it is read."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    except sqlite3.Error:
        return None
    try:
        if connection.execute("SELECT whole FROM state").fetchone() == (1,):
            with suppress(OSError):
                os.utime(path)
            return connection
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None


def _build(path: Path, rows: Iterable[tuple[str, str, object]]) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".draft", dir=path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            _write(draft, rows)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, sqlite3.OperationalError) as error:
        raise ConfigError(
            f"the index of a lookup table cannot be written to {path.parent}: {error}",
            place="TOPSTITCH_HOME",
            hint="Check that the disk has room and the folder can be written to.",
        ) from error


def _write(draft: Path, rows: Iterable[tuple[str, str, object]]) -> None:
    lengths: set[tuple[str, int]] = set()

    def numbered() -> Iterator[tuple[str, str, int, object]]:
        for place, (way, text, answer) in enumerate(rows):
            lengths.add((way, len(text)))
            yield way, text, place, answer

    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE lengths (way TEXT, length INTEGER)")
        connection.execute("CREATE TABLE state (whole INTEGER)")
        connection.execute(
            "CREATE TABLE texts (way TEXT, text TEXT, place INTEGER, answer TEXT, PRIMARY KEY (way, text)) WITHOUT ROWID"
        )
        connection.execute("BEGIN")
        # In bites, sorted: neighbours are written together, and of the same text the first place stays.
        together = numbered()
        while bite := sorted(islice(together, 50_000)):
            connection.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)", bite)
        connection.executemany("INSERT INTO lengths VALUES (?, ?)", sorted(lengths))
        connection.execute("INSERT INTO state VALUES (1)")
        connection.execute("COMMIT")
    with draft.open("rb+") as file:
        os.fsync(file.fileno())


def _tidy(path: Path) -> None:
    """Remove the files of other versions of the table, those of tables not used for long, and old drafts.

    Who has one open goes on reading it; whoever still needs one makes it again.
    """
    table, number = path.name.split("-")[1:3]
    now = time.time()
    for other in path.parent.glob("lookup-*"):
        with suppress(OSError, ValueError):
            age = now - other.stat().st_mtime
            its_table, its_number = other.name.split("-")[1:3]
            if other.suffix == ".draft":
                useless = age > ABANDONED
            else:
                useless = age > UNUSED_DAYS * 86_400 or (its_table == table and int(its_number) < int(number))
            if useless:
                other.unlink()
