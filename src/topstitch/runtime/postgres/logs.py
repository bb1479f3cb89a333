"""The server's log files: rotated by size by PostgreSQL, kept few by us."""

from __future__ import annotations

from pathlib import Path

KEPT = 5
TAIL = 4096


def prune(logs: Path, *, keep: int = KEPT) -> None:
    """Delete all but the newest `keep` log files (10 MB each at most)."""
    for file in _newest_first(logs)[keep:]:
        file.unlink(missing_ok=True)


def tail(logs: Path, *, since: float = 0.0) -> str:
    """The last lines of what the server said at its latest start and since, at most some 8 KB.

    Files not written to after `since` (seconds since 1970) are left out: their troubles are old ones.
    """
    files = [logs / "startup.log", *_newest_first(logs)[:1]]
    return "\n".join(_end_of(file) for file in files if file.exists() and file.stat().st_mtime >= since)


def _newest_first(logs: Path) -> list[Path]:
    return sorted(logs.glob("postgresql-*.log"), reverse=True)


def _end_of(file: Path) -> str:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - TAIL))
        return stream.read().decode("utf-8", "replace").strip()
