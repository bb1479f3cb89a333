"""Saving mappings: rows that the destination needs stay, unless somebody insists or the service has other ends."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import SLUG

from topstitch.errors import ConfigError
from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.mapping import mapping_document, save_mapping
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True)
MAPPING = [
    {"to": "reference", "from": "id", "required": True, "locked": "destination"},
    {"to": "number", "from": "name"},
]


def without_the_required(service):
    return [row for row in spec_of(service).mapping if not row.required]


def test_a_service_keeps_its_required_rows_unless_somebody_insists(world):
    service = world.service(mapping=MAPPING)
    with pytest.raises(ConfigError, match=r"reference .* is required"):
        save_mapping(service, without_the_required(service), note="less")
    service.refresh_from_db()
    assert service.revision.number == 1

    saved = save_mapping(service, without_the_required(service), note="less", force=True)
    assert (saved.revision.number, saved.revision.note) == (2, "less")
    assert [row["to"] for row in saved.revision.spec["mapping"]] == ["number"]
    assert AuditEvent.objects.filter(kind="service", verb="update").count() == 1


def test_with_other_ends_a_service_may_have_other_rows(world):
    service = world.service(mapping=MAPPING)
    spec = spec_of(service)
    fewer = spec.model_copy(update={"mapping": without_the_required(service)})
    save_connector(world.group, "elsewhere", SLUG, {}, environment="test", base_url=world.server.url)
    elsewhere = spec.destination.model_copy(update={"connector": "elsewhere"})

    with pytest.raises(ConfigError, match="required"):
        save_service(world.group, service.name, fewer)
    moved = save_service(world.group, service.name, fewer.model_copy(update={"destination": elsewhere}))
    assert moved.destination.name == "elsewhere"


def test_the_document_of_a_service_says_what_it_is_from_and_to(world):
    document = mapping_document(world.service(mapping=MAPPING))

    assert (document.source.entity, document.destination.entity) == ("orders", "sales")
    assert document.source.system == document.destination.system
    assert [row.to for row in document.rows] == ["reference", "number"]
