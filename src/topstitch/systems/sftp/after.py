"""After reading: a file is archived, renamed or deleted once all of its records have their outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topstitch.sdk import ConfigError, Connection, DuplicateRecord, RemoteRejected
from topstitch.sdk.files import RemoteFile
from topstitch.systems.sftp.connect import files, inside, options_text, place


def action(conn: Connection, options: Mapping[str, Any], file: RemoteFile, *, bad: bool) -> dict[str, Any] | None:
    """What is to be done with a file, as an acknowledgement to keep; None when it stays as it is."""
    what, folder, name = options.get("after_read") or "nothing", "", file.name
    if bad:
        if options.get("bad_files") != "move":
            return None
        what, folder = "move", options_text(options, "error_folder") or "error"
    elif what == "archive":
        what, folder = "move", options_text(options, "archive_folder") or "archive"
    elif what == "rename":
        what, name = "move", name + (options_text(options, "rename_suffix") or ".done")
    if what == "nothing":
        return None
    target = inside(_folder(conn, file, folder), name) if what == "move" else ""
    return {"file": [file.path, file.size, file.mtime], "do": what, "to": target}


def _folder(conn: Connection, file: RemoteFile, folder: str) -> str:
    if ".." in folder.split("/"):
        raise ConfigError(f"The folder {folder!r} leaves its place: '..' is not permitted.", key="path")
    if folder.startswith("/"):
        return place(conn, folder)
    around, slash, _ = file.path.rpartition("/")
    return inside(around or ("/" if slash else "."), folder.strip("/")) if folder else around or ("/" if slash else ".")


def acknowledge(conn: Connection, ack: Any) -> None:
    """Do it, unless it was done before or there is another file of that name now."""
    if not ack or conn.dry:
        return
    server, (path, size, mtime) = files(conn), ack["file"]
    now = server.stat(path)
    if now is None:
        return
    if [now.size, now.mtime] != [size, mtime]:
        conn.log(
            "warning", f"{path} was replaced by another file after it was read; that one is left for the next run."
        )
        return
    if ack["do"] == "delete":
        server.remove(path)
    else:
        _move(conn, path, ack["to"])


def _move(conn: Connection, path: str, target: str) -> None:
    server = files(conn)
    server.make_folder(target.rpartition("/")[0])
    for name in _free_names(target, f"{conn.now():%Y%m%d%H%M%S}"):
        try:
            server.rename(path, name)
            return
        except DuplicateRecord:
            continue
    raise RemoteRejected(f"{path} cannot be moved: there are too many files called {target}.", key="file_exists")


def _free_names(target: str, stamp: str) -> list[str]:
    """The name itself, with the time, and with a number too for what is moved twice in a second."""
    folder, slash, name = target.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    more = (f"{stem}_{stamp}{count}{dot}{ending}" for count in ("", *(f"-{n}" for n in range(2, 20))))
    return [target, *(f"{folder}{slash}{other}" for other in more)]
