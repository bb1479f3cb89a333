"""From what PostgreSQL or the operating system said to an error that tells a person what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from topstitch.errors import ConfigError

OWN_SERVER = "or set TOPSTITCH_DATABASE_URL to a PostgreSQL server of your own"


@dataclass(frozen=True, slots=True)
class Cause:
    """A known cause: what betrays it in a message, and what to tell the user."""

    marks: tuple[str, ...]
    sentence: str
    hint: str


CAUSES = (
    Cause(
        ("No space left on device", "Disk quota exceeded"),
        "The disk is full.",
        "Free some space (a new database needs about 100 MB, a working one 1 GB), then start again.",
    ),
    Cause(
        ("File size limit exceeded", "File too large"),
        "This process may not write files of that size.",
        "Raise the file size limit (ulimit -f), then start again.",
    ),
    Cause(
        ("Read-only file system",),
        "The file system is read-only.",
        "Mount it writable, or set TOPSTITCH_HOME to a folder on another one.",
    ),
    Cause(
        ("could not create shared memory", "could not map anonymous shared memory", "Cannot allocate memory"),
        "There is not enough memory, or shared memory, for the database.",
        "Give the machine or container at least 256 MB more (--shm-size for /dev/shm), then start again.",
    ),
    Cause(
        ("error while loading shared libraries", "Library not loaded", "GLIBC_"),
        "A system library that PostgreSQL needs is missing or too old.",
        f"Install the library named in the details, {OWN_SERVER}.",
    ),
    Cause(
        ("could not look up effective user ID", "could not look up local user ID"),
        "The user id of this process has no name on this machine.",
        f"Run as a user that is listed in /etc/passwd, {OWN_SERVER}.",
    ),
    Cause(
        ("Operation not permitted",),
        "The operating system did not allow it.",
        "Run Topstitch as a normal user; as root it needs the rights to change users and owners, which a container may "
        "withhold (CAP_SETUID, CAP_SETGID, CAP_CHOWN).",
    ),
    Cause(
        ("Permission denied",),
        "Permission was denied.",
        "Give the folder to the user that Topstitch runs as (chown -R), or set TOPSTITCH_HOME to another one.",
    ),
    Cause(
        ("Not a directory", "File exists"),
        "A file is in the place of a folder.",
        "Move that file away, or set TOPSTITCH_HOME to another folder.",
    ),
    Cause(
        ("is still in use", "Is another postmaster"),
        "Another database server still uses this folder.",
        "Stop it (perhaps in another container that shares the folder), then start again.",
    ),
)
UNKNOWN = Cause((), "The reason is in the details.", f"Look at the log in the folder, {OWN_SERVER}.")


def explained(what: str, folder: Path, said: str) -> ConfigError:
    """The error for `what` going wrong in `folder`, when the program at fault `said` this."""
    cause = next((cause for cause in CAUSES if any(mark in said for mark in cause.marks)), UNKNOWN)
    return ConfigError(
        f"{what}: {cause.sentence}", place=str(folder), key="config.database", hint=cause.hint, detail=said
    )


@contextmanager
def explaining(what: str, folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals inside the block into a ConfigError."""
    try:
        yield
    except OSError as error:
        raise explained(what, Path(error.filename or folder), str(error)) from error
