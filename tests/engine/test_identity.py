"""Who a record is: key, reference, time of last change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topstitch.engine.identity import identity, own_keys
from topstitch.engine.spec import Source
from topstitch.errors import MappingError
from topstitch.sdk.model import Entity, Stamp


def who(key="id", reference="name", modified=None, options=None, **source):
    entity = Entity(name="orders", label="Orders", key=key, reference=reference, modified=modified)
    return identity(entity, Source(connector="a", entity="orders", **source), options or {})


@pytest.mark.parametrize(
    ("value", "key"), [(7, "7"), ("a-7", "a-7"), (0, "0"), ("ключ 🧵", "ключ 🧵"), ("x" * 512, "x" * 512)]
)
def test_a_key_is_the_text_of_the_source_id(value, key):
    assert who().key({"id": value}) == key


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": ""}, {"id": "x" * 513}, [], None, "text"])
def test_a_record_without_a_usable_id_is_told_as_such(record):
    with pytest.raises(MappingError, match="no usable id"):
        who().key(record)


def test_a_service_may_name_other_paths():
    spec = {"key": "meta.uid", "reference": "meta.label"}
    record = {"id": 1, "name": "#1", "meta": {"uid": "u1", "label": "L1"}}
    assert who(**spec).key(record) == "u1"
    assert who(**spec).reference(record) == "L1"
    entity = Entity(name="orders", label="Orders", key="id")
    assert own_keys(Source(connector="a", entity="orders"), entity)
    assert not own_keys(Source(connector="a", entity="orders", key="x"), entity)


def test_a_systems_function_may_make_the_key_and_its_own_faults_are_the_records():
    by_function = who(
        key=lambda record, options: record["id"] + options["suffix"], reference="", options={"suffix": "!"}
    )
    assert by_function.key({"id": "7"}) == "7!"
    assert by_function.reference({"id": "7"}) == "7!"
    for record in ({}, {"id": None}, {"id": 7}):
        with pytest.raises(MappingError, match="no usable id"):
            by_function.key(record)
        assert by_function.reference(record) == ""


def test_the_reference_is_the_key_where_the_entity_has_none():
    assert who(reference="").reference({"id": 7}) == "7"
    assert who().reference({"id": 7}) == ""
    assert who().reference({"name": "x" * 600}) == "x" * 512


def test_what_a_database_cannot_keep_is_made_visible():
    assert who().key({"id": "a\x00b"}) == "a\\0b"
    assert who().key({"id": "a\ud800b"}) == "a\\ud800b"
    assert who().reference({"name": "é\x00"}) == "é\\0"


@pytest.mark.parametrize(
    ("stamp", "value", "when"),
    [
        (Stamp(path="at"), "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (Stamp(path="at", zone="Europe/London"), "2026-07-01T12:00:00", datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (Stamp(path="at", format="d/m/Y H:i"), "02/01/2026 03:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        (Stamp(path="at"), "nonsense", None),
        (Stamp(path="at", format="d/m/Y"), "2026", None),
        (Stamp(path="at"), None, None),
        (Stamp(path="at"), ["2026-01-01"], None),
        (None, "2026-01-02T03:04:05Z", None),
    ],
)
def test_the_time_of_last_change_is_read_as_the_system_writes_it(stamp, value, when):
    assert who(modified=stamp).modified({"at": value}) == when
