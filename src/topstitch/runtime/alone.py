"""One `topstitch up` for each home: a lock that ends with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topstitch.errors import ConfigError


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Be the one that runs this home for as long as the block lasts. Raises ConfigError when another process is."""
    import fcntl  # not on Windows, where there is no embedded database either

    file = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.read(file, 20).decode().strip() or "unknown"
            raise ConfigError(
                f"Topstitch runs already for the home {home} (pid {who})",
                hint="Stop that one first, or give this one a home and ports of its own: TOPSTITCH_HOME, TOPSTITCH_PORT, "
                "TOPSTITCH_PRACTICE_PORT.",
            ) from None
        os.truncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)
