"""Which files are to be read: by name, complete, not taken before."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from topstitch.sdk import ConfigError, Connection, Query
from topstitch.sdk.files import RemoteFile, pause
from topstitch.systems.sftp.connect import files, options_text, place

#: Names of files that others are still writing.
_UNFINISHED = (".tmp", ".part", ".filepart")


def candidates(
    conn: Connection, query: Query, listed: Sequence[RemoteFile], taken: Callable[[RemoteFile], bool]
) -> list[RemoteFile]:
    """Of the files listed, those that fit, are complete and not `taken`, in reading order.

    Complete is what is not empty, old enough, and the same in a second look.
    """
    options = query.options
    fits, within = _test(options), _between(query)
    found = [file for file in listed if file.size > 0 and fits(file.name) and within(file) and not taken(file)]
    found = [file for file in found if _old_enough(file, conn.now(), float(options.get("min_age") or 0))]
    settle = float(options.get("settle") or 0)
    if found and settle > 0:
        pause(settle, conn.stop)
        again = set(look(conn, options, {file.name for file in found}.__contains__))
        found = [file for file in found if file in again]
    by_time = options.get("order") != "name"
    return sorted(found, key=lambda file: (file.mtime if by_time else 0, file.name))


def concerns(options: Mapping[str, Any], known: Iterable[str]) -> Callable[[str], bool]:
    """Whether the time of a file matters, by its name: it fits, or was taken before."""
    fits, taken = _test(options), {path.rpartition("/")[2] for path in known}
    return lambda name: fits(name) or name in taken


def look(conn: Connection, options: Mapping[str, Any], dated: Callable[[str], bool]) -> list[RemoteFile]:
    """All files in the folder, or the one file that it is; times are exact where `dated`. Raises ConfigError."""
    server, where = files(conn), place(conn, options_text(options, "folder"))
    found = server.stat(where)
    if found is None:
        raise ConfigError(
            f"The folder {where} does not exist on the server.",
            key="folder",
            hint="Check root and path of the connector and the folder of the service; capital letters count.",
        )
    return [file for file in server.listing(where, dated=dated) if not file.is_folder] if found.is_folder else [found]


def _old_enough(file: RemoteFile, now: datetime, least: float) -> bool:
    # A time in the future says that the clocks differ, and then age says nothing: the second look decides.
    age = now.timestamp() - file.mtime
    return age >= least or age < -least


def _between(query: Query) -> Callable[[RemoteFile], bool]:
    """A person's own window of time; services go by what they took before."""
    since = query.since.timestamp() if query.since else 0
    until = query.until.timestamp() if query.until else float("inf")
    # Times on the server are whole seconds, rounded down.
    return lambda file: int(since) <= file.mtime <= until


def _test(options: Mapping[str, Any]) -> Callable[[str], bool]:
    matches = _matcher(options)
    done = options_text(options, "rename_suffix") if options.get("after_read") == "rename" else ""

    def fits(name: str) -> bool:
        if name.startswith(".") or name.lower().endswith(_UNFINISHED) or (done and name.endswith(done)):
            return False
        return matches(name)

    return fits


def _matcher(options: Mapping[str, Any]) -> Callable[[str], bool]:
    pattern, kind = options_text(options, "pattern") or "*", options.get("pattern_kind") or "glob"
    if kind == "literal":
        return lambda name: name == pattern
    try:
        compiled = re.compile(pattern if kind == "regex" else fnmatch.translate(pattern))
    except re.error as error:
        raise ConfigError(f"The pattern {pattern!r} is no regular expression ({error}).", key="pattern") from error
    return lambda name: compiled.fullmatch(name) is not None
