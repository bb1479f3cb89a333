"""A throw-away cluster for tests: fast, because it does not survive a power cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topstitch.runtime.postgres.server import Cluster, delete, ensure_running

CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def temporary_cluster(tmp: Path) -> Iterator[Cluster]:
    """A running cluster with the home `tmp`/home; stopped and deleted at the end."""
    home = tmp / "home"
    try:
        yield ensure_running(home, settings=CARELESS)
    finally:
        delete(home)
