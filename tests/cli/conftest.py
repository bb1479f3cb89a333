"""One world for the tests of the command line: a home with real commands and no worker unless a test starts one."""

from __future__ import annotations

import pytest
from tests.runtime.world import world as made_world


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory):
    with made_world(tmp_path_factory.mktemp("commands")) as made:
        yield made


@pytest.fixture
def world(whole_world):
    whole_world.forget_far_end()
    yield whole_world
    whole_world.rest()
