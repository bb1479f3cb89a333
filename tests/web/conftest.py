"""A cast of people, and their company."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.world import World


@pytest.fixture
def world(db) -> World:
    cache.clear()
    return World()


@pytest.fixture
def client(world) -> Client:
    """Ada's browser."""
    return world.client(world.ada)
