"""Default mappings of two invented systems: what is joined, and what the values become on their way."""

from __future__ import annotations

import pytest
from tests.engine.mapping_support import ENV

from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.convert import conversion
from topstitch.engine.mapping.defaults import default_mapping, unmapped_required
from topstitch.sdk.fields import Field


def field(path, tag="", type="text", format="", flags="", choices=()):
    return Field(path, type, path, tag, frozenset(flags.split()), format, choices=choices)


def through(source, destination, value):
    """A value on its way from one field to the other, by the default mapping."""
    rows = default_mapping([source], [destination], "orders")
    return compile_mapping(rows, ENV, [destination])({source.path: value}).get(destination.path, "nothing")


@pytest.mark.parametrize(
    ("source", "destination", "value", "arrives"),
    [
        (("datetime", ""), ("datetime", "d/m/Y"), "2026-01-31T23:30:00-05:00", "01/02/2026"),
        (("datetime", "d/m/Y H:i"), ("datetime", ""), "31/01/2026 10:00", "2026-01-31T10:00:00Z"),
        (("datetime", "U"), ("datetime", ""), 1767225600, "2026-01-01T00:00:00Z"),
        (("datetime", ""), ("datetime", ""), "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        (("money", "minor"), ("money", ""), 1250, "12.50"),
        (("money", ""), ("money", "minor"), "12.50", 1250),
        (("money", ""), ("money", "number"), "12.50", 12.5),
        (("money", "number"), ("money", ""), 12.5, "12.5"),
        (("country", "name"), ("country", ""), "Germany", "DE"),
        (("country", ""), ("country", "iso3"), "GB", "GBR"),
        (("weight", "g"), ("weight", "kg"), 1500, 1.5),
        (("length", "cm"), ("length", "m"), 250, 2.5),
        (("text", ""), ("boolean", ""), "yes", True),
        (("boolean", ""), ("boolean", "Y/N"), False, "N"),
        (("boolean", ""), ("boolean", "true/false"), True, "true"),
        (("boolean", "ja/nein"), ("boolean", "1/0"), "Nein", "0"),
        (("boolean", "True/False"), ("boolean", ""), "False", False),
        (("text", ""), ("integer", ""), "12", 12),
        (("text", ""), ("decimal", ""), "12.5", 12.5),
        (("text", ""), ("array", ""), "a,b", "nothing"),
        (("array", ""), ("text", ""), ["a", "b"], "a, b"),
        (("id", ""), ("text", ""), 77, "77"),
    ],
)
def test_a_value_arrives_as_the_destination_writes_it(source, destination, value, arrives):
    assert through(field("a", "x", *source), field("b", "x", *destination), value) == arrives


def test_choices_are_copied_only_where_both_have_the_same():
    open_closed = field("a", "status", "enum", choices=("open", "closed"))
    assert conversion(open_closed, field("b", "status", "enum", choices=("open", "closed"))) == []
    assert conversion(open_closed, field("b", "status", "enum", choices=("1", "2"))) is None
    assert conversion(open_closed, field("b", "status")) is None


def test_of_many_values_none_is_chosen_for_one_field():
    assert conversion(field("lines[*].sku", "x"), field("sku", "x")) is None


def test_rows_come_in_the_destinations_order_for_writable_tagged_fields_only():
    source = [field("order_no", "number"), field("mail", "customer.email"), field("secret", "note", flags="writeonly")]
    destination = [
        field("e_mail", "customer.email"),
        field("free"),
        field("ref", "number", flags="required locked"),
        field("made", "created_at", flags="readonly"),
        field("memo", "note"),
    ]
    rows = default_mapping(source, destination, "orders")
    assert [(row.to, row.sources[0].path) for row in rows] == [("e_mail", "mail"), ("ref", "order_no")]
    assert rows[1].required
    assert rows[1].locked == "destination"
    assert rows[0].category == "Customer"


def test_a_name_is_put_together_and_taken_apart():
    parts = [field("first", "customer.first_name"), field("last", "customer.last_name")]
    whole = [field("full", "customer.name")]
    join = compile_mapping(default_mapping(parts, whole, "orders"), ENV)
    assert join({"first": " Jo ", "last": "Bloggs"}) == {"full": "Jo Bloggs"}
    assert join({"last": "Bloggs"}) == {"full": "Bloggs"}
    split = compile_mapping(default_mapping(whole, parts, "orders"), ENV)
    assert split({"full": "Mary Ann Bloggs"}) == {"first": "Mary", "last": "Ann Bloggs"}
    assert split({"full": "Bloggs"})["first"] == "Bloggs"


def test_a_tag_that_is_alike_stands_in():
    rows = default_mapping([field("id", "id", "id")], [field("no", "number", flags="required")], "orders")
    assert [(row.to, row.sources[0].path) for row in rows] == [("no", "id")]


def test_lists_are_joined_line_by_line_and_left_out_without_a_list_at_the_source():
    destination = [field("rows[*].code", "lines[*].sku"), field("rows[*].order", "number")]
    with_lines = [field("items[*].sku", "lines[*].sku"), field("no", "number")]
    rows = default_mapping(with_lines, destination, "orders")
    assert compile_mapping(rows, ENV)({"no": "7", "items": [{"sku": "a"}]}) == {"rows": [{"code": "a", "order": "7"}]}
    assert default_mapping([field("no", "number")], destination, "orders") == []


def test_required_fields_that_no_row_fills_are_told():
    destination = [
        field("a", "x", flags="required"),
        field("b", flags="required"),
        field("c", flags="required readonly"),
    ]
    rows = default_mapping([field("s", "x")], destination, "orders")
    assert [f.path for f in unmapped_required(destination, rows)] == ["b"]
    off = [row.model_copy(update={"enabled": False}) for row in rows]
    assert [f.path for f in unmapped_required(destination, off)] == ["a", "b"]


def test_an_entity_without_a_dictionary_is_joined_by_its_tags_alone():
    rows = default_mapping([field("a", "x")], [field("b", "x")], "no_such_entity")
    assert [row.to for row in rows] == ["b"]
