"""The world of these tests: a far end on loopback and a company."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import far_end
from tests.fakes.world import Mortal, World

from topstitch.sdk.practice import PracticeServer


@pytest.fixture
def world(transactional_db):
    practice = far_end()
    with PracticeServer([practice]) as server:
        yield World(server, practice)


@pytest.fixture
def mortal(monkeypatch):
    return Mortal(monkeypatch)
