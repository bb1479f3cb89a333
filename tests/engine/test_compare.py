"""What counts as a difference between what is sent and what is there."""

from __future__ import annotations

import pytest

from topstitch.engine.preview.compare import Change, changes, equal
from topstitch.sdk.fields import Field

FIELDS = {
    field.path: field
    for field in (
        Field("price", "money"),
        Field("sku", "text"),
        Field("at", "datetime"),
        Field("secret", "text", flags=frozenset(["writeonly"])),
        Field("partner", "object"),
        Field("partner.name", "text"),
        Field("tags", "array"),
        Field("lines[*].sku", "text"),
        Field("lines[*].qty", "integer"),
    )
}


def changed(after, before):
    return [(each.path, each.before, each.after) for each in changes(after, before, FIELDS)[0]]


@pytest.mark.parametrize(
    ("after", "before"),
    [(12.5, "12.50"), ("12.5", "12.500"), (1, 1.0), ("1e2", 100)],
)
def test_equal_numbers_are_no_difference_however_they_are_written(after, before):
    assert changed({"price": after}, {"price": before}) == []


@pytest.mark.parametrize(("after", "before"), [("007", "7"), ("1.0", "1"), ("a", "A")])
def test_texts_that_look_like_numbers_are_texts(after, before):
    assert changed({"sku": after}, {"sku": before}) == [("sku", before, after)]


def test_true_is_not_one():
    assert not equal(True, 1)
    assert equal(True, "true")


def test_moments_are_compared_as_moments():
    assert changed({"at": "2026-01-31T10:00:00Z"}, {"at": "2026-01-31T12:00:00+02:00"}) == []
    assert changed({"at": "2026-01-31T10:00:00Z"}, {"at": "2026-01-31T10:00:01Z"}) != []


@pytest.mark.parametrize("empty", [None, "", [], {}, {"name": ""}])
def test_nothing_is_the_same_as_empty(empty):
    assert changed({"sku": empty}, {"sku": None}) == []
    assert changed({"partner": empty}, {}) == []


def test_only_what_is_written_is_compared():
    assert changed({"sku": "a"}, {"sku": "a", "price": 1, "other": 2}) == []


def test_what_cannot_be_read_is_said_instead_of_being_a_difference():
    there = {"partner": 7, "sku": "a"}
    found, not_compared = changes({"secret": "x", "unheard": 1, "partner": {"name": "Ann"}, "sku": "b"}, there, FIELDS)
    assert found == [Change("sku", "a", "b")]
    assert not_compared == ["secret", "unheard", "partner"]


def test_elements_are_found_by_what_names_them_and_not_by_their_place():
    after = {"lines": [{"sku": "b", "qty": 3}, {"sku": "c", "qty": 1}]}
    before = {"lines": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}]}
    assert changed(after, before) == [
        ("lines[0].qty", 2, 3),
        ("lines[1]", None, {"sku": "c", "qty": 1}),
        ("lines[*]", {"sku": "a", "qty": 1}, None),
    ]
    assert changes(after, before, FIELDS)[0][0].field == "lines[*].qty"


def test_without_a_name_elements_are_compared_by_their_place():
    after, before = {"lines": [{"qty": 1}, {"qty": 2}]}, {"lines": [{"qty": 1}, {"qty": 3}]}
    assert changed(after, before) == [("lines[1].qty", 3, 2)]


def test_tags_have_no_order():
    assert changed({"tags": ["a", "b"]}, {"tags": ["b", "a"]}) == []
    assert changed({"tags": ["a"]}, {"tags": ["b", "a"]}) == [("tags", ["b", "a"], ["a"])]
