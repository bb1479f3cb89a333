"""What holds for every test."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Times are no business of tests: the machine may be busy with others.
settings.register_profile("topstitch", deadline=None)
settings.load_profile("topstitch")


@pytest.fixture(autouse=True)
def _budgets_closed() -> Iterator[None]:
    """Shared budgets keep a connection for the life of a process; a test's database must be free when it ends."""
    yield
    budgets = sys.modules.get("topstitch.store.budgets")
    if budgets is not None:
        budgets.close_budgets()
