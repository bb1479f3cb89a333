"""One world for the tests of this folder that need whole processes; each finds it as new."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.runtime.world import world as made_world

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(config, items):
    """The slow ones of this folder run only when they are asked for: `-m slow`, or by their names."""
    if config.option.markexpr or config.option.keyword or any("::" in argument for argument in config.args):
        return
    slow = [item for item in items if item.get_closest_marker("slow") and FOLDER in item.path.parents]
    items[:] = [item for item in items if item not in slow]
    config.hook.pytest_deselected(items=slow)


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory):
    with made_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def world(whole_world):
    whole_world.forget_far_end()
    yield whole_world
    whole_world.rest()
