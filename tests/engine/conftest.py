"""What several tests of the engine need."""

from __future__ import annotations

import pytest

from topstitch.engine import pump


@pytest.fixture
def settled_at_once(monkeypatch):
    """Lost answers are settled without the usual waits."""
    monkeypatch.setattr(pump, "SETTLE_SECONDS", 0.005)
