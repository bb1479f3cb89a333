"""What PostgreSQL takes of what people write."""

from __future__ import annotations

import pytest

from topstitch.errors import ConfigError
from topstitch.store.jsonb import check_storable


def place(*way):
    return ".".join(map(str, way))


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("a\x00", ""),
        ({"a": [1, {"b": "\x00"}]}, "a.1.b"),
        ({"a": {"\x00": 1}}, "a"),
        (["\ud800"], "0"),
        ({"a": ("fine", "é\udfff")}, "a.1"),
    ],
)
def test_a_character_that_no_database_holds_is_refused_with_its_place(value, where):
    with pytest.raises(ConfigError, match="cannot be stored") as told:
        check_storable(value, place)
    assert told.value.place == where


@pytest.mark.parametrize("value", [None, 1, "", "é 😀", r"\u0000", {"a": [1.5, True, {"b": "\n\t\x01"}]}])
def test_everything_else_may_be_written(value):
    check_storable(value, place)
