"""Two connectors, and a service between them that is being made."""

from __future__ import annotations

import pytest
from tests.web.wizard.making import sent

from topstitch.store.actions.services import spec_of
from topstitch.store.models import Connector, Service
from topstitch.web.wizard import steps


@pytest.fixture
def shop(world):
    return Connector.objects.create(group=world.group, name="Shop", system="shopify", environment="practice")


@pytest.fixture
def warehouse(world):
    return Connector.objects.create(group=world.group, name="Warehouse", system="peoplevox", environment="practice")


@pytest.fixture
def made(client, shop, warehouse):
    sent(client, shop, warehouse)
    return Service.objects.get(name="Orders out")


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    """The steps of forms are tried by a part of our own: those that there are have tests of theirs."""
    monkeypatch.setattr(steps, "PARTS", {})


@pytest.fixture
def without_required(made):
    """Its required fields have no rows."""
    spec = spec_of(made)
    rows = [row for row in spec.mapping if not row.required]
    assert len(rows) < len(spec.mapping)
    made.revision.spec = spec.model_copy(update={"mapping": rows}).model_dump(mode="json", by_alias=True)
    made.revision.save()
    return made
