"""A cast of people, and their company."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.world import World


@pytest.fixture
def world(db, settings) -> World:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
    cache.clear()
    return World()


@pytest.fixture
def client(world) -> Client:
    """Ada's browser."""
    return world.client(world.ada)
