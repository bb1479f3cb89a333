"""A practice shop of its own for each test, and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from topstitch.sdk import Connection
from topstitch.sdk.practice import PracticeServer
from topstitch.systems.woocommerce.practice import PRACTICE
from topstitch.systems.woocommerce.tests.support import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    PRACTICE.faults.clear()
    with PracticeServer([PRACTICE]) as server:
        yield Shop(server)
    PRACTICE.faults.clear()


@pytest.fixture
def conn(shop: Shop) -> Iterator[Connection]:
    connection = shop.connect()
    yield connection
    connection.close()
