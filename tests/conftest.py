"""What holds for every test."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from _pytest.nodeid import NodeId
from django.conf import settings as installation
from hypothesis import settings

#: What tests connect to is on this machine.
installation.PRIVATE_HOSTS = ["127.0.0.1"]

# Times are no business of tests: the machine may be busy with others.
settings.register_profile("topstitch", deadline=None)
settings.load_profile("topstitch")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make `--dist loadgroup` group: pytest-xdist 3.8 writes the group into an attribute that pytest 9.2 no longer reads."""
    for item in items:
        grouped = vars(item).get("_nodeid", "")
        if grouped != item.nodeid and grouped.startswith(f"{item.nodeid}@"):
            item._id = NodeId.parse(grouped)


@pytest.fixture(autouse=True)
def _budgets_closed() -> Iterator[None]:
    """Shared budgets keep a connection for the life of a process; a test's database must be free when it ends."""
    yield
    budgets = sys.modules.get("topstitch.store.budgets")
    if budgets is not None:
        budgets.close_budgets()
