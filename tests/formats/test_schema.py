from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from topstitch.errors import LimitExceeded
from topstitch.formats import FieldGuess, JsonFormat, infer


def types(*records):
    return {guess.path: guess.type for guess in infer(records)}


def test_paths_types_and_examples_of_nested_records():
    orders = [
        {"number": "SO-1", "total": 12.5, "lines": [{"sku": "A", "quantity": 2}, {"sku": "B"}], "Item.code": None},
        {"number": "SO-2", "total": 8, "tags": ["x"], "address": {"city": "Leeds"}},
    ]

    assert infer(orders) == [
        FieldGuess("number", "text", False, "SO-1", 2),
        FieldGuess("total", "decimal", False, 12.5, 2),
        FieldGuess("lines", "array", True, None, 1),
        FieldGuess("lines[*].sku", "text", False, "A", 2),
        FieldGuess("lines[*].quantity", "integer", True, 2, 1),
        FieldGuess('["Item.code"]', "text", True, None, 1),
        FieldGuess("tags", "array", True, None, 1),
        FieldGuess("tags[*]", "text", False, "x", 1),
        FieldGuess("address", "object", True, None, 1),
        FieldGuess("address.city", "text", False, "Leeds", 1),
    ]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["1", "-20"], "integer"),
        (["1", "2.50"], "decimal"),
        (["1", "x"], "text"),
        (["007"], "text"),
        (["5000000000001"], "text"),
        (["0", "1"], "integer"),
        (["true", "FALSE"], "boolean"),
        (["2024-05-01"], "date"),
        (["2024-05-01", "2024-05-01T10:00:00Z"], "datetime"),
        (["2024-05-01 10:00:00.000+01:00"], "datetime"),
        (["01/05/2024"], "text"),
        (["", "3"], "integer"),
        (["", None], "text"),
        ([1, True], "text"),
        ([Decimal(1), 1], "decimal"),
        ([date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)], "datetime"),
        (["x", {"a": 1}], "object"),
        ([{"a": 1}, [{"a": 1}]], "array"),
    ],
)
def test_the_type_is_what_every_sample_looks_like(samples, expected):
    assert types(*({"f": sample} for sample in samples))["f"] == expected


def test_empty_and_missing_values_make_a_field_nullable():
    guesses = {guess.path: guess.nullable for guess in infer([{"a": "", "b": "1", "c": "1"}, {"a": "1", "b": "1"}])}

    assert guesses == {"a": True, "b": False, "c": True}


def test_a_map_keyed_by_data_is_refused():
    with pytest.raises(LimitExceeded, match="more than 5,000 different fields"):
        infer([{"prices": {str(at): 1 for at in range(6000)}}])


def test_it_reads_the_fields_of_a_file(read_file):
    rows = read_file(JsonFormat(record_path="data.orders"), "orders.json")

    assert types(*(row.record for row in rows)) == {
        "number": "text",
        "total": "decimal",
        "lines": "array",
        "lines[*].sku": "text",
    }
