"""Reading: file after file, in pages of records. What was taken is remembered by path, size and time of change.

A cursor is `{"taken": {path: [size, mtime, bad]}, "file": [path, size, mtime], "row": n, "bad": bool}`: the files taken in
this run, and how far the one at hand is read (without `file`: between two files). The state of a service is
`{path: [size, mtime, bad]}` of all files taken that are still there; `bad` names the format in which a file had broken
rows, so that it is read again once another format is set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, BinaryIO

from topstitch.sdk import (
    BadRecord,
    Connection,
    Cursor,
    FormatError,
    LimitExceeded,
    Page,
    Query,
    Record,
    RemoteRejected,
    TopstitchError,
)
from topstitch.sdk.files import BadRow, Format, RemoteFile, Row
from topstitch.systems.sftp.after import acknowledge, action
from topstitch.systems.sftp.connect import files
from topstitch.systems.sftp.dialect import FILE, PLACE, reader
from topstitch.systems.sftp.kinds import Kind
from topstitch.systems.sftp.listing import candidates, concerns, look
from topstitch.systems.sftp.moments import Dates

MAX_FILES = 5_000
#: path -> [size, mtime, the format in which it had broken rows or ""]
Taken = dict[str, list[Any]]


def pages(kind: Kind, conn: Connection, query: Query, cursor: Cursor | None) -> Iterator[Page]:
    """`Read.pages` of a kind. The page before a failure is given before the failure is raised."""
    held: Page | None = None
    try:
        for page in _Reading(kind, conn, query, cursor or {}).pages():
            if held is not None:
                yield held
            held = page
    except TopstitchError:
        if held is not None:
            yield held
        raise
    if held is not None:
        yield replace(held, next=None)


@dataclass(slots=True)
class _Batch:
    """A page being filled."""

    records: list[Record] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.records) + len(self.bad)


class _Reading:
    def __init__(self, kind: Kind, conn: Connection, query: Query, cursor: Mapping[str, Any]) -> None:
        self._conn, self._query, self._cursor = conn, query, cursor
        self._options = query.options
        self._format: Format = reader(kind, query.options)
        self._dates = Dates(kind, conn, query.options)
        self._dialect = blake2b(repr(self._format).encode(), digest_size=6).hexdigest()
        # A person who asks for a span of time wants its files, taken before or not.
        self._known: Taken = {} if query.since or query.until else dict(query.state or {})
        self._taken: Taken = dict(cursor.get("taken") or {})

    def pages(self) -> Iterator[Page]:
        remembered = {**self._known, **self._taken}
        listed = look(self._conn, self._options, concerns(self._options, remembered))
        here = {file.path: file for file in listed}
        if not self._cursor:
            self._tidy(here)
        self._known = {path: entry for path, entry in self._known.items() if path in here}
        fresh = candidates(self._conn, self._query, listed, lambda file: self._had(remembered.get(file.path), file))
        begun = self._begun(here)
        if begun is not None:
            fresh = [begun, *(file for file in fresh if file != begun)]
        most = min(int(self._options.get("max_files") or MAX_FILES), MAX_FILES) - len(self._taken)
        for file in fresh[: max(most, 0)]:
            yield from self._file(file, self._cursor if file == begun else {})

    def _had(self, entry: Sequence[Any] | None, file: RemoteFile) -> bool:
        return entry is not None and _same(entry, file) and entry[2] in ("", self._dialect)

    def _tidy(self, here: Mapping[str, RemoteFile]) -> None:
        """What an earlier run could not archive or delete after reading it."""
        for path, entry in self._known.items():
            file = here.get(path)
            if file is None or not _same(entry, file) or self._conn.dry:
                continue
            left = action(self._conn, self._options, file, bad=bool(entry[2]))
            try:
                acknowledge(self._conn, left)
            except TopstitchError as error:
                self._conn.log("warning", f"{file.name} was read before and is still there: {error}")

    def _begun(self, here: Mapping[str, RemoteFile]) -> RemoteFile | None:
        """The file that the cursor is in, if it is still as it was."""
        begun = self._cursor.get("file")
        if not begun:
            return None
        file = here.get(begun[0])
        if file is not None and [file.size, file.mtime] == begun[1:]:
            return file
        self._conn.log(
            "warning", f"{begun[0]} was changed or taken away while it was read; if it is there, it is read anew."
        )
        return None

    def _file(self, file: RemoteFile, begun: Mapping[str, Any]) -> Iterator[Page]:
        try:
            stream = files(self._conn).open(file.path)
        except RemoteRejected as error:
            if error.key == "no_such_file":
                self._conn.log("warning", f"{file.name} was taken away before it could be read.")
            else:
                yield Page(records=[], bad=[BadRecord(_place(file), error.message)], next=self._between())
            return
        with stream:
            if self._unchanged(file, stream):
                yield from self._rows(file, stream, begun)

    def _unchanged(self, file: RemoteFile, stream: BinaryIO) -> bool:
        """Whether the copy is the file that was listed, and the file is still that one."""
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        now = files(self._conn).stat(file.path)
        if size == file.size and now is not None and (now.size, now.mtime) == (file.size, file.mtime):
            return True
        self._conn.log("warning", f"{file.name} changes while it is read: it is left for the next run.")
        return False

    def _rows(self, file: RemoteFile, stream: BinaryIO, begun: Mapping[str, Any]) -> Iterator[Page]:
        skip, bad, at, batch = int(begun.get("row") or 0), bool(begun.get("bad")), 0, _Batch()
        identity = [file.path, file.size, file.mtime]
        try:
            for row in self._format.read(stream):
                if at >= skip and batch.size >= self._query.page_size:
                    bad = bad or bool(batch.bad)
                    following = {"taken": dict(self._taken), "file": identity, "row": at, "bad": bad}
                    yield Page(records=batch.records, bad=batch.bad, next=following)
                    batch = _Batch()
                at += 1
                if at > skip:
                    self._add(batch, row, file)
        except (FormatError, LimitExceeded) as error:
            batch.bad.append(BadRecord(_place(file), f"{error.message}. The rest of the file was not read."))
        bad = bad or bool(batch.bad)
        self._taken[file.path] = [file.size, file.mtime, self._dialect if bad else ""]
        yield Page(
            records=batch.records,
            bad=batch.bad,
            next=self._between(),
            ack=action(self._conn, self._options, file, bad=bad),
            state={**self._known, **self._taken},
        )

    def _add(self, batch: _Batch, row: Row | BadRow, file: RemoteFile) -> None:
        if isinstance(row, BadRow):
            batch.bad.append(BadRecord(f"{_place(file)} {row.place}", f"{file.name}: {row.error.message}", row.raw))
        else:
            batch.records.append({**self._dates.read(row.record), FILE: file.name, PLACE: row.place})

    def _between(self) -> dict[str, Any]:
        return {"taken": dict(self._taken)}


def _place(file: RemoteFile) -> str:
    """The file with its time, so that a broken line of today's file is another one than that of yesterday's."""
    return f"{file.name} ({datetime.fromtimestamp(file.mtime, UTC):%Y-%m-%d %H:%M:%S})"


def _same(entry: Sequence[Any], file: RemoteFile) -> bool:
    return list(entry[:2]) == [file.size, file.mtime]
