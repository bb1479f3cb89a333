"""Whatever a record holds, a mapping gives a record or a MappingError, and never touches what it was given."""

from __future__ import annotations

import copy
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.mapping_support import mapper

from topstitch.errors import MappingError
from topstitch.sdk.fields import Field

FIELDS = (Field("total", "money"), Field("name", "text"), Field("lines[*].price", "money", format="number"))
ROWS = mapper(
    {"to": "name", "from": "customer.name", "do": ["string.trim", "string.title"]},
    {"to": "total", "from": "total", "do": [{"number.round": {"places": 2}}]},
    {"to": "created", "from": "created_at", "do": [{"date.format": {"format": "iso8601_utc"}}]},
    {"to": "both", "from": ["a", "b"], "do": [{"string.concatenate": {"joiner": " "}}]},
    {"to": "net", "from": ["total", "tax"], "do": [{"number.math": {"operation": "subtract"}}]},
    {"to": "country", "from": "country", "do": [{"other.map": {"table": "countries"}}]},
    {"to": "quantity", "from": "items", "do": [{"array.sum": {"path": "qty"}}]},
    {
        "to": "gift",
        "from": "a",
        "when": [
            {"field": "total", "op": "greater", "value": 5},
            {"field": "b", "op": "before", "value": "2026-01-01"},
        ],
    },
    {"to": "lines[*]", "from": "items[*]", "when": [{"field": "items[*].qty", "op": "not_equals", "value": 0}]},
    {"to": "lines[*].price", "from": "items[*].price", "do": ["other.to_decimal"]},
    {"to": "lines[*].note", "from": "notes[*]"},
    {"to": "lines[*].parts[*].n", "from": "items[*].parts[*].n"},
    {"to": "lines[*].parts[*].of", "from": "items[*].qty"},
    {"to": "tags[*]", "from": "labels[*].name", "do": ["string.upper"]},
    {"to": "name.inner", "from": "inner"},
    fields=FIELDS,
)

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(["12.50", "2026-01-31T10:00:00Z", "NaN", "1e400", "-0", " ", "GB", 10**80, Decimal("sNaN")])
)
NAMES = st.sampled_from(["name", "qty", "price", "parts", "n", "x"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
TOP = st.sampled_from(
    ["customer", "total", "tax", "created_at", "a", "b", "country", "items", "notes", "labels", "inner"]
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TOP, VALUES, max_size=11))
def test_any_record_is_mapped_or_fails_alone(record):
    before = copy.deepcopy(record)
    failure = None
    try:
        assert isinstance(ROWS(record), dict)
    except MappingError as error:
        failure = error
    assert failure is None or failure.row
    assert repr(record) == repr(before)
