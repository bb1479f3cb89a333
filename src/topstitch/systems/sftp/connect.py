"""From a connection to its file server, and from folders to paths on it."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from topstitch.sdk import Check, ConfigError, Connection
from topstitch.sdk.files import (
    FtpAccount,
    FtpFiles,
    RemoteFiles,
    SftpFiles,
    SshAccount,
    find_zone,
    public_line,
)

_PORTS = {"sftp": 22, "ftp": 21, "ftps-explicit": 21, "ftps-implicit": 990}
_TLS: dict[str, Literal["", "explicit", "implicit"]] = {"ftps-explicit": "explicit", "ftps-implicit": "implicit"}
_FILE_MODES = {"public": 0o644, "private": 0o600}
_FOLDER_MODES = {"public": 0o755, "private": 0o700}

Files = RemoteFiles[Any]


def files(conn: Connection) -> Files:
    """The connector's file server; one connection, made when it is first used, shared by the threads of a run."""
    made = conn.cache.get("files")
    if made is None:
        fresh = _files(conn)
        made = conn.cache.setdefault("files", fresh)
        if made is fresh:
            conn.closers.append(fresh.close)
    found: Files = made
    return found


def _files(conn: Connection) -> Files:
    practice = conn.environment == "practice"
    common = _common(conn)
    if conn["protocol"] != "sftp":
        tls = _TLS.get(conn["protocol"], "")
        zone = find_zone(conn["server_zone"])
        account = FtpAccount(**common, tls=tls, passive=conn["passive"], zone=zone)
        return FtpFiles(account, guard=conn.guard, stop=conn.stop)
    by_key = _by_key(conn)
    ssh = SshAccount(
        **{**common, "password": "" if by_key else common["password"]},
        private_key=conn["private_key"] if by_key else "",
        passphrase=(conn["passphrase"] or "") if by_key else "",
        sha1=conn["sha1"],
    )
    # A practice server makes itself a new key whenever it likes.
    return SftpFiles(ssh, guard=conn.guard, keys=None if practice else conn.tokens, stop=conn.stop)


def _by_key(conn: Connection) -> bool:
    return bool(conn["protocol"] == "sftp" and conn["auth"] == "key")


def _common(conn: Connection) -> dict[str, Any]:
    host, port = str(conn["host"]), conn["port"] or _PORTS[conn["protocol"]]
    if conn.environment == "practice" and conn.practice_sftp:
        host, _, practice_port = conn.practice_sftp.rpartition(":")
        port = int(practice_port)
    host = host.strip("[]")
    if not host or any(letter in "/@" or letter.isspace() for letter in host):
        raise ConfigError(
            f"Host is {host!r}: give the name of the server alone, without sftp://, user or folder.", key="host"
        )
    if not 0 < int(port) < 65536:
        raise ConfigError(f"Port is {port}; it must be 1 to 65535.", key="port")
    if not conn["password"] and not _by_key(conn):
        raise ConfigError("Password is missing.", key="password", hint="Enter the password, or choose a private key.")
    return {
        "host": host,
        "port": int(port),
        "username": conn["username"],
        "password": conn["password"] or "",
        "fingerprint": conn["host_fingerprint"] or "",
        "timeout": float(conn["timeout"]),
        "tries": max(1, int(conn["max_tries"])),
        "file_mode": _FILE_MODES.get(conn["file_visibility"] or ""),
        "folder_mode": _FOLDER_MODES.get(conn["dir_visibility"] or ""),
    }


def place(conn: Connection, *parts: str) -> str:
    """A path on the server: root, path, and what is given, joined by exactly one `/`. Raises ConfigError for `..`."""
    root, inner = str(conn["root"]), [conn["path"] or "", *parts]
    steps = [step for part in inner for step in str(part).split("/") if step not in ("", ".")]
    if ".." in steps or ".." in root.split("/") or any(ord(letter) < 32 for step in steps for letter in step):
        raise ConfigError(f"The path {'/'.join(inner)!r} leaves its folder: '..' is not permitted.", key="path")
    head = root.rstrip("/")
    if root in (".", "./", ""):
        return "/".join(steps) or "."
    return "/".join([head, *steps]) if steps else head or "/"


def inside(folder: str, name: str) -> str:
    """`name` in `folder`, both as they are on the server."""
    return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"


def local(conn: Connection, when: datetime) -> datetime:
    """A moment in the connector's zone, as it stands in file names."""
    return when.astimezone(find_zone(conn.zone or "UTC"))


def options_text(options: Mapping[str, Any], name: str) -> str:
    """A text option, "" when it is not set."""
    return str(options.get(name) or "")


def test(conn: Connection) -> list[Check]:
    """Connect, sign in, list the configured folder, and where that is wished write into it."""
    server, checks = files(conn), []
    if _by_key(conn):
        line = public_line(conn["private_key"], conn["passphrase"] or "")
        checks.append(Check("Public key, for the owner of the server", detail=line))
    identity = server.connect()
    account = server.account
    checks.append(Check(f"Reached {account.place}", detail=identity))
    checks.append(Check(f"Signed in as {account.username}"))
    where = place(conn)
    found = server.stat(where)
    if found is None:
        raise ConfigError(
            f"The folder {where} does not exist on the server.", key="folder", hint="Check Root and Path."
        )
    if not found.is_folder:
        return [*checks, Check(f"Found the file {where}", detail=f"{found.size:,} bytes")]
    count = sum(not file.is_folder for file in server.listing(where, dated=lambda name: False))
    checks.append(Check(f"Listed the folder {where}", detail=f"{count} file{'' if count == 1 else 's'}"))
    if conn["test_writing"]:
        checks.append(_written(server, where))
    return checks


def _written(server: Files, folder: str) -> Check:
    path = inside(folder, f"topstitch-test-{secrets.token_hex(4)}.tmp")
    server.put(path, io.BytesIO(b"This file may be deleted.\n"))
    server.remove(path)
    return Check(f"Wrote into the folder {folder}", detail="and took the file away again")
