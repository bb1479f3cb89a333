"""A throw-away cluster for tests: fast, because it does not survive a power cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topstitch.runtime.postgres.layout import Layout
from topstitch.runtime.postgres.server import Cluster, ensure_running, stop

CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def temporary_cluster(tmp: Path) -> Iterator[Cluster]:
    """A running cluster with the home `tmp`/home; stopped and deleted at the end."""
    home = tmp / "home"
    try:
        yield ensure_running(home, settings=CARELESS)
    finally:
        delete(home)


def delete(home: Path) -> None:
    """Stop the cluster of `home` and delete all of it, data included, wherever it lies."""
    layout = Layout.of(home)
    stop(home)
    for folder in (layout.sockets, layout.state):
        if folder.exists():
            shutil.rmtree(folder)
    (layout.home / "postgres").unlink(missing_ok=True)
