"""A practice shop, as new for each test, and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from topstitch.sdk import Connection
from topstitch.sdk.practice import PracticeServer
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop


@pytest.fixture(scope="session")
def running() -> Iterator[PracticeServer]:
    with PracticeServer([PRACTICE]) as server:
        yield server


@pytest.fixture
def shop(running: PracticeServer) -> Shop:
    """Freshly seeded, without faults."""
    running.rewind("woocommerce")
    return Shop(running)


@pytest.fixture
def conn(shop: Shop) -> Iterator[Connection]:
    connection = shop.connect()
    yield connection
    connection.close()
