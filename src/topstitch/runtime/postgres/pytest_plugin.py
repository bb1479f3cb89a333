"""The test-suite's own database: a private home and PostgreSQL for each test process, made once and thrown away.

Loaded with `-p`, because it must come before Django reads its settings.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from topstitch.runtime.postgres.testing import temporary_cluster

_stack = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Before pytest-django's own hook of this name, which reads the settings."""
    folder = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="topstitch-test-")))
    os.environ["TOPSTITCH_HOME"] = str(folder / "home")
    cluster = _stack.enter_context(temporary_cluster(folder / "db"))
    os.environ["TOPSTITCH_DATABASE_URL"] = cluster.dsn()


def pytest_unconfigure() -> None:
    """Stop the cluster."""
    _stack.close()
