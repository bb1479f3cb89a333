"""A table of the company, and somebody who may only look."""

from __future__ import annotations

import pytest
from tests.web.lookups.tables import CARRIERS

from topstitch.accounts.models import Role
from topstitch.store.actions.lookups import save_lookup


@pytest.fixture
def table(world):
    return save_lookup(world.company, "carriers", CARRIERS).table


@pytest.fixture
def user(world):
    """Somebody who may look."""
    return world.client(world.person("uma@example.com", world.company, Role.USER))
