"""One world for the tests of this folder that need whole processes; each finds it as new."""

from __future__ import annotations

import pytest

from tests.runtime.world import world as made_world


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory):
    with made_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def world(whole_world):
    whole_world.forget_far_end()
    yield whole_world
    whole_world.rest()
