"""Practice systems seeded once, and a world of them for each test."""

from __future__ import annotations

import pytest
from tests.systems.flows import seeded, world

from topstitch.sdk.practice import Throttle
from topstitch.systems.odoo.practice import PRACTICE as ODOO
from topstitch.systems.peoplevox import practice as peoplevox
from topstitch.systems.peoplevox import practice_goods
from topstitch.systems.shopify.practice import PRACTICE as SHOPIFY
from topstitch.systems.woocommerce.practice import PRACTICE as WOOCOMMERCE

PRACTICES = (WOOCOMMERCE, SHOPIFY, peoplevox.PRACTICE, ODOO)


@pytest.fixture(scope="session")
def seeds(tmp_path_factory):
    return seeded(PRACTICES, tmp_path_factory.mktemp("seeds"))


@pytest.fixture
def practices(seeds, tmp_path, monkeypatch):
    """A world of practice systems, as `World`."""
    monkeypatch.setattr(peoplevox, "THROTTLE", Throttle(10_000, 15.0))
    monkeypatch.setattr(practice_goods, "PICKED_AFTER", 0.0)
    for practice in PRACTICES:
        practice.faults.clear()
    yield from world(PRACTICES, seeds, tmp_path / "practice")
