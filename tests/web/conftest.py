"""A cast of people, and their company."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.world import World

from topstitch.web.mail import settle


@pytest.fixture
def world(db) -> Iterator[World]:
    cache.clear()
    yield World()
    # A message that is still on its way would arrive in the next test.
    settle()


@pytest.fixture
def client(world) -> Client:
    """Ada's browser."""
    return world.client(world.ada)
